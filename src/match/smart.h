/*
 * Smart case: whether letters that stand for themselves say that case matters.
 */
#ifndef MATCH_SMART_H
#define MATCH_SMART_H

#include "match/pattern.h"

/* What the letters of one pattern are; classes such as \S and [[:upper:]] have none. */
struct smart_letters {
	bool any;   /* a character stands for itself */
	bool upper; /* such a one is an upper-case letter */
};

struct smart_letters smart_letters_of(enum pattern_syntax syntax, const char *text, size_t length);

#endif
