/*
 * Globs: patterns of file names, compiled.
 *
 * A text is matched in a time of at most its length times that of the pattern:
 * of the stars that came last only the last of each kind is ever moved.
 *
 * Source: gitignore(5), git's wildmatch; fnmatch(3); glob(7).
 */
#ifndef WALK_GLOB_H
#define WALK_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	/* Letters of ASCII match whatever their case. */
	GLOB_CASELESS = 1 << 0,
	/*
	 * As fnmatch(3) without FNM_PATHNAME: wildcards match a slash, too, and
	 * "[" without "]" is itself.  Else as git has them: a slash is matched by
	 * itself and by a double star that is bounded by slashes or the pattern's
	 * ends.
	 */
	GLOB_SHELL = 1 << 1,
	/* Wildcards match characters of UTF-8, not bytes. */
	GLOB_UTF8 = 1 << 2,
};

struct glob;

/*
 * NULL: errno ENOMEM, or EINVAL with why set to what is wrong: then it matches
 * nothing.  To be freed with free(3).
 */
struct glob *glob_compile(const char *pattern, size_t length, unsigned int flags,
    const char **why);

/* Whether it matches all of the text, which is a path without a slash at its ends. */
bool glob_match(const struct glob *g, const char *text, size_t length);

/*
 * The first and last few bytes of all that matches, as far as they are plain:
 * to look at before all else.
 */
struct glob_edges {
	uint32_t head, tail; /* as glob_head and glob_tail of a text, where the mask is set */
	uint32_t head_mask, tail_mask;
};

void glob_edges(const struct glob *g, struct glob_edges *e);

static inline uint32_t
glob_head(const char *text, size_t length)
{
	uint32_t head = 0;

	memcpy(&head, text, length < sizeof(head) ? length : sizeof(head));
	return head;
}

static inline uint32_t
glob_tail(const char *text, size_t length)
{
	size_t size = length < sizeof(uint32_t) ? length : sizeof(uint32_t);
	uint32_t tail = 0;

	memcpy((char *)&tail + sizeof(tail) - size, text + length - size, size);
	return tail;
}

/* How many bytes of memory it takes. */
size_t glob_size(const struct glob *g);

#endif
