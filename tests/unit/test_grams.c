/*
 * Where words stand, by their grams, against the plainest search: random words
 * in random texts, each in a block of its own size, so that a sanitizer sees a
 * byte that is read too far.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many sets of words are tried.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "match/grams.h"
#include "match/literals_table.h"
#include "random.h"
#include "tap.h"

enum { SETS = 1500, WORDS = 4000, LENGTH_MAX = 24, TEXTS = 4, TEXT_MAX = 600 };

struct set {
	struct literals_word words[WORDS];
	char letters[WORDS * LENGTH_MAX];
	struct grams_words given;
};

static char
random_letter(struct random *r, size_t kinds)
{
	static const char alphabet[] = "ab_tionsreKZ1.\0\xc3\xa9\xff@`";

	return alphabet[random_below(r, kinds)];
}

static void
make_set(struct random *r, struct set *s)
{
	size_t kinds = 3 + random_below(r, 17), least = 3 + random_below(r, 10), at = 0;

	s->given = (struct grams_words){ .letters = s->letters, .words = s->words,
		.ignore_case = random_once_in(r, 3),
		.count = (uint32_t)(1 + random_below(r, random_once_in(r, 40) ? WORDS : 60)) };
	for (uint32_t i = 0; i < s->given.count; i++) {
		size_t length = least + random_below(r, LENGTH_MAX - least);

		s->words[i] = (struct literals_word){ .offset = at, .length = (uint32_t)length, .order = i };
		for (size_t k = 0; k < length; k++) {
			char c = random_letter(r, kinds);

			s->letters[at++] = s->given.ignore_case && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		}
	}
}

/* Words and other bytes, with nothing behind them. */
static char *
make_text(struct random *r, const struct set *s, size_t *length)
{
	char text[TEXT_MAX], *block;
	size_t kinds = 3 + random_below(r, 17), n = random_below(r, TEXT_MAX), at = 0;

	while (at < n) {
		const struct literals_word *w = &s->words[random_below(r, s->given.count)];
		size_t left = n - at, size = w->length < left ? w->length : left;

		if (random_once_in(r, 3)) {
			for (size_t i = 0; i < size; i++) {
				char c = s->letters[w->offset + i];

				text[at++] = s->given.ignore_case && random_once_in(r, 3) && c >= 'a' && c <= 'z'
				    ? (char)(c & ~0x20) : c;
			}
		} else {
			text[at++] = random_letter(r, kinds);
		}
	}
	block = malloc(n + (n == 0));
	if (block == NULL)
		exit(1);
	memcpy(block, text, n);
	*length = n;
	return block;
}

static bool
stands(const struct set *s, const struct literals_word *w, const char *text, size_t left)
{
	for (size_t i = 0; i < w->length; i++) {
		char c = i < left ? text[i] : '\0';

		if (s->given.ignore_case && c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (i >= left || c != s->letters[w->offset + i])
			return false;
	}
	return true;
}

/* A sum of all places, whatever their order; and how many there are. */
static unsigned long
find_plainly(const struct set *s, const char *text, size_t length, size_t from, unsigned long *sum)
{
	unsigned long count = 0;

	for (size_t at = from; at < length; at++)
		for (uint32_t i = 0; i < s->given.count; i++)
			if (stands(s, &s->words[i], text + at, length - at)) {
				count++;
				*sum += at * 1000003 + s->words[i].length;
			}
	return count;
}

/* Whether no place is behind one in a later line, which the first byte of the alphabet ends. */
static unsigned long
find(const struct grams *g, const char *text, size_t length, size_t from, unsigned long *sum,
    bool *orderly)
{
	struct grams_search search = { .grams = g, .text = text, .length = length, .from = from,
		.at = from };
	unsigned long count = 0;
	size_t start, end, last = from;

	for (; grams_next(&search, &start, &end); last = end > last ? end : last) {
		const char *line = memchr(text + start, '\n', length - start);

		count++;
		*sum += start * 1000003 + (end - start);
		*orderly &= line == NULL || last <= (size_t)(line - text);
	}
	return count;
}

struct tally {
	unsigned long sets, refused, found, many, wrong;
};

static void
try_set(struct random *r, struct set *s, struct tally *tally)
{
	struct grams *g = grams_new(&s->given);

	tally->sets++;
	tally->refused += g == NULL;
	tally->wrong += g == NULL && errno != 0;
	for (int i = 0; g != NULL && i < (s->given.count > 100 ? 1 : TEXTS); i++) {
		size_t length, from;
		char *text = make_text(r, s, &length);
		unsigned long wanted_sum = 0, sum = 0, wanted, got;
		bool orderly = true;

		from = random_once_in(r, 2) ? 0 : random_below(r, length + 1);
		wanted = find_plainly(s, text, length, from, &wanted_sum);
		got = find(g, text, length, from, &sum, &orderly);
		tally->wrong += got != wanted || sum != wanted_sum || !orderly;
		tally->found += wanted;
		tally->many += s->given.count > 100 ? wanted : 0;
		free(text);
	}
	grams_free(g);
}

/* So many words with one gram are for others. */
static void
test_alike(struct set *s)
{
	struct grams *g;

	s->given = (struct grams_words){ .letters = s->letters, .words = s->words, .count = 1000 };
	memset(s->letters, 'x', sizeof(s->letters));
	for (uint32_t i = 0; i < s->given.count; i++)
		s->words[i] = (struct literals_word){ .offset = 0, .length = 8 + i, .order = i };
	g = grams_new(&s->given);
	tap_ok(g == NULL && errno == 0, "words that are too much alike are refused");
	grams_free(g);
}

static void
test_short(struct set *s)
{
	struct grams *g;

	s->given = (struct grams_words){ .letters = "ab", .words = s->words, .count = 1 };
	s->words[0] = (struct literals_word){ .offset = 0, .length = 2, .order = 0 };
	g = grams_new(&s->given);
	tap_ok(g == NULL && errno == 0, "a word that is too short is refused");
	grams_free(g);
}

int
main(void)
{
	static struct set s;
	struct random r = { random_seed() };
	struct tally tally = { 0 };
	unsigned long sets = random_cases(SETS);

	for (unsigned long i = 0; i < sets; i++) {
		make_set(&r, &s);
		try_set(&r, &s, &tally);
	}
	tap_ok(tally.wrong == 0 && tally.found > 0 && tally.many > 0 && tally.refused < tally.sets / 2,
	    "words are found where they stand: %lu sets (%lu refused), %lu places, %lu of many words",
	    tally.sets, tally.refused, tally.found, tally.many);
	test_alike(&s);
	test_short(&s);
	return tap_done();
}
