/*
 * A window of a file, as the reader gave it, and where in the file its lines
 * are: numbers are counted no further than somebody asks.
 */
#ifndef SCAN_WINDOW_H
#define SCAN_WINDOW_H

#include <stdint.h>
#include <string.h>

#include "match/matcher.h"

struct window {
	/* Called, if set, when a number is asked for the first time: adds what came before the range. */
	void (*add_base)(struct window *w);
	struct matcher_text text; /* whole lines; the last may lack its end */
	char terminator;
	bool numbered;    /* somebody will ask for numbers */
	bool ahead;       /* and not for those of lines before one that was found */
	uint64_t offset;  /* of its first byte in the file */
	uint64_t first;   /* the number of its first line */
};

struct matches;

/* A line to be shown. */
struct line {
	const char *bytes;
	size_t length;    /* without its terminator */
	bool ended;       /* it has one */
	bool context;     /* it is not selected itself */
	enum text_kind kind;
	uint64_t number, offset;
	/* With --multiline, or NULL: */
	struct matcher_text *whole;    /* these are all lines of a match, or of several in a row */
	const struct matches *matches; /* this is one of them, and its matches come next here */
};

/* The next window of the same file, of which first is known. */
static inline void
window_next(struct window *w, const char *text, size_t length, uint64_t offset)
{
	w->text = (struct matcher_text){ .bytes = text, .length = length,
		.counting = w->numbered && w->ahead };
	w->offset = offset;
}

/* The number of the line that starts at offset start, no lower than the last asked for. */
static inline uint64_t
window_number(struct window *w, size_t start)
{
	struct matcher_text *t = &w->text;

	if (!w->numbered)
		return 0;
	if (w->add_base != NULL)
		w->add_base(w);
	if (start > t->counted) {
		t->terminators += text_newlines(t->bytes + t->counted, start - t->counted,
		    w->terminator);
		t->counted = start;
	}
	return w->first + t->terminators;
}

/* Where the line ends that contains offset at: its terminator, or the window's end. */
static inline size_t
window_line_end(const struct window *w, size_t at)
{
	const char *end = memchr(w->text.bytes + at, w->terminator, w->text.length - at);

	return end == NULL ? w->text.length : (size_t)(end - w->text.bytes);
}

/* The line at span, to be shown, but for its number. */
static inline struct line
window_line(const struct window *w, const struct span *span, bool context)
{
	return (struct line){ .bytes = w->text.bytes + span->start,
		.length = span->end - span->start, .ended = span->end < w->text.length,
		.context = context, .kind = w->text.kind, .offset = w->offset + span->start };
}

#endif
