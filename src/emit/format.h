/*
 * Formatting, in the worker: from selected lines to the bytes that the
 * parent will write.  Bytes go straight into the lane's ring.
 */
#ifndef EMIT_FORMAT_H
#define EMIT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emit/color.h"

struct lane_worker;

struct format_options {
	bool names;   /* before each line */
	bool numbers; /* before each line */
	bool line_buffered; /* each line is handed over */
	bool escape;  /* names are escaped, as escape.h says */
	const struct color_scheme *colors; /* NULL: no colour */
};

struct format {
	const struct format_options *options;
	struct lane_worker *out;
	/* Of the current file. */
	const char *path, *name;
	char *prefix; /* the name as it stands before a line; made when first used */
	size_t prefix_length, prefix_capacity;
	bool prefix_made;
};

void format_init(struct format *f, const struct format_options *options, struct lane_worker *out);
void format_fini(struct format *f);

/* The next file: path, as of a batch, then name. Both outlive the file. */
void format_file(struct format *f, const char *path, const char *name);

/* A whole line with what stands before it; number counts from 1. */
void format_line(struct format *f, uint64_t number, const char *text, size_t length);

/* A match on a line of its own, likewise. */
void format_part(struct format *f, uint64_t number, const char *text, size_t length);

/* A line in parts, for colour: begin, plain and match in any order, end. */
void format_begin(struct format *f, uint64_t number);
void format_plain(struct format *f, const char *text, size_t length);
void format_match(struct format *f, const char *text, size_t length);
void format_end(struct format *f);

/* The number of selected lines; the file's name alone; the word on a binary file. */
void format_count(struct format *f, uint64_t count);
void format_name(struct format *f);
void format_binary(struct format *f);

#endif
