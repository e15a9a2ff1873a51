/*
 * Which characters PCRE2 holds equal without regard to case: learnt from it,
 * for the characters that are asked for.
 */
#ifndef MATCH_FOLD_H
#define MATCH_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOLD_VARIANTS_MAX = 8 };

struct fold_pair {
	uint32_t code, first; /* a character, and the one that stands for all its equals */
};

/* Starts as { 0 }. */
struct fold {
	struct fold_pair *pairs; /* sorted; characters that equal only themselves are left out */
	size_t count;
};

/*
 * Learns of the characters of count texts, all UTF-8 (or, ascii: no matter
 * what, of which only letters of ASCII have equals).  Returns false for want
 * of memory.
 */
struct pattern_text;
bool fold_learn(struct fold *f, const struct pattern_text *texts, size_t count, bool ascii);
void fold_free(struct fold *f);

/* What stands for a character, perhaps itself. */
uint32_t fold_first(const struct fold *f, uint32_t code);

/* All characters that equal one, itself among them. Returns how many. */
size_t fold_variants(const struct fold *f, uint32_t code, uint32_t variants[FOLD_VARIANTS_MAX]);

/* The character at the start of a text of at least one byte; bytes: one byte, whatever it is. */
uint32_t fold_decode(const char *text, size_t length, bool bytes, size_t *used);

#endif
