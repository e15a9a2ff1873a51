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
	bool quiet;  /* no name is written, and one is enough */
	bool (*stop)(void); /* as struct output */
	bool (*own)(void *ctx, const struct walk_entry *entry); /* it is not listed; NULL: all are */
	/* Every so many names, and when a write was disturbed: the last one, NULL: all are found. */
	void (*tick)(void *ctx, const struct walk_entry *entry);
	/* Names are written next, which may take any time; or they were. */
	void (*writing)(void *ctx, bool writing);
	void *ctx;
};

/* What came of it so far. */
struct listing_counts {
	uint64_t names;
	uint64_t bytes; /* at the end */
	bool torn;      /* what was written last does not end a name */
};

/* Writes all names. The report gets the walk's errors, and whether there was a name. */
enum listing_end listing_print(struct walk *walk, const struct listing_options *options,
    struct report *report, struct listing_counts *counts);

#endif
