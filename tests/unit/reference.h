/*
 * What a search must select, said in the plainest way: each pattern compiled
 * by itself, each line put to PCRE2's interpreter by itself.  Nothing of
 * src/match is used.
 */
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <string.h>

#include "match/pattern.h"

enum { REFERENCE_PATTERNS = 4, REFERENCE_STEPS = 100000 };

struct reference {
	pcre2_code *codes[REFERENCE_PATTERNS];
	size_t count;
	pcre2_match_data *data;
	pcre2_match_context *context;
	bool undecided; /* a line took too many steps */
};

/* Well-formed UTF-8 by way of its definition: decode, then ask what was decoded. */
static inline bool
reference_is_utf8(const char *text, size_t length)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text, *end = p + length;

	while (p < end) {
		size_t bytes = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
		unsigned long value;

		if (bytes == 0 || (size_t)(end - p) < bytes)
			return false;
		value = bytes == 1 ? *p : *p & (0xffU >> (bytes + 1));
		for (size_t i = 1; i < bytes; i++) {
			if (p[i] >> 6 != 2)
				return false;
			value = value << 6 | (p[i] & 0x3f);
		}
		if (value < least[bytes] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
			return false;
		p += bytes;
	}
	return true;
}

/* The pattern between what -w puts around it, closed by end. Returns a string to be freed. */
static inline char *
reference_word(const struct pattern_options *o, const char *text, const char *end)
{
	char *out = malloc(4 * strlen(text) + 64), *to;

	if (out == NULL)
		return NULL;
	to = stpcpy(out, o->fixed ? "(?<!\\w)\\Q" : "(?<!\\w)(?:");
	for (; *text != '\0'; text++) {
		if (o->fixed && text[0] == '\\' && text[1] == 'E') {
			to = stpcpy(to, "\\E\\\\E\\Q");
			text++;
		} else {
			*to++ = *text;
		}
	}
	strcpy(to, o->fixed ? "\\E(?!\\w)" : end);
	return out;
}

static inline pcre2_code *
reference_compile(const struct pattern_options *o, const char *text, bool bytes)
{
	uint32_t options = bytes ? 0 : PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	bool wrap = o->word && !o->line;
	char *wrapped = wrap ? reference_word(o, text, "\\E)(?!\\w)") : NULL;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code = NULL;
	const char *const plain_text = text;
	size_t offset;
	int error;

	options |= o->ignore_case ? PCRE2_CASELESS : 0;
	if (o->fixed && !wrap)
		options |= PCRE2_LITERAL;
	else
		options |= PCRE2_MULTILINE | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C |
		    PCRE2_NO_DOTSTAR_ANCHOR | (bytes ? 0 : PCRE2_UCP);
	/* What is wrong by itself stays wrong, whatever is put around it. */
	if (wrap && !o->fixed) {
		const struct pattern_options plain = { .ignore_case = o->ignore_case };

		code = reference_compile(&plain, text, bytes);
		if (code == NULL)
			goto out;
		pcre2_code_free(code);
		code = NULL;
	}
	if (context != NULL && (!wrap || wrapped != NULL)) {
		if (o->line)
			pcre2_set_compile_extra_options(context, PCRE2_EXTRA_MATCH_LINE);
		if (wrap)
			text = wrapped;
		code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error,
		    &offset, context);
	}
	/* It may end in a comment of (?x), which a newline ends. */
	if (code == NULL && wrap && !o->fixed && context != NULL) {
		free(wrapped);
		wrapped = reference_word(o, plain_text, "\n)(?!\\w)");
		if (wrapped != NULL)
			code = pcre2_compile((PCRE2_SPTR)wrapped, PCRE2_ZERO_TERMINATED, options,
			    &error, &offset, context);
	}
out:
	pcre2_compile_context_free(context);
	free(wrapped);
	return code;
}

static inline void
reference_close(struct reference *r)
{
	for (size_t i = 0; i < r->count; i++)
		pcre2_code_free(r->codes[i]);
	pcre2_match_context_free(r->context);
	pcre2_match_data_free(r->data);
	*r = (struct reference){ 0 };
}

/* Returns whether all patterns compile. */
static inline bool
reference_open(struct reference *r, const struct pattern_options *o, char *const *texts, size_t count)
{
	bool bytes = false;

	*r = (struct reference){ .data = pcre2_match_data_create(1, NULL),
		.context = pcre2_match_context_create(NULL) };
	for (size_t i = 0; i < count; i++)
		bytes |= !reference_is_utf8(texts[i], strlen(texts[i]));
	for (; r->count < count; r->count++) {
		r->codes[r->count] = reference_compile(o, texts[r->count], bytes);
		if (r->codes[r->count] == NULL)
			break;
	}
	if (r->data == NULL || r->context == NULL || r->count < count) {
		reference_close(r);
		return false;
	}
	pcre2_set_match_limit(r->context, REFERENCE_STEPS);
	return true;
}

/* Whether a line is selected; the first match of the first pattern that has one goes to span. */
static inline bool
reference_line(struct reference *r, const char *line, size_t length, size_t from, size_t span[2])
{
	for (size_t i = 0; i < r->count; i++) {
		int rc = pcre2_match(r->codes[i], (PCRE2_SPTR)line, length, from, PCRE2_NO_JIT, r->data,
		    r->context);

		if (rc >= 0) {
			const size_t *found = pcre2_get_ovector_pointer(r->data);

			span[0] = found[0];
			span[1] = found[1] < found[0] ? found[0] : found[1];
			return true;
		}
		r->undecided |= rc != PCRE2_ERROR_NOMATCH;
	}
	return false;
}

#endif
