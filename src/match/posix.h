/*
 * Basic and extended regular expressions, as GNU grep has them in a UTF-8
 * locale, translated to the syntax of PCRE2.
 *
 * Linear in time and memory; nesting is limited to POSIX_DEPTH_MAX.  Any
 * process that may allocate.
 *
 * What is not as in GNU grep 3.8, and why.  For users COMPATIBILITY in the
 * manual has it.
 *
 * For a rule of our own:
 * - A pattern that is not UTF-8 is taken as bytes, all of it; GNU grep takes
 *   only the bytes that are no character so.
 * - Without regard to case, letters are equal as in Unicode's simple case
 *   folding: U+212A KELVIN SIGN is a k, U+2126 OHM SIGN an omega, U+212B
 *   ANGSTROM SIGN an a with ring, U+1E9E a sharp s; U+0131 is no i.  GNU grep
 *   asks the C library, which knows only pairs.
 * - Ranges and collating elements of characters beyond ASCII, as in [a-\303\251]
 *   and [[.\303\251.]], are in the order of code points; the C.UTF-8 locale of
 *   GNU grep refuses them.  The ends of a range are compared as they are; with
 *   -i GNU grep compares them in upper case, and refuses [_-z].
 * - Beside a byte that is no character, \b \< \> \B hold as beside a
 *   character that is in no word; GNU grep lets none but \B hold.
 * - An empty match of -w is looked for between characters; GNU grep also finds
 *   one within a character of several bytes, and between bytes that are none.
 *
 * For want of room:
 * - A group that is repeated so often that PCRE2's code for it is larger than
 *   64 KiB is refused, as is nesting deeper than POSIX_DEPTH_MAX.
 *
 * Because GNU grep's two engines do not agree, or are mistaken:
 * - A brace that starts an alternative and is no interval stands for itself.
 *   GNU grep passes over it if the pattern has a class, or with -o or -w.
 * - ^* may be left out as a whole, unless the pattern has a class, an edge of a
 *   word or a back-reference; with -o and -w, too.
 * - What a group holds for a back-reference when it was repeated, or left out,
 *   is as PCRE2 has it.  With back-references, -o need not give the longest
 *   match.
 * - ^ $ \b \< \> \B in a group that is repeated hold at each repetition; the
 *   C library forgets them.
 * - '.' matches no sequence of bytes that is no character since RFC 3629; the
 *   C library's matches surrogates and what is beyond U+10FFFF.
 * - With -i, \a is an a; the C library's matches nothing there.
 * - With -o -w, each match is as long as it can be; GNU grep finds no shorter
 *   one behind the first of a line.
 * - With -x or -w, a ')' too many stands for itself; GNU grep takes it for the
 *   end of the group that it puts around the pattern.
 * - In a basic pattern, $ before ) or | stands for itself; GNU grep takes it for
 *   an anchor.
 * - A ')' behind an anchor with a quantifier stands for itself, as to GNU grep's
 *   second engine; its first ends the group there.
 * - Each of several patterns is looked at for faults; GNU grep does not always.
 * - With -z, ^ and $ hold at the edges of a record alone, as GNU grep has it for
 *   simple patterns; with a class, -o or -w it may let them hold at a newline.
 * - With -o -x no empty line is printed for an empty match.
 *
 * Source: regex(7); POSIX.1-2017, chapter 9; grep(1) and the GNU grep manual,
 * chapter 3.
 */
#ifndef MATCH_POSIX_H
#define MATCH_POSIX_H

#include <stdbool.h>
#include <stddef.h>

#include "match/buffer.h"

enum { POSIX_DEPTH_MAX = 250, POSIX_REPEAT_MAX = 32767 };

struct posix_options {
	bool basic;       /* else extended */
	bool ignore_case; /* PCRE2 is told, too */
	bool bytes;       /* each byte is a character */
	bool ascii;       /* the text will be all ASCII */
	bool groups;      /* all groups are numbered, and not only where one is referred to */
	bool block;       /* the text is of many lines, and ^ and $ at the edges of each */
	bool newline;     /* a newline may be matched by what is not a '.' */
	bool dot_newline; /* by that, too */
};

struct posix_result {
	unsigned int flags; /* as of analysis.h */
	bool refers;        /* has a back-reference */
	bool second;        /* GNU grep asks its second engine: see posix.c */
	bool ambiguous;     /* the first match at a place need not be the longest */
	/* Of what cannot be translated; NULL: no memory. */
	const char *reason;
	size_t offset;
};

/* Appends the translation of text. Returns false with a reason if there is none. */
bool posix_translate(const struct posix_options *o, const char *text, size_t length,
    struct buffer *out, struct posix_result *result);

/* What matches one character of a word, for PCRE2: letters, marks that belong to them, digits, '_'. */
const char *posix_word(bool ascii);

#endif
