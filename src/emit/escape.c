#include "escape.h"

#include <stdlib.h>

#include "match/text.h"

enum { ESCAPED_MAX = 4 }; /* bytes that one becomes */

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

char *
escape_text(const char *text, size_t length, bool backslashes)
{
	char *escaped = reallocarray(NULL, length + 1, ESCAPED_MAX), *to = escaped;

	if (escaped == NULL)
		return NULL;
	while (length > 0) {
		size_t sequence = text_sequence(text, length);
		size_t taken = sequence > 0 ? sequence : 1;

		for (size_t i = 0; i < taken; i++) {
			if (sequence == 0 || is_control(text, sequence))
				to = put_octal(to, (unsigned char)text[i]);
			else
				*to++ = text[i];
		}
		if (backslashes && *text == '\\')
			*to++ = '\\';
		text += taken;
		length -= taken;
	}
	*to = '\0';
	return escaped;
}
