#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/escape.h"

/* Makes a text as it looks behind the guard, of *length bytes. NULL: errno ENOMEM. */
static char *
pass_guard(struct guard *g, const char *text, size_t *length)
{
	size_t left = strlen(text), fit = 0;
	char *passed = reallocarray(NULL, left + 1, ESCAPE_MAX);

	*length = 0;
	for (bool last = false; passed != NULL && !last;) {
		size_t part = left < GUARD_TEXT_MAX ? left : GUARD_TEXT_MAX;
		const char *from;

		last = left == 0;
		from = last ? guard_end(g, &fit) : guard_text(g, text, part, &fit);
		memcpy(passed + *length, from, fit);
		*length += fit;
		guard_clear(g);
		text += part;
		left -= part;
	}
	return passed;
}

/* Makes the line between files, as it looks where a worker writes it within a file. */
static int
make_separator(struct stream *s)
{
	const struct stream_options *o = s->options;
	const char *start = o->colors != NULL && o->separator_colored
	    ? color_start(o->colors, COLOR_SEPARATOR) : "";
	char *line;

	/* As in grep it ends with a newline, whatever ends the other lines. */
	if (asprintf(&line, "%s%s%s\n", start, o->separator,
	    *start != '\0' ? color_end(o->colors) : "") == -1)
		return -1;
	s->separator = line;
	s->separator_length = strlen(line);
	if (s->guard != NULL) {
		s->separator = pass_guard(s->guard, line, &s->separator_length);
		free(line);
	}
	return s->separator != NULL ? 0 : -1;
}

int
stream_init(struct stream *s, const struct stream_options *options, struct output *output)
{
	const struct guard_options guard = { .colors = options->colors, .json = options->json,
		.terminator = options->terminator,
		.nul = options->null_names || options->terminator == '\0' };

	*s = (struct stream){ .options = options, .output = output };
	if ((options->guard && (s->guard = guard_open(&guard)) == NULL) ||
	    (options->separator != NULL && make_separator(s) == -1)) {
		stream_fini(s);
		return -1;
	}
	return 0;
}

void
stream_fini(struct stream *s)
{
	guard_close(s->guard);
	s->guard = NULL;
	free(s->separator);
	s->separator = NULL;
}

bool
stream_full(const struct stream *s)
{
	return output_full(s->output) || (s->guard != NULL && guard_full(s->guard));
}

int
stream_flush(struct stream *s)
{
	if (output_flush(s->output) == -1)
		return -1;
	if (s->guard != NULL)
		guard_clear(s->guard);
	return 0;
}

static void
end_line(struct stream *s)
{
	if (s->torn && !s->muted)
		output_add(s->output, &s->options->terminator, 1);
	s->torn = false;
}

/*
 * Whether the next file starts on a line of its own is not left to the worker,
 * which can change its text until it is written: the newline is ours.
 */
static void
add(struct stream *s, const char *text, size_t length)
{
	char last;

	if (length == 0 || s->muted)
		return;
	last = *(const volatile char *)&text[length - 1];
	s->torn = true;
	if (last == s->options->terminator)
		length--;
	output_add(s->output, text, length);
	if (last == s->options->terminator)
		end_line(s);
}

void
stream_begin(struct stream *s, uint32_t item)
{
	s->in_text = true;
	s->item = item;
}

void
stream_begin_group(struct stream *s, uint32_t item)
{
	if (s->grouped && s->separator != NULL && !s->muted)
		output_add(s->output, s->separator, s->separator_length);
	s->grouped = true;
	stream_begin(s, item);
}

void
stream_add(struct stream *s, const char *text, size_t length)
{
	if (s->guard != NULL)
		text = guard_text(s->guard, text, length, &length);
	add(s, text, length);
}

void
stream_end(struct stream *s)
{
	size_t length;
	const char *rest;

	if (!s->in_text)
		return;
	if (s->guard != NULL) {
		rest = guard_end(s->guard, &length);
		add(s, rest, length);
	}
	end_line(s);
	s->in_text = false;
}
