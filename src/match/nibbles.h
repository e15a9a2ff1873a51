/*
 * Several needles at once: by the low four bits of a few bytes.
 *
 * A row has a bit for each needle (or for a few that share one) at each value
 * that the low four bits of one of its bytes have.  All needles are compared
 * at the same distances, each from a byte of its own on; where rows are looked
 * up for all the distances, and some bit is in each of them, a needle may be.
 * A letter has these bits in either case, and so case costs nothing.
 *
 * Bytes above 0x7f have no bit in any row: the bytes that are compared are
 * ASCII.  That is how the instructions that look up a vector of bytes see them.
 */
#ifndef MATCH_NIBBLES_H
#define MATCH_NIBBLES_H

#include <stddef.h>

enum {
	NIBBLES_ROWS = 4,
	NIBBLES_BITS = 8,      /* of a row's byte */
	NIBBLES_DISTANCE = 7,  /* at most, from the first byte to the last */
};

struct nibbles {
	size_t rows; /* 0: there is no good choice, or no use in one; NIBBLES_ROWS, of which some may be the same */
	size_t distances[NIBBLES_ROWS]; /* the first is 0 */
	unsigned char row[NIBBLES_ROWS][16];
};

struct needles;

/* Chooses what is compared of all needles, once they are complete. */
void nibbles_choose(struct needles *all);

#endif
