#include "kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define TARGET __attribute__((target("avx512f,avx512bw,popcnt")))
#define WIDTH 64
typedef __m512i vector;
typedef __mmask64 mask;
#define LOAD(p) _mm512_loadu_si512((const void *)(p))
#define EITHER(a, b) _mm512_or_si512(a, b)
#define EQUAL(a, b) _mm512_cmpeq_epi8_mask(a, b)
#define HIGH(a) _mm512_movepi8_mask(a)
#define BOTH(m, n) ((m) & (n))
#define ANY(m, n) ((m) | (n))
#define BITS(m) ((uint64_t)(m))
#define TABLE(p) _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)(p)))
#define LOOKUP(t, a) _mm512_shuffle_epi8(t, a)
#define COMMON(a, b) _mm512_and_si512(a, b)
#define SOME(a) ((uint64_t)_mm512_test_epi8_mask(a, a))

#include "kernel_classes.h"
#include "kernel_shape.h"
#include "kernel_loops.h"

const struct kernel *
kernel_avx512(void)
{
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("popcnt")
	    ? &loops : NULL;
}
#else
const struct kernel *
kernel_avx512(void)
{
	return NULL;
}
#endif
