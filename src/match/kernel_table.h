/*
 * Classes of bytes, looked up one byte after the other: see kernel_shape.h.
 * Included by a file for each level that has no better way.
 */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "match/shape.h"

enum { LANES = 4 }; /* no more than one word at a time, but as many blocks as elsewhere */

/* Of eight bytes, one in a bit each: the product brings the bits together. */
static inline uint64_t
lowest_bits(uint64_t bytes)
{
	return (bytes & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t
eight_bytes(const void *p)
{
	uint64_t bytes;

	memcpy(&bytes, p, sizeof(bytes));
	return le64toh(bytes);
}

/* Makes the words of the classes for the blocks at p. */
static inline void
classify(const struct shape *s, const char *p, uint64_t (*of)[1 + SHAPE_BLOCKS], size_t count)
{
	unsigned char members[SHAPE_BLOCKS * SHAPE_BLOCK];

	for (size_t i = 0; i < count * SHAPE_BLOCK; i++)
		members[i] = s->member[(unsigned char)p[i]];
	for (size_t c = 0; c < s->classes; c++) {
		for (size_t block = 0; block < count; block++) {
			uint64_t word = 0;

			for (unsigned int i = 0; i < SHAPE_BLOCK; i += 8)
				word |= lowest_bits(eight_bytes(members + block * SHAPE_BLOCK + i) >> c) << i;
			of[1 + c][1 + block] = word;
		}
	}
}

/* Where a byte is above 0x7f. */
static inline uint64_t
high_bytes(const char *p)
{
	uint64_t word = 0;

	for (unsigned int i = 0; i < SHAPE_BLOCK; i += 8)
		word |= lowest_bits(eight_bytes(p + i) >> 7) << i;
	return word;
}

/* Moves what is in words on by a distance, to where the members are. */
static inline void
move_words(uint64_t *now, const uint64_t *words, const uint64_t *members, unsigned int distance,
    size_t count)
{
	uint64_t before = words[-1];

	for (size_t i = 0; i < count; i++) {
		uint64_t here = words[i];

		now[i] = (here << distance | before >> (SHAPE_BLOCK - distance)) & members[i];
		before = here;
	}
}
