/*
 * The names of the directories being walked, as one stack.
 *
 * A directory's names are pushed while it is read, sorted once, taken in
 * order, and dropped when the walk leaves it; those of its parents lie
 * below.  A directory's name is kept with a '/' at its end: plain byte order
 * of such names is the byte order of the paths beneath them.
 *
 * Before the bytes of a name lie its length and its mark:
 *
 *   | length, 2 bytes | mark | name ... NUL |
 *                             ^ names_get
 */
#ifndef WALK_NAMES_H
#define WALK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct name {
	uint32_t prefix; /* first four bytes, big-endian: most comparisons end here */
	uint32_t at;     /* offset of the string in bytes */
};

struct names {
	char *bytes;
	size_t used, size;
	struct name *list;
	size_t count, capacity;
	struct name *spare; /* for sorting */
	size_t spare_capacity;
};

/* What is known of a name besides: nothing, that it is a link, or the errno of looking at that. */
enum { NAMES_PLAIN = 0, NAMES_LINK = 255 };

/*
 * Adds a name of less than 64 KiB.  Returns 0, or -1 with errno (ENOMEM;
 * EOVERFLOW beyond 4 GiB of names).
 */
int names_push(struct names *n, const char *name, bool directory, unsigned char mark);

/* Sorts the names from first on in byte order. Returns 0, or -1 with errno ENOMEM. */
int names_sort(struct names *n, size_t first);

/* Keeps, of the names from first on, those that keep says; it returns 1, 0, or -1 to end it. */
int names_filter(struct names *n, size_t first, int (*keep)(void *ctx, const char *name),
    void *ctx);

/* Drops names and bytes above the marks, which were count and used. */
void names_drop(struct names *n, size_t count, size_t used);

/* Name i; valid until the next push. A directory's ends with '/'. */
static inline const char *
names_get(const struct names *n, size_t i)
{
	return n->bytes + n->list[i].at;
}

/* The length of a name, as names_get gives it, with its '/'. */
static inline size_t
names_length(const char *name)
{
	uint16_t length;

	memcpy(&length, name - 1 - sizeof(length), sizeof(length));
	return length;
}

static inline bool
names_is_directory(const char *name)
{
	return name[names_length(name) - 1] == '/';
}

/* What a name, as names_get gives it, was marked with. */
static inline unsigned char
names_mark(const char *name)
{
	return (unsigned char)name[-1];
}

void names_free(struct names *n);

#endif
