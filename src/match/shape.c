#include "shape.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "accel_wide.h"
#include "kernel.h"
#include "shape_build.h"

/* What a byte may be: of a word, or not. Both: it is not known, or there may be none. */
enum { IN_WORD = 1, OTHER = 2 };

/* Some first part of the pattern. */
struct part {
	unsigned int markers;
	size_t least;   /* bytes that it has at least */
	unsigned int end; /* what its last byte may be */
};

struct reader {
	struct shape_builder build;
	const char *at, *end;
	unsigned int depth;
	bool looks; /* what is around a match may be asked for */
};

enum { DEPTH_MAX = 64, NUMBER_MAX = 1 << 20, REPEAT_MAX = 64 };

static struct part sequence(struct reader *r, struct part before, bool last);

static bool
take(struct reader *r, const char *token)
{
	size_t length = strlen(token);

	if ((size_t)(r->end - r->at) < length || memcmp(r->at, token, length) != 0)
		return false;
	r->at += length;
	return true;
}

/* At a byte in the form \xHH. */
static unsigned int
byte(struct reader *r)
{
	char digits[3] = { 0 };

	if (r->end - r->at < 4) {
		r->build.failed = true;
		r->at = r->end;
		return 0;
	}
	memcpy(digits, r->at + 2, 2);
	r->at += 4;
	return (unsigned int)strtoul(digits, NULL, 16);
}

/* At a character or a class. */
static void
read_members(struct reader *r, shape_members members)
{
	bool several = take(r, "[");

	memset(members, 0, sizeof(shape_members));
	do {
		unsigned int first = byte(r), to = several && take(r, "-") ? byte(r) : first;

		for (unsigned int c = first; c <= to && c < SHAPE_ASCII; c++)
			members[c] = true;
	} while (several && !r->build.failed && !take(r, "]"));
}

static void
word_members(shape_members members)
{
	for (int c = 0; c < SHAPE_ASCII; c++)
		members[c] = isalnum(c) || c == '_';
}

/* What ends a line, or may yet: NULs may become newlines (see shape.h). */
static void
add_ends(const struct reader *r, shape_members members)
{
	members[(unsigned char)r->build.shape->terminator] = true;
	members['\0'] = true;
}

/* All others, and what ends a line. */
static void
invert(const struct reader *r, shape_members members)
{
	for (int c = 0; c < SHAPE_ASCII; c++)
		members[c] = !members[c];
	add_ends(r, members);
}

static unsigned int
kinds_of(const shape_members members)
{
	unsigned int kinds = 0;

	for (int c = 0; c < SHAPE_ASCII; c++)
		if (members[c])
			kinds |= isalnum(c) || c == '_' ? IN_WORD : OTHER;
	return kinds;
}

/* How often something comes. */
struct times {
	unsigned int least, most;
};

static unsigned int
read_number(struct reader *r)
{
	unsigned int value = 0;

	while (r->at < r->end && isdigit((unsigned char)*r->at) && value < NUMBER_MAX)
		value = value * 10 + (unsigned int)(*r->at++ - '0');
	return value;
}

static struct times
read_times(struct reader *r)
{
	struct times t = { 1, 1 };

	if (take(r, "*"))
		return (struct times){ 0, UINT_MAX };
	if (take(r, "+"))
		return (struct times){ 1, UINT_MAX };
	if (take(r, "?"))
		return (struct times){ 0, 1 };
	if (!take(r, "{"))
		return t;
	t.least = t.most = read_number(r);
	if (take(r, ","))
		t.most = r->at < r->end && isdigit((unsigned char)*r->at) ? read_number(r) : UINT_MAX;
	r->build.failed |= !take(r, "}") || t.most < t.least;
	return t;
}

static bool
ends_here(const struct reader *r)
{
	return r->at == r->end || *r->at == ')' || *r->at == '|';
}

/* Of what may come more often at an end of the match, where nothing says what is behind, the least is enough. */
static void
cut_times(struct times *t, const struct part *before, bool last)
{
	if (last || before->markers == SHAPE_ALL)
		t->most = t->least;
}

static struct part
class(struct reader *r, struct part before, bool last)
{
	struct part part = before;
	shape_members members;
	struct times times;
	unsigned int number;

	read_members(r, members);
	times = read_times(r);
	cut_times(&times, &before, last && ends_here(r));
	if (r->build.failed || times.most == 0)
		return part;
	number = shape_build_class(&r->build, members);
	part.markers = shape_build_repeat(&r->build, before.markers, number, times.least, times.most);
	part.least += times.least;
	part.end = kinds_of(members) | (times.least == 0 ? before.end : 0);
	return part;
}

/* Goes behind a group, of which it is within. What it has in it may come in any order. */
static void
read_union(struct reader *r, shape_members all)
{
	shape_members members;
	int depth = 1;

	memset(all, 0, sizeof(shape_members));
	while (depth > 0 && r->at < r->end && !r->build.failed) {
		if (*r->at == '[' || (*r->at == '\\' && r->end - r->at > 1 && r->at[1] == 'x')) {
			read_members(r, members);
			for (int c = 0; c < SHAPE_ASCII; c++)
				all[c] |= members[c];
			continue;
		}
		depth += (*r->at == '(') - (*r->at == ')');
		r->at++;
	}
}

/* A group that may come more often than it must. */
static struct part
more(struct reader *r, const char *inside, struct part before, bool once)
{
	struct part part = before, other;
	const char *behind = r->at;
	shape_members members;

	r->at = inside;
	if (once) {
		other = sequence(r, before, false);
		part.markers = shape_build_any(&r->build, before.markers, other.markers);
		part.end |= other.end;
	} else {
		read_union(r, members);
		part.markers = shape_build_repeat(&r->build, before.markers,
		    shape_build_class(&r->build, members), 0, UINT_MAX);
		part.end |= kinds_of(members);
	}
	r->at = behind;
	return part;
}

/* Behind "(?:". */
static struct part
group(struct reader *r, struct part before, bool last)
{
	const char *inside = r->at, *behind;
	struct part part = before;
	struct times times;
	shape_members ignored;

	read_union(r, ignored);
	times = read_times(r);
	behind = r->at;
	last &= ends_here(r);
	cut_times(&times, &before, last);
	if (r->depth == DEPTH_MAX || times.least > REPEAT_MAX)
		r->build.failed = true;
	for (unsigned int i = 0; i < times.least && !r->build.failed; i++) {
		r->at = inside;
		r->depth++;
		part = sequence(r, part, last && i + 1 == times.least);
		r->depth--;
	}
	r->at = behind;
	if (times.most > times.least && !r->build.failed)
		part = more(r, inside, part, times.most - times.least == 1);
	return part;
}

/* A look at the byte before: markers where it is one of these. */
static struct part
look_behind(struct reader *r, struct part before, const shape_members members)
{
	before.markers = shape_build_both(&r->build, before.markers,
	    shape_build_class(&r->build, members));
	return before;
}

/* A look at the byte behind the match, which is taken into it. */
static struct part
look_ahead(struct reader *r, struct part before, const shape_members members)
{
	before.markers = shape_build_repeat(&r->build, before.markers,
	    shape_build_class(&r->build, members), 1, 1);
	return before;
}

/* Behind "(?" of a lookaround. Ahead is looked at the end alone: elsewhere the pattern says what follows. */
static struct part
look(struct reader *r, struct part before, bool last)
{
	bool behind = take(r, "<"), negative = *r->at == '!';
	shape_members members;

	r->at++;
	read_members(r, members);
	r->build.failed |= !take(r, ")");
	if (r->build.failed || !r->looks || (!behind && !(last && ends_here(r))))
		return before;
	if (negative)
		invert(r, members);
	return behind ? look_behind(r, before, members) : look_ahead(r, before, members);
}

/* Goes to the end of an alternative: the next bar, or what closes its group. */
static void
skip_alternative(struct reader *r)
{
	int depth = 0;

	for (; r->at < r->end && (depth > 0 || !ends_here(r)); r->at++)
		depth += (*r->at == '(') - (*r->at == ')');
}

/* What the next byte may be, if there must be one. */
static unsigned int
kinds_ahead(const struct reader *from)
{
	struct reader r = *from, behind;
	shape_members members;
	unsigned int kinds = 0;

	if (ends_here(&r) || (*r.at != '[' && strncmp(r.at, "\\x", 2) != 0 && !take(&r, "(?:")))
		return IN_WORD | OTHER;
	behind = r;
	if (r.at == from->at)
		read_members(&behind, members);
	else
		read_union(&behind, members);
	if (read_times(&behind).least == 0 || behind.build.failed)
		return IN_WORD | OTHER;
	if (r.at == from->at)
		return kinds_of(members);
	do {
		kinds |= kinds_ahead(&r);
		skip_alternative(&r);
	} while (take(&r, "|"));
	return kinds;
}

/* The edge of a word: what is on one side of it says what must be on the other. */
static struct part
word_edge(struct reader *r, struct part before, bool last)
{
	unsigned int ahead = kinds_ahead(r), behind = before.end;
	bool at_end = last && ends_here(r);
	shape_members members;

	if (!r->looks || (at_end ? behind : ahead) == (IN_WORD | OTHER))
		return before;
	word_members(members);
	if ((at_end ? behind : ahead) == IN_WORD)
		invert(r, members);
	return at_end ? look_ahead(r, before, members) : look_behind(r, before, members);
}

/* The start or the end of a line, of which the terminator of the last, or its own, takes part. */
static struct part
line_edge(struct reader *r, struct part before, bool starts, bool last)
{
	shape_members members = { false };

	add_ends(r, members);
	if (starts && before.least == 0)
		return look_behind(r, before, members);
	if (!starts && last && ends_here(r))
		return look_ahead(r, before, members);
	return before;
}

/* The edge of a word as posix.c has it, if no quantifier follows. */
static bool
take_posix_edge(struct reader *r)
{
#define WORD "[\\x30-\\x39\\x41-\\x5a\\x5f\\x61-\\x7a]"
	const char *start = r->at;

	if (take(r, "(?:(?<!" WORD ")(?=" WORD ")|(?<=" WORD ")(?!" WORD "))") &&
	    (r->at == r->end || *r->at == '\0' || strchr("*+?{", *r->at) == NULL))
		return true;
	r->at = start;
	return false;
#undef WORD
}

static struct part
item(struct reader *r, struct part before, bool last)
{
	if (take(r, "\\b") || take_posix_edge(r))
		return word_edge(r, before, last);
	if (take(r, "(?:"))
		return group(r, before, last);
	if (take(r, "(?"))
		return look(r, before, last);
	if (take(r, "^"))
		return line_edge(r, before, true, last);
	if (take(r, "$"))
		return line_edge(r, before, false, last);
	return class(r, before, last);
}

/* Alternatives, up to the end of the group that they are in, and behind it. */
static struct part
sequence(struct reader *r, struct part before, bool last)
{
	struct part all = { .least = SIZE_MAX };
	bool first = true;

	do {
		struct part part = before;

		while (!ends_here(r) && !r->build.failed)
			part = item(r, part, last);
		all.markers = first ? part.markers
		    : shape_build_any(&r->build, all.markers, part.markers);
		all.least = part.least < all.least ? part.least : all.least;
		all.end |= part.end;
		first = false;
	} while (take(r, "|") && !r->build.failed);
	take(r, ")");
	return all;
}

/* One of the texts. */
static struct part
read_text(struct reader *r, const struct composer *c, const struct pattern_text *text)
{
	struct part part = { .markers = SHAPE_ALL, .end = IN_WORD | OTHER };
	bool word = r->looks && c->options->word && !c->options->line;
	struct buffer wide = { 0 };
	shape_members members;

	word_members(members);
	invert(r, members);
	if (accel_wide_put(c, text, r->looks, &wide) == ACCEL_TEXT_PUT) {
		r->at = wide.bytes;
		r->end = wide.bytes + wide.length;
		part = word ? look_behind(r, part, members) : part;
		part = sequence(r, part, !word);
		part = word ? look_ahead(r, part, members) : part;
		r->build.failed |= r->at != r->end;
	} else {
		r->build.failed = true;
	}
	buffer_free(&wide);
	return part;
}

struct shape *
shape_open(const struct pattern *p, const struct pattern_text *texts, size_t count)
{
	const struct composer composer = accel_wide_composer(p, texts, count);
	struct reader r = { .build.shape = calloc(1, sizeof(struct shape)) };
	struct shape *s = r.build.shape;
	unsigned int result = SHAPE_ALL;

	if (s == NULL)
		return NULL;
	s->terminator = pattern_options(p)->terminator;
	s->beyond = accel_wide_goes_beyond(&composer, p);
	r.looks = s->beyond && s->terminator == '\n' && !pattern_options(p)->crlf;
	r.build.failed = !accel_wide_serves(p) || count == 0;
	for (size_t i = 0; i < count && !r.build.failed; i++) {
		struct part part = read_text(&r, &composer, &texts[i]);

		r.build.failed |= part.least == 0;
		result = i == 0 ? part.markers : shape_build_any(&r.build, result, part.markers);
	}
	if (!r.build.failed) {
		shape_build_end(&r.build, result);
		return s;
	}
	shape_close(s);
	return NULL;
}

void
shape_close(struct shape *s)
{
	free(s);
}

void
shape_search_start(struct shape_search *search, const char *text, size_t length, bool high)
{
	search->text = text;
	search->length = length;
	search->high = high;
	search->at = search->end = search->from = 0;
}
