#include "text.h"

#include <stdint.h>
#include <string.h>

/*
 * One copy of a loop for machines with AVX2 and one for all others, chosen
 * when the program is loaded.  Sanitizers run before such a choice can be made.
 */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(PLAIN_LOOPS)
#define VECTORISED __attribute__((target_clones("avx2", "default")))
#else
#define VECTORISED
#endif

enum { BLOCK = 4096 };

/* All bytes of the text, or'ed. */
VECTORISED static unsigned char
any_bits(const unsigned char *p, size_t n)
{
	unsigned char bits = 0;

	for (size_t i = 0; i < n; i++)
		bits |= p[i];
	return bits;
}

/* In parts short enough that a counter of one byte cannot wrap. */
VECTORISED static size_t
count_bytes(const unsigned char *p, size_t n, unsigned char byte)
{
	size_t total = 0;

	while (n > 0) {
		size_t part = n < 128 ? n : 128;
		unsigned char count = 0;

		for (size_t i = 0; i < part; i++)
			count = (unsigned char)(count + (p[i] == byte));
		total += count;
		p += part;
		n -= part;
	}
	return total;
}

size_t
text_newlines(const char *text, size_t length, char terminator)
{
	return count_bytes((const unsigned char *)text, length, (unsigned char)terminator);
}

void
text_zap_nuls(char *text, size_t length)
{
	for (char *end = text + length; (text = memchr(text, '\0', (size_t)(end - text))) != NULL;)
		while (text < end && *text == '\0')
			*text++ = '\n';
}

/* RFC 3629, section 4. */
static size_t
sequence_length(const unsigned char *p, size_t n)
{
	unsigned char lead = p[0], low = 0x80, high = 0xbf;
	size_t length;

	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		length = 2;
	else if (lead >= 0xe0 && lead <= 0xef)
		length = 3;
	else if (lead >= 0xf0 && lead <= 0xf4)
		length = 4;
	else
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (n < length || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

size_t
text_sequence(const char *text, size_t length)
{
	return sequence_length((const unsigned char *)text, length);
}

static bool
is_utf8(const unsigned char *p, size_t n)
{
	const unsigned char *end = p + n;

	while (p < end) {
		size_t length;
		uint64_t word;

		if (end - p >= (ptrdiff_t)sizeof(word)) {
			memcpy(&word, p, sizeof(word));
			if ((word & 0x8080808080808080U) == 0) {
				p += sizeof(word);
				continue;
			}
		}
		length = sequence_length(p, (size_t)(end - p));
		if (length == 0)
			return false;
		p += length;
	}
	return true;
}

enum text_kind
text_kind_of(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;

	for (size_t at = 0; at < length; at += BLOCK) {
		size_t part = length - at < BLOCK ? length - at : BLOCK;

		/* All before this block is ASCII: the rest decides. */
		if (any_bits(p + at, part) & 0x80)
			return is_utf8(p + at, length - at) ? TEXT_UTF8 : TEXT_BYTES;
	}
	return TEXT_ASCII;
}
