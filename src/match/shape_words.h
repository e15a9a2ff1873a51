/*
 * The words of several blocks in a row: for kernel_shape.h and shape_build.c,
 * which include kernel_classes.h or kernel_table.h before.
 */
#ifndef MATCH_SHAPE_WORDS_H
#define MATCH_SHAPE_WORDS_H

#include "match/shape.h"

/* Has markers go on as far as there are members. */
static inline void
extend_words(uint64_t *markers, const uint64_t *members, size_t count)
{
	uint64_t last = markers[-1];

	for (size_t i = 0; i < count; i++) {
		uint64_t all = members[i];
		uint64_t from = markers[i] | (last >> (SHAPE_BLOCK - 1) & all);

		last = markers[i] = (all & ~(all + from)) | from;
	}
}

static inline void
any_words(uint64_t *now, const uint64_t *one, const uint64_t *other, size_t count)
{
	for (size_t i = 0; i < count; i++)
		now[i] = one[i] | other[i];
}

static inline void
both_words(uint64_t *now, const uint64_t *one, const uint64_t *other, size_t count)
{
	for (size_t i = 0; i < count; i++)
		now[i] = one[i] & other[i];
}

static inline bool
has_words(const uint64_t *now, size_t count)
{
	uint64_t all = 0;

	for (size_t i = 0; i < count; i++)
		all |= now[i];
	return all != 0;
}

TARGET static inline __attribute__((always_inline)) void
make_words(const struct shape_op *op, uint64_t (*of)[1 + SHAPE_BLOCKS], size_t number, size_t count)
{
	uint64_t *now = of[number] + 1;
	const uint64_t *a = of[op->a] + 1, *b = of[op->b] + 1;

	if (op->kind == SHAPE_BOTH) {
		both_words(now, a, b, count);
		return;
	}
	if (op->kind == SHAPE_ANY) {
		any_words(now, a, b, count);
		return;
	}
	move_words(now, a, b, op->distance, count);
	if (op->kind == SHAPE_PLUS || op->kind == SHAPE_STAR)
		extend_words(now, of[op->c] + 1, count);
	if (op->kind == SHAPE_MAYBE || op->kind == SHAPE_STAR)
		any_words(now, now, a, count);
}

/* The next blocks come behind these. */
static inline void
pass_words(struct shape_search *w, size_t words, size_t first_marker, size_t count)
{
	w->zero = 0;
	for (size_t i = 1; i < words; i++) {
		w->of[i][0] = w->of[i][count];
		if (i >= first_marker && w->of[i][0] != 0)
			w->zero = i + 1;
	}
}

/*
 * Makes all words of some blocks but those of the classes, which are there, and
 * gets ready for the next ones.  Returns whether there may be markers of matches.
 */
TARGET static inline __attribute__((always_inline)) bool
shape_make(const struct shape *s, struct shape_search *w, size_t count)
{
	const size_t markers = shape_markers(s), words = markers + s->steps;
	const struct shape_op *op = s->ops;

	for (size_t number = 1 + s->classes; number < words; number++, op++) {
		make_words(op, w->of, number, count);
		if (op->gate && w->zero <= number && !has_words(w->of[number] + 1, count)) {
			pass_words(w, number, markers, count);
			return false;
		}
	}
	pass_words(w, words, markers, count);
	return true;
}

#endif
