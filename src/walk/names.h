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

/* What is known of a name besides: nothing, that it is a link, or the errno of looking at that. */
enum { NAMES_PLAIN = 0, NAMES_LINK = 255 };

/* Adds a name. Returns 0, or -1 with errno (ENOMEM; EOVERFLOW beyond 4 GiB of names). */
int names_push(struct names *n, const char *name, bool directory, unsigned char mark);

/* Sorts the names from first on in byte order. */
void names_sort(struct names *n, size_t first);

/* Keeps, of the names from first on, those that keep says; it returns 1, 0, or -1 to end it. */
int names_filter(struct names *n, size_t first, int (*keep)(void *ctx, const char *name),
    void *ctx);

/* Drops names and bytes above the marks, which were count and used. */
void names_drop(struct names *n, size_t count, size_t used);

/* Name i; valid until the next push. A directory's ends with '/'. */
const char *names_get(const struct names *n, size_t i);

/* What a name, as names_get gives it, was marked with. */
static inline unsigned char
names_mark(const char *name)
{
	return (unsigned char)name[-1];
}

void names_free(struct names *n);

#endif
