/*
 * The shape of what a pattern matches: classes of bytes that follow each
 * other, as in \w{5}\s+\w{5}.  Where no string is known to be in each match,
 * lines that have the shape are proposed, and PCRE2 decides on each.
 *
 * A text is looked at in blocks of 64 bytes.  For each class one word says which
 * of these bytes are members; what is done then is done to all of them at
 * once.  A word of markers has a bit for each byte that some first part of
 * the pattern may end with: the markers of AB are those of A, moved on by one,
 * that meet a member of B.  The addition of a marker to the word of a class
 * carries through to where the members end, which are the markers of B+.  What
 * goes from one block into the next is in the words of the last one.
 *
 * The shape is that of the wider pattern for ASCII text that accel_text.h
 * makes, and may be wider still.  What is said there of lines with bytes above
 * 0x7f, which are in no class, holds here, too.  No class has the terminator
 * of lines, but those that stand for what is around a match: a marker of more
 * than these is in one line from its start on.  Those have NUL, too: a text
 * that has no line of the shape has none when its NULs become newlines.
 *
 * Made in the parent before workers are forked, and immutable.
 */
#ifndef MATCH_SHAPE_H
#define MATCH_SHAPE_H

#include <stdint.h>

#include "match/needles.h"

enum {
	SHAPE_BLOCK = 64, /* bytes */
	SHAPE_BLOCKS = 16, /* that are looked at together, at most */
	SHAPE_ASCII = 128,
	SHAPE_CLASSES = 8,
	SHAPE_SEVERAL = -1,
	SHAPE_RUNS = 24,
	SHAPE_STEPS = 48,
	/* Words, from 1 on in this order: classes, runs, markers. */
	SHAPE_WORDS = 1 + SHAPE_CLASSES + SHAPE_RUNS + SHAPE_STEPS,
};

enum shape_kind {
	SHAPE_STEP,  /* a, moved on by distance, where b is */
	SHAPE_MAYBE, /* or a itself */
	SHAPE_PLUS,  /* as SHAPE_STEP, and from there on as far as c goes */
	SHAPE_STAR,  /* or a itself */
	SHAPE_BOTH,  /* a and b */
	SHAPE_ANY,   /* a or b */
};

/* How one word is made of others. */
struct shape_op {
	unsigned char kind, a, b, c, distance;
	bool gate; /* if it is zero, and was, then so are all that come later */
};

struct shape {
	size_t classes, runs, steps;
	/* Of each class, by the low four bits of a byte: a bit for each value of the next three. */
	unsigned char rows[SHAPE_CLASSES][16];
	unsigned char member[256]; /* of each byte, a bit for each class */
	short only[SHAPE_CLASSES]; /* the byte that is the only member, or SHAPE_SEVERAL */
	struct shape_op ops[SHAPE_RUNS + SHAPE_STEPS]; /* runs, which are all made, then markers */
	unsigned char result; /* the word that marks where matches end */
	char terminator;
	bool beyond;          /* lines with a byte above 0x7f are proposed */
	uint64_t before[SHAPE_WORDS]; /* where lines start: behind many empty ones */
};

/* A text that is searched for a shape, line after line. */
struct shape_search {
	const char *text;
	size_t length;
	bool high;   /* lines with a byte above 0x7f count, too */
	size_t from; /* for whoever searches: where it last asked from */
	/* The blocks that are known: where they start and end, and what was found in them. */
	size_t at, end;
	uint64_t found[SHAPE_BLOCKS];
	/* Words by number; of each the last one before these blocks, and then one for each. */
	uint64_t of[SHAPE_WORDS][1 + SHAPE_BLOCKS];
	size_t zero; /* the number from which on all will be zero before the next blocks */
};

/*
 * Finds the shape of the texts, of which p was compiled.  NULL: it has none
 * that can be told, or there is no memory.
 */
struct shape *shape_open(const struct pattern *p, const struct pattern_text *texts, size_t count);
void shape_close(struct shape *s);

/* Whether few lines of ordinary text have it. */
bool shape_is_rare(const struct shape *s);

/* Whether one could be, or is, so much rarer than needles that PCRE2 is spared more than it costs. */
bool shape_may_beat(const struct needles *n);
bool shape_beats_needles(const struct shape *s, const struct needles *n);

/* Begins the search of a text, from anywhere. */
void shape_search_start(struct shape_search *search, const char *text, size_t length, bool high);

/* The number of the first marker's word. */
static inline size_t
shape_markers(const struct shape *s)
{
	return 1 + s->classes + s->runs;
}

#endif
