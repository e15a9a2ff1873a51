/*
 * Classes of bytes, looked up 32 at a time: see kernel_shape.h.  Included by
 * a file for each level that has AVX2, which defines TARGET.
 */
#include <immintrin.h>
#include <stdint.h>

#include "match/shape.h"

TARGET static inline __attribute__((always_inline)) uint64_t
two_halves(__m256i low, __m256i high)
{
	return (uint64_t)(uint32_t)_mm256_movemask_epi8(low) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

/* Of each byte, the bit of its row: all of them for what is beyond ASCII, which no row has. */
TARGET static inline __attribute__((always_inline)) __m256i
row_bits(__m256i bytes)
{
	const __m256i bits = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, -1, -1, -1, -1, -1, -1,
	    -1, -1, 1, 2, 4, 8, 16, 32, 64, -128, -1, -1, -1, -1, -1, -1, -1, -1);

	return _mm256_shuffle_epi8(bits, _mm256_and_si256(_mm256_srli_epi16(bytes, 4),
	    _mm256_set1_epi8(0x0f)));
}

TARGET static inline __attribute__((always_inline)) void
classify(const struct shape *s, const char *p, uint64_t *words)
{
	const __m256i low = _mm256_loadu_si256((const void *)p);
	const __m256i high = _mm256_loadu_si256((const void *)(p + 32));
	const __m256i low_rows = row_bits(low), high_rows = row_bits(high);

	for (size_t c = 0; c < s->classes; c++) {
		const __m256i rows = _mm256_broadcastsi128_si256(
		    _mm_loadu_si128((const void *)s->rows[c]));
		__m256i in_low = _mm256_and_si256(_mm256_shuffle_epi8(rows, low), low_rows);
		__m256i in_high = _mm256_and_si256(_mm256_shuffle_epi8(rows, high), high_rows);

		words[c] = two_halves(_mm256_cmpeq_epi8(in_low, low_rows),
		    _mm256_cmpeq_epi8(in_high, high_rows));
	}
}

TARGET static inline __attribute__((always_inline)) uint64_t
high_bytes(const char *p)
{
	return two_halves(_mm256_loadu_si256((const void *)p),
	    _mm256_loadu_si256((const void *)(p + 32)));
}
