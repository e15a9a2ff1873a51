#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/color.h"
#include "emit/escape.h"

enum {
	HELD_MAX = COLOR_SEQUENCE_MAX,
	OUTPUT = 512 * 1024,
	/* A byte becomes six at most; a colour is ended for less than it took to start it. */
	ROOM = 6 * (GUARD_TEXT_MAX + HELD_MAX) + 16 * COLOR_SEQUENCE_MAX,
};

struct guard {
	struct guard_options options;
	bool open;   /* a colour was started */
	size_t held; /* bytes at the start of input, of the pieces before */
	size_t used; /* of output */
	char input[HELD_MAX + GUARD_TEXT_MAX];
	char output[OUTPUT];
};

struct guard *
guard_open(const struct guard_options *options)
{
	struct guard *g = malloc(sizeof(*g));

	if (g == NULL)
		return NULL;
	g->options = *options;
	g->open = false;
	g->held = g->used = 0;
	return g;
}

void
guard_close(struct guard *g)
{
	free(g);
}

bool
guard_full(const struct guard *g)
{
	return OUTPUT - g->used < ROOM;
}

void
guard_clear(struct guard *g)
{
	g->used = 0;
}

static void
put(struct guard *g, const char *bytes, size_t length)
{
	memcpy(g->output + g->used, bytes, length);
	g->used += length;
}

static void
end_color(struct guard *g)
{
	if (g->open)
		put(g, color_end(g->options.colors), strlen(color_end(g->options.colors)));
	g->open = false;
}

/* Passes one of our sequences. Returns its length, or 0; then *more says if it could become one. */
static size_t
pass_color(struct guard *g, const char *at, size_t left, bool *more)
{
	const struct color_scheme *colors = g->options.colors;

	*more = false;
	for (int color = 0; color <= COLOR_COUNT; color++) {
		bool ends = color == COLOR_COUNT;
		const char *sequence = ends ? color_end(colors) : color_start(colors, (enum color)color);
		size_t length = strlen(sequence);

		if (length == 0 || memcmp(at, sequence, left < length ? left : length) != 0)
			continue;
		if (left < length) {
			*more = true;
			continue;
		}
		put(g, sequence, length);
		g->open = !ends;
		return length;
	}
	return 0;
}

/* How long the UTF-8 sequence is that such a byte would start. */
static size_t
announced(unsigned char lead)
{
	if (lead < 0xc2)
		return 1;
	if (lead < 0xe0)
		return 2;
	return lead < 0xf0 ? 3 : 4;
}

/* The same in JSON: a backslash may not stand before three digits. What is no UTF-8 is no JSON. */
static char *
escape_json(char escaped[ESCAPE_MAX], const char *at, size_t taken)
{
	unsigned int code = (unsigned char)at[taken - 1];

	if (taken == 1 && code >= 0x80)
		code = 0xfffd;
	snprintf(escaped, ESCAPE_MAX, "\\u%04x", code);
	return escaped + strlen(escaped);
}

static size_t
pass_escaped(struct guard *g, const char *at, size_t left)
{
	char escaped[ESCAPE_MAX], *to = escaped;
	size_t taken = escape_next(at, left, &to);

	/* As it is it has no backslash. */
	if (g->options.json && *escaped == '\\' && *at != '\\')
		to = escape_json(escaped, at, taken);
	put(g, escaped, (size_t)(to - escaped));
	return taken;
}

/* Passes what ends with a newline or NUL. */
static size_t
pass_line_end(struct guard *g, const char *at, size_t length)
{
	/* Before a carriage return: behind it, the sequence would erase the line. */
	if (at[length - 1] == g->options.terminator)
		end_color(g);
	put(g, at, length);
	return length;
}

/* Passes what comes next. Returns how many bytes it was, or 0 to see more of it first. */
static size_t
pass_next(struct guard *g, const char *at, size_t left, bool last)
{
	bool more = false;
	size_t taken;

	switch (*at) {
	case '\n':
		return pass_line_end(g, at, 1);
	case '\0':
		if (g->options.nul)
			return pass_line_end(g, at, 1);
		break;
	case '\r':
		if (left > 1 && at[1] == '\n')
			return pass_line_end(g, at, 2);
		more = left == 1;
		break;
	case '\33':
		if (g->options.colors != NULL && (taken = pass_color(g, at, left, &more)) > 0)
			return taken;
		break;
	default:
		more = left < announced((unsigned char)*at);
	}
	return more && !last ? 0 : pass_escaped(g, at, left);
}

/* How many bytes need no look at what stands around them. */
static size_t
plain_length(const char *at, size_t left)
{
	size_t length = 0;

	while (length < left && ((at[length] >= ' ' && at[length] <= '~') || at[length] == '\t'))
		length++;
	return length;
}

/* Passes the input, length bytes, and holds the rest of it back. */
static void
pass(struct guard *g, size_t length, bool last)
{
	size_t at = 0;

	while (at < length) {
		size_t taken = plain_length(g->input + at, length - at);

		if (taken > 0)
			put(g, g->input + at, taken);
		else if ((taken = pass_next(g, g->input + at, length - at, last)) == 0)
			break;
		at += taken;
	}
	g->held = length - at;
	memmove(g->input, g->input + at, g->held);
}

const char *
guard_text(struct guard *g, const char *text, size_t length, size_t *fit)
{
	size_t from = g->used;

	memcpy(g->input + g->held, text, length);
	pass(g, g->held + length, false);
	*fit = g->used - from;
	return g->output + from;
}

const char *
guard_end(struct guard *g, size_t *fit)
{
	size_t from = g->used;

	pass(g, g->held, true);
	end_color(g);
	*fit = g->used - from;
	return g->output + from;
}
