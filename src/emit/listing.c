#include "listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emit/escape.h"
#include "emit/output.h"

enum { BUFFER = 128 * 1024 };

/* Of so many names nothing is told, but by who watches the walk. */
enum { TICK_NAMES = 1024 };

struct listing {
	struct output output;
	char *buffer;
	size_t used;
	const struct listing_options *options;
	struct listing_counts *counts;
	const struct walk_entry *entry; /* the last one, or NULL */
	uint64_t told;
};

static void
tick(struct listing *l)
{
	l->told = l->counts->names;
	l->options->tick(l->options->ctx, l->entry);
}

static int
flush(struct listing *l)
{
	const bool torn = l->used > 0 && l->buffer[l->used - 1] != (l->options->null ? '\0' : '\n');
	int result;

	output_add(&l->output, l->buffer, l->used);
	l->used = 0;
	l->options->writing(l->options->ctx, true);
	l->counts->torn = true;
	while ((result = output_flush(&l->output)) == -1 && errno == EINTR) {
		if (l->options->stop())
			break;
		tick(l);
	}
	l->counts->torn = torn;
	l->options->writing(l->options->ctx, false);
	return result;
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

/* Something that is no file. */
static void
report_trouble(const struct walk_entry *e, struct report *report)
{
	const struct report_file file = { .path = e->path, .name = e->name,
		.operand = e->directory == 0 };

	if (e->kind == WALK_ERROR)
		report_file(report, &file, STATUS_UNREADABLE, (uint32_t)e->error);
	else if (e->kind == WALK_LOOP)
		report_note(report, &file, REPORT_LOOP);
	else if (e->kind == WALK_UNRULED)
		report_unruled(report, &file, e->error);
}

static int
put_file(struct listing *l, const struct walk_entry *e)
{
	const char terminator = l->options->null ? '\0' : '\n';
	char *to = l->buffer + l->used;

	if (!l->options->escape && e->path_length + e->name_length < BUFFER - l->used - 1) {
		to = mempcpy(to, e->path, e->path_length);
		to = mempcpy(to, e->name, e->name_length);
		*to++ = terminator;
		l->used = (size_t)(to - l->buffer);
		return 0;
	}
	if (put_name(l, e->path, e->path_length) == -1 ||
	    put_name(l, e->name, e->name_length) == -1)
		return -1;
	return put(l, &terminator, 1);
}

static int
put_entry(struct listing *l, const struct walk_entry *e, struct report *report)
{
	if (e->kind >= WALK_ERROR) {
		report_trouble(e, report);
		return 0;
	}
	if (l->options->own != NULL && l->options->own(l->options->ctx, e))
		return 0;
	if (++l->counts->names - l->told >= TICK_NAMES)
		tick(l);
	report->selected = true;
	return l->options->quiet ? 0 : put_file(l, e);
}

enum listing_end
listing_print(struct walk *walk, const struct listing_options *options, struct report *report,
    struct listing_counts *counts)
{
	struct walk_entry entry = { .path = "", .name = "" };
	struct listing l = { .buffer = malloc(BUFFER), .options = options,
		.counts = counts, .entry = &entry };
	enum listing_end end = LISTING_DONE;
	int got = -1;

	output_init(&l.output, options->fd, options->stop);
	while (end == LISTING_DONE && l.buffer != NULL && (got = walk_next(walk, &entry)) == 1) {
		if (put_entry(&l, &entry, report) == -1)
			end = LISTING_WRITE_FAILED;
		else if (options->quiet && report->selected)
			break;
	}
	if (end == LISTING_DONE && got == -1)
		end = errno == EINTR ? LISTING_STOPPED : LISTING_WALK_FAILED;
	l.entry = NULL;
	if ((end == LISTING_DONE || end == LISTING_STOPPED) && flush(&l) == -1)
		end = LISTING_WRITE_FAILED;
	counts->bytes = output_written(&l.output);
	free(l.buffer);
	return end;
}
