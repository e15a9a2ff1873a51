#include "color.h"

#include <string.h>

/* A capability of GREP_COLORS that has a value: its name, and the colour that it sets. */
static const struct {
	const char *name;
	enum color color;
} capabilities[] = {
	{ "fn", COLOR_FILE },
	{ "ln", COLOR_NUMBER },
	{ "bn", COLOR_OFFSET },
	{ "se", COLOR_SEPARATOR },
	{ "ms", COLOR_MATCH },
	{ "mt", COLOR_MATCH },
	{ "mc", COLOR_MATCH_CONTEXT },
	{ "sl", COLOR_SELECTED },
	{ "cx", COLOR_CONTEXT },
};

static const char defaults[] = "mt=01;31:fn=35:ln=32:bn=32:se=36";

static const char sgr_begin[] = "\33[", sgr_end[] = "m", erase[] = "\33[K";

/* What a sequence has around the value. */
enum { AROUND = sizeof(sgr_begin) + sizeof(sgr_end) + sizeof(erase) - 2 };

static bool
is(const char *name, size_t length, const char *known)
{
	return strlen(known) == length && memcmp(name, known, length) == 0;
}

/* Keeps the value in place of a sequence, until all are known. */
static void
set(char start[COLOR_SEQUENCE_MAX], const char *value, size_t length)
{
	memcpy(start, value, length);
	start[length] = '\0';
}

/* value: NULL without "=". */
static void
take(struct color_scheme *s, const char *name, size_t name_length, const char *value,
    size_t length)
{
	for (size_t i = 0; value != NULL && i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
		if (is(name, name_length, capabilities[i].name))
			set(s->start[capabilities[i].color], value, length);
	if (is(name, name_length, "mt"))
		memcpy(s->start[COLOR_MATCH_CONTEXT], s->start[COLOR_MATCH], COLOR_SEQUENCE_MAX);
	s->rv |= is(name, name_length, "rv");
	s->ne |= is(name, name_length, "ne");
}

/* Takes capabilities up to the first that makes no sense. */
static void
parse(struct color_scheme *s, const char *text)
{
	for (;; text++) {
		size_t name = strcspn(text, ":="), length = 0;
		const char *value = text[name] == '=' ? text + name + 1 : NULL, *end = text + name;

		if (value != NULL) {
			length = strspn(value, "0123456789;");
			end = value + length;
		}
		if ((*end != ':' && *end != '\0') || (value != NULL && name == 0) ||
		    length + AROUND > COLOR_SEQUENCE_MAX)
			return;
		take(s, text, name, value, length);
		text = end;
		if (*text == '\0')
			return;
	}
}

/* Makes a sequence of a value. */
static void
finish(char start[COLOR_SEQUENCE_MAX], bool erases)
{
	size_t length = strlen(start);
	char *to;

	if (length == 0)
		return;
	memmove(start + strlen(sgr_begin), start, length);
	memcpy(start, sgr_begin, strlen(sgr_begin));
	to = stpcpy(start + strlen(sgr_begin) + length, sgr_end);
	if (erases)
		stpcpy(to, erase);
}

void
color_scheme_init(struct color_scheme *scheme, const char *grep_colors)
{
	*scheme = (struct color_scheme){ 0 };
	parse(scheme, defaults);
	if (grep_colors != NULL)
		parse(scheme, grep_colors);
	for (int i = 0; i < COLOR_COUNT; i++)
		finish(scheme->start[i], !scheme->ne);
	stpcpy(stpcpy(stpcpy(scheme->end, sgr_begin), sgr_end), scheme->ne ? "" : erase);
}

const char *
color_start(const struct color_scheme *scheme, enum color color)
{
	return scheme->start[color];
}

const char *
color_end(const struct color_scheme *scheme)
{
	return scheme->end;
}
