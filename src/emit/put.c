#include "put.h"

#include <string.h>

#include "shm/lane_worker.h"

void
put_string(struct format *f, const char *s)
{
	lane_worker_write(f->out, s, strlen(s));
}

void
put_char(struct format *f, char c)
{
	lane_worker_write(f->out, &c, 1);
}

void
put_number(struct format *f, uint64_t number, int width)
{
	char digits[DIGITS_MAX];
	size_t length = digits_put(digits, number);

	for (; width > (int)length; width--)
		put_char(f, ' ');
	lane_worker_write(f->out, digits, length);
}

bool
put_color(struct format *f, enum color color)
{
	const char *sequence;

	if (f->options->colors == NULL)
		return false;
	sequence = color_start(f->options->colors, color);
	put_string(f, sequence);
	return *sequence != '\0';
}

void
put_color_end(struct format *f, bool begun)
{
	if (begun)
		put_string(f, color_end(f->options->colors));
}
