#include "kernel.h"

#if defined(__x86_64__)
#include <tmmintrin.h>
#include <stdint.h>

#define TARGET __attribute__((target("ssse3")))
#define WIDTH 16
typedef __m128i vector, mask;
#define LOAD(p) _mm_loadu_si128((const void *)(p))
#define EITHER(a, b) _mm_or_si128(a, b)
#define EQUAL(a, b) _mm_cmpeq_epi8(a, b)
#define HIGH(a) (a)
#define BOTH(m, n) _mm_and_si128(m, n)
#define ANY(m, n) _mm_or_si128(m, n)
#define BITS(m) ((uint64_t)(uint16_t)_mm_movemask_epi8(m))
#define TABLE(p) LOAD(p)
#define LOOKUP(t, a) _mm_shuffle_epi8(t, a)
#define COMMON(a, b) _mm_and_si128(a, b)
#define SOME(a) ((uint64_t)(uint16_t)~_mm_movemask_epi8(EQUAL(a, _mm_setzero_si128())))

#include "kernel_table.h"
#include "kernel_shape.h"
#include "kernel_loops.h"

const struct kernel *
kernel_ssse3(void)
{
	return __builtin_cpu_supports("ssse3") ? &loops : NULL;
}
#else
const struct kernel *
kernel_ssse3(void)
{
	return NULL;
}
#endif
