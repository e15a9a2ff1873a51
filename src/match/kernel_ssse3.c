#include "kernel.h"

#if defined(__x86_64__)
#include <tmmintrin.h>

#define TARGET __attribute__((target("ssse3")))
#define TABLE(p) LOAD(p)
#define LOOKUP(t, a) _mm_shuffle_epi8(t, a)
#define COMMON(a, b) _mm_and_si128(a, b)
#define SOME(a) ((uint64_t)(uint16_t)~_mm_movemask_epi8(EQUAL(a, _mm_setzero_si128())))

#include "kernel_16.h"
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
