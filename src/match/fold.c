#include "fold.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "pattern.h"

/* Of Unicode. */
enum { CODES = 0x110000, SURROGATES = 0xd800, SURROGATES_END = 0xe000 };

uint32_t
fold_decode(const char *text, size_t length, bool bytes, size_t *used)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)text;
	size_t n = bytes || *p < 0x80 ? 1 : text_sequence(text, length);
	uint32_t code;

	*used = n == 0 ? 1 : n;
	if (n <= 1)
		return *p;
	code = *p & masks[n];
	for (size_t i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3f);
	return code;
}

static int
by_code(const void *a, const void *b)
{
	const struct fold_pair *left = a, *right = b;

	return (left->code > right->code) - (left->code < right->code);
}

static const struct fold_pair *
find(const struct fold *f, uint32_t code)
{
	const struct fold_pair key = { .code = code };

	return f->count == 0 ? NULL : bsearch(&key, f->pairs, f->count, sizeof(key), by_code);
}

uint32_t
fold_first(const struct fold *f, uint32_t code)
{
	const struct fold_pair *pair;

	if (code < 0x80)
		return code >= 'A' && code <= 'Z' ? code + 'a' - 'A' : code;
	pair = find(f, code);
	return pair != NULL ? pair->first : code;
}

size_t
fold_variants(const struct fold *f, uint32_t code, uint32_t variants[FOLD_VARIANTS_MAX])
{
	uint32_t first = fold_first(f, code);
	size_t count = 0;

	variants[count++] = first;
	if (first >= 'a' && first <= 'z')
		variants[count++] = first - ('a' - 'A');
	for (size_t i = 0; i < f->count && count < FOLD_VARIANTS_MAX; i++)
		if (f->pairs[i].first == first && f->pairs[i].code != first)
			variants[count++] = f->pairs[i].code;
	return count;
}

static pcre2_code *
compile(const char *pattern, size_t length, uint32_t options)
{
	int error;
	size_t offset;

	return pcre2_compile((PCRE2_SPTR)pattern, length, PCRE2_UTF | PCRE2_UCP | options, &error,
	    &offset, NULL);
}

/* Each match of a pattern in a text, one after the other. */
static bool
each_match(const pcre2_code *code, const struct buffer *text,
    bool (*found)(void *ctx, const char *match, size_t length), void *ctx)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	size_t from = 0;
	bool good = data != NULL;

	while (good && pcre2_match(code, (PCRE2_SPTR)text->bytes, text->length, from,
	    PCRE2_NO_UTF_CHECK, data, NULL) > 0) {
		const size_t *found_at = pcre2_get_ovector_pointer(data);

		good = found(ctx, text->bytes + found_at[0], found_at[1] - found_at[0]);
		from = found_at[1];
	}
	pcre2_match_data_free(data);
	return good;
}

static bool
keep(void *ctx, const char *match, size_t length)
{
	struct buffer *b = ctx;

	buffer_put(b, match, length);
	return !b->failed;
}

/* All characters beyond ASCII that might have another case, by their kind. */
static bool
list_cased(struct buffer *cased)
{
	static const char kinds[] = "[\\p{L&}\\p{Mn}\\p{Nl}\\p{So}]+";
	struct buffer all = { 0 };
	pcre2_code *code = compile(kinds, sizeof(kinds) - 1, 0);
	bool good;

	for (unsigned long c = 0x80; c < CODES; c++)
		if (c < SURROGATES || c >= SURROGATES_END)
			buffer_put_character(&all, c);
	if (code != NULL)
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	good = code != NULL && !all.failed && each_match(code, &all, keep, cased);
	pcre2_code_free(code);
	buffer_free(&all);
	return good;
}

static bool
add(struct fold *f, uint32_t code, uint32_t first)
{
	struct fold_pair *bigger = reallocarray(f->pairs, f->count + 1, sizeof(*bigger));

	if (bigger == NULL)
		return false;
	f->pairs = bigger;
	f->pairs[f->count++] = (struct fold_pair){ code, first };
	return true;
}

/* The equals of one character that are found. */
struct equals {
	uint32_t codes[FOLD_VARIANTS_MAX];
	size_t count;
};

static bool
add_equal(void *ctx, const char *match, size_t length)
{
	struct equals *e = ctx;
	size_t used;

	if (e->count < FOLD_VARIANTS_MAX)
		e->codes[e->count++] = fold_decode(match, length, false, &used);
	return true;
}

/* Asks PCRE2 which characters equal this one. */
static bool
learn(struct fold *f, uint32_t character, const struct buffer *cased)
{
	struct equals equals = { .count = 0 };
	struct buffer pattern = { 0 };
	pcre2_code *code = NULL;
	uint32_t first = character;
	bool good;

	buffer_put_character(&pattern, character);
	if (!pattern.failed)
		code = compile(pattern.bytes, pattern.length, PCRE2_CASELESS);
	buffer_free(&pattern);
	if (code != NULL)
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	good = code != NULL && each_match(code, cased, add_equal, &equals);
	pcre2_code_free(code);
	for (size_t i = 0; i < equals.count; i++)
		first = equals.codes[i] < first ? equals.codes[i] : first;
	/* A letter of ASCII stands for all. */
	if (equals.count > 0 && first >= 'A' && first <= 'Z')
		first += 'a' - 'A';
	for (size_t i = 0; i < equals.count && good; i++)
		if (equals.codes[i] >= 0x80)
			good = add(f, equals.codes[i], first);
	return good;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Each character beyond ASCII that is in the texts, once. Returns NULL for want of memory. */
static uint32_t *
characters_of(const struct pattern_text *texts, size_t count, size_t *found)
{
	uint32_t *codes;
	size_t most = 1, n = 0, used;

	for (size_t i = 0; i < count; i++)
		most += texts[i].length;
	codes = reallocarray(NULL, most, sizeof(*codes));
	if (codes == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < texts[i].length; at += used) {
			codes[n] = fold_decode(texts[i].bytes + at, texts[i].length - at, false, &used);
			n += codes[n] >= 0x80;
		}
	qsort(codes, n, sizeof(*codes), by_number);
	*found = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || codes[i] != codes[i - 1])
			codes[(*found)++] = codes[i];
	return codes;
}

static bool
learn_all(struct fold *f, const uint32_t *codes, size_t count)
{
	struct buffer cased = { 0 };
	bool good = count == 0 || list_cased(&cased);

	/* Letters of ASCII have equals, too. */
	for (char c = 'a'; good && count > 0 && c <= 'z'; c++)
		buffer_put(&cased, &c, 1);
	good = good && !cased.failed;
	for (size_t i = 0; good && i < count; i++) {
		struct buffer one = { 0 };
		bool has_case;

		buffer_put_character(&one, codes[i]);
		has_case = !one.failed && memmem(cased.bytes, cased.length, one.bytes, one.length) != NULL;
		good = !one.failed;
		buffer_free(&one);
		if (good && has_case && find(f, codes[i]) == NULL) {
			good = learn(f, codes[i], &cased);
			qsort(f->pairs, f->count, sizeof(*f->pairs), by_code);
		}
	}
	buffer_free(&cased);
	return good;
}

bool
fold_learn(struct fold *f, const struct pattern_text *texts, size_t count, bool ascii)
{
	uint32_t *codes;
	size_t found;
	bool good;

	if (ascii)
		return true;
	codes = characters_of(texts, count, &found);
	/* U+017F LONG S and U+212A KELVIN SIGN are the two that equal letters of ASCII. */
	good = codes != NULL && add(f, 0x17f, 's') && add(f, 0x212a, 'k') &&
	    learn_all(f, codes, found);
	free(codes);
	return good;
}

void
fold_free(struct fold *f)
{
	free(f->pairs);
	*f = (struct fold){ 0 };
}
