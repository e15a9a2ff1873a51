/*
 * Bits of output, written into the lane's ring, in the worker.
 */
#ifndef EMIT_PUT_H
#define EMIT_PUT_H

#include "emit/format.h"

enum { PUT_NUMBER_MAX = 20 }; /* digits of a uint64_t */

void put_string(struct format *f, const char *s);
void put_char(struct format *f, char c);

/* Prints a number. Returns how many digits it has. */
static inline size_t
put_digits(char digits[PUT_NUMBER_MAX], uint64_t number)
{
	char reversed[PUT_NUMBER_MAX];
	size_t length = 0;

	do
		reversed[length++] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	for (size_t i = 0; i < length; i++)
		digits[i] = reversed[length - 1 - i];
	return length;
}

/* With spaces before it, it is at least so wide. */
void put_number(struct format *f, uint64_t number, int width);

/* Starts a colour, if there is one. Returns whether it must be ended. */
bool put_color(struct format *f, enum color color);
void put_color_end(struct format *f, bool begun);

#endif
