#include "format.h"

#include <stdlib.h>
#include <string.h>

#include "shm/lane_worker.h"

/* Select Graphic Rendition (ECMA-48) and "erase to the end of line", as grep writes them. */
#define SGR(code) "\33[" code "m\33[K"
#define SGR_END "\33[m\33[K"
#define COLON SGR("36") ":" SGR_END

enum { NUMBER_MAX = 20 }; /* digits of a uint64_t */

static void
put_string(struct format *f, const char *s)
{
	lane_worker_write(f->out, s, strlen(s));
}

static size_t
print_number(char digits[NUMBER_MAX], uint64_t number)
{
	char reversed[NUMBER_MAX];
	size_t length = 0;

	do
		reversed[length++] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	for (size_t i = 0; i < length; i++)
		digits[i] = reversed[length - 1 - i];
	return length;
}

static void
put_number(struct format *f, uint64_t number)
{
	char digits[NUMBER_MAX];

	lane_worker_write(f->out, digits, print_number(digits, number));
}

void
format_init(struct format *f, const struct format_options *options, struct lane_worker *out)
{
	*f = (struct format){ .options = options, .out = out };
}

void
format_fini(struct format *f)
{
	free(f->prefix);
}

void
format_file(struct format *f, const char *path, const char *name)
{
	f->path = path;
	f->name = name;
	f->prefix_made = false;
}

/* Returns false when there is no memory for it: then it is written piece by piece. */
static bool
make_prefix(struct format *f)
{
	const char *parts[] = { f->options->color ? SGR("35") : "", f->path, f->name,
		f->options->color ? SGR_END COLON : ":" };
	size_t length = 0;

	for (size_t i = 0; i < 4; i++)
		length += strlen(parts[i]);
	if (length > f->prefix_capacity) {
		char *bigger = realloc(f->prefix, length);

		if (bigger == NULL)
			return false;
		f->prefix = bigger;
		f->prefix_capacity = length;
	}
	f->prefix_length = 0;
	for (size_t i = 0; i < 4; i++) {
		size_t part = strlen(parts[i]);

		memcpy(f->prefix + f->prefix_length, parts[i], part);
		f->prefix_length += part;
	}
	f->prefix_made = true;
	return true;
}

static void
put_file(struct format *f)
{
	put_string(f, f->options->color ? SGR("35") : "");
	put_string(f, f->path);
	put_string(f, f->name);
	put_string(f, f->options->color ? SGR_END : "");
}

static void
put_prefix(struct format *f)
{
	if (!f->options->names)
		return;
	if (f->prefix_made || make_prefix(f)) {
		lane_worker_write(f->out, f->prefix, f->prefix_length);
	} else {
		put_file(f);
		put_string(f, f->options->color ? COLON : ":");
	}
}

void
format_begin(struct format *f, uint64_t number)
{
	put_prefix(f);
	if (!f->options->numbers)
		return;
	put_string(f, f->options->color ? SGR("32") : "");
	put_number(f, number);
	put_string(f, f->options->color ? SGR_END COLON : ":");
}

void
format_plain(struct format *f, const char *text, size_t length)
{
	lane_worker_write(f->out, text, length);
}

void
format_match(struct format *f, const char *text, size_t length)
{
	if (f->options->color)
		put_string(f, SGR("01;31"));
	lane_worker_write(f->out, text, length);
	if (f->options->color)
		put_string(f, SGR_END);
}

void
format_end(struct format *f)
{
	lane_worker_write(f->out, "\n", 1);
}

/* Whether a line of length bytes, with all that stands before it, fits in one piece. */
static bool
fits(struct format *f, size_t length, size_t *prefix)
{
	*prefix = 0;
	if (f->options->color)
		return false;
	if (f->options->names) {
		if (!f->prefix_made && !make_prefix(f))
			return false;
		*prefix = f->prefix_length;
	}
	return *prefix + length + NUMBER_MAX + 2 <= RING_TEXT_MAX;
}

void
format_line(struct format *f, uint64_t number, const char *text, size_t length)
{
	size_t prefix;
	char *start, *to;

	if (!fits(f, length, &prefix)) {
		format_begin(f, number);
		format_plain(f, text, length);
		format_end(f);
		return;
	}
	start = to = lane_worker_reserve(f->out, prefix + length + NUMBER_MAX + 2);
	if (prefix > 0)
		memcpy(to, f->prefix, prefix);
	to += prefix;
	if (f->options->numbers) {
		to += print_number(to, number);
		*to++ = ':';
	}
	memcpy(to, text, length);
	to += length;
	*to++ = '\n';
	lane_worker_advance(f->out, (size_t)(to - start));
}

void
format_part(struct format *f, uint64_t number, const char *text, size_t length)
{
	if (!f->options->color) {
		format_line(f, number, text, length);
		return;
	}
	format_begin(f, number);
	format_match(f, text, length);
	format_end(f);
}

void
format_count(struct format *f, uint64_t count)
{
	put_prefix(f);
	put_number(f, count);
	format_end(f);
}

void
format_name(struct format *f)
{
	put_file(f);
	format_end(f);
}

void
format_binary(struct format *f)
{
	put_string(f, "Binary file ");
	put_string(f, f->path);
	put_string(f, f->name);
	put_string(f, " matches\n");
}
