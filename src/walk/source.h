/*
 * The walk as a source of batches.  Parent only.
 */
#ifndef WALK_SOURCE_H
#define WALK_SOURCE_H

#include "walk/batch.h"

enum {
	SOURCE_BATCH_BYTES = 16 * 1024,        /* a batch ends beyond that */
	SOURCE_BATCH_MAX = 4 * 1024 * 1024,    /* no batch is larger */
};

struct source {
	struct walk *walk;
	struct batch_builder builder;
	/*
	 * Asked of each file and stream, if set, just before it is dealt:
	 * whether it is passed over.  directory: as walk_directory.
	 */
	bool (*pass)(void *ctx, int directory, const struct walk_entry *entry);
	void *ctx;
};

/* pass and ctx are the caller's to set. */
void source_init(struct source *s, struct walk *walk);
void source_fini(struct source *s);

/*
 * Fills s->builder with about items entries.  An entry whose path is too long
 * for any batch becomes an error.  Returns 1, 0 at the end, or -1 with errno,
 * as walk_next; EINTR as well after many files were passed over.
 */
int source_next(struct source *s, uint32_t items);

#endif
