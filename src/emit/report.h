/*
 * The account of a run, in the parent: one status for every file, messages
 * on standard error, and from both the exit status.
 */
#ifndef EMIT_REPORT_H
#define EMIT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emit/status.h"

struct report {
	/* Called before a message, if set: takes away what else stands on the terminal. */
	void (*before)(void *ctx);
	void *ctx;
	bool silent; /* -s: no messages about files */
	bool selected;
	bool unfinished; /* the walk was not gone to its end */
	bool unwatched; /* nothing could be watched, as was said */
	uint64_t files[STATUS_COUNT];
	uint64_t outputs; /* of the skipped ones: operands that are also the output */
};

/* Whose name a message starts with: path, as of a batch, and name. */
struct report_file {
	const char *path, *name;
	bool operand;
};

/* Takes note of one file's end, and says what there is to say of it. */
void report_file(struct report *r, const struct report_file *file, enum file_status status,
    uint32_t value);

/* Says something of a file that is no file's end. */
void report_note(const struct report *r, const struct report_file *file, const char *text);

/* Says that an ignore file could not be used; error: why. */
void report_unruled(const struct report *r, const struct report_file *file, int error);

/* What there is to say of a directory that links lead back to. */
#define REPORT_LOOP "recursive directory loop"

/* How a dead worker ended, as the value of STATUS_CRASHED: si_code and si_status of waitid(2). */
uint32_t report_death(int code, int status);

/* The same for a worker that was killed because what it wrote made no sense. */
uint32_t report_violation(void);

/* The fixed word for a status, as the ledger has it. */
const char *report_status(enum file_status status);

/* The fixed words for the reason of a status; none: empty. */
enum { REPORT_REASON_MAX = 64 };
void report_reason(char text[REPORT_REASON_MAX], enum file_status status, uint32_t value);

/* The file's name as it is told, not escaped, to be freed, or NULL. */
char *report_name(const struct report_file *file);

/* Says that the walk was not finished, if so, and how many files were not searched whole. */
void report_summary(const struct report *r);

/* Whether every file got its whole search. */
bool report_complete(const struct report *r);

/* One line on standard error: "pgrep-r: " and the message. */
void report_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
