#include "format.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emit/head.h"
#include "emit/put.h"
#include "emit/status.h"
#include "shm/lane_worker.h"

void
format_init(struct format *f, const struct format_options *options, struct lane_worker *out)
{
	*f = (struct format){ .options = options, .out = out };
	digits_init(&f->count);
	f->plain = options->colors == NULL && !options->offsets && !options->initial_tab &&
	    !options->line_buffered;
}

void
format_fini(struct format *f)
{
	free(f->prefix[0].bytes);
	free(f->prefix[1].bytes);
}

void
format_file(struct format *f, const char *path, const char *name)
{
	f->path = path;
	f->name = name;
	f->prefix[0].made = f->prefix[1].made = f->begun = f->grouped = false;
}

void
format_stat(struct format *f, const struct stat *st)
{
	uint64_t most = S_ISREG(st->st_mode) && st->st_size >= 0 ? (uint64_t)st->st_size : UINT64_MAX;

	f->width = 0;
	if (!f->options->initial_tab)
		return;
	/* There may be as many lines as bytes, and one more without. */
	most += f->options->numbers && most < UINT64_MAX;
	do
		f->width++;
	while ((most /= 10) != 0);
}

bool
format_colors_matches(const struct format *f, bool context)
{
	return f->options->colors != NULL && *color_start(f->options->colors,
	    context ? COLOR_MATCH_CONTEXT : COLOR_MATCH) != '\0';
}

/* The colour of what is no match in the line in hand. */
static enum color
line_color(const struct format *f)
{
	bool swapped = f->options->inverted && f->options->colors->rv;

	return f->context == swapped ? COLOR_SELECTED : COLOR_CONTEXT;
}

void
format_begin(struct format *f, const struct format_head *head)
{
	head_line(f, head);
}

void
format_before(struct format *f, const char *text, size_t length)
{
	/* As grep: what comes next starts its own colour. */
	if (f->options->colors != NULL)
		put_color(f, line_color(f));
	lane_worker_write(f->out, text, length);
}

void
format_match_begin(struct format *f)
{
	put_color(f, f->context ? COLOR_MATCH_CONTEXT : COLOR_MATCH);
}

void
format_raw(struct format *f, const char *text, size_t length)
{
	lane_worker_write(f->out, text, length);
}

void
format_match_end(struct format *f)
{
	if (f->options->colors != NULL)
		put_color_end(f, format_colors_matches(f, f->context));
}

void
format_rest(struct format *f, const char *text, size_t length)
{
	const struct color_scheme *colors = f->options->colors;
	size_t tail = length;

	if (colors != NULL && *color_start(colors, line_color(f)) != '\0') {
		/* A carriage return at the end belongs to the line's end. */
		tail -= length > 0 && text[length - 1] == '\r';
		if (tail > 0) {
			put_color(f, line_color(f));
			lane_worker_write(f->out, text, tail);
			put_color_end(f, true);
		}
		text += tail;
		length -= tail;
	}
	lane_worker_write(f->out, text, length);
}

void
format_end(struct format *f)
{
	put_char(f, f->options->terminator);
	if (f->options->line_buffered)
		lane_worker_flush(f->out);
}

/* A line's number and what stands behind it. */
enum { NUMBER_ROOM = DIGITS_MAX + 2 };

/* In parts. */
static void
write_line(struct format *f, bool context, uint64_t number, const char *text, size_t length)
{
	format_begin(f, &(struct format_head){ .number = number, .context = context,
		.empty = length == 0 });
	format_rest(f, text, length);
	format_end(f);
}

/* What stands before each line; NULL: there is no memory for it. */
static const struct format_prefix *
line_prefix(struct format *f, bool context)
{
	static const struct format_prefix none = { .bytes = NULL };

	return f->options->names && !f->options->heading ? head_prefix(f, context) : &none;
}

void
format_line(struct format *f, bool context, uint64_t number, const char *text, size_t length)
{
	const struct format_prefix *prefix = f->plain ? line_prefix(f, context) : NULL;
	char *start, *to;

	if (prefix == NULL ||
	    prefix->length + HEAD_CHUNK + length + NUMBER_ROOM > RING_TEXT_MAX) {
		write_line(f, context, number, text, length);
		return;
	}
	if (!f->begun)
		head_file(f);
	start = to = lane_worker_reserve(f->out, prefix->length + HEAD_CHUNK + length + NUMBER_ROOM);
	for (size_t at = 0; at < prefix->length; at += HEAD_CHUNK)
		memcpy(to + at, prefix->bytes + at, HEAD_CHUNK);
	to += prefix->length;
	if (f->options->numbers) {
		to += digits_put_next(&f->count, to, number);
		*to++ = context ? '-' : ':';
	}
	memcpy(to, text, length);
	to += length;
	*to++ = f->options->terminator;
	lane_worker_advance(f->out, (size_t)(to - start));
}

void
format_group(struct format *f)
{
	bool begun;

	/* Whether anything came before the file's first group only the parent knows. */
	if (!f->grouped) {
		/* A heading is separated when it is written. */
		if (!f->options->heading)
			lane_worker_flag(f->out, FRAME_GROUP);
		f->grouped = true;
		return;
	}
	if (f->options->group_separator == NULL)
		return;
	begun = put_color(f, COLOR_SEPARATOR);
	put_string(f, f->options->group_separator);
	put_color_end(f, begun);
	put_char(f, '\n');
}

void
format_count(struct format *f, uint64_t count)
{
	if (f->options->names)
		head_put_prefix(f, false);
	put_number(f, count, 0);
	put_char(f, '\n');
}

void
format_name(struct format *f)
{
	head_put_file(f);
	put_char(f, f->options->null_names ? '\0' : '\n');
}

void
format_binary(struct format *f)
{
	if (f->options->heading)
		lane_worker_flag(f->out, FRAME_GROUP);
	put_string(f, "Binary file ");
	head_put_name(f);
	put_string(f, " matches\n");
}
