/*
 * Numbers in decimal.
 *
 * Those of a file's lines ascend, often by little: then the digits of one are
 * made from those of the one before.
 */
#ifndef EMIT_DIGITS_H
#define EMIT_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { DIGITS_MAX = 20 }; /* of a uint64_t */

/* A number that was printed. */
struct digits {
	uint64_t number;
	size_t start; /* of its digits, which end at DIGITS_MAX, with '0' before them */
	char bytes[2 * DIGITS_MAX];
};

static inline void
digits_set(struct digits *d, uint64_t number)
{
	d->number = number;
	d->start = DIGITS_MAX;
	do
		d->bytes[--d->start] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	memset(d->bytes, '0', d->start);
}

static inline void
digits_init(struct digits *d)
{
	memset(d, 0, sizeof(*d));
	digits_set(d, 0);
}

/* By less than ten. */
static inline void
digits_add(struct digits *d, unsigned int more)
{
	char *last = d->bytes + DIGITS_MAX - 1;

	d->number += more;
	*last = (char)(*last + (char)more);
	if (*last <= '9')
		return;
	*last = (char)(*last - 10);
	while (*--last == '9')
		*last = '0';
	++*last;
	if (last < d->bytes + d->start)
		d->start = (size_t)(last - d->bytes);
}

/*
 * Prints a number, of which most is expected that it is a little larger than
 * the last one.  DIGITS_MAX bytes are written.  Returns how many digits it has.
 */
static inline size_t
digits_put_next(struct digits *d, char *to, uint64_t number)
{
	if (number - d->number < 10)
		digits_add(d, (unsigned int)(number - d->number));
	else
		digits_set(d, number);
	memcpy(to, d->bytes + d->start, DIGITS_MAX);
	return DIGITS_MAX - d->start;
}

/* Prints any number. Returns how many digits it has. */
static inline size_t
digits_put(char to[DIGITS_MAX], uint64_t number)
{
	char reversed[DIGITS_MAX];
	size_t length = 0;

	do
		reversed[length++] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	for (size_t i = 0; i < length; i++)
		to[i] = reversed[length - 1 - i];
	return length;
}

#endif
