/*
 * What the ranges of a file come to: one file with one status, as if one worker
 * had searched it.  In the parent; the ranges are told in their order.
 *
 * Workers that do not agree on whether ranges may be searched apart have not seen
 * the same file: it was changed.
 *
 * The first range that is lost, or could not be read, is where the search of
 * the file ends: what was found behind it is not shown.  Neither are lines of
 * the ranges behind one with a NUL: only that there are some.  When the answer is
 * known no range behind matters, whether it was searched or not, but the last,
 * which has the words for it.
 */
#ifndef EMIT_FOLD_H
#define EMIT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "emit/status.h"

struct frame;

/* All zeros before the first range of a file. */
struct fold {
	bool any;       /* some range was told */
	bool failed;    /* one was not searched to its end */
	bool binary;    /* one had a NUL */
	bool hidden;    /* a line was selected that is not shown for that */
	bool settled;   /* the answer is known */
	bool whole;     /* by the first range, that has all of the file */
	bool in_whole;  /* the same, by the range whose frames come */
	uint64_t selected; /* ranges with a selected line */
	enum file_status status;
	uint32_t value;
};

/* A frame of a range. Returns whether its text is shown. */
bool fold_frame(struct fold *f, const struct frame *frame);

/* What is made of a range that is told. */
struct fold_rules {
	bool one_settles; /* a selected line is the answer */
	bool last;        /* it is the file's last range */
};

/* A range is told. */
void fold_status(struct fold *f, const struct fold_rules *rules, enum file_status status,
    uint32_t value);

#endif
