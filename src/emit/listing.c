#include "listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit/escape.h"
#include "emit/output.h"

enum { BUFFER = 128 * 1024 };

struct listing {
	struct output output;
	char *buffer;
	size_t used;
	const struct listing_options *options;
};

static int
flush(struct listing *l)
{
	output_add(&l->output, l->buffer, l->used);
	l->used = 0;
	while (output_flush(&l->output) == -1)
		if (errno != EINTR || (l->options->stop != NULL && l->options->stop()))
			return -1;
	return 0;
}

static int
put(struct listing *l, const char *text, size_t length)
{
	while (length > 0) {
		size_t part = length < BUFFER - l->used ? length : BUFFER - l->used;

		memcpy(l->buffer + l->used, text, part);
		l->used += part;
		text += part;
		length -= part;
		if (l->used == BUFFER && flush(l) == -1)
			return -1;
	}
	return 0;
}

static int
put_name(struct listing *l, const char *name, size_t length)
{
	if (!l->options->escape)
		return put(l, name, length);
	while (length > 0) {
		char escaped[ESCAPE_MAX], *to = escaped;
		size_t taken = escape_next(name, length, &to);

		if (put(l, escaped, (size_t)(to - escaped)) == -1)
			return -1;
		name += taken;
		length -= taken;
	}
	return 0;
}

static int
put_entry(struct listing *l, const struct walk_entry *e, struct report *report)
{
	const struct report_file file = { .path = e->path, .name = e->name,
		.operand = e->directory == 0 };

	if (e->kind == WALK_ERROR)
		report_file(report, &file, STATUS_UNREADABLE, (uint32_t)e->error);
	else if (e->kind == WALK_LOOP)
		report_note(report, &file, REPORT_LOOP);
	else if (e->kind == WALK_UNRULED)
		report_unruled(report, &file, e->error);
	if (e->kind >= WALK_ERROR)
		return 0;
	report->selected = true;
	if (l->options->quiet)
		return 0;
	if (put_name(l, e->path, e->path_length) == -1 ||
	    put_name(l, e->name, e->name_length) == -1)
		return -1;
	return put(l, l->options->null ? "" : "\n", 1);
}

enum listing_end
listing_print(struct walk *walk, const struct listing_options *options, struct report *report)
{
	struct listing l = { .buffer = malloc(BUFFER), .options = options };
	enum listing_end end = LISTING_DONE;
	struct walk_entry entry;
	int got = -1;

	output_init(&l.output, options->fd, options->stop);
	while (end == LISTING_DONE && l.buffer != NULL && (got = walk_next(walk, &entry)) == 1)
		if (put_entry(&l, &entry, report) == -1)
			end = LISTING_WRITE_FAILED;
	if (end == LISTING_DONE && got == -1)
		end = errno == EINTR ? LISTING_STOPPED : LISTING_WALK_FAILED;
	if ((end == LISTING_DONE || end == LISTING_STOPPED) && flush(&l) == -1)
		end = LISTING_WRITE_FAILED;
	free(l.buffer);
	return end;
}
