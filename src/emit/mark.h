/*
 * Marks: places between two files where a run could be taken up again, with
 * all that is to be known there of the files before.  The sink sets them.
 *
 *   file | file | file | fi          text as it was added to the output
 *                      ^   ^
 *                 settled  added so far
 *
 * A mark counts once the text before it was written.
 *
 * Parent only.
 */
#ifndef EMIT_MARK_H
#define EMIT_MARK_H

#include <sys/types.h>

#include "emit/report.h"
#include "shm/lane.h"
#include "walk/batch.h"

struct mark {
	uint64_t offset;  /* bytes of the output before it, of this run */
	off_t ledger;     /* bytes of the ledger, if there is one */
	bool grouped;     /* as struct sink */
	struct report report;
	struct lane_totals totals;
	/* The last file or directory that was told. */
	bool placed;      /* there was one */
	uint32_t operand;
	char *path;       /* all of it, from the operand on */
	size_t capacity;
};

struct marks {
	struct mark next;    /* the last one that was set */
	struct mark written; /* the last one that counts */
	uint64_t set, counted; /* marks, ever */
	bool frozen;         /* what was last set is the last: from there on files are left for later */
};

void marks_free(struct marks *m);

/*
 * The mark is behind the first files items of the batch.  Items that are not
 * in the order of the paths are no place: it is behind the last that is.  known:
 * an item of the batch, or zeros; the last one spares a search for it.
 * Returns 0, or -1 if there is none, or no memory: the mark is what it was.
 */
int mark_place(struct mark *m, const void *batch, uint32_t files, const struct batch_item *known);

/* The same for a place that is known. */
int mark_place_at(struct mark *m, uint32_t operand, const char *path, const char *name);

/* So many bytes are written: the mark counts if it is within them. */
void marks_written(struct marks *m, uint64_t written);

/* Whether a file with this status is to be searched by the run that goes on. */
bool mark_is_left(enum file_status status, uint32_t value);

#endif
