#include "head.h"

#include <stdlib.h>
#include <string.h>

#include "emit/escape.h"
#include "emit/put.h"
#include "emit/status.h"
#include "shm/lane_worker.h"

static void
append(struct format_prefix *p, const char *text)
{
	size_t length = strlen(text);

	memcpy(p->bytes + p->length, text, length);
	p->length += length;
}

static void
append_colored(struct format_prefix *p, const struct color_scheme *colors, enum color color,
    const char *text)
{
	const char *start = colors == NULL ? "" : color_start(colors, color);

	append(p, start);
	append(p, text);
	append(p, *start == '\0' ? "" : color_end(colors));
}

static void
append_name(struct format_prefix *p, const char *name, bool escape)
{
	char *to = p->bytes + p->length;

	if (!escape) {
		append(p, name);
		return;
	}
	for (size_t left = strlen(name); left > 0;) {
		size_t taken = escape_next(name, left, &to);

		name += taken;
		left -= taken;
	}
	p->length = (size_t)(to - p->bytes);
}

/* Returns false when there is no memory for it. */
static bool
make_prefix(struct format *f, struct format_prefix *p, const char *separator)
{
	const struct format_options *o = f->options;
	const char *start = o->colors == NULL ? "" : color_start(o->colors, COLOR_FILE);
	size_t names = strlen(f->path) + strlen(f->name);
	/* A byte becomes four at most. */
	size_t most = names * (o->escape ? 4 : 1) + 4 * COLOR_SEQUENCE_MAX + 1 + HEAD_CHUNK;

	if (most > p->capacity) {
		char *bigger = realloc(p->bytes, most);

		if (bigger == NULL)
			return false;
		p->bytes = bigger;
		p->capacity = most;
	}
	p->length = 0;
	append(p, start);
	append_name(p, f->path, o->escape);
	append_name(p, f->name, o->escape);
	append(p, *start == '\0' ? "" : color_end(o->colors));
	if (o->null_names)
		p->bytes[p->length++] = '\0';
	else
		append_colored(p, o->colors, COLOR_SEPARATOR, separator);
	p->made = true;
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

void
head_put_name(struct format *f)
{
	put_name(f, f->path);
	put_name(f, f->name);
}

void
head_put_file(struct format *f)
{
	bool begun = put_color(f, COLOR_FILE);

	head_put_name(f);
	put_color_end(f, begun);
}

static void
put_separator(struct format *f, bool context)
{
	bool begun = put_color(f, COLOR_SEPARATOR);

	put_char(f, context ? '-' : ':');
	put_color_end(f, begun);
}

const struct format_prefix *
head_prefix(struct format *f, bool context)
{
	struct format_prefix *p = &f->prefix[context];

	return p->made || make_prefix(f, p, context ? "-" : ":") ? p : NULL;
}

void
head_put_prefix(struct format *f, bool context)
{
	const struct format_prefix *p = head_prefix(f, context);

	if (p != NULL) {
		lane_worker_write(f->out, p->bytes, p->length);
		return;
	}
	head_put_file(f);
	if (f->options->null_names)
		put_char(f, '\0');
	else
		put_separator(f, context);
}

void
head_file(struct format *f)
{
	f->begun = true;
	if (!f->options->heading)
		return;
	lane_worker_flag(f->out, FRAME_GROUP);
	if (!f->options->names)
		return;
	head_put_file(f);
	put_char(f, f->options->null_names ? '\0' : '\n');
}

static void
put_field(struct format *f, uint64_t number, int width, enum color color)
{
	bool begun = put_color(f, color);

	put_number(f, number, width);
	put_color_end(f, begun);
	put_separator(f, f->context);
}

void
head_line(struct format *f, const struct format_head *head)
{
	const struct format_options *o = f->options;
	bool names = o->names && !o->heading;

	if (!f->begun)
		head_file(f);
	f->context = head->context;
	if (names)
		head_put_prefix(f, head->context);
	if (o->numbers)
		put_field(f, head->number, f->width, COLOR_NUMBER);
	if (head->column > 0)
		put_field(f, head->column, 0, COLOR_NUMBER);
	if (o->offsets)
		put_field(f, head->offset, f->width, COLOR_OFFSET);
	if (o->initial_tab && !head->empty && (names || o->numbers || o->offsets))
		put_char(f, '\t');
}
