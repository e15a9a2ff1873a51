/*
 * The terminal guard: what a worker wrote, made fit for a terminal.
 *
 * A worker may be the tree's: its bytes are copied first, so that they hold
 * still, and then checked.  Control characters (C0, DEL, C1) and what is not
 * UTF-8 become \ooo as in escape.h, or \u00xx in JSON.  These pass: a newline, a
 * tab, a carriage return right before a newline, NUL if names or lines end
 * with it, and with colour the exact sequences of the scheme.  A colour is
 * ended before each line's end, and at the file's.
 *
 * The text of a file comes in pieces that may end anywhere: what cannot be
 * decided yet, never more than a few bytes, is held back for the next piece.
 *
 * Parent only.
 */
#ifndef EMIT_GUARD_H
#define EMIT_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct color_scheme;
struct guard;

struct guard_options {
	const struct color_scheme *colors; /* NULL: no sequence passes */
	char terminator; /* of lines */
	bool nul;  /* NUL passes */
	bool json; /* the text is JSON, and stays it */
};

enum { GUARD_TEXT_MAX = 32 * 1024 }; /* the longest piece */

/* options is copied, colors must outlive it. Returns NULL with errno ENOMEM. */
struct guard *guard_open(const struct guard_options *options);
void guard_close(struct guard *g);

/*
 * Takes a piece of a file's text, of at most GUARD_TEXT_MAX bytes.  Returns
 * what may be printed now, *fit bytes, which stay in place until guard_clear;
 * what two calls return in a row is contiguous.
 */
const char *guard_text(struct guard *g, const char *text, size_t length, size_t *fit);

/* The file's text ends here, or is lost from here on. Returns as guard_text what is left to print. */
const char *guard_end(struct guard *g, size_t *fit);

/* Whether guard_clear must come first. While not: one guard_text and a few guard_end fit. */
bool guard_full(const struct guard *g);

/* What was returned has been printed. */
void guard_clear(struct guard *g);

#endif
