/*
 * Vectors of 16 bytes, for the levels that have no wider ones: see kernel_loops.h.
 */
#include <emmintrin.h>
#include <stdint.h>

#define WIDTH 16
typedef __m128i vector, mask;
#define LOAD(p) _mm_loadu_si128((const void *)(p))
#define EITHER(a, b) _mm_or_si128(a, b)
#define EQUAL(a, b) _mm_cmpeq_epi8(a, b)
#define HIGH(a) (a)
#define BOTH(m, n) _mm_and_si128(m, n)
#define ANY(m, n) _mm_or_si128(m, n)
#define BITS(m) ((uint64_t)(uint16_t)_mm_movemask_epi8(m))
