/*
 * What a pattern cannot match without: a string of characters that stand for
 * themselves, outside of all groups.  Found by reading its syntax; what is
 * not understood has none.
 */
#ifndef MATCH_REQUIRED_H
#define MATCH_REQUIRED_H

#include "match/pattern.h"

/* The longest such string, a part of text; false if there is none. */
bool required_find(enum pattern_syntax syntax, const struct pattern_text *text,
    struct pattern_text *required);

#endif
