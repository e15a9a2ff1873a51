/*
 * What libhs is told to look for: a pattern that matches in a line wherever
 * PCRE2's does, and perhaps elsewhere.
 *
 * The pattern is rewritten item by item, so that nothing depends on libhs
 * reading the syntax as PCRE2 does:
 * - A character, a class, '.', \w, \p{...} and their like become the list of
 *   those ASCII characters that PCRE2, being asked for each, takes.  The
 *   terminator of lines is left out: no line holds it.
 * - What can match no ASCII character becomes any byte above 0x7f.  A line
 *   that has one is proposed anyway, whatever libhs says of it.
 * - What is greedy, lazy or does not backtrack matches the same places or
 *   fewer: repetitions and groups stay, the way in which they are tried goes.
 * - What tests, and takes no character, is left out: lookarounds, \b, \A, \K.
 *   ^ and $ stay if edges are those of lines.  If looks are asked for, \b stays,
 *   and so do lookarounds for one character.
 * What is not understood, or refers to a group, is refused; and so are repetitions
 * of what repeats without a bound, with which PCRE2 may give up on a line:
 * whether it does must not depend on who is asked first.
 *
 * Source: pcre2pattern(3); the Hyperscan Developer's Reference Guide, "Pattern Support".
 */
#ifndef MATCH_ACCEL_TEXT_H
#define MATCH_ACCEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "match/buffer.h"

struct accel_text_options {
	bool fixed;      /* the pattern is a string of characters */
	bool ignore_case;
	bool bytes;      /* as of struct pattern_options */
	bool line;       /* the match is the whole line */
	bool edges;      /* ^ and $ hold at newlines, and at both ends of a line */
	bool looks;      /* \b and lookarounds may stay: not for libhs */
	char terminator;
};

enum accel_text {
	ACCEL_TEXT_REFUSED, /* or no memory */
	ACCEL_TEXT_PUT,
	ACCEL_TEXT_BEYOND,  /* put, and each match has a byte above 0x7f */
};

/* Appends what is to be looked for, of a pattern that PCRE2 compiles. Any process. */
enum accel_text accel_text_put(const struct accel_text_options *o, const char *pattern,
    size_t length, struct buffer *out);

#endif
