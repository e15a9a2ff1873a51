/*
 * Many words at once: finds the places in a text where one of them stands, at
 * a speed that hardly depends on how many there are.
 *
 * A word of four bytes or more is proposed by its first four, a shorter one
 * by its first two: a table of bits says whether some word starts so.  What
 * is proposed is looked up in the sorted words, byte by byte.  Without regard
 * to case the words are sorted by what PCRE2 holds equal, character by
 * character.
 *
 * Made in the parent before workers are forked, and immutable: one copy
 * serves all.
 */
#ifndef MATCH_LITERALS_H
#define MATCH_LITERALS_H

#include "match/pattern.h"

struct literals_options {
	bool ignore_case;
	bool word;  /* no word character before or after a match */
	bool line;  /* a match is a whole line (not with crlf) */
	bool bytes; /* each byte is a character, and only letters of ASCII are some */
	bool first; /* of the words at one place the first given counts, not the longest */
	char terminator;
	const char *word_class; /* what a word consists of, for PCRE2 */
};

/* Returns NULL with errno ENOMEM. The words are copied; with word, none is empty. */
struct literals *literals_new(const struct literals_options *o, const struct pattern_text *words,
    size_t count);
void literals_free(struct literals *l);

/* Finds the leftmost match at or after from. data: pcre2_match_data to work with. */
bool literals_find(const struct literals *l, void *data, const char *text, size_t length,
    size_t from, struct span *match);

/*
 * As literals_find, but what is found is where any match starts, of those in the
 * first line that has one.  ascii: the text is known to be ASCII alone.
 */
bool literals_find_any(const struct literals *l, void *data, const char *text, size_t length,
    size_t from, bool ascii, size_t *at);

#endif
