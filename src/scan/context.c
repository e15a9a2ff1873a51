#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "scan/show.h"

enum {
	SAVED_MIN = 16 * 1024, /* what is kept from file to file */
	GUARD = 8,             /* bytes behind a text, as in scan/reader.c */
};

void
context_init(struct context *c, const struct context_options *options, struct show *show)
{
	*c = (struct context){ .options = *options, .show = show };
}

void
context_fini(struct context *c)
{
	free(c->saved);
}

static void
forget(struct context *c)
{
	c->saved_start = c->saved_end = 0;
	c->saved_lines = 0;
	c->let_go = false;
}

void
context_file(struct context *c, bool nothing)
{
	forget(c);
	if (c->saved_capacity > SAVED_MIN) {
		free(c->saved);
		c->saved = NULL;
		c->saved_capacity = 0;
	}
	c->due = c->options.passthru && !nothing ? UINT64_MAX : 0;
	c->any = c->joined = c->missed = false;
	c->shown = 0;
}

/* Shows a line of context. Returns where the next one starts. */
static size_t
show_at(struct context *c, struct window *w, size_t start)
{
	struct span span = { start, window_line_end(w, start) };
	struct line line = window_line(w, &span, true);

	line.number = window_number(w, start);
	show_line(c->show, &line);
	return span.end + line.ended;
}

/* Shows lines that are due, up to offset end, where a line starts or the window ends. */
static void
show_due(struct context *c, struct window *w, size_t end)
{
	while (c->due > 0 && c->shown < end) {
		c->shown = show_at(c, w, c->shown);
		c->due--;
	}
}

/* Goes back over at most *lines lines before offset end of the bytes from, a line's start, on. */
static size_t
go_back(const char *bytes, size_t from, size_t end, char terminator, uint64_t *lines)
{
	while (*lines > 0 && end > from) {
		const char *before = memrchr(bytes + from, terminator, end - 1 - from);

		end = before == NULL ? from : (size_t)(before + 1 - bytes);
		--*lines;
	}
	return end;
}

/* Shows saved lines from offset at on: all of them to the end, count in number. */
static void
show_saved(struct context *c, const struct window *w, size_t at, uint64_t count)
{
	while (at < c->saved_end) {
		const char *start = c->saved + at;
		const char *end = memchr(start, w->terminator, c->saved_end - at);
		struct line line = { .bytes = start, .length = (size_t)(end - start), .ended = true,
			.context = true, .number = w->first - count--,
			.offset = c->saved_offset - (c->saved_end - at) };

		line.kind = text_kind_of(start, line.length);
		show_line(c->show, &line);
		at += line.length + 1;
	}
}

/* Goes on back from the window's start; adjacent: to the last line that was shown. */
static size_t
go_back_in_saved(struct context *c, const struct window *w, uint64_t *lines, bool *adjacent)
{
	size_t at = go_back(c->saved, c->saved_start, c->saved_end, w->terminator, lines);

	c->missed |= *lines > 0 && c->let_go;
	*adjacent = c->joined && at == c->saved_start;
	return at;
}

/* Shows the lines before the one at offset start, and separates a new group from the last. */
static void
show_before(struct context *c, struct window *w, size_t start)
{
	uint64_t lines = c->options.before, left;
	size_t from = go_back(w->text.bytes, c->shown, start, w->terminator, &lines);
	size_t saved = c->saved_end;
	bool adjacent = from == c->shown;

	left = lines;
	if (from == 0)
		saved = go_back_in_saved(c, w, &left, &adjacent);
	if (c->options.groups && !(c->any && adjacent))
		format_group(c->show->format);
	c->any = true;
	show_saved(c, w, saved, lines - left);
	while (from < start)
		from = show_at(c, w, from);
}

void
context_select(struct context *c, struct window *w, struct line *line)
{
	size_t start = (size_t)(line->bytes - w->text.bytes);

	show_due(c, w, start);
	show_before(c, w, start);
	line->number = window_number(w, start);
	show_line(c->show, line);
	c->shown = start + line->length + line->ended;
	forget(c);
	if (!c->options.passthru)
		c->due = c->options.after;
}

/* Room for size bytes behind what is saved. */
static int
make_room(struct context *c, size_t size)
{
	size_t live = c->saved_end - c->saved_start, capacity = 2 * (live + size + GUARD);
	char *bigger;

	if (c->saved_end + size + GUARD <= c->saved_capacity)
		return 0;
	/* Moving costs no more than was appended since the last time. */
	if (live + size + GUARD <= c->saved_capacity && live <= c->saved_start) {
		memmove(c->saved, c->saved + c->saved_start, live);
	} else {
		bigger = malloc(capacity);
		if (bigger == NULL)
			return -1;
		if (live > 0)
			memcpy(bigger, c->saved + c->saved_start, live);
		free(c->saved);
		c->saved = bigger;
		c->saved_capacity = capacity;
	}
	c->saved_start = 0;
	c->saved_end = live;
	return 0;
}

/* Where the first line starts at or behind an offset. */
static size_t
line_start(const char *bytes, size_t at, size_t end, char terminator)
{
	const char *before = at >= end ? NULL : memchr(bytes + at - 1, terminator, end - at + 1);

	return before == NULL ? end : (size_t)(before + 1 - bytes);
}

/* Lets go of the oldest lines that there is no room for, beside the window's from an offset on. */
static size_t
let_go(struct context *c, const struct window *w, size_t from)
{
	size_t live = c->saved_end - c->saved_start, size = live + w->text.length - from + 1;
	size_t excess = size > c->options.max_saved ? size - c->options.max_saved : 0;

	if (excess == 0)
		return from;
	if (excess < live) {
		size_t start = line_start(c->saved, c->saved_start + excess, c->saved_end,
		    w->terminator);

		c->saved_lines -= text_newlines(c->saved + c->saved_start, start - c->saved_start,
		    w->terminator);
		c->saved_start = start;
	} else {
		c->saved_start = c->saved_end;
		c->saved_lines = 0;
		if (excess > live)
			from = line_start(w->text.bytes, from + excess - live, w->text.length,
			    w->terminator);
	}
	c->let_go = true;
	c->joined = false;
	return from;
}

/* Saves the window's lines from an offset on; without memory for them they are let go. */
static void
save(struct context *c, const struct window *w, size_t from)
{
	size_t size;

	from = let_go(c, w, from);
	size = w->text.length - from;
	if (size == 0)
		return;
	if (make_room(c, size + 1) == -1) {
		forget(c);
		c->let_go = true;
		c->joined = false;
		return;
	}
	memcpy(c->saved + c->saved_end, w->text.bytes + from, size);
	c->saved_end += size;
	c->saved_lines += text_newlines(w->text.bytes + from, size, w->terminator);
	c->saved_offset = w->offset + w->text.length;
	/* A line that was cut has lost its end. */
	if (c->saved[c->saved_end - 1] != w->terminator) {
		c->saved[c->saved_end++] = w->terminator;
		c->saved_offset++;
		c->saved_lines++;
	}
	memset(c->saved + c->saved_end, '\n', GUARD);
}

/* Drops the first of the saved lines. */
static void
drop_lines(struct context *c, uint64_t count, char terminator)
{
	c->saved_lines -= count;
	for (; count > 0; count--) {
		const char *start = c->saved + c->saved_start;
		const char *end = memchr(start, terminator, c->saved_end - c->saved_start);

		c->saved_start += (size_t)(end + 1 - start);
		c->joined = false;
	}
}

void
context_end_window(struct context *c, struct window *w, bool last)
{
	uint64_t lines = c->options.before;
	size_t from;

	show_due(c, w, w->text.length);
	if (last)
		return;
	from = go_back(w->text.bytes, c->shown, w->text.length, w->terminator, &lines);
	if (c->shown > 0 || from > 0) {
		forget(c);
		c->joined = from == c->shown;
	} else if (c->saved_lines > lines) {
		drop_lines(c, c->saved_lines - lines, w->terminator);
	}
	c->shown = 0;
	save(c, w, from);
}
