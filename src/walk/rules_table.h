/*
 * What rules are compiled to: for rules.c, which makes it, and rules_view.c,
 * which looks things up in it.
 */
#ifndef WALK_RULES_TABLE_H
#define WALK_RULES_TABLE_H

#include "walk/glob.h"
#include "walk/keys.h"
#include "walk/rules.h"

/* A line that is a true glob. */
struct rule {
	struct glob *glob;
	uint32_t line;
	uint32_t prefix_at;     /* of the plain text that it starts with, if it is of paths */
	uint16_t prefix_length;
	bool path;              /* of the path, not of the name alone */
	bool directory;
};

/* Lengths of the strings that names are to start, or end, with. */
struct lengths {
	bool has[RULES_NAME_MAX + 1];
	uint8_t list[RULES_NAME_MAX + 1];
	size_t count;
};

struct rules {
	char *text;
	size_t text_size; /* up to the end of the last line that is a rule */
	bool fold;
	uint32_t lines;
	uint8_t *kept; /* one bit a line: it starts with '!' */
	size_t kept_size;
	struct keys keys;
	struct lengths starts, ends;
	struct rule *globs;
	struct glob_edges *edges; /* of each of them */
	size_t glob_count, glob_capacity;
	size_t globs_size;
	uint64_t base; /* of the hashes */
};

#endif
