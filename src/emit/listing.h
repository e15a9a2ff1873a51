/*
 * --files: the names that the walk gives.  Parent only.
 */
#ifndef EMIT_LISTING_H
#define EMIT_LISTING_H

#include "emit/report.h"
#include "walk/walk.h"

enum listing_end {
	LISTING_DONE,
	LISTING_STOPPED,      /* the walk was told to pause: there is more */
	LISTING_WRITE_FAILED, /* errno */
	LISTING_WALK_FAILED,  /* errno */
};

struct listing_options {
	int fd;
	bool escape; /* as escape.h says */
	bool null;   /* NUL ends a name, not a newline */
	bool quiet;  /* no name is written */
	bool (*stop)(void); /* as struct output */
};

/* Writes all names. The report gets the walk's errors, and whether there was a name. */
enum listing_end listing_print(struct walk *walk, const struct listing_options *options,
    struct report *report);

#endif
