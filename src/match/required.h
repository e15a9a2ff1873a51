/*
 * What a pattern cannot match without: a string of characters that stand for
 * themselves, outside of all groups, in each of its alternatives.  Found by
 * reading its syntax; what is not understood has none.
 */
#ifndef MATCH_REQUIRED_H
#define MATCH_REQUIRED_H

#include "match/pattern.h"

enum { REQUIRED_MAX = 8, REQUIRED_CLASSES_MAX = 4 };

/* Parts of a text. */
struct required {
	/* The longest such string of each alternative; none: one has none, or there are too many. */
	struct pattern_text strings[REQUIRED_MAX];
	size_t count;
	/* In Perl's syntax: classes and characters beyond ASCII of which each match has one of each. */
	struct pattern_text classes[REQUIRED_CLASSES_MAX];
	size_t classes_count;
};

/* Returns false if the text is not understood: then there is nothing. */
bool required_find(enum pattern_syntax syntax, const struct pattern_text *text,
    struct required *required);

#endif
