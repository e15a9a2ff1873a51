#include "literals.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "fold.h"

enum {
	GRAM = 4,            /* bytes that propose a word, at most; of a shorter one, two do */
	STRIDE_MAX = 4,
	STRIDE_WORDS = 1000, /* so many may be proposed by each of STRIDE_MAX grams */
	PAIRS = 1 << 16,
	GRAM_BITS_MIN = 12, GRAM_BITS_MAX = 19, /* of the hash: 64 KiB of bits at most */
	SLACK = 32,          /* so many bits for each gram */
	NONE = UINT32_MAX,
};

static const uint32_t fold_bytes = 0x20202020; /* of letters, the case */

struct word {
	size_t offset; /* in the letters of all */
	uint32_t length, order;
};

/* The words that a gram may begin: a slot of a hash table. */
struct slot {
	uint32_t gram, first, end; /* in sorted words; end 0: free */
};

struct range {
	uint32_t first, end;
};

struct literals {
	struct literals_options options;
	struct buffer letters; /* of all words, folded */
	struct word *words;    /* sorted by them, a shorter one before a longer */
	uint32_t count;
	struct fold fold;
	pcre2_code *word; /* one character of a word */
	bool has_empty, has_short, has_long;
	unsigned int stride;       /* so far apart are the places that are asked for a gram */
	uint32_t empty_order;
	struct range by_byte[256]; /* words that may begin so */
	uint64_t pairs[PAIRS / 64];
	uint64_t *grams;           /* bits, by hash */
	unsigned int shift;        /* from a product to a hash */
	struct slot *slots;
	uint32_t slot_mask;
};

static uint32_t
hash(uint32_t gram)
{
	return gram * 0x9e3779b1U;
}

static bool
has_bit(const uint64_t *bits, uint32_t i)
{
	return bits[i >> 6] >> (i & 63) & 1;
}

static void
set_bit(uint64_t *bits, uint32_t i)
{
	bits[i >> 6] |= UINT64_C(1) << (i & 63);
}

static uint32_t
load(const char *p)
{
	uint32_t gram;

	memcpy(&gram, p, sizeof(gram));
	return le32toh(gram);
}

static unsigned char
letter_at(const struct literals *l, uint32_t word, size_t at)
{
	return (unsigned char)l->letters.bytes[l->words[word].offset + at];
}

/* --- Making one --- */

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
	const struct word *left = a, *right = b;
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
		const struct word *w = &l->words[i], *before = &l->words[kept > 0 ? kept - 1 : 0];

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
		l->words[l->count++] = (struct word){ offset, (uint32_t)(l->letters.length - offset),
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
	uint32_t i = hash(gram) >> 8 & l->slot_mask;

	while (l->slots[i].end != 0 && l->slots[i].gram != gram)
		i = (i + 1) & l->slot_mask;
	l->slots[i].gram = gram;
	widen(&l->slots[i].first, &l->slots[i].end, word);
}

static const struct slot *
find_gram(const struct literals *l, uint32_t gram)
{
	uint32_t i = hash(gram) >> 8 & l->slot_mask;

	while (l->slots[i].end != 0) {
		if (l->slots[i].gram == gram)
			return &l->slots[i];
		i = (i + 1) & l->slot_mask;
	}
	return NULL;
}

/* A way in which a word may begin: what proposes it. */
struct beginning {
	unsigned char bytes[GRAM + STRIDE_MAX + 4];
	size_t length;
};

static void
add_beginning(struct literals *l, const struct beginning *b, uint32_t word)
{
	unsigned char bytes[GRAM + STRIDE_MAX];
	unsigned char fold = l->options.ignore_case ? 0x20 : 0;

	for (size_t i = 0; i < sizeof(bytes) && i < b->length; i++)
		bytes[i] = b->bytes[i] | fold;
	for (unsigned int c = 0; c < 256; c++)
		if ((c | fold) == bytes[0])
			widen(&l->by_byte[c].first, &l->by_byte[c].end, word);
	if (b->length >= GRAM) {
		l->has_long = true;
		add_gram(l, load((const char *)bytes), word);
		for (unsigned int i = 0; i < l->stride; i++)
			set_bit(l->grams, hash(load((const char *)bytes + i)) >> l->shift);
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
	const struct word *w = &l->words[word];
	const char *letters = l->letters.bytes + w->offset;
	uint32_t variants[FOLD_VARIANTS_MAX], code;
	size_t used, count;

	if (b.length >= GRAM + l->stride - 1 || at == w->length) {
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

		for (size_t at = 0; l->options.ignore_case && at < GRAM + l->stride - 1 &&
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
	if (least >= GRAM + STRIDE_MAX - 1 && count <= STRIDE_WORDS)
		return STRIDE_MAX;
	return least > GRAM ? 2 : 1;
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
	if (!l->letters.failed)
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
	free(l->words);
	free(l->grams);
	free(l->slots);
	free(l);
}

/* --- Using it --- */

/* A search that is going on. */
struct finder {
	const struct literals *literals;
	pcre2_match_data *data;
	const char *text;
	size_t length;
};

static bool
is_word_character(const struct finder *f, const char *p, size_t length)
{
	unsigned char c = (unsigned char)*p;

	if (c < 0x80)
		return isalnum(c) || c == '_';
	if (f->literals->options.bytes || length == 0)
		return false;
	return pcre2_match(f->literals->word, (PCRE2_SPTR)p, length, 0, PCRE2_NO_UTF_CHECK, f->data,
	    NULL) > 0;
}

static bool
word_before(const struct finder *f, size_t at)
{
	size_t most = at < 4 ? at : 4;

	if (at == 0)
		return false;
	if ((unsigned char)f->text[at - 1] < 0x80)
		return is_word_character(f, f->text + at - 1, 1);
	for (size_t n = 2; n <= most; n++)
		if (text_sequence(f->text + at - n, n) == n)
			return is_word_character(f, f->text + at - n, n);
	return false;
}

static bool
word_behind(const struct finder *f, size_t at)
{
	return at < f->length && is_word_character(f, f->text + at,
	    (unsigned char)f->text[at] < 0x80 ? 1 : text_sequence(f->text + at, f->length - at));
}

/* Words that still may be meant, and how far they are known to be. */
struct candidates {
	uint32_t first, end;
	size_t depth;
};

/* The first word from first to end whose letter at depth is not below (or, above: is above) byte. */
static uint32_t
bound(const struct literals *l, const struct candidates *c, unsigned char byte, bool above)
{
	uint32_t low = c->first, high = c->end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		unsigned char letter = letter_at(l, middle, c->depth);

		if (letter < byte || (above && letter == byte))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Leaves the words that go on with byte. Returns whether there are any. */
static bool
narrow(const struct literals *l, struct candidates *c, unsigned char byte)
{
	/* A word that ends here goes on with nothing. */
	if (c->first < c->end && l->words[c->first].length == c->depth)
		c->first++;
	if (c->first == c->end)
		return false;
	if (letter_at(l, c->first, c->depth) != byte)
		c->first = bound(l, c, byte, false);
	if (c->first < c->end && letter_at(l, c->end - 1, c->depth) != byte)
		c->end = bound(l, c, byte, true);
	c->depth++;
	return c->first < c->end;
}

/* Likewise with the character at the start of a text, folded. Returns its length, or 0. */
static size_t
narrow_character(const struct literals *l, struct candidates *c, const char *text, size_t length)
{
	unsigned char byte = (unsigned char)*text;
	char bytes[4];
	uint32_t code;
	size_t used, n = 0;

	if (!l->options.ignore_case || byte < 0x80 || l->options.bytes) {
		if (l->options.ignore_case && byte >= 'A' && byte <= 'Z')
			byte |= 0x20;
		return narrow(l, c, byte);
	}
	code = fold_decode(text, length, false, &used);
	if (used == 1)
		return 0;
	code = fold_first(&l->fold, code);
	if (code < 0x80)
		return narrow(l, c, (unsigned char)code) ? used : 0;
	if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			bytes[n++] = (char)(0xe0 | code >> 12);
		} else {
			bytes[n++] = (char)(0xf0 | code >> 18);
			bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		}
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	bytes[n++] = (char)(0x80 | (code & 0x3f));
	for (size_t i = 0; i < n; i++)
		if (!narrow(l, c, (unsigned char)bytes[i]))
			return 0;
	return used;
}

/* The end of the match at offset at, of words that are known to go on until depth, or 0. */
static size_t
match_at(const struct finder *f, size_t at, struct candidates c)
{
	const struct literals *l = f->literals;
	size_t p = at + c.depth, best = 0, used;
	uint32_t best_order = NONE;

	for (;; p += used) {
		const struct word *w = &l->words[c.first];

		if (c.depth > 0 && w->length == c.depth && (!l->options.first || w->order < best_order) &&
		    !(l->options.word && word_behind(f, p))) {
			best = p;
			best_order = w->order;
		}
		used = p < f->length ? narrow_character(l, &c, f->text + p, f->length - p) : 0;
		if (used == 0)
			break;
	}
	/* An empty word given before. */
	if (l->options.first && l->has_empty && best_order > l->empty_order)
		return 0;
	return best;
}

/* What is proposed at offset at is looked up. Returns the end of a match, or 0. */
static size_t
try(const struct finder *f, size_t at)
{
	const struct literals *l = f->literals;
	const struct range *all = &l->by_byte[(unsigned char)f->text[at]];
	const struct slot *slot;
	uint32_t gram;

	if (all->end == 0 || (l->options.word && word_before(f, at)))
		return 0;
	if (l->has_short || f->length - at < GRAM)
		return match_at(f, at, (struct candidates){ all->first, all->end, 0 });
	gram = load(f->text + at) | (l->options.ignore_case ? fold_bytes : 0);
	slot = find_gram(l, gram);
	/* A folded gram may be that of words that start otherwise. */
	return slot == NULL ? 0 : match_at(f, at, (struct candidates){ slot->first, slot->end,
	    l->options.ignore_case ? 0 : GRAM });
}

/*
 * The next offset from at on where a gram or a pair is; near the end of the
 * text, any.  Eight bytes are looked at, for four offsets.
 */
static inline size_t
propose_with(const struct finder *f, size_t at, uint32_t fold, bool pairs, unsigned int stride)
{
	const struct literals *l = f->literals;

	for (; f->length - at >= 8; at += 4) {
		uint64_t eight;
		uint32_t bits = 0;

		memcpy(&eight, f->text + at, sizeof(eight));
		eight = le64toh(eight);
		for (unsigned int i = 0; i < 4; i += stride) {
			uint32_t gram = (uint32_t)(eight >> 8 * i) | fold;
			bool proposed = has_bit(l->grams, hash(gram) >> l->shift);

			if (pairs)
				proposed |= has_bit(l->pairs, gram & 0xffff);
			bits |= (uint32_t)proposed << i;
		}
		if (bits != 0)
			return at + (size_t)__builtin_ctz(bits);
	}
	return at;
}

static size_t
propose(const struct finder *f, size_t at)
{
	const struct literals *l = f->literals;
	uint32_t fold = l->options.ignore_case ? fold_bytes : 0;

	/* So that the compiler makes a loop of each. */
	if (l->has_short)
		return propose_with(f, at, fold, true, 1);
	if (l->stride == 1)
		return propose_with(f, at, fold, false, 1);
	return l->stride == 2 ? propose_with(f, at, fold, false, 2)
	    : propose_with(f, at, fold, false, 4);
}

/* The end of the line at offset at. */
static size_t
line_end(const struct finder *f, size_t at)
{
	const char *end = memchr(f->text + at, f->literals->options.terminator, f->length - at);

	return end != NULL ? (size_t)(end - f->text) : f->length;
}

/* Whether the line from start to end is a word. */
static bool
is_word(const struct finder *f, size_t start, size_t end)
{
	const struct literals *l = f->literals;
	const struct range *all;
	struct candidates c = { 0 };
	size_t used;

	if (start == end)
		return l->has_empty;
	all = &l->by_byte[(unsigned char)f->text[start]];
	c.first = all->first;
	c.end = all->end;
	for (; start < end; start += used) {
		used = c.first < c.end ? narrow_character(l, &c, f->text + start, end - start) : 0;
		if (used == 0)
			return false;
	}
	return l->words[c.first].length == c.depth;
}

static bool
find_line(const struct finder *f, size_t from, struct span *match)
{
	char terminator = f->literals->options.terminator;

	if (from > 0 && f->text[from - 1] != terminator)
		from = line_end(f, from) + 1;
	for (; from < f->length || (from == 0 && f->length == 0); from = match->end + 1) {
		*match = (struct span){ from, line_end(f, from) };
		if (is_word(f, match->start, match->end))
			return true;
	}
	return false;
}

/* With an empty word each place is one. */
static bool
find_with_empty(const struct finder *f, size_t from, struct span *match)
{
	const struct range *all;

	if (from > f->length)
		return false;
	*match = (struct span){ from, from };
	if (from < f->length) {
		all = &f->literals->by_byte[(unsigned char)f->text[from]];
		match->end = all->end == 0 ? 0
		    : match_at(f, from, (struct candidates){ all->first, all->end, 0 });
		match->end = match->end == 0 ? from : match->end;
	}
	return true;
}

bool
literals_find(const struct literals *l, void *data, const char *text, size_t length, size_t from,
    struct span *match)
{
	const struct finder f = { .literals = l, .data = data, .text = text, .length = length };

	if (l->options.line)
		return find_line(&f, from, match);
	if (l->has_empty)
		return find_with_empty(&f, from, match);
	for (size_t at = from, end; at < length; at++) {
		at = propose(&f, at);
		/* The gram may be one of several that a word is proposed by. */
		for (size_t start = at - from < l->stride ? from : at - l->stride + 1;
		    start <= at && start < length; start++) {
			end = try(&f, start);
			if (end > 0) {
				*match = (struct span){ start, end };
				return true;
			}
		}
	}
	return false;
}
