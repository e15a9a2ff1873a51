/*
 * What is shown of a line: all of it, each match, or a message in JSON; with
 * matches coloured or replaced, trimmed, and no longer than allowed.
 *
 * In the worker; between what is selected (search, context) and how bytes are
 * laid out (emit/format, emit/json).
 */
#ifndef SCAN_SHOW_H
#define SCAN_SHOW_H

#include "emit/format.h"
#include "scan/window.h"

struct json;
struct replacement;

struct show_options {
	bool matches;  /* -o: each match on a line of its own */
	bool each;     /* --vimgrep: a line for each match */
	bool passthru; /* with matches: a line without one is shown whole */
	bool invert;
	bool column;
	bool trim;
	bool preview;         /* of lines that are too long */
	uint64_t max_columns; /* 0: no line is too long */
	const struct replacement *replacement; /* or NULL */
};

struct show {
	const struct show_options *options;
	struct format *format;
	struct json *json; /* or NULL */
	struct matcher *matcher;
	bool plain;         /* lines are shown as they are */
	bool plain_matches; /* or matches */
};

void show_init(struct show *s, const struct show_options *options, struct format *format,
    struct json *json, struct matcher *matcher);

/* Shows one line, or all lines of a block. */
void show_line(struct show *s, const struct line *line);

/* The lines of a block, one after the other. */
void show_block(struct show *s, const struct line *block);

/* Before the first match of a line. */
void show_matches(const struct show *s, const struct line *line, struct matches *all);

#endif
