#include <errno.h>
#include <stdlib.h>

#include "literals_table.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	STRIDE_MAX = 4,
	STRIDE_WORDS = 1000, /* so many may be proposed by each of STRIDE_MAX grams */
	GRAM_BITS_MIN = 12, GRAM_BITS_MAX = 19, /* of the hash: 64 KiB of bits at most */
	SLACK = 32,          /* so many bits for each gram */
};

static void
set_bit(uint64_t *bits, uint32_t i)
{
	bits[i >> 6] |= UINT64_C(1) << (i & 63);
}

static bool
put_folded(struct literals *l, const struct pattern_text *text)
{
	size_t used;

	for (size_t at = 0; at < text->length; at += used) {
		uint32_t code = fold_decode(text->bytes + at, text->length - at, l->options.bytes, &used);

		if (!l->options.ignore_case || (used == 1 && code >= 0x80))
			buffer_put(&l->letters, text->bytes + at, used);
		else
			buffer_put_character(&l->letters, fold_first(&l->fold, code));
	}
	return !l->letters.failed;
}

static int
by_letters(const void *a, const void *b, void *letters)
{
	const struct literals_word *left = a, *right = b;
	const char *bytes = letters;
	size_t shorter = left->length < right->length ? left->length : right->length;
	int order = shorter == 0 ? 0 : memcmp(bytes + left->offset, bytes + right->offset, shorter);

	if (order == 0)
		order = (left->length > right->length) - (left->length < right->length);
	return order != 0 ? order : (left->order > right->order) - (left->order < right->order);
}

/* Of equal words, the one that was given first stays. */
static void
drop_equals(struct literals *l)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		const struct literals_word *w = &l->words[i], *before = &l->words[kept > 0 ? kept - 1 : 0];

		if (kept > 0 && w->length == before->length && memcmp(l->letters.bytes + w->offset,
		    l->letters.bytes + before->offset, w->length) == 0)
			continue;
		l->words[kept++] = *w;
	}
	l->count = kept;
}

static bool
sort_words(struct literals *l, const struct pattern_text *texts, size_t count)
{
	l->words = reallocarray(NULL, count, sizeof(*l->words));
	if (l->words == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t offset = l->letters.length;

		if (texts[i].length == 0) {
			l->empty_order = l->has_empty ? l->empty_order : (uint32_t)i;
			l->has_empty = true;
			continue;
		}
		if (!put_folded(l, &texts[i]))
			return false;
		l->words[l->count++] = (struct literals_word){ offset, (uint32_t)(l->letters.length - offset),
			(uint32_t)i };
	}
	qsort_r(l->words, l->count, sizeof(*l->words), by_letters, l->letters.bytes);
	drop_equals(l);
	return true;
}

static void
widen(uint32_t *first, uint32_t *end, uint32_t word)
{
	if (*end == 0 || word < *first)
		*first = word;
	if (word >= *end)
		*end = word + 1;
}

static void
add_gram(struct literals *l, uint32_t gram, uint32_t word)
{
	uint32_t i = literals_hash(gram) >> 8 & l->slot_mask;

	while (l->slots[i].end != 0 && l->slots[i].gram != gram)
		i = (i + 1) & l->slot_mask;
	l->slots[i].gram = gram;
	widen(&l->slots[i].first, &l->slots[i].end, word);
}

/* A way in which a word may begin: what proposes it. */
struct beginning {
	unsigned char bytes[LITERALS_GRAM + STRIDE_MAX + 4];
	size_t length;
};

static void
add_beginning(struct literals *l, const struct beginning *b, uint32_t word)
{
	unsigned char bytes[LITERALS_GRAM + STRIDE_MAX] = { 0 };
	unsigned char fold = l->options.ignore_case ? 0x20 : 0;

	for (size_t i = 0; i < sizeof(bytes) && i < b->length; i++)
		bytes[i] = b->bytes[i] | fold;
	/* With the case and without. */
	for (int i = 0; i < 2; i++) {
		struct literals_range *range = &l->by_byte[i == 0 ? bytes[0] : bytes[0] & ~fold & 0xff];

		widen(&range->first, &range->end, word);
	}
	if (b->length >= LITERALS_GRAM) {
		add_gram(l, literals_load((const char *)bytes), word);
		for (unsigned int i = 0; i < l->stride; i++)
			set_bit(l->grams, literals_hash(literals_load((const char *)bytes + i)) >> l->shift);
		return;
	}
	l->has_short = true;
	for (unsigned int next = 0; next < 256; next++)
		if (b->length == 1 || next == bytes[1])
			set_bit(l->pairs, bytes[0] | next << 8);
}

/* All ways in which a word may begin, from its letter at offset at on. */
static void
add_beginnings(struct literals *l, struct beginning b, uint32_t word, size_t at)
{
	const struct literals_word *w = &l->words[word];
	const char *letters = l->letters.bytes + w->offset;
	uint32_t variants[FOLD_VARIANTS_MAX], code;
	size_t used, count;

	if (b.length >= LITERALS_GRAM + l->stride - 1 || at == w->length) {
		add_beginning(l, &b, word);
		return;
	}
	code = fold_decode(letters + at, w->length - at, l->options.bytes, &used);
	if (!l->options.ignore_case || code < 0x80 || used == 1) {
		struct beginning next = b;

		memcpy(next.bytes + next.length, letters + at, used);
		next.length += used;
		add_beginnings(l, next, word, at + used);
		/* Of the variants of these, all but two are of ASCII, and fold alike. */
		if (!l->options.ignore_case || l->options.bytes || (code != 'k' && code != 's'))
			return;
	}
	count = fold_variants(&l->fold, code, variants);
	for (size_t i = 0; i < count; i++) {
		struct beginning next = b;
		struct buffer one = { 0 };

		if (variants[i] < 0x80 && code < 0x80)
			continue;
		buffer_put_character(&one, variants[i]);
		l->letters.failed |= one.failed;
		if (!one.failed) {
			memcpy(next.bytes + next.length, one.bytes, one.length);
			next.length += one.length;
			add_beginnings(l, next, word, at + used);
		}
		buffer_free(&one);
	}
}

/* Room for so many grams. */
static bool
size_tables(struct literals *l, size_t grams)
{
	unsigned int bits = GRAM_BITS_MIN, slots = 4;

	while (bits < GRAM_BITS_MAX && (size_t)1 << bits < grams * SLACK)
		bits++;
	while ((size_t)1 << slots < grams * 2)
		slots++;
	l->shift = 32 - bits;
	l->slot_mask = (1U << slots) - 1;
	l->grams = calloc(((size_t)1 << bits) / 64, sizeof(*l->grams));
	l->slots = calloc((size_t)1 << slots, sizeof(*l->slots));
	return l->grams != NULL && l->slots != NULL;
}

/* How many grams there are at most: each letter of four may have so many variants. */
static size_t
count_grams(const struct literals *l)
{
	size_t grams = 0;

	for (uint32_t i = 0; i < l->count; i++) {
		size_t ways = 1, used;

		for (size_t at = 0; l->options.ignore_case && at < LITERALS_GRAM + l->stride - 1 &&
		    at < l->words[i].length; at += used) {
			uint32_t variants[FOLD_VARIANTS_MAX], code = fold_decode(l->letters.bytes +
			    l->words[i].offset + at, l->words[i].length - at, l->options.bytes, &used);

			if (code >= 0x80 || code == 'k' || code == 's')
				ways *= fold_variants(&l->fold, code, variants);
		}
		grams += ways * l->stride;
	}
	return grams;
}

/*
 * If all words are long enough, each holds a gram at one of any so many places
 * in a row.  Characters are counted: those that are equal may differ in bytes.
 */
static unsigned int
choose_stride(const struct literals *l, const struct pattern_text *texts, size_t count)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t characters = 0;

		for (size_t at = 0; at < texts[i].length; at++)
			characters += !l->options.ignore_case || (texts[i].bytes[at] & 0xc0) != 0x80;
		least = characters < least ? characters : least;
	}
	if (least >= LITERALS_GRAM + STRIDE_MAX - 1 && count <= STRIDE_WORDS)
		return STRIDE_MAX;
	return least > LITERALS_GRAM ? 2 : 1;
}

static pcre2_code *
word_code(const struct literals_options *o)
{
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)o->word_class, PCRE2_ZERO_TERMINATED,
	    PCRE2_ANCHORED | PCRE2_UTF | PCRE2_UCP, &error, &offset, NULL);

	if (code != NULL)
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

/* What is faster, where it is only asked for lines. */
static bool
add_lines(struct literals *l)
{
	const struct grams_words words = { .letters = l->letters.bytes, .words = l->words,
		.count = l->count, .ignore_case = l->options.ignore_case };

	if (l->options.line || l->has_empty)
		return true;
	l->lines = grams_new(&words);
	return l->lines != NULL || errno == 0;
}

struct literals *
literals_new(const struct literals_options *o, const struct pattern_text *words, size_t count)
{
	struct literals *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->options = *o;
	l->stride = choose_stride(l, words, count);
	if ((o->ignore_case && !fold_learn(&l->fold, words, count, o->bytes)) ||
	    (o->word && (l->word = word_code(o)) == NULL) || !sort_words(l, words, count) ||
	    !size_tables(l, count_grams(l)))
		goto err;
	for (uint32_t i = 0; i < l->count; i++)
		add_beginnings(l, (struct beginning){ .length = 0 }, i, 0);
	if (!l->letters.failed && add_lines(l))
		return l;
err:
	literals_free(l);
	errno = ENOMEM;
	return NULL;
}

void
literals_free(struct literals *l)
{
	if (l == NULL)
		return;
	buffer_free(&l->letters);
	fold_free(&l->fold);
	pcre2_code_free(l->word);
	grams_free(l->lines);
	free(l->words);
	free(l->grams);
	free(l->slots);
	free(l);
}
