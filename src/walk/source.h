/*
 * The walk as a source of batches.  Parent only.
 *
 * A large regular file that is an operand, or standard input, becomes ranges
 * of so many bytes, each a batch, if that is wanted.  But for a file with
 * holes, as far as its blocks tell: one worker passes over them.
 */
#ifndef WALK_SOURCE_H
#define WALK_SOURCE_H

#include "walk/batch.h"

enum {
	SOURCE_BATCH_BYTES = 16 * 1024,        /* a batch ends beyond that */
	SOURCE_BATCH_MAX = 4 * 1024 * 1024,    /* no batch is larger */
};

struct source_options {
	uint64_t range; /* bytes; 0: no ranges */
	uint64_t large; /* bytes that a file has that becomes ranges, at least */
	bool input;     /* standard input may become ranges, too */
};

struct source {
	struct source_options options;
	struct walk *walk;
	struct batch_builder builder;
	/* A file that becomes ranges: */
	struct walk_entry entry;
	struct batch_range range; /* the next one; count 0: there is no such file */
	/*
	 * Asked of each file and stream, if set, just before it is dealt:
	 * whether it is passed over.  directory: as walk_directory.
	 */
	bool (*pass)(void *ctx, int directory, const struct walk_entry *entry);
	void *ctx;
};

/* options (without: no ranges), pass and ctx are the caller's to set. */
void source_init(struct source *s, struct walk *walk);
void source_fini(struct source *s);

/*
 * Fills s->builder with about items entries.  An entry whose path is too long
 * for any batch becomes an error.  Returns 1, 0 at the end, or -1 with errno,
 * as walk_next; EINTR as well after many files were passed over.
 */
int source_next(struct source *s, uint32_t items);

/* Nothing more is wanted of an operand that became ranges, but its last one, which is empty. */
void source_skip(struct source *s, uint32_t operand);

#endif
