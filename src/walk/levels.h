/*
 * The directories from the operand to where the walk is, one level each.
 *
 * Only so many of them are open at a time: the shallowest are closed for the
 * deepest, and opened again from their child when the walk comes back, if they
 * are still the same.
 *
 * Source: openat(2); ".." of a directory that was not entered by a link is its
 * parent, unless it has been moved.
 */
#ifndef WALK_LEVELS_H
#define WALK_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Instead of a level's descriptor. */
enum {
	LEVELS_EVICTED = -1, /* closed to save descriptors; its child can lead back to it */
	LEVELS_LOST = -2,    /* closed for good, or its child no longer led back to it */
};

struct level {
	int fd;
	uint32_t number;
	size_t path_length;
	size_t names_from; /* marks of the stack of names */
	size_t bytes_from;
	size_t next;
	bool pinned;       /* its child, entered by a link, would not lead back to it */
	unsigned int saw;  /* bits of ignore.h */
	bool has_hidden;   /* names that only a rule can have taken are among its names */
	bool ruled;        /* ignore files were asked to look at it */
	dev_t device;      /* of an evicted directory, or where links are followed */
	ino_t inode;
	uint64_t mount;    /* its number, where that is looked at */
	uint64_t shard;    /* hash of its path beneath the operand */
};

struct levels {
	struct level *list;
	size_t depth, capacity;
	size_t open_max; /* descriptors, but for the deepest */
	size_t open_count;
	size_t shallowest_open;
	int noatime; /* O_NOATIME while it is permitted, else 0 */
};

/* open_max: at least 2. */
void levels_init(struct levels *s, size_t open_max);

/* Closes what is open. */
void levels_fini(struct levels *s);

/* The deepest level, which must be there; valid until the next push. */
static inline struct level *
levels_top(const struct levels *s)
{
	return &s->list[s->depth - 1];
}

/* The one above it, or NULL. */
static inline struct level *
levels_above(const struct levels *s)
{
	return s->depth >= 2 ? &s->list[s->depth - 2] : NULL;
}

/* Whether the deepest is needed to come back to the one above it. */
static inline bool
levels_leads_back(const struct levels *s)
{
	return s->depth >= 2 && levels_above(s)->fd == LEVELS_EVICTED;
}

/* Closes shallow ones until one more may be opened, if that can be. */
void levels_make_room(struct levels *s);

/* Opens a directory; flags: O_NOFOLLOW, or 0. Returns a descriptor, or -1 with errno. */
int levels_open_directory(struct levels *s, int at, const char *name, int flags);

/* Adds a level, whose descriptor is taken over. Returns it, or NULL on ENOMEM. */
struct level *levels_push(struct levels *s, const struct level *known);

/* Closes the deepest one: nothing beneath it will be opened. */
void levels_close_top(struct levels *s);

/* Takes the deepest one away. */
void levels_pop(struct levels *s);

/* Opens the one above the deepest again, if it was closed to save descriptors. */
void levels_restore(struct levels *s);

#endif
