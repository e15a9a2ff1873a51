#include "escape.h"

#include <stdlib.h>

#include "match/text.h"

enum { BYTE_MAX = 4 }; /* bytes that one becomes */

static char *
put_octal(char *to, unsigned char c)
{
	*to++ = '\\';
	*to++ = (char)('0' + (c >> 6));
	*to++ = (char)('0' + (c >> 3 & 7));
	*to++ = (char)('0' + (c & 7));
	return to;
}

/* C0, DEL and C1: the last are two bytes in UTF-8. */
static bool
is_control(const char *text, size_t length)
{
	unsigned char c = (unsigned char)text[0];

	if (length == 1)
		return c < 0x20 || c == 0x7f;
	return c == 0xc2 && (unsigned char)text[1] < 0xa0;
}

size_t
escape_next(const char *text, size_t length, char **to)
{
	size_t sequence = text_sequence(text, length), taken = sequence > 0 ? sequence : 1;
	bool escaped = sequence == 0 || is_control(text, sequence);
	char *at = *to;

	for (size_t i = 0; i < taken; i++) {
		if (escaped)
			at = put_octal(at, (unsigned char)text[i]);
		else
			*at++ = text[i];
	}
	*to = at;
	return taken;
}

char *
escape_text(const char *text, size_t length, bool backslashes)
{
	char *escaped = reallocarray(NULL, length + 1, BYTE_MAX), *to = escaped;

	if (escaped == NULL)
		return NULL;
	while (length > 0) {
		size_t taken = escape_next(text, length, &to);

		if (backslashes && *text == '\\')
			*to++ = '\\';
		text += taken;
		length -= taken;
	}
	*to = '\0';
	return escaped;
}
