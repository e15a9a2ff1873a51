/*
 * A piece of a file that is watched, in the worker: where in the file the
 * search of it begins and ends, and what the parent is told of that.
 *
 *   |  searched before  | line | line | part of a l|   the file
 *                       offset             scanned  end
 *
 * Lines are searched once they are whole: what stands behind the last
 * terminator is left for the next piece, which starts where this one reached.
 */
#ifndef SCAN_PIECE_H
#define SCAN_PIECE_H

#include "scan/search.h"
#include "walk/batch.h"

struct lane_worker;

/* What a worker says of a piece, in a frame with FRAME_PIECE. */
struct piece_reply {
	uint64_t reached; /* offset up to which it was searched */
	uint64_t lines;   /* before that, if they were counted */
	uint32_t state;   /* enum piece_state */
	uint32_t padding;
};
_Static_assert(sizeof(struct piece_reply) == 24, "shared layout");

enum piece_state {
	PIECE_SEARCHED, /* a line starts at reached */
	PIECE_IN_LINE,  /* a line that was cut goes on there */
	PIECE_CHANGED,  /* the file is not what it was: its text, that is */
	PIECE_OTHER,    /* another file has the name */
};

/* What is the same for all files. */
struct piece_options {
	char terminator;
	bool numbers;    /* lines are to be counted */
	size_t max_line; /* how far back the start of one is looked for */
};

/* Searches a piece of the file that is open, and tells the lane. */
struct search_result piece_search(struct search *s, const struct piece_options *options,
    const struct batch_piece *piece, struct lane_worker *lane, int fd, const struct stat *st);

#endif
