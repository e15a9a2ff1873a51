#include "format.h"

#include <stdlib.h>
#include <string.h>

#include "emit/color.h"
#include "emit/escape.h"
#include "shm/lane_worker.h"

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

/* The sequence that starts a colour, if there is one, and the one that ends it. */
static const char *
paint(const struct format *f, enum color color)
{
	return f->options->colors != NULL ? color_start(f->options->colors, color) : "";
}

static const char *
unpaint(const struct format *f, enum color color)
{
	return *paint(f, color) != '\0' ? color_end(f->options->colors) : "";
}

static void
append(struct format *f, const char *text)
{
	size_t length = strlen(text);

	memcpy(f->prefix + f->prefix_length, text, length);
	f->prefix_length += length;
}

static void
append_name(struct format *f, const char *name)
{
	char *to = f->prefix + f->prefix_length;

	if (!f->options->escape) {
		append(f, name);
		return;
	}
	for (size_t left = strlen(name); left > 0;) {
		size_t taken = escape_next(name, left, &to);

		name += taken;
		left -= taken;
	}
	f->prefix_length = (size_t)(to - f->prefix);
}

/* Returns false when there is no memory for it: then it is written piece by piece. */
static bool
make_prefix(struct format *f)
{
	size_t names = strlen(f->path) + strlen(f->name);
	/* A byte becomes four at most. */
	size_t most = names * (f->options->escape ? 4 : 1) + 4 * COLOR_SEQUENCE_MAX + 1;

	if (most > f->prefix_capacity) {
		char *bigger = realloc(f->prefix, most);

		if (bigger == NULL)
			return false;
		f->prefix = bigger;
		f->prefix_capacity = most;
	}
	f->prefix_length = 0;
	append(f, paint(f, COLOR_FILE));
	append_name(f, f->path);
	append_name(f, f->name);
	append(f, unpaint(f, COLOR_FILE));
	append(f, paint(f, COLOR_SEPARATOR));
	append(f, ":");
	append(f, unpaint(f, COLOR_SEPARATOR));
	f->prefix_made = true;
	return true;
}

static void
put_name(struct format *f, const char *name)
{
	size_t left = strlen(name);

	if (!f->options->escape) {
		lane_worker_write(f->out, name, left);
		return;
	}
	while (left > 0) {
		char escaped[ESCAPE_MAX], *to = escaped;
		size_t taken = escape_next(name, left, &to);

		lane_worker_write(f->out, escaped, (size_t)(to - escaped));
		name += taken;
		left -= taken;
	}
}

static void
put_file(struct format *f)
{
	put_string(f, paint(f, COLOR_FILE));
	put_name(f, f->path);
	put_name(f, f->name);
	put_string(f, unpaint(f, COLOR_FILE));
}

static void
put_separator(struct format *f)
{
	put_string(f, paint(f, COLOR_SEPARATOR));
	put_string(f, ":");
	put_string(f, unpaint(f, COLOR_SEPARATOR));
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
		put_separator(f);
	}
}

void
format_begin(struct format *f, uint64_t number)
{
	put_prefix(f);
	if (!f->options->numbers)
		return;
	put_string(f, paint(f, COLOR_NUMBER));
	put_number(f, number);
	put_string(f, unpaint(f, COLOR_NUMBER));
	put_separator(f);
}

void
format_plain(struct format *f, const char *text, size_t length)
{
	lane_worker_write(f->out, text, length);
}

void
format_match(struct format *f, const char *text, size_t length)
{
	put_string(f, paint(f, COLOR_MATCH));
	lane_worker_write(f->out, text, length);
	put_string(f, unpaint(f, COLOR_MATCH));
}

void
format_end(struct format *f)
{
	lane_worker_write(f->out, "\n", 1);
	if (f->options->line_buffered)
		lane_worker_flush(f->out);
}

/* Whether a line of length bytes, with all that stands before it, fits in one piece. */
static bool
fits(struct format *f, size_t length, size_t *prefix)
{
	*prefix = 0;
	if (f->options->colors != NULL || f->options->line_buffered)
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
	if (f->options->colors == NULL) {
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
	put_name(f, f->path);
	put_name(f, f->name);
	put_string(f, " matches\n");
}
