/*
 * The translator of basic and extended patterns.  The input's first byte says
 * how, the rest is the pattern.  What is translated must be right to PCRE2,
 * unless too large for it, and not be longer than a pattern of its length can
 * be; and what is made for ASCII alone must match what the other one does.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match/posix.h"
#include "match/text.h"

enum {
	LENGTH_MAX = 4096,
	GROWTH_MAX = 1000, /* bytes that one of the pattern's can make */
	STEPS_MAX = 10000,
	NEST_MAX = 1000, /* as in unit.c */
	TOO_LARGE = 120, NUMBER_TOO_LARGE = 119, TOO_COMPLICATED = 186,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool holds, const char *what, const struct buffer *out)
{
	if (holds)
		return;
	fprintf(stderr, "not so: %s: %.2000s\n", what, out->bytes ? out->bytes : "");
	abort();
}

static pcre2_code *
compile(const struct posix_options *o, const struct buffer *out)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	uint32_t options = PCRE2_MULTILINE | (o->ignore_case ? PCRE2_CASELESS : 0) |
	    (o->bytes ? 0 : PCRE2_UTF | PCRE2_UCP);
	pcre2_code *code;
	PCRE2_SIZE offset;
	int error;

	if (context == NULL)
		exit(1);
	pcre2_set_parens_nest_limit(context, NEST_MAX);
	code = pcre2_compile((PCRE2_SPTR)(out->bytes ? out->bytes : ""), out->length, options, &error,
	    &offset, context);
	pcre2_compile_context_free(context);
	expect(code != NULL || error == TOO_LARGE || error == TOO_COMPLICATED || error == NUMBER_TOO_LARGE ||
	    error == PCRE2_ERROR_HEAP_FAILED, "PCRE2 takes it", out);
	return code;
}

/* Where the first match is: its ends, or an error. */
static int
run(const pcre2_code *code, const char *text, size_t length, size_t span[2])
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	int rc;

	if (data == NULL || context == NULL)
		exit(1);
	pcre2_set_match_limit(context, STEPS_MAX);
	rc = pcre2_match(code, (PCRE2_SPTR)text, length, 0, PCRE2_NO_UTF_CHECK, data, context);
	memcpy(span, pcre2_get_ovector_pointer(data), 2 * sizeof(*span));
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	return rc >= 0 ? 1 : rc;
}

/* The pattern's own bytes, made a line of ASCII, are as good a text as any. */
static void
compare(const pcre2_code *utf, const pcre2_code *ascii, const char *pattern, size_t length,
    const struct buffer *out)
{
	static char text[LENGTH_MAX];
	size_t left[2] = { 0, 0 }, right[2] = { 0, 0 };
	int rc[2];

	for (size_t i = 0; i < length; i++)
		text[i] = pattern[i] == '\n' ? ' ' : (char)(pattern[i] & 0x7f);
	rc[0] = run(utf, text, length, left);
	rc[1] = run(ascii, text, length, right);
	if ((rc[0] != 1 && rc[0] != PCRE2_ERROR_NOMATCH) || (rc[1] != 1 && rc[1] != PCRE2_ERROR_NOMATCH))
		return;
	expect(rc[0] == rc[1] && (rc[0] < 0 || memcmp(left, right, sizeof(left)) == 0),
	    "both forms match the same", out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct posix_options o = { 0 };
	struct posix_result result, second;
	struct buffer out = { 0 }, ascii = { 0 };
	const char *pattern = (const char *)data + 1;
	bool good;

	if (size == 0 || size > LENGTH_MAX)
		return 0;
	size--;
	o.basic = data[0] & 1;
	o.ignore_case = data[0] & 2;
	o.groups = data[0] & 4;
	o.newline = data[0] & 8;
	o.dot_newline = o.newline && (data[0] & 16);
	o.block = o.newline && (data[0] & 32);
	o.bytes = (data[0] & 64) || text_kind_of(pattern, size) == TEXT_BYTES;
	good = posix_translate(&o, pattern, size, &out, &result);
	o.ascii = true;
	expect(posix_translate(&o, pattern, size, &ascii, &second) == good, "both forms translate", &out);
	expect(out.length <= GROWTH_MAX * (size + 1), "it is not too long", &out);
	if (good) {
		pcre2_code *utf = compile(&o, &out), *bytes = compile(&o, &ascii);

		if (utf != NULL && bytes != NULL)
			compare(utf, bytes, pattern, size, &out);
		pcre2_code_free(utf);
		pcre2_code_free(bytes);
	} else {
		expect(result.reason != NULL && result.offset <= size, "a reason has a place", &out);
	}
	buffer_free(&out);
	buffer_free(&ascii);
	return 0;
}
