/*
 * What literals_make.c makes and literals.c uses.  For these two and grams.c only.
 */
#ifndef MATCH_LITERALS_TABLE_H
#define MATCH_LITERALS_TABLE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "match/buffer.h"
#include "match/fold.h"
#include "match/grams.h"
#include "match/literals.h"

enum {
	LITERALS_GRAM = 4, /* bytes that propose a word, at most; of a shorter one, two do */
	LITERALS_PAIRS = 1 << 16,
};

/* Of four letters, what tells their case. */
#define LITERALS_FOLD UINT32_C(0x20202020)

struct literals_word {
	size_t offset; /* in the letters of all */
	uint32_t length, order;
};

/* The words that a gram may begin: a slot of a hash table. */
struct literals_slot {
	uint32_t gram, first, end; /* in sorted words; end 0: free */
};

struct literals_range {
	uint32_t first, end;
};

struct literals {
	struct literals_options options;
	struct fold fold;
	void *word; /* pcre2_code of one character of a word */
	/* The words, sorted by their letters, a shorter one before a longer. */
	struct buffer letters; /* of all, folded */
	struct literals_word *words;
	uint32_t count;
	/* The empty word is not among them. */
	bool has_empty;
	uint32_t empty_order;
	/* What proposes a word. */
	bool has_short;
	unsigned int stride; /* so far apart are the places that are asked for a gram */
	uint64_t *grams;     /* bits, by hash */
	unsigned int shift;  /* from a product to a hash */
	uint64_t pairs[LITERALS_PAIRS / 64]; /* bits */
	/* Where to look it up: words that may begin with a gram, or a byte. */
	struct literals_slot *slots;
	uint32_t slot_mask;
	struct literals_range by_byte[256];
	struct grams *lines; /* for lines; or NULL */
};

static inline uint32_t
literals_hash(uint32_t gram)
{
	return gram * 0x9e3779b1U;
}

static inline bool
literals_has_bit(const uint64_t *bits, uint32_t i)
{
	return bits[i >> 6] >> (i & 63) & 1;
}

static inline uint32_t
literals_load(const char *p)
{
	uint32_t gram;

	memcpy(&gram, p, sizeof(gram));
	return le32toh(gram);
}

static inline unsigned char
literals_letter(const struct literals *l, uint32_t word, size_t at)
{
	return (unsigned char)l->letters.bytes[l->words[word].offset + at];
}

#endif
