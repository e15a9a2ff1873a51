/*
 * Puts a shape together, word by word: for shape.c only.
 */
#ifndef MATCH_SHAPE_BUILD_H
#define MATCH_SHAPE_BUILD_H

#include "match/shape.h"

/* Words while they are made: those of each sort from these numbers on. */
enum {
	SHAPE_ALL = 0, /* of all bytes: a match may start anywhere */
	SHAPE_FIRST_CLASS = 1,
	SHAPE_FIRST_RUN = SHAPE_FIRST_CLASS + SHAPE_CLASSES,
	SHAPE_FIRST_STEP = SHAPE_FIRST_RUN + SHAPE_RUNS,
	SHAPE_FAR = 32, /* the longest run */
};

/* Members of a class. */
typedef bool shape_members[SHAPE_ASCII];

struct shape_builder {
	struct shape *shape;
	shape_members members[SHAPE_CLASSES];
	unsigned char runs[SHAPE_CLASSES][SHAPE_FAR + 1]; /* by length; 0: not yet made */
	struct shape_op run_ops[SHAPE_RUNS], step_ops[SHAPE_STEPS];
	bool failed; /* it would be too large */
};

/* The class that has these members. */
unsigned int shape_build_class(struct shape_builder *b, const shape_members members);

/* A part of the pattern, which ends at some markers, goes on with a class, least to most times. */
unsigned int shape_build_repeat(struct shape_builder *b, unsigned int markers, unsigned int class,
    unsigned int least, unsigned int most);

/* Markers of two words: those that both have, or one of them. */
unsigned int shape_build_both(struct shape_builder *b, unsigned int one, unsigned int other);
unsigned int shape_build_any(struct shape_builder *b, unsigned int one, unsigned int other);

/* Completes the shape, of which the result marks where matches end. */
void shape_build_end(struct shape_builder *b, unsigned int result);

#endif
