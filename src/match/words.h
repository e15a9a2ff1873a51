/*
 * Which of many patterns are words, to be looked up together: see literals.h.
 */
#ifndef MATCH_WORDS_H
#define MATCH_WORDS_H

#include "match/pattern.h"

enum { WORDS_MIN = 6 }; /* from so many on, that is faster than PCRE2 */

/* Patterns, the words first. */
struct words {
	struct pattern_text *texts;
	size_t count; /* of all */
	size_t words; /* of those that are to be looked up: none, or WORDS_MIN at least */
};

/*
 * Sorts patterns so; a pattern of alternatives, such as one|two, may become
 * several.  The bytes of each stay those of texts.  Returns false for want of memory.
 */
bool words_sort(struct words *w, const struct pattern_options *o, const struct pattern_text *texts,
    size_t count);

void words_free(struct words *w);

#endif
