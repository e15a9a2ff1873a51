/*
 * The fastest way to places where one of many words may stand, for lines are
 * selected by any of their words, whichever is the first.
 *
 * Each word is proposed by a part of it, a few bytes, chosen to be rare: of
 * parts that other words have, too, all texts are full.  A table of bits is
 * asked for grams, which is what is seen of a text at places so far apart that
 * each part has one of them in it; the words with that gram are then compared
 * with the text.
 *
 * Made in the parent before workers are forked, and immutable.
 */
#ifndef MATCH_GRAMS_H
#define MATCH_GRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct grams;

/* Some words' letters, those of ASCII in lower case if case is ignored. They outlive the grams. */
struct grams_words {
	const char *letters;
	const struct literals_word *words;
	uint32_t count;
	bool ignore_case; /* of letters of ASCII */
};

/* NULL with errno ENOMEM, or 0: a word is too short, or they are too much alike. */
struct grams *grams_new(const struct grams_words *words);
void grams_free(struct grams *g);

/* A search that goes through a text. */
struct grams_search {
	const struct grams *grams;
	const char *text;
	size_t length;
	size_t from;   /* words start there at the earliest */
	size_t at;     /* the next place to ask; at first from */
	/* At first 0: the last place that had a gram, and the next word to be compared there. */
	bool comparing;
	size_t place;
	uint32_t check, slot;
};

/*
 * The next place where a word stands. They come neither sorted nor once each,
 * but a place in a line comes before all those in later ones.
 */
bool grams_next(struct grams_search *s, size_t *start, size_t *end);

#endif
