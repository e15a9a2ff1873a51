/*
 * Lines as JSON Lines, one message each, in the worker.  The schema is
 * ripgrep's: begin, match and context, end for each file with a match; text
 * that is no UTF-8 is base64.  What a program prints about itself, the time
 * that a file took, is always 0: the output is a function of the tree.
 *
 * Source: the documentation of ripgrep's crate grep-printer, JSON; RFC 8259;
 * RFC 4648, section 4.
 */
#ifndef EMIT_JSON_H
#define EMIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane_worker;

struct json_line {
	const char *bytes;
	size_t length;   /* with the line's end, if it has one */
	uint64_t number; /* from 1 */
	uint64_t offset; /* in the file */
	bool context;    /* it is not selected itself */
};

/* What is said of a file at its end. */
struct json_file {
	bool binary;
	uint64_t binary_offset; /* of the first NUL, if so */
	bool selected;          /* some line was */
	uint64_t searched;      /* bytes */
	uint64_t lines, matches; /* those that were selected, and what they are selected for */
};

struct json {
	struct lane_worker *out;
	bool line_buffered; /* each message is handed over at once */
	/* Of the current file. */
	const char *path, *name;
	bool begun;       /* there was a message */
	uint64_t printed; /* bytes, but for the message at the end */
	/* Of the current line. */
	bool first;       /* no match was written */
	/* The replacement of the current match, which comes in pieces. */
	char *replacement;
	size_t length, capacity;
	bool replaced, lost; /* there is one; there was no memory for it */
};

void json_init(struct json *j, struct lane_worker *out, bool line_buffered);
void json_fini(struct json *j);

/* The next file: path, as of a batch, then name. Both outlive the file. */
void json_file(struct json *j, const char *path, const char *name);

/*
 * A line: begin; for each match within it, offsets in bytes, json_match,
 * its replacement in pieces, if any, and json_match_end; end.
 */
void json_begin(struct json *j, const struct json_line *line);
void json_match(struct json *j, const char *line, size_t start, size_t end);
void json_replacement(void *json, const char *bytes, size_t length);
void json_match_end(struct json *j, size_t start, size_t end);
void json_end(struct json *j);

/* The end of the file, if there was a message or a line was selected. */
void json_file_end(struct json *j, const struct json_file *file);

/* Whether something was left out for want of memory, since the last call. */
bool json_lost(struct json *j);

#endif
