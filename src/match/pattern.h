/*
 * Patterns: from what the user typed to compiled, immutable code.
 *
 * A line is selected when the pattern matches that line alone, whatever the
 * locale.  Compiled once, JIT included, before any worker is forked: all
 * processes share the one copy.
 *
 * One pattern has up to three forms, because the same question is cheaper on
 * simpler text: bytes for text that is all ASCII, UTF for well-formed UTF-8,
 * and MATCH_INVALID_UTF for the rest.  All three give the same answer where
 * more than one applies.
 *
 * Source: pcre2api(3), pcre2unicode(3), pcre2jit(3).
 */
#ifndef MATCH_PATTERN_H
#define MATCH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "match/text.h"

struct pattern_options {
	bool fixed;       /* literal strings */
	bool ignore_case;
	bool word;        /* no word character before or after the match */
	bool line;        /* the match is the whole line */
};

/* How a buffer of many lines may be searched. */
enum pattern_plan {
	/* Nothing in the pattern sees beyond its line: search the buffer, any
	 * match selects the line that it is in. */
	PLAN_BUFFER,
	/* Some item may match a newline, but whatever matches in a line alone is
	 * also found in the buffer, at the same place or before: search the
	 * buffer, then ask again for the line alone. */
	PLAN_CANDIDATE,
	/* Nothing is proved: ask line by line. */
	PLAN_LINE,
};

struct pattern;

/*
 * Compiles one pattern that selects what any of the count texts (NUL-
 * terminated, without newline) selects.  Returns NULL with *error set to a
 * message to be freed, naming text and position, or to NULL for ENOMEM.
 */
struct pattern *pattern_compile(const struct pattern_options *options, char *const *texts,
    size_t count, char **error);
void pattern_free(struct pattern *p);

enum pattern_plan pattern_plan(const struct pattern *p);

/* The code for text of this kind: a pcre2_code. */
const void *pattern_code(const struct pattern *p, enum text_kind kind);

/* Whether the code's JIT form may be run directly: pcre2_match alone heeds some verbs. */
bool pattern_runs_directly(const struct pattern *p);

/* Whether all kinds of text share one code, so that the kind need not be known. */
bool pattern_ignores_kind(const struct pattern *p);

/* Whether replacing NULs by newlines in a text without a match cannot create one. */
bool pattern_ignores_nul(const struct pattern *p);

#endif
