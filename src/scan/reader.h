/*
 * Reading a file in windows of whole lines, in the worker.
 *
 * One buffer serves all files.  Most files fit in it and cost one read.  A
 * larger file passes through it: each window ends where a line ends, and the
 * rest moves to the front of the next.  The buffer grows for a long line, up
 * to a limit, and shrinks again afterwards: memory does not depend on the
 * length of a file.
 *
 * A file that starts with a byte order mark, or that somebody said is encoded,
 * passes through a decoder first: windows are UTF-8, and all offsets count
 * its bytes.
 *
 *   buffer   | window: whole lines    | part of a line | free |
 *            0                        window           filled  capacity
 *
 * The windows of a regular file that is not decoded depend on its bytes alone,
 * not on where reading began.  The file is cut in segments of the window's
 * size; a window has lines that start in one segment, and is searched when all of the segment
 * is read, and a little of the next, where the last line mostly ends.  So the lines that start
 * in some of the segments, read by one worker, and those of the others, read by
 * others, come in the same windows as if one worker had read all.
 *
 *   file     |---- segment 0 ----|---- segment 1 ----|---- segment 2 ----|
 *   windows  |<- window 0 ->|<- long line ->|<- window 1 ->|<- window 2 ...
 */
#ifndef SCAN_READER_H
#define SCAN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "scan/decode.h"

/*
 * Copying and counting newlines of 1 GB by two processes takes as long with any size
 * from 256 KiB to 512 KiB, half as long again with 64 KiB, when each system call
 * shows, or 4 MiB, which no cache holds; and with mapped pieces of any size.
 */
enum { READER_WINDOW = 512 * 1024 };

struct reader_options {
	size_t window;   /* the usual size, at least 1; about as much is held for a short max_line */
	size_t max_line; /* bytes, without its terminator */
	char terminator; /* of lines */
	bool whole;      /* a window is all of a file, up to max_line bytes */
	size_t kept;     /* of the buffer's memory, at least, between two files */
	const struct encoding *encoding; /* or NULL: ENCODING_AUTO */
};

/* A part of a file: lines are taken that start in [from, to). */
struct reader_part {
	uint64_t origin; /* where in the file its text starts: from and to count from there */
	uint64_t from, to; /* multiples of the window; to: or UINT64_MAX, all that follow */
};

struct reader {
	struct reader_options options;
	struct decode decode;
	bool may_decode; /* whatever a file begins with */
	char *block; /* what was allocated */
	size_t lead; /* the buffer starts in it so far behind the first multiple of 64 */
	char *buffer;
	size_t lookahead; /* what is read of the next segment */
	size_t capacity;
	/* Called when the first bytes come of what is no regular file, if set. */
	void (*arrived)(void *ctx);
	/* Called after each read, if set. */
	void (*beat)(void *ctx);
	void *ctx;
	/* Of the current file. */
	int fd;
	bool regular;
	bool begun;    /* its first bytes were read: it is known how it is encoded */
	bool decoding; /* what is read goes through decode */
	bool read_up;  /* nothing is left to read */
	bool ended;    /* nothing will come behind filled */
	bool skipping; /* the rest of a line that was cut */
	bool cut;      /* some line was longer than max_line */
	bool split;    /* it should have been one window, and was too large */
	bool holes;    /* it has holes, and whoever reads does not mind missing them */
	bool apart;    /* it is read without moving the descriptor's offset */
	struct reader_part part; /* which lines are taken */
	bool piece;    /* of it only a piece is read */
	bool holds;    /* what lacks its terminator at the end is left out */
	uint64_t size;
	uint64_t first;    /* offset of the first window, or the end */
	uint64_t position; /* bytes read, or passed over */
	uint64_t limit;    /* no byte is read from there on */
	uint64_t reached;  /* offset of what comes behind filled, in the decoded text */
	uint64_t offset;   /* in the same, of the window */
	size_t window, filled;
};

/* The encoding must outlive it. 0, or -1 and ENOMEM. */
int reader_init(struct reader *r, const struct reader_options *options);
void reader_fini(struct reader *r);

/* Starts on a file that is open for reading at its beginning; -1: on nothing. */
void reader_file(struct reader *r, int fd, const struct stat *st);

/* The same, of which only the lines of a part are taken. It must not be one to be decoded. */
void reader_file_part(struct reader *r, int fd, const struct stat *st,
    const struct reader_part *part);

/*
 * The file is done with, and what was read of it is not wanted any more: gives memory
 * back, if it took more than is kept.
 */
void reader_rest(struct reader *r);

/*
 * Of the file, which stands there, only what lies in [from, to) is to be read,
 * as it is.  skip: not the rest of the first line; hold: not a last one without
 * its terminator.  Right after reader_file.
 */
struct reader_piece {
	uint64_t from, to;
	bool skip, hold;
};
void reader_take_piece(struct reader *r, const struct reader_piece *piece);

/* Offset in the file behind what was given, when there is no more. */
static inline uint64_t
reader_reached(const struct reader *r)
{
	return r->reached - (r->filled - r->window);
}

/*
 * Reads the next window.  Returns 1 with *text and *length, which the caller
 * may change in place: whole lines, the last of which may lack its terminator
 * at the end of the file or where it was cut.  Returns 0 at the end, or -1
 * with errno.  Blocks as read(2) does.
 */
int reader_next(struct reader *r, char **text, size_t *length);

/* Whether what was read, the window and the beginning of what follows, has a NUL. */
static inline bool
reader_has_nul(const struct reader *r)
{
	return memchr(r->buffer, '\0', r->filled) != NULL;
}

/* Whether the last window is known to have been given. */
static inline bool
reader_at_end(const struct reader *r)
{
	return r->ended && r->window == r->filled;
}

/* Whether no line behind the last window is to be taken, as far as is known. */
static inline bool
reader_part_done(const struct reader *r)
{
	return reader_at_end(r) || r->offset + r->window >= r->part.to;
}

/* How many bytes the windows so far had, with what was left out between them. */
static inline uint64_t
reader_taken(const struct reader *r)
{
	return r->first == UINT64_MAX ? 0 : r->position - (r->filled - r->window) - r->first;
}

/* Whether a regular file that is larger than a window, and not decoded, has a hole, so NULs. */
bool reader_seek_hole(struct reader *r);
static inline bool
reader_has_hole(struct reader *r)
{
	return r->regular && !r->piece && r->size > r->options.window && reader_seek_hole(r);
}

/* From now on a hole counts as one end of a line, if the file is not decoded. */
void reader_pass_holes(struct reader *r);

#endif
