/*
 * The search for a shape (match/shape.h), at each level that this machine has,
 * against one that goes from byte to byte: random shapes, and texts at all
 * alignments and of all lengths around the widths of blocks, each in a block
 * of memory of its own size, so that a sanitizer sees a byte that is read too
 * far.  And which lines the shapes of some patterns propose.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many shapes are tried.
 */
#include <stdlib.h>
#include <string.h>

#include "match/kernel.h"
#include "match/shape_build.h"
#include "random.h"
#include "tap.h"

enum { CASES = 4000, LENGTH_MAX = 3000, ALIGNMENTS = 64, BEFORE = 2 * SHAPE_BLOCK };

static const char *const level_names[KERNEL_LEVELS] = { "plain", "SSE2", "AVX2", "AVX-512" };
static const char alphabet[] = "aab_ \t1.\n\n-A";

/* A random class, of a few characters that texts are made of; edge: and of the terminator. */
static unsigned int
make_class(struct random *r, struct shape_builder *b, bool edge)
{
	shape_members members = { false };

	for (size_t i = 0; i < b->shape->classes; i++)
		if (b->members[i]['\n'] == edge && random_once_in(r, 4))
			return SHAPE_FIRST_CLASS + (unsigned int)i;
	for (size_t n = 1 + random_below(r, 6); n > 0; n--)
		members[(unsigned char)alphabet[random_below(r, sizeof(alphabet) - 1)]] = true;
	if (random_once_in(r, 8))
		for (int c = 0; c < SHAPE_ASCII; c++)
			members[c] = !members[c];
	members['\n'] = edge;
	return shape_build_class(b, members);
}

/* A part that goes on from others. */
static unsigned int
make_part(struct random *r, struct shape_builder *b, unsigned int from)
{
	unsigned int least = (unsigned int)random_below(r, random_once_in(r, 20) ? 70 : 4), most = least;

	if (random_once_in(r, 2))
		most = random_once_in(r, 2) ? UINT32_MAX : least + (unsigned int)random_below(r, 5);
	if (from == SHAPE_ALL)
		most = least = least == 0 ? 1 : least;
	return shape_build_repeat(b, from, make_class(r, b, false), least, most);
}

static struct shape *
make_shape(struct random *r)
{
	struct shape_builder b = { .shape = calloc(1, sizeof(struct shape)) };
	unsigned int markers = SHAPE_ALL;

	if (b.shape == NULL)
		exit(1);
	b.shape->terminator = '\n';
	if (random_once_in(r, 4))
		markers = shape_build_repeat(&b, make_class(r, &b, true), make_class(r, &b, false), 1, 1);
	for (size_t n = 1 + random_below(r, 6); n > 0; n--) {
		unsigned int before = markers;

		markers = make_part(r, &b, markers);
		if (random_once_in(r, 6))
			markers = shape_build_any(&b, markers, make_part(r, &b, before));
		if (random_once_in(r, 10))
			markers = shape_build_both(&b, markers, make_class(r, &b, random_once_in(r, 2)));
	}
	if (random_once_in(r, 4))
		markers = shape_build_repeat(&b, markers, make_class(r, &b, true), 1, 1);
	shape_build_end(&b, markers);
	if (!b.failed && markers != SHAPE_ALL)
		return b.shape;
	shape_close(b.shape);
	return make_shape(r);
}

struct text {
	char *block, *bytes;
	size_t length;
};

static struct text
make_text(struct random *r)
{
	size_t at = random_below(r, ALIGNMENTS), kinds = 2 + random_below(r, sizeof(alphabet) - 2);
	struct text t = { .length = random_below(r, random_once_in(r, 4) ? LENGTH_MAX : 300) };

	t.block = malloc(at + t.length + (t.length == 0));
	if (t.block == NULL)
		exit(1);
	t.bytes = t.block + at;
	for (size_t i = 0; i < t.length; i++)
		t.bytes[i] = alphabet[random_once_in(r, 8) ? random_below(r, sizeof(alphabet) - 1)
		    : random_below(r, kinds)];
	if (random_once_in(r, 4) && t.length > 0)
		t.bytes[random_below(r, t.length)] = (char)(0x80 + random_below(r, 128));
	return t;
}

/* For each place, with as many terminators before the text as matter and one behind it. */
struct plain {
	size_t length;
	bool of[SHAPE_WORDS][BEFORE + LENGTH_MAX + 1];
};

static bool
value(const struct plain *p, unsigned int word, size_t at, size_t distance)
{
	return distance <= at && p->of[word][at - distance];
}

static bool
plain_op(const struct plain *p, const struct shape_op *op, size_t number, size_t at)
{
	bool a = p->of[op->a][at], b = p->of[op->b][at];
	bool moved = value(p, op->a, at, op->distance) && b;
	bool goes_on = at > 0 && p->of[number][at - 1] && p->of[op->c][at];

	switch (op->kind) {
	case SHAPE_STEP:
		return moved;
	case SHAPE_MAYBE:
		return a || moved;
	case SHAPE_PLUS:
		return moved || goes_on;
	case SHAPE_STAR:
		return a || moved || goes_on;
	case SHAPE_BOTH:
		return a && b;
	default:
		return a || b;
	}
}

static void
plain_search(struct plain *p, const struct shape *s, const struct text *t, size_t from)
{
	p->length = BEFORE + t->length - from + 1;
	for (size_t at = 0; at < p->length; at++) {
		bool inside = at >= BEFORE && at + 1 < p->length;
		unsigned char c = inside ? (unsigned char)t->bytes[from + at - BEFORE] : '\n';

		for (size_t i = 0; i < s->classes; i++)
			p->of[1 + i][at] = s->member[c] >> i & 1;
		for (size_t i = 0; i < s->runs + s->steps; i++)
			p->of[1 + s->classes + i][at] = plain_op(p, &s->ops[i], 1 + s->classes + i, at);
	}
}

/* The first place at or after from, if the search started at start, or SIZE_MAX. */
static size_t
plain_find(const struct plain *p, const struct shape *s, const struct text *t, size_t start,
    size_t from, bool high)
{
	for (size_t at = from; at <= t->length; at++)
		if (p->of[s->result][BEFORE + at - start] ||
		    (high && at < t->length && (unsigned char)t->bytes[at] >= 0x80))
			return at;
	return SIZE_MAX;
}

static size_t
line_start(const struct text *t, size_t at)
{
	while (at > 0 && at < t->length && t->bytes[at - 1] != '\n')
		at--;
	return at;
}

struct tally {
	unsigned long found, none, wrong;
};

/* From some line on, each place where a match ends, from line to line. */
static void
try_text(struct random *r, const struct kernel *k, struct tally *tally, const struct shape *s,
    const struct text *t)
{
	static struct plain plain;
	static struct shape_search search;
	size_t start = line_start(t, random_below(r, t->length + 1)), from = start;
	bool high = random_once_in(r, 2), found;

	plain_search(&plain, s, t, start);
	shape_search_start(&search, t->bytes, t->length, high);
	do {
		size_t wanted = plain_find(&plain, s, t, start, from, high), at;

		found = k->shape(s, &search, from, &at);
		tally->wrong += found != (wanted != SIZE_MAX) || (found && at != wanted);
		tally->found += found;
		tally->none += !found;
		if (!found)
			break;
		for (from = at; from < t->length && t->bytes[from] != '\n';)
			from++;
		from++;
	} while (from <= t->length);
}

static void
test_level(struct random *r, const struct kernel *k, const char *name, unsigned long cases)
{
	struct tally tally = { 0 };

	for (unsigned long i = 0; i < cases; i++) {
		struct shape *s = make_shape(r);

		for (int n = 0; n < 4; n++) {
			struct text t = make_text(r);

			try_text(r, k, &tally, s, &t);
			free(t.block);
		}
		shape_close(s);
	}
	tap_ok(tally.wrong == 0 && tally.found > 0 && tally.none > 0,
	    "%s: shapes are found: %lu, and not: %lu", name, tally.found, tally.none);
}

/* Whether a pattern has a shape, whether that is rare, and whether it proposes a line. */
static const struct judgement {
	enum pattern_syntax syntax;
	const char *options; /* w, x, i */
	const char *pattern;
	bool has, rare;
	const char *has_line, *lacks_line;
} judgements[] = {
	{ SYNTAX_PERL, "", "\\w{5}\\s+\\w{5}\\s+\\w{5}", true, true, "xabcde fghij\tklmnoz", "abcde fghijk lmnop" },
	{ SYNTAX_PERL, "", "\\b[A-Z]{6}\\b", true, true, "(ABCDEF)", "ABCDEFG _ABCDEF ABCDEF1 ABCDE" },
	{ SYNTAX_PERL, "", "\\b(?:[a-c]{3}|[1-3]{3})\\b", true, true, "-abc", "xabc abcd" },
	{ SYNTAX_EXTENDED, "", "\\b[[:upper:]]{6}\\b", true, true, "(ABCDEF)", "ABCDEFG _ABCDEF" },
	{ SYNTAX_BASIC, "", "\\<[xyz]\\{2\\}\\>", true, true, "xy", "xyz axy" },
	{ SYNTAX_PERL, "w", "[A-Z]{6}", true, true, "ABCDEF", "ABCDEFG" },
	{ SYNTAX_PERL, "x", "[A-Z]{6}", true, true, "ABCDEF", "ABCDEF " },
	{ SYNTAX_PERL, "i", "[xyz]{3}", true, true, "aXyZ", "xy z" },
	{ SYNTAX_PERL, "", "^\\s+[a-z]+$", true, true, "  ab", "a ab" },
	{ SYNTAX_PERL, "", "(?<![a-z])[0-9]{3}(?![a-z])", true, true, "1234", "a123b" },
	{ SYNTAX_PERL, "", "[0-9]{1,3}(\\.[0-9]{1,3}){3}", true, true, "1.22.3.4", "1.22.3" },
	{ SYNTAX_PERL, "", "([0-9][a-c]?){12}", true, true, "01a23b45c678901", "012a345" },
	{ SYNTAX_PERL, "", "([0-9][a-c]?){40}", false, false, NULL, NULL },
	{ SYNTAX_PERL, "", "[x-z]{2}(?:ab|cd)*[1-3]", true, true, "xyabcd3", "xyqq3" },
	{ SYNTAX_PERL, "", "\\w+\\s+\\w+", true, false, "a b", "a" },
	{ SYNTAX_PERL, "", "[a-z]*", false, false, NULL, NULL },
	{ SYNTAX_PERL, "", "(^|\\s)", false, false, NULL, NULL },
	{ SYNTAX_PERL, "", "[ab]\\1|([cd])", false, false, NULL, NULL },
	{ SYNTAX_PERL, "", "(?:\\w+\\s+)+[x]", false, false, NULL, NULL },
	{ SYNTAX_PERL, "", "[a][b][c][d][e][f][g][h][i]", false, false, NULL, NULL },
};

static bool
proposes(const struct shape *s, const char *line)
{
	struct shape_search search;
	size_t at;

	shape_search_start(&search, line, strlen(line), false);
	return kernel_best()->shape(s, &search, 0, &at);
}

static void
test_pattern(const struct judgement *j)
{
	const struct pattern_options o = { .syntax = j->syntax, .terminator = '\n',
		.word = strchr(j->options, 'w') != NULL, .line = strchr(j->options, 'x') != NULL,
		.letter_case = strchr(j->options, 'i') != NULL ? CASE_IGNORED : CASE_HEEDED };
	const struct pattern_text text = { .bytes = j->pattern, .length = strlen(j->pattern) };
	char *error;
	struct pattern *p = pattern_compile(&o, &text, 1, &error);
	struct shape *s = p != NULL ? shape_open(p, &text, 1) : NULL;
	bool good = p != NULL && (s != NULL) == j->has && (s != NULL && shape_is_rare(s)) == j->rare;

	if (good && s != NULL)
		good = proposes(s, j->has_line) && !proposes(s, j->lacks_line);
	tap_ok(good, "the shape of %s", j->pattern);
	free(error);
	shape_close(s);
	pattern_free(p);
}

int
main(void)
{
	struct random r = { random_seed() };

	for (int level = 0; level < KERNEL_LEVELS; level++) {
		const struct kernel *k = kernel_at((enum kernel_level)level);

		if (k != NULL)
			test_level(&r, k, level_names[level], random_cases(CASES));
		else
			tap_ok(true, "%s # skip this machine does not have it", level_names[level]);
	}
	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++)
		test_pattern(&judgements[i]);
	return tap_done();
}
