/*
 * A basic or extended pattern that is being translated: for posix.c and
 * repeat.c only.
 */
#ifndef MATCH_TRANSLATOR_H
#define MATCH_TRANSLATOR_H

#include "match/posix.h"

enum { TRANSLATOR_NO_ATOM = -1 };

/* An open group, or (the first) the whole pattern. */
struct translator_frame {
	size_t start;     /* in out, of its alternatives */
	size_t opened;    /* in the pattern */
	size_t branch;    /* in out, of the current alternative */
	unsigned int number;
	bool has_empty;   /* one of the alternatives is empty */
	bool has_others;
	bool captures;
	/* Groups that are complete, as bits: before the alternatives, and in those that ended. */
	unsigned int before, within;
};

struct translator {
	const struct posix_options *options;
	const char *text;
	size_t length, at;
	struct buffer *out;
	struct posix_result *result;
	struct translator_frame frames[POSIX_DEPTH_MAX + 1];
	size_t depth;
	unsigned int groups; /* opened so far */
	unsigned int complete; /* as bits, of those that may be referred to */
	/* Where a quantifier would apply, an offset in out, or NO_ATOM. */
	long atom;
	bool anchor; /* that is ^ or $ */
	bool caret;  /* a basic '^' is an anchor here */
	bool started; /* the alternative has more than anchors */
	unsigned int quantifiers;
	bool captures; /* groups are numbered */
	/*
	 * GNU grep has two engines, which differ in what a quantifier behind
	 * an anchor is: one knows no back-references nor, but for bytes, words
	 * and classes, and a pattern that has some is the other's.
	 */
	bool second_engine, needs_second, repeated_nothing;
};

/* Appends to the translation. */
void translator_put(struct translator *t, const char *text);

/* Says why it cannot be translated, and returns false. */
bool translator_fail(struct translator *t, const char *reason, size_t offset);

/* Appends the character at hand, which stands for itself, and goes behind it. */
void translator_literal(struct translator *t);

/* Whether a quantifier is at hand, or (an extended brace) what might be one. */
bool repeat_at(const struct translator *t);

/*
 * Translates all quantifiers that are at hand, or what they are where there
 * is nothing to repeat.  Returns false with a reason.
 */
bool repeat_read(struct translator *t);

#endif
