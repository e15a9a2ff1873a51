/*
 * What the items of a PCRE2 pattern can touch, found by reading its syntax.
 *
 * Used to prove that a search of a whole buffer gives the answer that each
 * line alone would give.  Conservative: what is not recognised sets all flags,
 * for what follows may then be misread.
 *
 * Source: pcre2pattern(3).
 */
#ifndef MATCH_ANALYSIS_H
#define MATCH_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	ANALYSIS_NEWLINE = 1 << 0, /* an item may match a newline */
	ANALYSIS_LOOK = 1 << 1,    /* there is a lookahead or lookbehind */
	ANALYSIS_RIGID = 1 << 2,   /* an item may refuse to backtrack, or refers back */
	ANALYSIS_LINE = 1 << 3,    /* an item may depend on where the subject ends */
	ANALYSIS_CHARS = 1 << 4,   /* bytes above 0x7f, in pattern or text, may matter */
	ANALYSIS_EDGES = 1 << 5,   /* ^ $ \b \B, or an item that may match NUL */
};

enum { ANALYSIS_UNKNOWN = (1 << 6) - 1 }; /* all of them */

/* The flags of a pattern of length bytes that PCRE2 compiles. */
unsigned int analysis_of(const char *pattern, size_t length, bool ignore_case);

/* Whether one item, such as a class, can match some character of ASCII. */
bool analysis_matches_ascii(const char *item, size_t length, bool ignore_case);

#endif
