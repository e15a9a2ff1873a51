/*
 * Classes of bytes, looked up one byte after the other: see kernel_shape.h.
 * Included by a file for each level that has no better way.
 */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "match/shape.h"

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

static inline void
classify(const struct shape *s, const char *p, uint64_t *words)
{
	unsigned char members[SHAPE_BLOCK];

	for (size_t i = 0; i < SHAPE_BLOCK; i++)
		members[i] = s->member[(unsigned char)p[i]];
	for (size_t c = 0; c < s->classes; c++) {
		words[c] = 0;
		for (unsigned int i = 0; i < SHAPE_BLOCK; i += 8)
			words[c] |= lowest_bits(eight_bytes(members + i) >> c) << i;
	}
}

static inline uint64_t
high_bytes(const char *p)
{
	uint64_t word = 0;

	for (unsigned int i = 0; i < SHAPE_BLOCK; i += 8)
		word |= lowest_bits(eight_bytes(p + i) >> 7) << i;
	return word;
}
