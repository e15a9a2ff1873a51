/*
 * Running a pattern over text, in a worker.  Allocates when it is opened and
 * never after (but for the interpreter's heap, and what the search for the
 * longest match works in, which have limits).
 */
#ifndef MATCH_MATCHER_H
#define MATCH_MATCHER_H

#include <stddef.h>

#include "match/pattern.h"

struct matcher;
struct replacement;

/* A text of whole lines that one pattern is run over. */
struct matcher_text {
	const char *bytes;
	size_t length;
	enum text_kind kind;
	bool line_by_line; /* set after a limit was hit: the buffer at once is too much */
	bool unproposed;   /* set when what proposes lines proposes too many */
	bool unaided;      /* likewise, when the accelerator does */
	size_t refused;    /* of the lines that were proposed */
	/* For numbers of lines. */
	bool counting;     /* matcher_line shall count, if that costs nothing */
	size_t counted;    /* so many bytes are, up to where a line starts */
	size_t terminators; /* in them */
};

struct matcher *matcher_open(const struct pattern *pattern);
void matcher_close(struct matcher *m);

/* False: no line of the text can be selected, whatever kind of text it is (which need not be known). */
bool matcher_may_select(struct matcher *m, const struct matcher_text *text);

/* From the next text on does without the accelerator. */
void matcher_unaided(struct matcher *m);

/*
 * Finds the next selected line at or after from, the start of a line.
 * Returns whether there is one; line then spans it without its terminator.
 * The text may be changed, or be another one, only before a call with a from no
 * higher than the last.
 */
bool matcher_line(struct matcher *m, struct matcher_text *text, size_t from, struct span *line);

/* If what is counted goes up to a line that was found: goes past it. */
static inline void
matcher_pass(struct matcher_text *text, const struct span *line)
{
	if (text->counted == line->start && line->end < text->length) {
		text->counted = line->end + 1;
		text->terminators++;
	}
}

/*
 * Finds the next match within one line (of the kind of the text around it),
 * at or after from, both offsets from the line's start.  The match may be empty.
 * As for matcher_line, a line at the same place may be another one only if
 * from is no higher than the last.
 */
bool matcher_within(struct matcher *m, enum text_kind kind, const char *line, size_t length,
    size_t from, struct span *match);

/*
 * For patterns that may span lines: finds the next match in a text, at or
 * after from, which need not be the start of a line.  An empty match behind
 * the last terminator is in no line, and none.  The text may be changed only
 * as for matcher_line.
 */
bool matcher_block(struct matcher *m, struct matcher_text *text, size_t from, struct span *match);

/*
 * The lines that such a match touches, whole, without the last one's
 * terminator.  Linear in their length: not to be asked for each of many
 * matches in one line.
 */
void matcher_touched(const struct matcher *m, const struct matcher_text *text,
    const struct span *match, struct span *lines);

/*
 * Puts together what replaces the match that matcher_within or matcher_block
 * found last, in text, which is what they were given.  The pattern must have
 * been compiled with groups.  Calls put for each piece.
 */
void matcher_replace(struct matcher *m, const char *text, const struct replacement *r,
    void (*put)(void *ctx, const char *bytes, size_t length), void *ctx);

/* Where to go on in a line after an empty match at: the next character's start. */
size_t matcher_after_empty(const struct matcher *m, enum text_kind kind, const char *line,
    size_t length, size_t at);

/* Whether a line could not be decided, because a limit was hit, since the last call. */
bool matcher_gave_up(struct matcher *m);

#endif
