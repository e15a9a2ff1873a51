/*
 * Formatting, in the worker: from lines to the bytes that the parent will
 * write.  Bytes go straight into the lane's ring.
 *
 * A line is written at once, or in parts: begin, parts in any order, end.
 * What stands before it is written as grep does: name, number, column,
 * offset, each with its separator, and with -T a tab.  With a heading the
 * name stands above a file's first line.
 */
#ifndef EMIT_FORMAT_H
#define EMIT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emit/color.h"
#include "emit/digits.h"

struct lane_worker;
struct stat;

struct format_options {
	bool names;      /* before each line */
	bool heading;    /* or once, above all */
	bool null_names; /* each ends with NUL */
	bool numbers;    /* before each line */
	bool offsets;    /* likewise */
	bool initial_tab;
	bool line_buffered; /* each line is handed over at once */
	bool escape;     /* names are escaped, as escape.h says */
	bool inverted;   /* -v, for the colours of lines */
	char terminator; /* of lines: a newline or NUL */
	const struct color_scheme *colors; /* NULL: no colour */
	const char *group_separator;       /* NULL: none */
};

/* What is said of a line before its text. */
struct format_head {
	uint64_t number; /* from 1 */
	uint64_t offset; /* in the file, bytes */
	uint64_t column; /* from 1; 0: is not said */
	bool context;    /* the line is not selected itself */
	bool empty;      /* and has no text */
};

/* A file's name as it stands before a line, with its separator. */
struct format_prefix {
	char *bytes;
	size_t length, capacity;
	bool made; /* when first used for a file */
};

struct format {
	const struct format_options *options;
	struct lane_worker *out;
	bool plain; /* a line, with its name and number at most, is written in one piece */
	/* Of the current file. */
	const char *path, *name;
	struct format_prefix prefix[2]; /* of selected lines, and of context */
	bool begun;    /* there was a line */
	bool grouped;  /* there was a group of lines */
	int width;     /* of numbers, at least: with a tab they line up */
	struct digits count;/* the number of the last line that was written in one piece */
	bool context;  /* the line in hand is */
};

void format_init(struct format *f, const struct format_options *options, struct lane_worker *out);
void format_fini(struct format *f);

/* The next file: path, as of a batch, then name. Both outlive the file. */
void format_file(struct format *f, const char *path, const char *name);

/* What is known of it, if anything: numbers are as wide as may be needed. */
void format_stat(struct format *f, const struct stat *st);

/* Whether matches have a colour, in selected lines or in context. */
bool format_colors_matches(const struct format *f, bool context);

/* A whole line of which nothing but its number is said; number counts from 1. */
void format_line(struct format *f, bool context, uint64_t number, const char *text, size_t length);

/* A line in parts. */
void format_begin(struct format *f, const struct format_head *head);
void format_before(struct format *f, const char *text, size_t length); /* a match follows */
void format_match_begin(struct format *f);
void format_raw(struct format *f, const char *text, size_t length); /* in the colour begun */
void format_match_end(struct format *f);
void format_rest(struct format *f, const char *text, size_t length); /* no match follows */
void format_end(struct format *f);

/* A group of lines begins that others may have come before, in this file or in an earlier one. */
void format_group(struct format *f);

/* A number for the whole file; the file's name alone; the word on a binary file. */
void format_count(struct format *f, uint64_t count);
void format_name(struct format *f);
void format_binary(struct format *f);

#endif
