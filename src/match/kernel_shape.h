/*
 * The search for a shape (shape.h).  Included by a file for each level, which
 * defines TARGET, and includes before it one of the ways to look up classes.
 */
#include <stdint.h>
#include <string.h>

#include "match/shape_words.h"

/* The first marker in the blocks that are known, at or after from; or their end. */
static inline size_t
shape_in_known(const struct shape_search *w, size_t from)
{
	size_t i = (from - w->at) / SHAPE_BLOCK;
	uint64_t found = w->found[i] & UINT64_MAX << (from - w->at) % SHAPE_BLOCK;

	while (found == 0 && w->at + ++i * SHAPE_BLOCK < w->end)
		found = w->found[i];
	return found == 0 ? w->end : w->at + i * SHAPE_BLOCK + (unsigned int)__builtin_ctzll(found);
}

/* Looks at the next blocks, which lie at p. */
TARGET static inline __attribute__((always_inline)) void
look_at_blocks(const struct shape *s, struct shape_search *w, const char *p, size_t count)
{
	classify(s, p, w->of, count);
	if (shape_make(s, w, count))
		memcpy(w->found, w->of[s->result] + 1, count * sizeof(w->found[0]));
	else
		memset(w->found, 0, count * sizeof(w->found[0]));
	for (size_t i = 0; w->high && i < count; i++)
		w->found[i] |= high_bytes(p + i * SHAPE_BLOCK);
	w->at = w->end;
	w->end += count * SHAPE_BLOCK;
}

/* From the start of a line on nothing is known. */
static inline void
start_at_line(const struct shape *s, struct shape_search *w, size_t from)
{
	w->zero = shape_markers(s) + s->steps;
	for (size_t i = 1; i < w->zero; i++)
		w->of[i][0] = s->before[i];
	w->at = w->end = from;
}

/* How many blocks are looked at next: few at first, for a line may be near that has the shape. */
static inline size_t
blocks_left(const struct shape_search *w, size_t passed)
{
	size_t left = w->end < w->length ? (w->length - w->end) / SHAPE_BLOCK / LANES * LANES : 0;
	size_t most = passed == 0 ? LANES : SHAPE_BLOCKS;

	return left < most ? left : most;
}

/* As kernel.h has it. */
TARGET static bool
shape(const struct shape *s, struct shape_search *w, size_t from, size_t *at)
{
	char tail[LANES * SHAPE_BLOCK];
	size_t count;

	if (from < w->end && (*at = shape_in_known(w, from)) < w->end)
		return true;
	if (from > w->end || w->end == 0)
		start_at_line(s, w, from);
	while ((count = blocks_left(w, w->end - from)) > 0) {
		look_at_blocks(s, w, w->text + w->end, count);
		if ((*at = shape_in_known(w, w->at)) < w->end)
			return true;
	}
	if (w->end > w->length)
		return false;
	/* Where the text ends its last line does. */
	memset(tail, s->terminator, sizeof(tail));
	memcpy(tail, w->text + w->end, w->length - w->end);
	look_at_blocks(s, w, tail, LANES);
	*at = shape_in_known(w, w->at);
	return *at < w->end;
}
