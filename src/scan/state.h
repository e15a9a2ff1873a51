/*
 * What search and sweep know of the file in hand; nobody else.
 */
#ifndef SCAN_STATE_H
#define SCAN_STATE_H

#include "scan/reader.h"
#include "scan/search.h"
#include "scan/selection.h"

struct search {
	const struct search_options *options;
	const struct pattern *pattern;
	struct format *format;
	struct matcher *matcher;
	struct reader reader;
	struct selection selection;
	bool seeks_nuls;    /* they make a file binary */
	bool empty_matches; /* the pattern matches an empty line */

	/* Of the current file. */
	const struct search_link *link; /* it is a range; or NULL */
	uint64_t counted;  /* lines of it, as far as they are counted for others */
	bool told_count;   /* others know */
	bool binary;       /* a NUL was seen */
	bool gave_up;      /* some line could not be decided */
	uint64_t first_nul; /* its offset, or UINT64_MAX */
	off_t input_start;  /* where standard input stood, if that is the file and has offsets; or -1 */
	/* The current window. */
	struct window window;
	uint64_t window_lines; /* of a range that is numbered */
	bool checked;      /* for NULs */
};

#endif
