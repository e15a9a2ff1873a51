/*
 * What is looked for before PCRE2 is asked: a few strings, one of which is in
 * each line that a pattern selects.  Of each string two bytes, the rarest, are
 * compared at many places at once (kernel.h); where both are found the string
 * is looked at.
 *
 * A byte may be compared without regard to some bits: those of fold are set
 * first, in the text and in the needle.  Bytes beyond ASCII are a needle of
 * one byte, of which all bits but the highest are folded.
 *
 * Made in the parent before workers are forked, and immutable.
 */
#ifndef MATCH_NEEDLES_H
#define MATCH_NEEDLES_H

#include <string.h>

#include "match/nibbles.h"
#include "match/pattern.h"

enum {
	NEEDLES_MAX = 8,
	NEEDLE_MAX = 32,     /* bytes; of a longer string the first are looked for */
	NEEDLE_GAP_MAX = 15, /* between the two bytes */
	NEEDLE_WIDTH = 64,   /* of the widest vector, in bytes */
};

struct needle {
	size_t length, at; /* at: where in it the first of the two bytes is */
	size_t gap;        /* and how far behind that the second */
	bool folds;
	unsigned char bytes[NEEDLE_MAX], fold[NEEDLE_MAX];
	/* The two bytes, and what is folded there, for each byte of a vector. */
	unsigned char first[NEEDLE_WIDTH], second[NEEDLE_WIDTH];
	unsigned char first_fold[NEEDLE_WIDTH], second_fold[NEEDLE_WIDTH];
};

struct needles {
	size_t count;   /* 0: nothing is known to be in each line */
	size_t reach;   /* the largest gap */
	bool folds;     /* some bits of some needle are folded */
	bool certain;   /* where the two bytes are found the needle is */
	bool decide;    /* where a needle is the pattern matches: nothing else need be asked */
	char terminator;
	struct nibbles nibbles;
	struct needle each[NEEDLES_MAX];
};

struct needles_options {
	bool ignore_case;
	bool bytes; /* each byte is a character, and only letters of ASCII are some */
	char terminator;
};

/*
 * Adds one of the strings.  Returns false if it can be none, or one too many;
 * *whole: whether all of it is looked for, and nothing else.
 */
bool needles_add(struct needles *n, const struct needles_options *o, const char *bytes,
    size_t length, bool *whole);

/* Whether none is so common that asking PCRE2 of each line that has it would cost more. */
bool needles_are_rare(const struct needles *n);

/* Adds any byte beyond ASCII. */
void needles_add_high(struct needles *n, const struct needles_options *o);

/* How rare a byte is: 0 for the commonest. */
size_t needles_rank(unsigned char byte);

/* Sets a needle's first byte, and the second at one of these distances, of which the first is 0. */
void needles_choose_at(struct needle *n, size_t first, const size_t *distances, size_t count);

static inline bool
needle_is_at(const struct needle *n, const char *text)
{
	if (!n->folds)
		return memcmp(text, n->bytes, n->length) == 0;
	for (size_t i = 0; i < n->length; i++)
		if (((unsigned char)text[i] | n->fold[i]) != n->bytes[i])
			return false;
	return true;
}

/* Whether a needle has the first of its two bytes at offset at, and lies within [from, length). */
static inline bool
needles_are_at(const struct needles *all, const char *text, size_t length, size_t from, size_t at)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct needle *n = &all->each[i];

		if (at - from >= n->at && length - at >= n->length - n->at &&
		    needle_is_at(n, text + at - n->at))
			return true;
	}
	return false;
}

#endif
