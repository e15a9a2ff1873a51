/*
 * Standard output, in the parent: many pieces at once with writev.
 *
 * Pieces are not copied: they stay where they are, in a lane's ring, until
 * output_flush returns.  Blocking in writev is the backpressure that stops
 * the workers and the walk.
 */
#ifndef EMIT_OUTPUT_H
#define EMIT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
	OUTPUT_PIECES = 1024, /* IOV_MAX */
	OUTPUT_ROOM = 8,      /* the rest of one text, a separator, and another with its rest, with newlines */
};

struct output {
	int fd;
	bool (*stop)(void); /* NULL, or whether a signal wants the program to end */
	int count;
	size_t bytes;
	uint64_t added; /* bytes, ever */
	uint64_t skip;  /* bytes that are not to be written: they were before */
	bool torn; /* what was added last does not end a line */
	struct iovec pieces[OUTPUT_PIECES];
};

void output_init(struct output *o, int fd, bool (*stop)(void));

/* Whether a flush must come first. While not: OUTPUT_ROOM pieces can be added. */
bool output_full(const struct output *o);

/* Adds a piece; one that goes on where the last one ends becomes part of it. There must be room. */
void output_add(struct output *o, const char *bytes, size_t length);

/* Bytes that were written, or skipped. */
static inline uint64_t
output_written(const struct output *o)
{
	return o->added - o->bytes;
}

/*
 * Writes all that was added.  Returns 0, or -1 with errno; EINTR, after a
 * signal or when stop says so, keeps what is left.
 */
int output_flush(struct output *o);

#endif
