#include "bracket.h"

#include <ctype.h>
#include <string.h>

#include "walk/letter.h"

struct parser {
	struct bracket *bracket;
	const char *at, *end;
	bool shell, utf8;
	const char *why;
};

static void
add_byte(struct bracket *b, unsigned char c)
{
	b->bytes[c / 8] |= (uint8_t)(1U << c % 8);
}

static bool
has_byte(const struct bracket *b, unsigned char c)
{
	return b->bytes[c / 8] >> c % 8 & 1;
}

/* Beyond the few that there is room for, ranges are lost: no pattern of use has them. */
static void
add_range(struct parser *p, uint32_t first, uint32_t last)
{
	struct bracket *b = p->bracket;
	uint32_t bytes = p->utf8 ? 0x7f : 0xff;

	for (uint32_t c = first; c <= last && c <= bytes; c++)
		add_byte(b, (unsigned char)c);
	if (last > bytes && b->wide_count < BRACKET_WIDE_MAX)
		b->wide[b->wide_count++] = (struct bracket_range){ first, last };
}

/* The next byte or character; an escaped one is itself. Returns false at the end. */
static bool
take(struct parser *p, uint32_t *c)
{
	if (p->at < p->end && *p->at == '\\')
		p->at++;
	if (p->at >= p->end)
		return false;
	if (p->utf8)
		p->at += letter_next(p->at, (size_t)(p->end - p->at), c);
	else
		*c = (unsigned char)*p->at++;
	return true;
}

static int
is_of_class(const char *name, size_t length, int c)
{
	static const struct {
		const char *name;
		int (*has)(int);
	} classes[] = { { "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
		{ "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
		{ "lower", islower }, { "print", isprint }, { "punct", ispunct },
		{ "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit } };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
			return classes[i].has(c) != 0;
	return -1;
}

static bool
add_class(struct parser *p, const char *name, size_t length)
{
	if (is_of_class(name, length, 'a') == -1) {
		p->why = "there is no such class of characters";
		return false;
	}
	for (int c = 0; c < 0x80; c++)
		if (is_of_class(name, length, c))
			add_byte(p->bracket, (unsigned char)c);
	/* The C library's tables are a locale's; most characters beyond ASCII are letters. */
	if (is_of_class(name, length, 'z') == 1 && is_of_class(name, length, 'Z') == 1)
		p->bracket->all_wide = true;
	return true;
}

/*
 * What stands between [: and :], and the like.  Returns 1 if it was one, 0 if
 * the '[' is an ordinary member, -1 if all is wrong.
 */
static int
take_named(struct parser *p)
{
	const char kind = p->at + 1 < p->end ? p->at[1] : '\0';
	const char *name = p->at + 2, *close;
	uint32_t c;

	if (kind != ':' && !(p->shell && (kind == '=' || kind == '.')))
		return 0;
	close = memchr(name, ']', (size_t)(p->end - name));
	if (close == NULL && !p->shell) {
		p->why = "'[' without ']'";
		return -1;
	}
	if (close == NULL || close - name < 1 || close[-1] != kind)
		return 0;
	p->at = close + 1;
	if (kind == ':')
		return add_class(p, name, (size_t)(close - 1 - name)) ? 1 : -1;
	if (close - 1 == name)
		return -1;
	if (letter_next(name, (size_t)(close - 1 - name), &c) != (size_t)(close - 1 - name)) {
		p->why = "there is no such collating element";
		return -1;
	}
	add_range(p, c, c);
	return 1;
}

/* One member, or range. Returns as take_named; 0: no ']' follows. */
static int
take_member(struct parser *p)
{
	uint32_t first, last;
	int named = *p->at == '[' ? take_named(p) : 0;

	if (named != 0)
		return named;
	if (!take(p, &first))
		return 0;
	last = first;
	/* Also of a range the wrong way round. */
	if (!p->shell)
		add_range(p, first, first);
	if (p->end - p->at >= 2 && p->at[0] == '-' && p->at[1] != ']') {
		p->at++;
		if (!take(p, &last))
			return 0;
	}
	add_range(p, first, last);
	return 1;
}

static void
fold(struct bracket *b)
{
	for (unsigned char c = 'a'; c <= 'z'; c++) {
		const unsigned char upper = (unsigned char)(c - 'a' + 'A');

		if (has_byte(b, c) || has_byte(b, upper)) {
			add_byte(b, c);
			add_byte(b, upper);
		}
	}
}

size_t
bracket_parse(struct bracket *b, const char *text, size_t length, unsigned int flags,
    const char **why)
{
	struct parser p = { .bracket = b, .at = text + 1, .end = text + length,
		.shell = flags & BRACKET_SHELL, .utf8 = flags & BRACKET_UTF8 };
	const char *first;
	int took = 1;

	memset(b, 0, sizeof(*b));
	b->utf8 = p.utf8;
	if (p.at < p.end && (*p.at == '!' || *p.at == '^')) {
		b->negated = true;
		p.at++;
	}
	first = p.at;
	while (took == 1 && p.at < p.end && (*p.at != ']' || p.at == first))
		took = take_member(&p);
	if (took == 1 && p.at < p.end) {
		if (flags & BRACKET_CASELESS)
			fold(b);
		return (size_t)(p.at + 1 - text);
	}
	*why = p.why != NULL || p.shell ? p.why : "'[' without ']'";
	return 0;
}

size_t
bracket_size(const struct bracket *b)
{
	return offsetof(struct bracket, wide) + b->wide_count * sizeof(b->wide[0]);
}

const uint8_t *
bracket_load(struct bracket *b, const uint8_t *from)
{
	memcpy(b, from, offsetof(struct bracket, wide));
	memcpy(b->wide, from + offsetof(struct bracket, wide), b->wide_count * sizeof(b->wide[0]));
	return from + bracket_size(b);
}

bool
bracket_has(const struct bracket *b, const char *text, size_t length, size_t *taken)
{
	uint32_t c = (unsigned char)*text;
	bool has;

	*taken = b->utf8 ? letter_next(text, length, &c) : 1;
	has = c < (b->utf8 ? 0x80U : 0x100U) && has_byte(b, (unsigned char)c);
	if (!has && c >= 0x80 && b->utf8) {
		has = b->all_wide && c < LETTER_BYTES;
		for (size_t i = 0; i < b->wide_count; i++)
			has |= c >= b->wide[i].first && c <= b->wide[i].last;
	}
	return has != b->negated;
}
