/*
 * The loops of kernel.h for vectors of 64 bytes, in plain C: what goes with
 * instructions that few machines have is tried on all of them, but for the
 * instructions themselves.
 */
#ifndef KERNEL_WIDE_H
#define KERNEL_WIDE_H

#include <stdint.h>
#include <string.h>

#include "match/kernel.h"

#define TARGET
#define WIDTH 64
typedef struct {
	unsigned char of[WIDTH];
} vector;
typedef uint64_t mask;

static inline vector
wide_load(const void *p)
{
	vector v;

	memcpy(v.of, p, WIDTH);
	return v;
}

static inline vector
wide_table(const void *p)
{
	vector v;

	for (size_t i = 0; i < WIDTH; i += 16)
		memcpy(v.of + i, p, 16);
	return v;
}

static inline vector
wide_lookup(vector table, vector v)
{
	for (size_t i = 0; i < WIDTH; i++)
		v.of[i] = v.of[i] > 0x7f ? 0 : table.of[i / 16 * 16 + (v.of[i] & 0xf)];
	return v;
}

static inline vector
wide_either(vector a, vector b)
{
	for (size_t i = 0; i < WIDTH; i++)
		a.of[i] |= b.of[i];
	return a;
}

static inline vector
wide_common(vector a, vector b)
{
	for (size_t i = 0; i < WIDTH; i++)
		a.of[i] &= b.of[i];
	return a;
}

static inline mask
wide_equal(vector a, vector b)
{
	mask m = 0;

	for (size_t i = 0; i < WIDTH; i++)
		m |= (mask)(a.of[i] == b.of[i]) << i;
	return m;
}

static inline mask
wide_high(vector a)
{
	mask m = 0;

	for (size_t i = 0; i < WIDTH; i++)
		m |= (mask)(a.of[i] >> 7) << i;
	return m;
}

#define LOAD(p) wide_load(p)
#define EITHER(a, b) wide_either(a, b)
#define EQUAL(a, b) wide_equal(a, b)
#define HIGH(a) wide_high(a)
#define BOTH(m, n) ((m) & (n))
#define ANY(m, n) ((m) | (n))
#define BITS(m) (m)
#define TABLE(p) wide_table(p)
#define LOOKUP(t, a) wide_lookup(t, a)
#define COMMON(a, b) wide_common(a, b)
#define SOME(a) (~wide_equal(a, (vector){ { 0 } }))

#include "match/kernel_table.h"
#include "match/kernel_shape.h"
#include "match/kernel_loops.h"

#endif
