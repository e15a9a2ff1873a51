#include "literals.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>

#include "literals_table.h"

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
		unsigned char letter = literals_letter(l, middle, c->depth);

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
	if (literals_letter(l, c->first, c->depth) != byte)
		c->first = bound(l, c, byte, false);
	if (c->first < c->end && literals_letter(l, c->end - 1, c->depth) != byte)
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
	uint32_t best_order = UINT32_MAX;

	for (;; p += used) {
		const struct literals_word *w = &l->words[c.first];

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

static const struct literals_slot *
find_gram(const struct literals *l, uint32_t gram)
{
	uint32_t i = literals_hash(gram) >> 8 & l->slot_mask;

	while (l->slots[i].end != 0) {
		if (l->slots[i].gram == gram)
			return &l->slots[i];
		i = (i + 1) & l->slot_mask;
	}
	return NULL;
}

/* What is proposed at offset at is looked up. Returns the end of a match, or 0. */
static size_t
try(const struct finder *f, size_t at)
{
	const struct literals *l = f->literals;
	const struct literals_range *all = &l->by_byte[(unsigned char)f->text[at]];
	const struct literals_slot *slot;
	uint32_t gram;

	if (all->end == 0 || (l->options.word && word_before(f, at)))
		return 0;
	if (l->has_short || f->length - at < LITERALS_GRAM)
		return match_at(f, at, (struct candidates){ all->first, all->end, 0 });
	gram = literals_load(f->text + at) | (l->options.ignore_case ? LITERALS_FOLD : 0);
	slot = find_gram(l, gram);
	/* A folded gram may be that of words that start otherwise. */
	return slot == NULL ? 0 : match_at(f, at, (struct candidates){ slot->first, slot->end,
	    l->options.ignore_case ? 0 : LITERALS_GRAM });
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
			bool proposed = literals_has_bit(l->grams, literals_hash(gram) >> l->shift);

			if (pairs)
				proposed |= literals_has_bit(l->pairs, gram & 0xffff);
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
	uint32_t fold = l->options.ignore_case ? LITERALS_FOLD : 0;

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
	const struct literals_range *all;
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
	while (from < f->length || (from == 0 && f->length == 0)) {
		size_t end = line_end(f, from);

		if (is_word(f, from, end)) {
			*match = (struct span){ from, end };
			return true;
		}
		from = end + 1;
	}
	return false;
}

/* With an empty word each place is one. */
static bool
find_with_empty(const struct finder *f, size_t from, struct span *match)
{
	const struct literals_range *all;

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

bool
literals_find_any(const struct literals *l, void *data, const char *text, size_t length,
    size_t from, bool ascii, size_t *at)
{
	const struct finder f = { .literals = l, .data = data, .text = text, .length = length };
	struct grams_search search = { .grams = l->lines, .text = text, .length = length,
		.from = from, .at = from };
	struct span match = { 0 };
	size_t end;

	/* Beyond ASCII, letters may be equal of which the words know nothing. */
	if (l->lines == NULL || (l->options.ignore_case && !l->options.bytes && !ascii)) {
		bool found = literals_find(l, data, text, length, from, &match);

		*at = match.start;
		return found;
	}
	while (grams_next(&search, at, &end))
		if (!l->options.word || !(word_before(&f, *at) || word_behind(&f, end)))
			return true;
	return false;
}
