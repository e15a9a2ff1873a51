/*
 * The faults of patterns, each by itself, and what is known of all of them
 * together.  In the parent.
 */
#ifndef MATCH_CHECK_H
#define MATCH_CHECK_H

#include "match/pattern.h"
#include "match/unit.h"

struct check {
	const struct pattern_options *options; /* with the case decided */
	struct unit_options unit;
	/* Of all texts so far: */
	unsigned int flags; /* of analysis.h */
	bool second;        /* as of posix.h */
	bool ambiguous;     /* see pattern_is_ambiguous */
	bool asks_for_start; /* there is a \G, a \K or a verb: or what looks like one */
	bool has_verbs;     /* the only text starts with some: (*UTF) and such */
	char *message; /* of one line, that the owner frees, or NULL */
	bool failed;   /* without a message for want of memory */
};

/* Whether the C library's syntax is meant, which PCRE2 gets translated. */
bool check_is_posix(const struct pattern_options *o);

/* Looks at all texts.  Returns false, failed, at the first fault. */
bool check_texts(struct check *c, const struct pattern_text *texts, size_t count);

/* What a text is that is taken literally: flags of analysis.h. */
unsigned int check_literal(const struct check *c, const struct pattern_text *text);

/* Fails for a fault that PCRE2 found.  Returns false. */
bool check_complain(struct check *c, const struct pattern_text *text, const struct unit_error *error);

#endif
