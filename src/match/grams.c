#include "grams.h"

#include <errno.h>
#include <stdlib.h>

#include "literals_table.h"
#include "needles.h"

enum {
	GRAM_MIN = 3, GRAM_MAX = 8, /* bytes */
	STRIDE_MAX = 4,
	FEW = 200, MANY = 3000, /* words */
	BITS_MIN = 12, BITS_MAX = 16, /* of a hash: 2 tables of 64 KiB at most */
	SLACK = 4,      /* so many bytes for each gram */
	COUNT_BITS = 16,
	AT_ONCE = 4,    /* places that are asked with one branch */
	SAME_MAX = 64,  /* words that have one gram */
	WORDS_MAX = 1 << 24,
};

/*
 * A gram and a word that has it: a slot of a hash table, followed by the others
 * of the gram.  All that is asked for is in one place.
 */
struct slot {
	uint32_t check;   /* of the gram's hash */
	uint32_t letters; /* where the word's are */
	uint16_t length;  /* 0: the slot is free */
	uint16_t offset;  /* of the gram in the word */
};

struct grams {
	struct grams_words words;
	unsigned int length, stride;
	uint64_t mask, fold; /* of the eight bytes at a place: the gram's, and what tells case */
	unsigned char *first, *second; /* by hash, bits of words */
	uint64_t hash_mask;
	struct slot *slots;
	uint32_t slot_mask;
};

static inline uint64_t
product(uint64_t gram)
{
	return gram * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t
gram_at(const struct grams *g, const char *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return (le64toh(eight) | g->fold) & g->mask;
}

/* Likewise where less than eight bytes may be left. */
static uint64_t
last_gram(const struct grams *g, const char *p, size_t left)
{
	char eight[8] = { 0 };

	memcpy(eight, p, left < sizeof(eight) ? left : sizeof(eight));
	return gram_at(g, eight);
}

static const char *
letters_of(const struct grams *g, uint32_t word)
{
	return g->words.letters + g->words.words[word].offset;
}

static uint64_t
word_gram(const struct grams *g, uint32_t word, size_t offset)
{
	return last_gram(g, letters_of(g, word) + offset, g->words.words[word].length - offset);
}

static uint32_t
count_hash(uint64_t gram)
{
	return (uint32_t)(product(gram) >> (64 - COUNT_BITS));
}

/* How many words have a gram, about. */
static void
count_grams(const struct grams *g, uint32_t *counts)
{
	for (uint32_t i = 0; i < g->words.count; i++)
		for (size_t at = 0; at + g->length <= g->words.words[i].length; at++)
			counts[count_hash(word_gram(g, i, at))]++;
}

/* Where the rarest part of a word is that has a gram at each of stride places. */
static size_t
rarest_part(const struct grams *g, const uint32_t *counts, uint32_t word)
{
	size_t part = g->length + g->stride - 1, best = 0;
	uint64_t best_cost = UINT64_MAX;

	for (size_t start = 0; start + part <= g->words.words[word].length; start++) {
		uint64_t cost = 0;

		for (size_t i = 0; i < g->stride; i++)
			cost += counts[count_hash(word_gram(g, word, start + i))];
		cost *= 1024 * 1024;
		for (size_t i = 0; i < part; i++)
			cost -= needles_rank((unsigned char)letters_of(g, word)[start + i]);
		if (cost < best_cost) {
			best_cost = cost;
			best = start;
		}
	}
	return best;
}

static inline uint32_t
check_of(uint64_t gram)
{
	return (uint32_t)(product(gram) >> 16);
}

static inline uint32_t
first_slot(const struct grams *g, uint64_t gram)
{
	return (uint32_t)(product(gram) >> 40) & g->slot_mask;
}

/* Returns false if the gram has too many words. */
static bool
add_slot(struct grams *g, uint64_t gram, uint32_t word, size_t offset)
{
	const struct literals_word *w = &g->words.words[word];
	uint32_t i = first_slot(g, gram), same = 0;

	for (; g->slots[i].length != 0 && same < SAME_MAX; i = (i + 1) & g->slot_mask)
		same += g->slots[i].check == check_of(gram);
	g->slots[i] = (struct slot){ .check = check_of(gram), .letters = (uint32_t)w->offset,
		.length = (uint16_t)w->length, .offset = (uint16_t)offset };
	return same < SAME_MAX;
}

static void
set_bits(struct grams *g, uint64_t gram, uint32_t word)
{
	uint64_t p = product(gram);
	unsigned char bit = (unsigned char)(1U << word % 8);

	g->first[p >> 48 & g->hash_mask] |= bit;
	g->second[p >> 32 & g->hash_mask] |= bit;
}

static bool
add_word(struct grams *g, const uint32_t *counts, uint32_t word)
{
	size_t start = rarest_part(g, counts, word);
	bool good = true;

	for (size_t at = start; good && at < start + g->stride; at++) {
		uint64_t gram = word_gram(g, word, at);

		good = add_slot(g, gram, word, at);
		set_bits(g, gram, word);
	}
	return good;
}

/* Returns false, with errno 0 if the words are too much alike. */
static bool
make_tables(struct grams *g)
{
	uint32_t *counts = calloc(1U << COUNT_BITS, sizeof(*counts));
	size_t grams = (size_t)g->words.count * g->stride;
	unsigned int bits = BITS_MIN, slots = 4;
	bool good;

	while (bits < BITS_MAX && (size_t)1 << bits < grams * SLACK)
		bits++;
	while ((size_t)1 << slots < grams + grams / 2)
		slots++;
	g->hash_mask = (UINT64_C(1) << bits) - 1;
	g->slot_mask = (UINT32_C(1) << slots) - 1;
	g->first = calloc((size_t)2 << bits, 1);
	g->second = g->first + ((size_t)1 << bits);
	g->slots = calloc((size_t)1 << slots, sizeof(*g->slots));
	good = counts != NULL && g->first != NULL && g->slots != NULL;
	if (good)
		count_grams(g, counts);
	for (uint32_t i = 0; good && i < g->words.count; i++)
		good = add_word(g, counts, i);
	free(counts);
	return good;
}

/*
 * Short grams can be asked for at places that are far apart; of many words'
 * short grams texts are full.  Measured on C, words of six bytes or more: of 40
 * words grams of 4 bytes are the best, of 1,000 those of 5, of 10,000 those of 6.
 */
static void
choose_lengths(struct grams *g, size_t least)
{
	size_t wanted = g->words.count <= FEW ? 4 : g->words.count <= MANY ? 5 : 6;
	size_t stride = least > wanted ? least - wanted + 1 : 1;

	g->stride = stride < STRIDE_MAX ? (unsigned int)stride : STRIDE_MAX;
	g->length = least - g->stride + 1 < GRAM_MAX ? (unsigned int)least - g->stride + 1 : GRAM_MAX;
	g->mask = UINT64_MAX >> (64 - 8 * g->length);
	g->fold = g->words.ignore_case ? UINT64_C(0x2020202020202020) : 0;
}

struct grams *
grams_new(const struct grams_words *words)
{
	struct grams *g;
	size_t least = SIZE_MAX, most = 0, letters = 0;

	for (uint32_t i = 0; i < words->count; i++) {
		const struct literals_word *w = &words->words[i];

		least = w->length < least ? w->length : least;
		most = w->length > most ? w->length : most;
		letters = w->offset > letters ? w->offset : letters;
	}
	errno = 0;
	if (words->count == 0 || words->count > WORDS_MAX || least < GRAM_MIN || most > UINT16_MAX ||
	    letters > UINT32_MAX)
		return NULL;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	g->words = *words;
	choose_lengths(g, least);
	if (make_tables(g))
		return g;
	grams_free(g);
	return NULL;
}

void
grams_free(struct grams *g)
{
	if (g == NULL)
		return;
	free(g->first);
	free(g->slots);
	free(g);
}

/* Not 0: a gram's bits, or by chance. */
static inline unsigned int
bits_of(const struct grams *g, uint64_t gram)
{
	uint64_t p = product(gram);

	return (unsigned int)(g->first[p >> 48 & g->hash_mask] & g->second[p >> 32 & g->hash_mask]);
}

/* The next place from at on, by strides, that has a gram's bit; near the end of the text, any. */
static inline __attribute__((always_inline)) size_t
propose_with(const struct grams_search *s, size_t at, unsigned int stride, bool folds)
{
	struct grams g = *s->grams;
	const size_t room = (AT_ONCE - 1) * stride + 8;

	if (!folds)
		g.fold = 0;
	for (; s->length - at >= room; at += AT_ONCE * stride) {
		const char *p = s->text + at;
		unsigned int first = bits_of(&g, gram_at(&g, p));
		unsigned int second = bits_of(&g, gram_at(&g, p + stride));
		unsigned int third = bits_of(&g, gram_at(&g, p + 2 * stride));
		unsigned int fourth = bits_of(&g, gram_at(&g, p + 3 * stride));

		if ((first | second | third | fourth) != 0)
			return at + (first ? 0 : second ? stride : third ? 2 * stride : 3 * stride);
	}
	return at;
}

static size_t
propose(const struct grams_search *s, size_t at)
{
	switch (s->grams->stride) {
	case 1:
		return s->grams->fold != 0 ? propose_with(s, at, 1, true) : propose_with(s, at, 1, false);
	case 2:
		return s->grams->fold != 0 ? propose_with(s, at, 2, true) : propose_with(s, at, 2, false);
	case 3:
		return s->grams->fold != 0 ? propose_with(s, at, 3, true) : propose_with(s, at, 3, false);
	default:
		return s->grams->fold != 0 ? propose_with(s, at, STRIDE_MAX, true) : propose_with(s, at, STRIDE_MAX, false);
	}
}

static bool
is_at(const struct grams *g, const struct slot *slot, const char *text)
{
	const char *letters = g->words.letters + slot->letters;

	if (!g->words.ignore_case)
		return memcmp(letters, text, slot->length) == 0;
	for (size_t i = 0; i < slot->length; i++) {
		unsigned char byte = (unsigned char)text[i];

		byte |= byte >= 'A' && byte <= 'Z' ? 0x20 : 0;
		if (byte != (unsigned char)letters[i])
			return false;
	}
	return true;
}

/* Compares the words that are left of those with the gram at the last place. */
static bool
next_word(struct grams_search *s, size_t *start, size_t *end)
{
	const struct grams *g = s->grams;
	const struct slot *slot;

	for (; (slot = &g->slots[s->slot])->length != 0; s->slot = (s->slot + 1) & g->slot_mask) {
		if (slot->check != s->check || s->place - s->from < slot->offset ||
		    s->length - s->place < (size_t)slot->length - slot->offset)
			continue;
		*start = s->place - slot->offset;
		*end = *start + slot->length;
		if (is_at(g, slot, s->text + *start)) {
			s->slot = (s->slot + 1) & g->slot_mask;
			return true;
		}
	}
	return false;
}

bool
grams_next(struct grams_search *s, size_t *start, size_t *end)
{
	const struct grams *g = s->grams;

	while (!s->comparing || !next_word(s, start, end)) {
		uint64_t gram;

		s->place = s->at < s->length ? propose(s, s->at) : s->length;
		if (s->length - s->place < g->length)
			return false;
		gram = last_gram(g, s->text + s->place, s->length - s->place);
		s->check = check_of(gram);
		s->slot = first_slot(g, gram);
		s->comparing = true;
		s->at = s->place + g->stride;
	}
	return true;
}
