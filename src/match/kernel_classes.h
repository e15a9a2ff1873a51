/*
 * Classes of bytes, looked up 32 at a time: see kernel_shape.h.  Included by
 * a file for each level that has AVX2, which defines TARGET.
 */
#include <immintrin.h>
#include <stdint.h>

#include "match/shape.h"

enum { LANES = 4 }; /* words at a time: the number of blocks is a multiple */

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

/* Which bytes of a block, given with their rows, a class has. */
TARGET static inline __attribute__((always_inline)) uint64_t
members_of(__m256i class, const char *p, const __m256i *rows)
{
	__m256i low = _mm256_shuffle_epi8(class, _mm256_loadu_si256((const void *)p));
	__m256i high = _mm256_shuffle_epi8(class, _mm256_loadu_si256((const void *)(p + 32)));

	return two_halves(_mm256_cmpeq_epi8(_mm256_and_si256(low, rows[0]), rows[0]),
	    _mm256_cmpeq_epi8(_mm256_and_si256(high, rows[1]), rows[1]));
}

TARGET static inline __attribute__((always_inline)) uint64_t
places_of(__m256i byte, const char *p)
{
	return two_halves(_mm256_cmpeq_epi8(byte, _mm256_loadu_si256((const void *)p)),
	    _mm256_cmpeq_epi8(byte, _mm256_loadu_si256((const void *)(p + 32))));
}

TARGET static inline __attribute__((always_inline)) void
find_byte(char byte, const char *p, uint64_t *words, size_t count)
{
	const __m256i bytes = _mm256_set1_epi8(byte);

	for (size_t i = 0; i < count; i += 2) {
		words[i] = places_of(bytes, p + i * SHAPE_BLOCK);
		words[i + 1] = places_of(bytes, p + (i + 1) * SHAPE_BLOCK);
	}
}

TARGET static inline __attribute__((always_inline)) void
find_class(const unsigned char table[16], const char *p, const __m256i *rows, uint64_t *words,
    size_t count)
{
	const __m256i class = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)table));

	for (size_t i = 0; i < count; i += 2) {
		words[i] = members_of(class, p + i * SHAPE_BLOCK, rows + 2 * i);
		words[i + 1] = members_of(class, p + (i + 1) * SHAPE_BLOCK, rows + 2 * i + 2);
	}
}

/* Makes the words of the classes for the blocks at p. */
TARGET static inline __attribute__((always_inline)) void
classify(const struct shape *s, const char *p, uint64_t (*of)[1 + SHAPE_BLOCKS], size_t count)
{
	__m256i rows[2 * SHAPE_BLOCKS];

	for (size_t i = 0; i < 2 * count; i++)
		rows[i] = row_bits(_mm256_loadu_si256((const void *)(p + 32 * i)));
	for (size_t c = 0; c < s->classes; c++) {
		if (s->only[c] == SHAPE_SEVERAL)
			find_class(s->rows[c], p, rows, of[1 + c] + 1, count);
		else
			find_byte((char)s->only[c], p, of[1 + c] + 1, count);
	}
}

/* Where a byte is above 0x7f. */
TARGET static inline __attribute__((always_inline)) uint64_t
high_bytes(const char *p)
{
	return two_halves(_mm256_loadu_si256((const void *)p),
	    _mm256_loadu_si256((const void *)(p + 32)));
}

/* Moves what is in words on by a distance, to where the members are. */
TARGET static inline __attribute__((always_inline)) void
move_words(uint64_t *now, const uint64_t *words, const uint64_t *members, unsigned int distance,
    size_t count)
{
	const __m128i left = _mm_cvtsi32_si128((int)distance);
	const __m128i right = _mm_cvtsi32_si128((int)(SHAPE_BLOCK - distance));

	for (size_t i = 0; i < count; i += LANES) {
		__m256i here = _mm256_loadu_si256((const void *)(words + i));
		__m256i before = _mm256_loadu_si256((const void *)(words + i - 1));

		here = _mm256_or_si256(_mm256_sll_epi64(here, left), _mm256_srl_epi64(before, right));
		_mm256_storeu_si256((void *)(now + i),
		    _mm256_and_si256(here, _mm256_loadu_si256((const void *)(members + i))));
	}
}
