/*
 * The state of a matcher, and how it finds matches and lines: for matcher.c,
 * find.c and lines.c only.
 */
#ifndef MATCH_FIND_H
#define MATCH_FIND_H

#include "match/kernel.h"
#include "match/matcher.h"

/* The next line of one of those that are asked for lines: see ask. */
struct ahead {
	struct span found;
	bool known, none;
};

/* Text that is being searched. */
struct subject {
	const char *bytes;
	size_t length;
	enum text_kind kind;
};

/* The next match of a unit, whatever offset up to where it starts the search is from. */
struct coming {
	struct span match;
	bool known, none;
};

struct matcher {
	const struct pattern *pattern;
	const struct literals *literals, *required;
	const struct needles *needles[TEXT_BYTES + 1]; /* by kind of text */
	const struct shape *shape; /* or NULL */
	struct shape_search *shaped; /* likewise */
	const struct kernel *kernel;
	size_t units;    /* of PCRE2 */
	const void *first[TEXT_BYTES + 1]; /* the first unit's code, by kind of text */
	bool single;     /* it alone decides, as it finds matches */
	char terminator;
	enum pattern_plan plan;
	void *data; /* of the last match */
	void *other;
	void *context;
	void *stack;
	int *workspace;  /* or NULL: what is found first is the longest */
	size_t workspace_size; /* ints */
	struct ahead *ahead;
	size_t asked;        /* the last from */
	struct coming *coming; /* of each unit, and of the literals */
	struct subject searched; /* that they are in */
	size_t searched_from;    /* the last from in it */
	/* The last match. */
	size_t last_unit;
	struct span last;
	struct accel_search *proposals; /* or NULL */
	bool direct; /* run JIT code without pcre2_match's checks */
	bool gave_up;
};

/* Of the search for the longest match, at first and where many patterns need more: ints. */
enum { FIND_WORKSPACE = 4096, FIND_WORKSPACE_MAX = 1024 * 1024 };

/* The code of a unit for text of a kind: a pcre2_code. */
const void *find_code(const struct matcher *m, size_t unit, enum text_kind kind);

/* Runs a unit, as pcre2_match; what it finds is in m->data. */
int find_run(struct matcher *m, size_t unit, const struct subject *s, size_t from);

/* The match that PCRE2 has found. */
struct span find_span(const struct matcher *m);

/* The next match of one unit; m->units stands for the literals. */
bool find_of_unit(struct matcher *m, size_t unit, const struct subject *s, size_t from,
    struct span *match);

/* The next match of all units: the leftmost, and of several there the longest or the first. */
bool find_match(struct matcher *m, const struct subject *s, size_t from, struct span *match);

/* The line that contains the byte at offset at, in a text from the start of a line on. */
void find_line(const struct matcher *m, const struct matcher_text *t, size_t from, size_t at,
    struct span *line);

#endif
