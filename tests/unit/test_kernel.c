/*
 * The loops over bytes, at each level that this machine has, against the
 * plainest loop: random texts at all alignments and of all lengths around the
 * widths of vectors, each in a block of its own size, so that a sanitizer sees
 * a byte that is read too far.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many texts are tried.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel_wide.h"
#include "match/kernel.h"
#include "random.h"
#include "tap.h"

enum { CASES = 6000, LENGTH_MAX = 1400, ALIGNMENTS = 64 };

static const char *const level_names[KERNEL_LEVELS] = { "plain", "SSE2", "SSSE3", "AVX2", "AVX-512" };

/* A text at some alignment, with nothing behind it. */
struct text {
	char *block, *bytes;
	size_t length;
};

static struct text
make_text(struct random *r)
{
	static const char alphabet[] = "abcAB\n\n ksxyz\0";
	size_t at = random_below(r, ALIGNMENTS), kinds = 2 + random_below(r, sizeof(alphabet) - 2);
	struct text t = { .length = random_below(r, random_once_in(r, 3) ? LENGTH_MAX : 150) };
	bool high = random_once_in(r, 4);

	/* Aligned at its end, too: what lies behind it is another's. */
	t.block = malloc(at + t.length + (t.length == 0));
	if (t.block == NULL)
		exit(1);
	t.bytes = t.block + at;
	for (size_t i = 0; i < t.length; i++)
		t.bytes[i] = alphabet[random_below(r, kinds)];
	if (high && t.length > 0)
		t.bytes[random_below(r, t.length)] = (char)(0x80 + random_below(r, 128));
	return t;
}

/* One to eight needles, or any byte beyond ASCII. Mostly short ones, which are found. */
static void
make_needles(struct random *r, struct needles *n)
{
	static const char alphabet[] = "abcABksxyz ";
	const struct needles_options o = { .ignore_case = random_once_in(r, 3),
		.bytes = random_once_in(r, 2), .terminator = random_once_in(r, 5) ? '\0' : '\n' };
	size_t count = random_once_in(r, 2) ? 1 : 1 + random_below(r, NEEDLES_MAX);
	size_t least = random_once_in(r, 2) ? 1 : 3; /* of all of them: then they may be looked up */

	*n = (struct needles){ .terminator = o.terminator };
	for (size_t i = 0; i < count || n->count == 0; i++) {
		char bytes[NEEDLE_MAX + 8];
		size_t length = least + random_below(r, random_once_in(r, 10) ? sizeof(bytes) - 2 : 4);
		bool whole;

		for (size_t k = 0; k < length; k++)
			bytes[k] = alphabet[random_below(r, 2 + random_below(r, sizeof(alphabet) - 2))];
		if (least == 1 && n->count < NEEDLES_MAX && random_once_in(r, 20))
			needles_add_high(n, &o);
		else
			needles_add(n, &o, bytes, length, &whole);
	}
	if (!random_once_in(r, 4))
		nibbles_choose(n);
}

/* Puts a needle somewhere, perhaps cut at the text's end. */
static void
plant(struct random *r, struct text *t, const struct needles *n)
{
	const struct needle *one = &n->each[random_below(r, n->count)];
	size_t at = random_below(r, t->length + 1);

	for (size_t i = 0; i < one->length && at + i < t->length; i++)
		t->bytes[at + i] = (char)(one->bytes[i] & ~(random_once_in(r, 2) ? one->fold[i] : 0));
}

static bool
is_there(const struct needle *n, const char *text, size_t length)
{
	for (size_t i = 0; i < n->length; i++)
		if (i == length || ((unsigned char)text[i] | n->fold[i]) != n->bytes[i])
			return false;
	return true;
}

static size_t
plain_find(const struct needles *all, const struct text *t, size_t from)
{
	size_t best = t->length;

	for (size_t at = from; at < t->length; at++)
		for (size_t i = 0; i < all->count; i++)
			if (is_there(&all->each[i], t->bytes + at, t->length - at) &&
			    at + all->each[i].at < best)
				best = at + all->each[i].at;
	return best;
}

static size_t
plain_count(const char *bytes, size_t length, char byte)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += bytes[i] == byte;
	return count;
}

static size_t
plain_ascii(const struct text *t)
{
	size_t at = 0;

	while (at < t->length && (unsigned char)t->bytes[at] < 0x80)
		at++;
	return at;
}

/* From the start of a line on. */
static bool
plain_line(const struct needles *all, const struct text *t, size_t from, struct span *line)
{
	size_t at = plain_find(all, t, from);

	if (at == t->length)
		return false;
	for (line->start = at; line->start > from && t->bytes[line->start - 1] != all->terminator;)
		line->start--;
	for (line->end = at; line->end < t->length && t->bytes[line->end] != all->terminator;)
		line->end++;
	return true;
}

struct tally {
	unsigned long found, lines, looked_up, found_so, wrong_count, wrong_ascii, wrong_find, wrong_line;
};

static void
try_find(const struct kernel *k, struct tally *tally, const struct needles *n, const struct text *t,
    size_t from)
{
	size_t wanted = plain_find(n, t, from);

	tally->found += wanted < t->length;
	tally->found_so += wanted < t->length && n->nibbles.rows > 0;
	tally->wrong_find += k->find(n, t->bytes, t->length, from) != wanted;
}

/* All lines, one after the other; with their terminators counted, or not. */
static void
try_lines(const struct kernel *k, struct tally *tally, const struct needles *n, const struct text *t,
    bool counting)
{
	struct matcher_text text = { .bytes = t->bytes, .length = t->length, .counting = counting };
	struct span wanted, got;
	size_t from = 0;

	while (from < t->length) {
		bool found = plain_line(n, t, from, &wanted);

		if (k->line(n, &text, from, &got) != found ||
		    (found && (got.start != wanted.start || got.end != wanted.end))) {
			tally->wrong_line++;
			return;
		}
		if (!found)
			return;
		tally->lines++;
		tally->wrong_line += counting && (text.counted != got.start ||
		    text.terminators != plain_count(t->bytes, got.start, n->terminator));
		matcher_pass(&text, &got);
		from = got.end + 1;
	}
}

static void
test_level(struct random *r, const struct kernel *k, const char *name, unsigned long cases)
{
	struct tally tally = { 0 };

	for (unsigned long i = 0; i < cases; i++) {
		struct needles n;
		struct text t = make_text(r);
		size_t from = random_below(r, t.length + 1);

		make_needles(r, &n);
		if (random_once_in(r, 2))
			plant(r, &t, &n);
		tally.looked_up += n.nibbles.rows > 0;
		tally.wrong_count += k->count(t.bytes, t.length, '\n') !=
		    plain_count(t.bytes, t.length, '\n');
		tally.wrong_ascii += k->ascii(t.bytes, t.length) != plain_ascii(&t);
		try_find(k, &tally, &n, &t, from);
		try_lines(k, &tally, &n, &t, random_once_in(r, 2));
		free(t.block);
	}
	tap_ok(tally.wrong_count == 0, "%s: bytes are counted", name);
	tap_ok(tally.wrong_ascii == 0, "%s: the first byte beyond ASCII is found", name);
	tap_ok(tally.wrong_find == 0 && tally.found > 0, "%s: needles are found: %lu", name,
	    tally.found);
	tap_ok(tally.wrong_line == 0 && tally.lines > 0, "%s: lines with needles are found: %lu",
	    name, tally.lines);
	tap_ok(tally.found_so > 0, "%s: needles are looked up: %lu, found: %lu", name, tally.looked_up,
	    tally.found_so);
}

int
main(void)
{
	struct random r = { random_seed() };
	const struct kernel *widest = kernel_plain();

	for (int level = 0; level < KERNEL_LEVELS; level++) {
		const struct kernel *k = kernel_at((enum kernel_level)level);

		if (k != NULL)
			test_level(&r, k, level_names[level], random_cases(CASES));
		else
			tap_ok(true, "%s # skip this machine does not have it", level_names[level]);
		widest = k != NULL ? k : widest;
	}
	test_level(&r, &loops, "64 bytes in C", random_cases(CASES));
	tap_ok(kernel_best() == widest, "the widest is taken");
	tap_ok(kernel_at(KERNEL_LEVELS) == NULL, "there is none beyond");
	return tap_done();
}
