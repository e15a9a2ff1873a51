/*
 * The words of one block, from those of the last one: for kernel_shape.h, and
 * shape_build.c.
 */
#ifndef MATCH_SHAPE_WORDS_H
#define MATCH_SHAPE_WORDS_H

#include "match/shape.h"

/* The words of a block, by number; all from zero on are zero. */
struct shape_block {
	uint64_t words[SHAPE_WORDS];
	size_t zero;
};

static inline __attribute__((always_inline)) uint64_t
moved(uint64_t word, uint64_t before, unsigned int distance)
{
	return word << distance | before >> (SHAPE_BLOCK - distance);
}

/* Goes on from what is there, and was at the last block's end, as far as the members go. */
static inline __attribute__((always_inline)) uint64_t
extended(uint64_t markers, uint64_t before, uint64_t members)
{
	markers |= before >> (SHAPE_BLOCK - 1) & members;
	return (members & ~(members + markers)) | markers;
}

static inline __attribute__((always_inline)) uint64_t
shape_word(const struct shape_op *op, const uint64_t *now, const uint64_t *last, size_t number)
{
	uint64_t a = now[op->a];

	switch (op->kind) {
	case SHAPE_STEP:
		return moved(a, last[op->a], op->distance) & now[op->b];
	case SHAPE_MAYBE:
		return a | (moved(a, last[op->a], op->distance) & now[op->b]);
	case SHAPE_PLUS:
		return extended(moved(a, last[op->a], op->distance) & now[op->b], last[number],
		    now[op->c]);
	case SHAPE_STAR:
		return a | extended(moved(a, last[op->a], op->distance) & now[op->b],
		    last[number], now[op->c]);
	case SHAPE_BOTH:
		return a & now[op->b];
	default:
		return a | now[op->b];
	}
}

/* Makes all words of a block but those of the classes. Returns the markers of matches. */
static inline __attribute__((always_inline)) uint64_t
shape_words(const struct shape *s, struct shape_block *block, const struct shape_block *before)
{
	const size_t count = shape_markers(s) + s->steps;
	uint64_t *now = block->words;
	const uint64_t *last = before->words;
	const struct shape_op *op = s->ops;
	size_t number = 1 + s->classes, zero = 0;

	for (; number < shape_markers(s); number++, op++)
		now[number] = now[op->a] & moved(now[op->a], last[op->a], op->distance);
	for (; number < count; number++, op++) {
		uint64_t word = shape_word(op, now, last, number);

		now[number] = word;
		if (word != 0) {
			zero = number + 1;
		} else if (op->gate && before->zero <= number) {
			/* What is left of the block before the last one. */
			for (size_t i = number + 1; i < block->zero; i++)
				now[i] = 0;
			block->zero = number;
			return 0;
		}
	}
	block->zero = zero;
	return now[s->result];
}

#endif
