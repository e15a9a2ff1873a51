/*
 * --files: the names that the walk gives.  Parent only.
 */
#ifndef EMIT_LISTING_H
#define EMIT_LISTING_H

#include "emit/report.h"
#include "walk/walk.h"

enum listing_end {
	LISTING_DONE,
	LISTING_WRITE_FAILED, /* errno */
	LISTING_WALK_FAILED,  /* errno */
};

/*
 * Writes all names to fd, escaped as escape.h says or as they are, each with a
 * newline or, null, with NUL.  The report gets the walk's errors, and whether
 * there was a name.
 */
enum listing_end listing_print(struct walk *walk, int fd, bool escape, bool null,
    struct report *report);

#endif
