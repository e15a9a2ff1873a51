/*
 * The escape sequences of coloured output, as grep writes them: the only ones
 * that a worker writes of its own, and that the guard lets pass.
 *
 * A scheme is made in the parent, before the first fork; any process reads it.
 *
 * Source: ECMA-48, Select Graphic Rendition and Erase in Line; grep(1),
 * GREP_COLORS.
 */
#ifndef EMIT_COLOR_H
#define EMIT_COLOR_H

#include <stdbool.h>

enum color {
	COLOR_FILE,          /* fn */
	COLOR_NUMBER,        /* ln */
	COLOR_OFFSET,        /* bn */
	COLOR_SEPARATOR,     /* se */
	COLOR_MATCH,         /* ms: in a selected line */
	COLOR_MATCH_CONTEXT, /* mc: in a line of context */
	COLOR_SELECTED,      /* sl: the rest of a selected line */
	COLOR_CONTEXT,       /* cx: of a line of context */
	COLOR_COUNT,
};

enum { COLOR_SEQUENCE_MAX = 64 }; /* bytes of the longest, with its NUL */

struct color_scheme {
	char start[COLOR_COUNT][COLOR_SEQUENCE_MAX]; /* empty: none, nor one that ends it */
	char end[COLOR_SEQUENCE_MAX];
	bool rv; /* with -v sl and cx change places */
	bool ne; /* no Erase in Line */
};

/*
 * grep_colors: the value of GREP_COLORS, or NULL.  A capability that is not
 * known is passed over; at the first mistake, or value that is too long, the
 * rest is.  Values are digits and semicolons: nothing else is ever sent to a
 * terminal.
 */
void color_scheme_init(struct color_scheme *scheme, const char *grep_colors);

/* The sequence that starts a colour, which may be empty; the one that ends any. */
const char *color_start(const struct color_scheme *scheme, enum color color);
const char *color_end(const struct color_scheme *scheme);

#endif
