/*
 * The search for a shape (shape.h).  Included by a file for each level, which
 * defines TARGET, and before it one of the ways to look up classes:
 *
 *   classify(s, p, words)  makes the words of the classes of the 64 bytes at p
 *   high_bytes(p)          where a byte is above 0x7f, a word
 */
#include <stdint.h>
#include <string.h>

#include "match/shape_words.h"

TARGET static inline __attribute__((always_inline)) uint64_t
shape_in_block(const struct shape *s, const char *p, bool high, struct shape_block blocks[2],
    unsigned int which)
{
	uint64_t found;

	classify(s, p, blocks[which].words + 1);
	found = shape_words(s, &blocks[which], &blocks[!which]);
	return high ? found | high_bytes(p) : found;
}

/* As kernel.h has it. */
TARGET static bool
shape(const struct shape *s, const char *text, size_t length, size_t from, bool high, size_t *at)
{
	const size_t count = shape_markers(s) + s->steps;
	struct shape_block blocks[2];
	char tail[SHAPE_BLOCK];
	unsigned int which = 0;
	uint64_t found;

	memcpy(blocks[1].words, s->before, count * sizeof(blocks[1].words[0]));
	blocks[0].words[0] = s->before[0];
	blocks[1].zero = s->zero;
	blocks[0].zero = count;
	for (*at = from; length - *at >= SHAPE_BLOCK; *at += SHAPE_BLOCK, which = !which) {
		found = shape_in_block(s, text + *at, high, blocks, which);
		if (found != 0) {
			*at += (unsigned int)__builtin_ctzll(found);
			return true;
		}
	}
	/* Where the text ends its last line does. */
	memset(tail, s->terminator, sizeof(tail));
	memcpy(tail, text + *at, length - *at);
	found = shape_in_block(s, tail, high, blocks, which);
	if (found == 0)
		return false;
	*at += (unsigned int)__builtin_ctzll(found);
	return true;
}
