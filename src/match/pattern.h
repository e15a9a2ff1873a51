/*
 * Patterns: from what the user typed to compiled, immutable code.
 *
 * A line is selected when the pattern matches that line alone, whatever the
 * locale.  Compiled once, JIT included, before any worker is forked: all
 * processes share the one copy.
 *
 * Many patterns become few units.  Words are looked up together, without
 * PCRE2 (literals.h); other patterns are alternatives of one PCRE2 pattern, or
 * of a few where one would be too large for it.  A unit of PCRE2 has up to
 * three forms, because the same question is cheaper on simpler text: bytes for
 * text that is all ASCII, UTF for well-formed UTF-8, and MATCH_INVALID_UTF for
 * the rest.  All three give the same answer where more than one applies.
 *
 * Source: pcre2api(3), pcre2unicode(3), pcre2jit(3).
 */
#ifndef MATCH_PATTERN_H
#define MATCH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "match/text.h"

enum pattern_syntax {
	SYNTAX_PERL,     /* PCRE2 */
	SYNTAX_EXTENDED, /* GNU extended regular expressions: see posix.h */
	SYNTAX_BASIC,    /* GNU basic ones */
	SYNTAX_FIXED,    /* literal strings */
};

enum pattern_case {
	CASE_HEEDED,
	CASE_IGNORED,
	CASE_SMART, /* ignored if there are letters, and none is upper-case */
};

struct pattern_options {
	enum pattern_syntax syntax;
	enum pattern_case letter_case;
	bool word;       /* no word character before or after the match */
	bool line;       /* the match is the whole line */
	bool bytes;      /* no Unicode: each byte is a character, letters are ASCII */
	char terminator; /* of a line: '\n', or '\0', and newlines are ordinary then */
	bool crlf;       /* a carriage return before the newline belongs to it */
	bool multiline;  /* a match may span lines: see matcher_block */
	bool dotall;     /* with multiline: '.' matches a newline, too */
	bool groups;     /* the matcher will be asked for groups */
};

/* One pattern as it was given: no terminator in it, but perhaps NULs. */
struct pattern_text {
	const char *bytes;
	size_t length;
	const char *file; /* that it was read from, for messages; NULL: the command line */
	size_t line;      /* in file, counted from 1 */
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

struct accel;
struct pattern;

/*
 * Compiles one pattern that selects what any of the count texts selects; none
 * selects nothing.  Returns NULL with *error set to a message of one line to
 * be freed, naming text (or file and line), reason and position, or to NULL
 * for ENOMEM.
 */
struct pattern *pattern_compile(const struct pattern_options *options,
    const struct pattern_text *texts, size_t count, char **error);
void pattern_free(struct pattern *p);

/* Has matchers that are opened from now on use an accelerator, which must outlive them, or NULL. */
void pattern_set_accel(struct pattern *p, const struct accel *a);
const struct accel *pattern_accel(const struct pattern *p);

enum pattern_plan pattern_plan(const struct pattern *p);
const struct pattern_options *pattern_options(const struct pattern *p);

/* The units of PCRE2, and the code of one for text of this kind: a pcre2_code. */
size_t pattern_units(const struct pattern *p);
const void *pattern_code(const struct pattern *p, size_t unit, enum text_kind kind);

/* The unit that looks up words, or NULL: a match of it counts as one of a unit before all others. */
const struct literals *pattern_literals(const struct pattern *p);

/* Words of which one is in each line that some unit of PCRE2 selects, or NULL. */
const struct literals *pattern_required(const struct pattern *p);

/*
 * Of these, if any, too; with words of either kind only needles that decide.  In
 * text that may be any: TEXT_BYTES.
 */
const struct needles *pattern_needles(const struct pattern *p, enum text_kind kind);

/* What is to be looked for instead, if anything: what the lines have that some unit of PCRE2 selects. */
const struct shape *pattern_shape(const struct pattern *p);

/*
 * For tests: has matchers that are opened from now on look for another one, which
 * must outlive them, or NULL.
 */
void pattern_set_shape(struct pattern *p, const struct shape *s);

/* Whether of the matches at one place the longest is wanted, and not the first. */
bool pattern_wants_longest(const struct pattern *p);

/* Whether where the search starts has no say in which match comes next, but that it is behind. */
bool pattern_is_steady(const struct pattern *p);

/* Whether PCRE2 may then find a shorter one, and must be asked for the longest. */
bool pattern_is_ambiguous(const struct pattern *p);

/*
 * Where grep's -w allows an empty match only if no other one starts there, the
 * code that finds that other one, else NULL.
 */
const void *pattern_rival(const struct pattern *p, enum text_kind kind);

/* Whether the code's JIT form may be run directly: pcre2_match alone heeds some verbs. */
bool pattern_runs_directly(const struct pattern *p);

/* Whether all kinds of text share one code, so that the kind need not be known. */
bool pattern_ignores_kind(const struct pattern *p);

/* Whether replacing NULs by newlines in a text without a match cannot create one. */
bool pattern_ignores_nul(const struct pattern *p);

#endif
