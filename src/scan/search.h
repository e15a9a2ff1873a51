/*
 * Searching one file, in the worker: windows, binary detection, lines, and
 * what to say of each.  Knows no process and no path.
 */
#ifndef SCAN_SEARCH_H
#define SCAN_SEARCH_H

#include <sys/stat.h>

#include "emit/status.h"
#include "match/pattern.h"
#include "scan/context.h"
#include "scan/reader.h"
#include "scan/show.h"

enum search_output {
	OUTPUT_LINES,
	OUTPUT_COUNT,     /* -c: of selected lines */
	OUTPUT_COUNT_MATCHES, /* of matches in them */
	OUTPUT_SELECTED,  /* -l: names of files with a selected line */
	OUTPUT_UNSELECTED, /* -L: of the others */
	OUTPUT_NOTHING,   /* -q */
};

/* A file is binary from the first window on that holds a NUL, as in grep. */
enum search_binary {
	BINARY_REPORT, /* one line says that it matches */
	BINARY_TEXT,   /* -a: no different from text */
	BINARY_SKIP,   /* -I: as if it had no selected line */
};

struct search_options {
	enum search_output output;
	enum search_binary binary;
	bool json;      /* OUTPUT_LINES as messages */
	bool invert;
	bool numbers;   /* of lines are wanted */
	bool tally;     /* matches in selected lines are counted in any case */
	bool multiline; /* a match may go over several lines */
	char terminator; /* of lines */
	uint64_t max_count; /* selected lines per file */
	struct context_options context;
	struct show_options show;
	size_t window;      /* bytes read at a time; see scan/reader.h */
	size_t kept;        /* of them, in memory, between two files */
	size_t max_line;
	const struct encoding *encoding; /* of files, or NULL */
};

struct search;
struct reader_part;

/* A range of a file, that is searched as a link of a chain (shm/lane.h). */
struct search_link {
	bool first, last;
	const struct reader_part *part; /* NULL: all of the file */
};

struct search_result {
	enum file_status status;
	uint32_t value; /* as emit/status.h says */
	bool selected;  /* some line was */
};

/* Returns NULL with errno ENOMEM. Options, pattern and format must outlive it. */
struct search *search_open(const struct search_options *options, const struct pattern *pattern,
    struct format *format);
void search_close(struct search *s);

/* Does without the accelerator from now on. */
void search_unaided(struct search *s);

/* Searches what fd yields from where it stands; -1: nothing. The format knows the file's name. */
struct search_result search_file(struct search *s, int fd, const struct stat *st);

/* The same, of no more than a piece of the file, where fd stands; lines: how many come before it. */
struct search_result search_piece(struct search *s, int fd, const struct stat *st,
    const struct reader_piece *piece, uint64_t lines);

/* Behind what was searched last, if it was a piece: offset, and lines before it if they are wanted. */
struct search_place {
	uint64_t offset, lines;
	bool in_line; /* a line was cut there */
};
struct search_place search_reached(const struct search *s);

/*
 * The same of a range; what is said at the end of a file is said in the last.
 * With a part fd is not moved.
 */
struct search_result search_range(struct search *s, int fd, const struct stat *st,
    const struct search_link *link);

#endif
