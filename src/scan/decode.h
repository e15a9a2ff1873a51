/*
 * Decoding a file to UTF-8 as it is read, in the worker.
 *
 *   file -> | bytes as they came | -> convert -> reader's buffer
 *           0    from         to                 or | held | if that is about full
 *
 * Chunks may end anywhere.  What is no character becomes U+FFFD, as in
 * ripgrep: one for what can begin a character, together with the byte behind
 * that cannot go on with it, unless that one is ASCII; in UTF-8, one for each
 * longest piece that can begin a character.
 *
 * Source: https://encoding.spec.whatwg.org, iconv(3).
 */
#ifndef SCAN_DECODE_H
#define SCAN_DECODE_H

#include <stddef.h>

#include "scan/encoding.h"

enum {
	DECODE_MARK = 3,  /* bytes that tell of a byte order mark */
	DECODE_MARK_MIN = 0xef, /* the lowest first byte of one */
	DECODE_HELD = 64, /* more than any one sequence gives, or takes */
};

struct decode {
	const struct encoding *encoding;
	char *bytes; /* NULL until something is to be decoded */
	size_t size;
	/* Of the current file. */
	enum encoding_kind kind;
	size_t from, to;
	bool last;  /* nothing will come behind to */
	bool reset; /* and the descriptor has given what it kept */
	char held[DECODE_HELD];
	size_t held_from, held_to;
};

/* size: of a chunk; made larger if too small. The encoding must outlive it; NULL: ENCODING_AUTO. */
void decode_init(struct decode *d, const struct encoding *encoding, size_t size);
void decode_fini(struct decode *d);

/*
 * Starts on a file, of whose first length bytes so many are to be skipped as
 * are returned; or returns -1: more than these must be known.  last: there
 * are no more.  Then d->kind says how it is decoded.
 */
int decode_file(struct decode *d, const char *first, size_t length, bool last);

/* Where the next chunk is put, and its size. NULL: errno ENOMEM. */
char *decode_space(struct decode *d, size_t *room);

/* length bytes were put there; last: nothing comes behind. */
void decode_add(struct decode *d, size_t length, bool last);

/* Puts up to room bytes of text at to.  Returns how many; 0: it needs the next chunk. */
size_t decode_next(struct decode *d, char *to, size_t room);

/* Whether all is given. */
static inline bool
decode_is_done(const struct decode *d)
{
	return d->last && d->reset && d->from == d->to && d->held_from == d->held_to;
}

#endif
