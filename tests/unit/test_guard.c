/*
 * The guard, with texts cut into pieces anywhere, against a simple reference
 * that sees each text whole.
 *
 * TEST_SEED replays a run.
 */
#include <string.h>

#include "emit/color.h"
#include "emit/guard.h"
#include "random.h"
#include "tap.h"

enum { TEXT = 4096, EXPANDED = 8 * TEXT };

/* Those of each scheme, the one that ends a colour first. */
enum { SCHEMES = 3, SEQUENCES = 6 };
static const char *const sequences[SCHEMES][SEQUENCES] = {
	{ "\33[m\33[K", "\33[35m\33[K", "\33[32m\33[K", "\33[36m\33[K", "\33[01;31m\33[K",
		"\33[01;31m\33[K" },
	{ "\33[m", "\33[35m", "\33[32m", "\33[4m", "\33[01;31m", "\33[01;31m" },
	{ "\33[m\33[K", "\33[36m\33[K", "\33[1;2;3;4m\33[K", "\33[1m\33[K", "\33[;m\33[K",
		"\33[12m\33[K" },
};
static const char *const settings[SCHEMES] = { NULL, "ne:bn=:se=4",
	"mt=1;2;3;4:fn=1:sl=;:bn=:ln=:cx=12" };
static struct color_scheme schemes[SCHEMES];

struct bytes {
	size_t length;
	char text[EXPANDED];
};

static void
add(struct bytes *to, const char *text, size_t length)
{
	memcpy(to->text + to->length, text, length);
	to->length += length;
}

static void
add_string(struct bytes *to, const char *text)
{
	add(to, text, strlen(text));
}

/* ---- the reference ---- */

/* The bytes of the character at text, or 0 if it is none: RFC 3629, by its code point. */
static size_t
character(const char *text, size_t left, uint32_t *code)
{
	unsigned char lead = (unsigned char)text[0];
	size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (length == 0 || length > left)
		return 0;
	*code = length == 1 ? lead : lead & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	return *code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)
	    ? 0 : length;
}

static const char *const *
sequences_of(const struct guard_options *o)
{
	return o->colors == NULL ? NULL : sequences[o->colors - schemes];
}

static size_t
sequence_at(const struct guard_options *o, const char *text, size_t left, size_t *which)
{
	for (*which = 0; o->colors != NULL && *which < SEQUENCES; ++*which) {
		size_t length = strlen(sequences_of(o)[*which]);

		if (length <= left && memcmp(text, sequences_of(o)[*which], length) == 0)
			return length;
	}
	return 0;
}

static void
add_octal(struct bytes *to, const char *text, size_t length)
{
	char escaped[8];

	for (size_t i = 0; i < length; i++) {
		snprintf(escaped, sizeof(escaped), "\\%03o", (unsigned char)text[i]);
		add_string(to, escaped);
	}
}

static void
add_escaped(struct bytes *to, const struct guard_options *o, const char *text, size_t length,
    uint32_t code)
{
	char escaped[16];

	if (!o->json) {
		add_octal(to, text, length);
		return;
	}
	snprintf(escaped, sizeof(escaped), "\\u%04x", code);
	add_string(to, escaped);
}

static void
guard_reference(struct bytes *to, const char *text, size_t length, const struct guard_options *o)
{
	bool open = false;
	size_t which, taken;

	for (size_t at = 0; at < length; at += taken) {
		const char *here = text + at;
		size_t left = length - at;
		uint32_t code;

		if (*here == '\n' || (o->nul && *here == '\0') || (left > 1 && here[0] == '\r' && here[1] == '\n')) {
			taken = *here == '\r' ? 2 : 1;
			if (here[taken - 1] == o->terminator) {
				add_string(to, open ? sequences_of(o)[0] : "");
				open = false;
			}
			add(to, here, taken);
		} else if ((taken = sequence_at(o, here, left, &which)) > 0) {
			add(to, here, taken);
			open = which != 0;
		} else if ((taken = character(here, left, &code)) == 0) {
			taken = 1;
			add_escaped(to, o, here, 1, 0xfffd);
		} else if ((code < 0x20 && code != '\t') || (code >= 0x7f && code < 0xa0)) {
			add_escaped(to, o, here, taken, code);
		} else {
			add(to, here, taken);
		}
	}
	add_string(to, open ? sequences_of(o)[0] : "");
}

/* ---- texts ---- */

static void
add_piece(struct random *r, struct bytes *to)
{
	static const char *const strings[] = { "plain", "\n", "\r\n", "\r", "\t", "\33", "\33[K",
		"\33[31m", "\33]0;title\7", "\303\244", "\342\202\254", "\360\237\220\252",
		"\302\233", "\302\240", "\355\240\200", "\300\257", "\364\220\200\200", "\\033", "\177" };
	const char *s = random_once_in(r, 3)
	    ? sequences[random_below(r, SCHEMES)][random_below(r, SEQUENCES)]
	    : strings[random_below(r, sizeof(strings) / sizeof(strings[0]))];
	size_t length = strlen(s);
	char byte = (char)random_next(r);

	if (random_once_in(r, 6))
		add(to, &byte, 1);
	else
		add(to, s, random_once_in(r, 3) ? random_below(r, length + 1) : length);
}

static void
make_text(struct random *r, struct bytes *text)
{
	size_t limit = random_below(r, random_once_in(r, 4) ? TEXT - 32 : 64);

	text->length = 0;
	while (text->length < limit)
		add_piece(r, text);
	/* The byte \0 too, which strings cannot hold. */
	for (size_t i = random_below(r, 3); i > 0 && text->length > 0; i--)
		text->text[random_below(r, text->length)] = (char)random_next(r);
}

/* Gives the text to the guard in random pieces. */
static void
feed(struct random *r, struct guard *g, const struct bytes *text, struct bytes *got)
{
	size_t most = random_once_in(r, 2) ? 4 : TEXT, fit, at = 0;
	const char *out;

	while (at < text->length) {
		size_t part = random_below(r, most) + (size_t)random_once_in(r, 2);

		if (part > text->length - at)
			part = text->length - at;
		out = guard_text(g, text->text + at, part, &fit);
		add(got, out, fit);
		at += part;
		if (random_once_in(r, 3) || guard_full(g))
			guard_clear(g);
	}
	out = guard_end(g, &fit);
	add(got, out, fit);
	guard_clear(g);
}

static void
note_bytes(const char *name, const struct bytes *b)
{
	static struct bytes escaped;

	escaped.length = 0;
	for (size_t i = 0; i < b->length && i < 200; i++)
		if (b->text[i] >= ' ' && b->text[i] <= '~')
			add(&escaped, b->text + i, 1);
		else
			add_octal(&escaped, b->text + i, 1);
	tap_note("%s: %.*s", name, (int)escaped.length, escaped.text);
}

static void
test_random(struct random *r, const struct guard_options *o, const char *name)
{
	static struct bytes text, expected, got;
	unsigned long cases = random_cases(12000), good = 0;
	struct guard *g = guard_open(o);

	for (; good < cases; good++) {
		make_text(r, &text);
		expected.length = got.length = 0;
		guard_reference(&expected, text.text, text.length, o);
		feed(r, g, &text, &got);
		if (got.length != expected.length || memcmp(got.text, expected.text, got.length) != 0)
			break;
	}
	if (!tap_ok(good == cases, "%lu random texts, %s", cases, name)) {
		note_bytes("text", &text);
		note_bytes("expected", &expected);
		note_bytes("got", &got);
	}
	guard_close(g);
}

/* ---- what must hold ---- */

/* Whether a text, in one piece and then byte by byte, becomes what is expected. */
static bool
becomes(bool color, const char *given, const char *expected)
{
	struct guard *g = guard_open(&(struct guard_options){ .terminator = '\n',
		.colors = color ? schemes : NULL });
	size_t length = strlen(given), fit;
	bool good = true;

	for (size_t part = length; good && part >= 1; part = part > 1 ? 1 : 0) {
		static struct bytes got;
		const char *out;

		got.length = 0;
		for (size_t at = 0; at < length; at += part) {
			out = guard_text(g, given + at, part, &fit);
			add(&got, out, fit);
		}
		out = guard_end(g, &fit);
		add(&got, out, fit);
		good = got.length == strlen(expected) && memcmp(got.text, expected, got.length) == 0;
		if (!good)
			note_bytes("got", &got);
	}
	guard_close(g);
	return good;
}

static void
test_rules(void)
{
	tap_ok(becomes(false, "a\tb\n", "a\tb\n"), "text is text");
	tap_ok(becomes(false, "a\r\n", "a\r\n"), "a line's end may be CR LF");
	tap_ok(becomes(false, "a\rb\r", "a\\015b\\015"), "any other CR is escaped");
	tap_ok(becomes(false, "\33[m\33[K", "\\033[m\\033[K"), "without colour no sequence passes");
	tap_ok(becomes(true, "\33[01;31m\33[Kx\33[m\33[K", "\33[01;31m\33[Kx\33[m\33[K"), "ours do");
	tap_ok(becomes(true, "\33[1;31m\33[K", "\\033[1;31m\\033[K"), "others do not");
	tap_ok(becomes(true, "\33[01;31m", "\\033[01;31m"), "nor a part of ours");
	tap_ok(becomes(true, "\33[m\33[J", "\\033[m\\033[J"), "nor one that ends otherwise");
	tap_ok(becomes(true, "\33[35m\33[Ka\nb", "\33[35m\33[Ka\33[m\33[K\nb"), "a line ends its colour");
	tap_ok(becomes(true, "\33[35m\33[Ka\r\n", "\33[35m\33[Ka\33[m\33[K\r\n"),
	    "before its CR, behind which it would be erased");
	tap_ok(becomes(true, "\33[35m\33[Ka", "\33[35m\33[Ka\33[m\33[K"), "the end ends its colour");
	tap_ok(becomes(false, "\302\233m\233m", "\\302\\233m\\233m"), "C1 is a control, in UTF-8 or not");
	tap_ok(becomes(false, "\302\240\303\244", "\302\240\303\244"), "what follows C1 is not");
	tap_ok(becomes(false, "\342\202", "\\342\\202"), "a character that is cut off is escaped");
}

/* However much is given between two looks at guard_full, it fits. */
static void
test_room(void)
{
	static char worst[GUARD_TEXT_MAX];
	struct guard *g = guard_open(&(struct guard_options){ .json = true });
	size_t fit = 0, sum = 0, rounds = 0;
	bool contiguous = true;

	memset(worst, 1, sizeof(worst));
	while (!guard_full(g)) {
		const char *out = guard_text(g, worst, sizeof(worst), &fit), *rest;

		sum += fit;
		rest = guard_end(g, &fit);
		contiguous = contiguous && rest == out + 6 * sizeof(worst) && fit == 0;
		rounds++;
	}
	tap_ok(sum == 6 * sizeof(worst) * rounds && rounds > 0 && contiguous,
	    "%zu of the worst texts fit before it is full, one behind the other", rounds);
	guard_clear(g);
	tap_ok(!guard_full(g), "then it is empty again");
	guard_close(g);
}

/* Ways to open a guard. */
static const struct {
	struct guard_options options;
	const char *name;
} ways[] = {
	{ { .terminator = '\n' }, "without colour" },
	{ { .terminator = '\n', .nul = true }, "NUL ends names" },
	{ { .terminator = '\n', .json = true }, "as JSON" },
	{ { .terminator = '\n', .colors = &schemes[0] }, "with colour" },
	{ { .terminator = '\n', .colors = &schemes[1] }, "with colour, no erase" },
	{ { .terminator = '\n', .colors = &schemes[2], .nul = true }, "with other colours, NUL ends names" },
	{ { .terminator = '\0', .colors = &schemes[0], .nul = true }, "with colour, NUL ends lines" },
};

int
main(void)
{
	struct random r = { random_seed() };

	for (size_t i = 0; i < SCHEMES; i++)
		color_scheme_init(&schemes[i], settings[i]);
	test_rules();
	test_room();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		test_random(&r, &ways[i].options, ways[i].name);
	return tap_done();
}
