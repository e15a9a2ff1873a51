#include "kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define TARGET __attribute__((target("avx2,popcnt")))
#define WIDTH 32
typedef __m256i vector, mask;
#define LOAD(p) _mm256_loadu_si256((const void *)(p))
#define EITHER(a, b) _mm256_or_si256(a, b)
#define EQUAL(a, b) _mm256_cmpeq_epi8(a, b)
#define HIGH(a) (a)
#define BOTH(m, n) _mm256_and_si256(m, n)
#define ANY(m, n) _mm256_or_si256(m, n)
#define BITS(m) ((uint64_t)(uint32_t)_mm256_movemask_epi8(m))
#define TABLE(p) _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)(p)))
#define LOOKUP(t, a) _mm256_shuffle_epi8(t, a)
#define COMMON(a, b) _mm256_and_si256(a, b)
#define SOME(a) ((uint64_t)(uint32_t)~_mm256_movemask_epi8(EQUAL(a, _mm256_setzero_si256())))

#include "kernel_classes.h"
#include "kernel_shape.h"
#include "kernel_loops.h"

const struct kernel *
kernel_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")
	    ? &loops : NULL;
}
#else
const struct kernel *
kernel_avx2(void)
{
	return NULL;
}
#endif
