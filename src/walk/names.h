/*
 * The names of the directories being walked, as one stack.
 *
 * A directory's names are pushed while it is read, sorted once, taken in
 * order, and dropped when the walk leaves it; those of its parents lie
 * below.  A directory's name is kept with a '/' at its end: plain byte order
 * of such names is the byte order of the paths beneath them.
 */
#ifndef WALK_NAMES_H
#define WALK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
	uint32_t prefix; /* first four bytes, big-endian: most comparisons end here */
	uint32_t at;     /* offset of the string in bytes */
};

struct names {
	char *bytes;
	size_t used, size;
	struct name *list;
	size_t count, capacity;
};

/* Adds a name. Returns 0, or -1 with errno (ENOMEM; EOVERFLOW beyond 4 GiB of names). */
int names_push(struct names *n, const char *name, bool directory);

/* Sorts the names from first on in byte order. */
void names_sort(struct names *n, size_t first);

/* Drops names and bytes above the marks, which were count and used. */
void names_drop(struct names *n, size_t count, size_t used);

/* Name i; valid until the next push. A directory's ends with '/'. */
const char *names_get(const struct names *n, size_t i);

void names_free(struct names *n);

#endif
