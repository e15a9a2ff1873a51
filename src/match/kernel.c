#include "kernel.h"

#include <stdint.h>

#include "kernel_table.h"

/*
 * Eight bytes in a register.  A mask has the highest bit of each byte; no
 * carry goes from one byte to the next.
 */
#define TARGET
#define WIDTH 8
typedef uint64_t vector, mask;

#define LOW UINT64_C(0x7f7f7f7f7f7f7f7f)

static inline uint64_t
zero_bytes(uint64_t v)
{
	return ~(((v & LOW) + LOW) | v | LOW);
}

#define LOAD(p) eight_bytes(p)
#define EITHER(a, b) ((a) | (b))
#define EQUAL(a, b) zero_bytes((a) ^ (b))
#define HIGH(a) ((a) & ~LOW)
#define BOTH(m, n) ((m) & (n))
#define ANY(m, n) ((m) | (n))
/* The product brings the bits together: the one of byte i to place 56 + i. */
#define BITS(m) (((m) >> 7) * UINT64_C(0x0102040810204080) >> 56)

#include "kernel_shape.h"
#include "kernel_loops.h"

const struct kernel *
kernel_plain(void)
{
	return &loops;
}

const struct kernel *
kernel_at(enum kernel_level level)
{
	switch (level) {
	case KERNEL_AVX512:
		return kernel_avx512();
	case KERNEL_AVX2:
		return kernel_avx2();
	case KERNEL_SSSE3:
		return kernel_ssse3();
	case KERNEL_SSE2:
		return kernel_sse2();
	default:
		return level == KERNEL_PLAIN ? kernel_plain() : NULL;
	}
}

const struct kernel *
kernel_best(void)
{
	const struct kernel *k = NULL;

	for (int level = KERNEL_LEVELS - 1; k == NULL; level--)
		k = kernel_at((enum kernel_level)level);
	return k;
}
