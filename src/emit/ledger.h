/*
 * --ledger: what became of the files, in the order of the walk, as JSON Lines.
 *
 *   {"type":"file","path":{"text":"src/a.c"},"status":"crashed","reason":"SIGSEGV"}
 *   {"type":"summary","complete":false,"files":2,"searched":1,"skipped":0,...}
 *
 * A path that is not UTF-8 is {"bytes":"..."} in base64, as in ripgrep's
 * --json.  Statuses and reasons are those of report_status and report_reason;
 * the summary counts each status, and "files" is their sum.
 *
 * Parent only.  Source: https://jsonlines.org, RFC 8259, RFC 4648.
 */
#ifndef EMIT_LEDGER_H
#define EMIT_LEDGER_H

#include <stdbool.h>
#include <stdio.h>

#include "emit/atomic_file.h"
#include "emit/report.h"

struct ledger {
	struct atomic_file file;
	FILE *stream;
	bool all;  /* files that were searched, too */
	int error; /* errno of the first line that could not be written, or 0 */
};

/*
 * Opens path as atomic_file_open does; with a place, as atomic_file_reopen.
 * Returns 0, or -1 with errno; 1 as that.
 */
int ledger_open(struct ledger *l, const char *path, bool all,
    const struct atomic_file_place *place);

/* Bytes of the lines so far. */
off_t ledger_offset(const struct ledger *l);

/* Writes all lines out. Returns 0, or -1 with errno, which ledger_commit would say, too. */
int ledger_flush(struct ledger *l);

/* Leaves the temporary for a later run. */
void ledger_keep(struct ledger *l);

/* One file's end. An error is kept for ledger_commit. */
void ledger_file(struct ledger *l, const struct report_file *file, enum file_status status,
    uint32_t value);

/*
 * Writes the summary and puts the ledger in its place.  ended: the walk came to
 * its end, and every file of it was told.  Returns 0, or -1 with errno.
 */
int ledger_commit(struct ledger *l, const struct report *report, bool ended);

/* Leaves nothing behind. Keeps errno. Nothing after a commit, or of zeros. */
void ledger_discard(struct ledger *l);

#endif
