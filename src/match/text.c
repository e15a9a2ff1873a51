#include "text.h"

#include <stdint.h>
#include <string.h>

#include "kernel.h"

size_t
text_newlines(const char *text, size_t length, char terminator)
{
	return kernel_best()->count(text, length, terminator);
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
	size_t at = kernel_best()->ascii(text, length);

	if (at == length)
		return TEXT_ASCII;
	return is_utf8((const unsigned char *)text + at, length - at) ? TEXT_UTF8 : TEXT_BYTES;
}
