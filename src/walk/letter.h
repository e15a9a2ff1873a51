/*
 * Letters of names: ASCII's cases, and characters of UTF-8.
 *
 * Source: utf-8(7).
 */
#ifndef WALK_LETTER_H
#define WALK_LETTER_H

#include <stddef.h>
#include <stdint.h>

/* A byte that belongs to no character counts as one of its own, beyond Unicode. */
enum { LETTER_BYTES = 0x110000 };

/* An upper-case letter of ASCII as the lower-case one. */
static inline char
letter_fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* How many bytes the first of length > 0 bytes says that its character has; 0: none. */
static inline size_t
letter_claim(unsigned char first)
{
	return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3
	    : first < 0xf5 ? 4 : 0;
}

/* The first character of length > 0 bytes. Returns how many it has. */
static inline size_t
letter_next(const char *text, size_t length, uint32_t *character)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)text;
	size_t claim = letter_claim(bytes[0]);
	uint32_t c = claim < 2 ? bytes[0] : bytes[0] & (0x7fU >> claim);

	*character = claim == 1 ? bytes[0] : LETTER_BYTES + (uint32_t)bytes[0];
	if (claim < 2 || claim > length)
		return 1;
	for (size_t i = 1; i < claim; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (bytes[i] & 0x3f);
	}
	if (c < smallest[claim] || c >= LETTER_BYTES || (c >= 0xd800 && c < 0xe000))
		return 1;
	*character = c;
	return claim;
}

#endif
