/*
 * Bracket expressions of globs: [a-z], [!a], [[:digit:]].
 *
 * Source: glob(7), fnmatch(3), git's wildmatch.
 */
#ifndef WALK_BRACKET_H
#define WALK_BRACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BRACKET_SHELL = 1 << 0,    /* without "]" it is none; [=a=] and [.a.] */
	BRACKET_CASELESS = 1 << 1, /* letters of ASCII */
	BRACKET_UTF8 = 1 << 2,     /* characters, not bytes */
};

enum { BRACKET_WIDE_MAX = 16 };

/* A set of bytes; of characters beyond ASCII a few ranges. */
struct bracket {
	uint8_t bytes[32];
	bool negated, utf8;
	bool all_wide; /* a class that has all letters beyond ASCII */
	uint8_t wide_count;
	struct bracket_range {
		uint32_t first, last;
	} wide[BRACKET_WIDE_MAX];
};

/*
 * Reads one that starts at text[0] == '['.  Returns how many bytes it takes; 0:
 * it is none, why saying what is wrong, or NULL if the '[' stands for itself.
 */
size_t bracket_parse(struct bracket *b, const char *text, size_t length, unsigned int flags,
    const char **why);

/* How many of its first bytes say all, and may be kept alone. */
size_t bracket_size(const struct bracket *b);

/* Takes it from where these were kept. Returns what follows them. */
const uint8_t *bracket_load(struct bracket *b, const uint8_t *from);

/* Whether the first byte, or character, of length > 0 bytes is in it; taken: how many bytes. */
bool bracket_has(const struct bracket *b, const char *text, size_t length, size_t *taken);

#endif
