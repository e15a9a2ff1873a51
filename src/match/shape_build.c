#include "shape_build.h"

#include <string.h>

/* Each machine has that. */
#define TARGET
#include "kernel_table.h"
#include "shape_words.h"

enum { FEW = 3 }; /* so often something is said to be optional; what is so more often has no bound */

static unsigned int
fail(struct shape_builder *b)
{
	b->failed = true;
	return SHAPE_ALL;
}

static void
fill_class(struct shape *s, size_t class, const shape_members members)
{
	bool any = false;

	s->only[class] = SHAPE_SEVERAL;
	for (unsigned int c = 0; c < SHAPE_ASCII; c++) {
		if (!members[c])
			continue;
		s->only[class] = any ? SHAPE_SEVERAL : (short)c;
		any = true;
		s->rows[class][c & 15] |= (unsigned char)(1U << (c >> 4));
		s->member[c] |= (unsigned char)(1U << class);
	}
}

unsigned int
shape_build_class(struct shape_builder *b, const shape_members members)
{
	struct shape *s = b->shape;

	for (size_t i = 0; i < s->classes; i++)
		if (memcmp(b->members[i], members, sizeof(shape_members)) == 0)
			return SHAPE_FIRST_CLASS + (unsigned int)i;
	if (s->classes == SHAPE_CLASSES)
		return fail(b);
	memcpy(b->members[s->classes], members, sizeof(shape_members));
	fill_class(s, s->classes, members);
	return SHAPE_FIRST_CLASS + (unsigned int)s->classes++;
}

/* The bytes that end a run of members of a class. */
static unsigned int
run(struct shape_builder *b, unsigned int class, unsigned int length)
{
	unsigned char *known = &b->runs[class - SHAPE_FIRST_CLASS][length];
	unsigned int part = 1, shorter;

	if (length == 1 || *known != 0)
		return length == 1 ? class : *known;
	while (2 * part < length)
		part *= 2;
	/* Two of them, which may overlap. */
	shorter = run(b, class, part);
	if (b->failed || b->shape->runs == SHAPE_RUNS)
		return fail(b);
	b->run_ops[b->shape->runs] = (struct shape_op){ .kind = SHAPE_STEP,
	    .a = (unsigned char)shorter, .b = (unsigned char)shorter,
		.distance = (unsigned char)(length - part) };
	*known = (unsigned char)(SHAPE_FIRST_RUN + b->shape->runs++);
	return *known;
}

static unsigned int
step(struct shape_builder *b, const struct shape_op *op)
{
	if (b->failed || b->shape->steps == SHAPE_STEPS)
		return fail(b);
	b->step_ops[b->shape->steps] = *op;
	return SHAPE_FIRST_STEP + (unsigned int)b->shape->steps++;
}

/* Moves markers on by some members of a class, and then (goes_on) any number. */
static unsigned int
move(struct shape_builder *b, enum shape_kind kind, unsigned int markers, unsigned int class,
    unsigned int length)
{
	unsigned int members = run(b, class, length);

	if (markers == SHAPE_ALL && kind == SHAPE_STEP)
		return members;
	return step(b, &(struct shape_op){ .kind = (unsigned char)kind,
		.a = (unsigned char)markers, .b = (unsigned char)members, .c = (unsigned char)class,
		.distance = (unsigned char)length });
}

unsigned int
shape_build_repeat(struct shape_builder *b, unsigned int markers, unsigned int class,
    unsigned int least, unsigned int most)
{
	bool unbounded = most - least > FEW;

	if (b->failed)
		return SHAPE_ALL;
	if (least == 0 && unbounded)
		return move(b, SHAPE_STAR, markers, class, 1);
	for (; least > SHAPE_FAR && !b->failed; least -= SHAPE_FAR, most -= SHAPE_FAR)
		markers = move(b, SHAPE_STEP, markers, class, SHAPE_FAR);
	if (least > 0)
		markers = move(b, unbounded ? SHAPE_PLUS : SHAPE_STEP, markers, class, least);
	for (; !unbounded && least < most; least++)
		markers = move(b, SHAPE_MAYBE, markers, class, 1);
	return markers;
}

unsigned int
shape_build_both(struct shape_builder *b, unsigned int one, unsigned int other)
{
	if (one == SHAPE_ALL || other == SHAPE_ALL || one == other)
		return one == SHAPE_ALL ? other : one;
	return step(b, &(struct shape_op){ .kind = SHAPE_BOTH, .a = (unsigned char)one,
		.b = (unsigned char)other });
}

unsigned int
shape_build_any(struct shape_builder *b, unsigned int one, unsigned int other)
{
	if (one == SHAPE_ALL || other == SHAPE_ALL || one == other)
		return one == other ? one : SHAPE_ALL;
	return step(b, &(struct shape_op){ .kind = SHAPE_ANY, .a = (unsigned char)one,
		.b = (unsigned char)other });
}

/* The number that a word has when all are there. */
static unsigned char
number(const struct shape *s, unsigned int word)
{
	if (word >= SHAPE_FIRST_STEP)
		word = word - SHAPE_FIRST_STEP + (unsigned int)shape_markers(s);
	else if (word >= SHAPE_FIRST_RUN)
		word = word - SHAPE_FIRST_RUN + SHAPE_FIRST_CLASS + (unsigned int)s->classes;
	return (unsigned char)word;
}

/* Whether all markers from one on are zero if that one is, and all were. */
static bool
is_gate(const struct shape *s, size_t first)
{
	bool zero[SHAPE_WORDS] = { false };
	size_t count = shape_markers(s) + s->steps;

	zero[first] = true;
	for (size_t i = first + 1; i < count; i++) {
		const struct shape_op *op = &s->ops[i - 1 - s->classes];

		zero[i] = zero[op->a];
		if (op->kind == SHAPE_BOTH)
			zero[i] |= zero[op->b];
		if (op->kind == SHAPE_ANY)
			zero[i] &= zero[op->b];
		if (!zero[i])
			return false;
	}
	return zero[s->result];
}

/* What lines start with: the words behind blocks of nothing but terminators. */
static void
find_before(struct shape *s)
{
	struct shape_search w = { .zero = SHAPE_WORDS };
	char lines[LANES * SHAPE_BLOCK];

	memset(lines, s->terminator, sizeof(lines));
	classify(s, lines, w.of, LANES);
	shape_make(s, &w, LANES);
	for (size_t i = 0; i < SHAPE_WORDS; i++)
		s->before[i] = w.of[i][0];
}

void
shape_build_end(struct shape_builder *b, unsigned int result)
{
	struct shape *s = b->shape;

	if (b->failed)
		return;
	memcpy(s->ops, b->run_ops, s->runs * sizeof(s->ops[0]));
	memcpy(s->ops + s->runs, b->step_ops, s->steps * sizeof(s->ops[0]));
	for (size_t i = 0; i < s->runs + s->steps; i++) {
		s->ops[i].a = number(s, s->ops[i].a);
		s->ops[i].b = number(s, s->ops[i].b);
		s->ops[i].c = number(s, s->ops[i].c);
	}
	s->result = number(s, result);
	for (size_t i = 0; i < s->steps; i++)
		s->ops[s->runs + i].gate = is_gate(s, shape_markers(s) + i);
	find_before(s);
}
