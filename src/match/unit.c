#include "unit.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <string.h>

/* What we put around a pattern counts, too. */
enum { NEST_MAX = 1000 };

static pcre2_code *
compile(const struct unit_options *o, const char *text, size_t length, uint32_t options,
    struct unit_error *error)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code = NULL;

	error->code = PCRE2_ERROR_HEAP_FAILED;
	if (context != NULL) {
		pcre2_set_newline(context, o->crlf ? PCRE2_NEWLINE_ANYCRLF : PCRE2_NEWLINE_LF);
		pcre2_set_parens_nest_limit(context, NEST_MAX);
		code = pcre2_compile((PCRE2_SPTR)text, length, options | o->options, &error->code,
		    &error->offset, context);
	}
	pcre2_compile_context_free(context);
	return code;
}

bool
unit_check(const struct unit_options *o, const char *text, size_t length, struct unit_error *error)
{
	pcre2_code *code = compile(o, text, length, o->bytes ? 0 : PCRE2_UTF | PCRE2_UCP, error);

	pcre2_code_free(code);
	return code != NULL;
}

/* Whether there is a (?i) or the like. */
static bool
sets_case(const char *p, size_t length)
{
	const char *end = p + length;

	while ((p = memmem(p, (size_t)(end - p), "(?", 2)) != NULL)
		for (p += 2; p < end && (isalpha((unsigned char)*p) || *p == '-' || *p == '^'); p++)
			if (*p == 'i')
				return true;
	return false;
}

/*
 * Whether JIT code is right.  Of 10.42 it is not, with Unicode properties, for
 * a class that has [:print:] or [:graph:] beside others, nor for some groups
 * that end with an empty alternative; nor, in invalid UTF-8, for a negated
 * letter with three cases.  The interpreter is.
 */
static bool
trusts_jit(const struct buffer *text, uint32_t options)
{
	const char *p = text->bytes, *end = p + text->length;
	bool ignores_case = (options & PCRE2_CASELESS) || sets_case(p, text->length);

	if (memmem(p, text->length, ":print:]", 8) != NULL ||
	    memmem(p, text->length, ":graph:]", 8) != NULL || memmem(p, text->length, "|)", 2) != NULL)
		return false;
	if (!(options & PCRE2_MATCH_INVALID_UTF) || !ignores_case)
		return true;
	/* K and S have a third case each, and of the others some have. */
	for (; (p = memmem(p, (size_t)(end - p), "[^", 2)) != NULL; p += 2)
		if (end - p > 2 && (strchr("kKsS\\", p[2]) != NULL || (unsigned char)p[2] >= 0x80))
			return false;
	return true;
}

static bool
add_form(struct unit *u, const struct unit_options *o, const struct buffer *text,
    enum text_kind kind, uint32_t options, struct unit_error *error)
{
	pcre2_code *code = compile(o, text->bytes, text->length, options, error);

	if (code == NULL)
		return false;
	/* Without JIT, for want of executable memory, the interpreter serves. */
	if (trusts_jit(text, options | o->options))
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	u->owned[kind] = u->forms[kind] = code;
	return true;
}

/*
 * Whether what a pattern means of ASCII depends on Unicode's properties.  The
 * tables say the same in half the time, but for these classes without case.
 */
static bool
needs_properties(const struct buffer *text)
{
	return memmem(text->bytes, text->length, "upper:]", 7) != NULL ||
	    memmem(text->bytes, text->length, "lower:]", 7) != NULL;
}

bool
unit_compile(struct unit *u, const struct unit_options *o, const struct buffer *text,
    const struct buffer *ascii, struct unit_error *error)
{
	const uint32_t utf = PCRE2_UTF | PCRE2_UCP;
	/* JIT code tries a pattern that starts with .* at the starts of lines alone,
	 * though behind an invalid byte a match may start anew. */
	const uint32_t invalid = PCRE2_MATCH_INVALID_UTF | PCRE2_NO_DOTSTAR_ANCHOR;

	*u = (struct unit){ 0 };
	if (o->ignores_kind) {
		if (!add_form(u, o, ascii, TEXT_ASCII, o->bytes ? 0 : PCRE2_UCP, error))
			return false;
		u->forms[TEXT_UTF8] = u->forms[TEXT_BYTES] = u->forms[TEXT_ASCII];
		return true;
	}
	if (!add_form(u, o, text, TEXT_UTF8, utf, error) ||
	    !add_form(u, o, text, TEXT_BYTES, utf | invalid, error)) {
		unit_free(u);
		return false;
	}
	/* Some characters cannot be said in bytes: then ASCII is searched as UTF-8. */
	if (text_kind_of(ascii->bytes, ascii->length) != TEXT_ASCII ||
	    !add_form(u, o, ascii, TEXT_ASCII, needs_properties(ascii) ? PCRE2_UCP : 0, error))
		u->forms[TEXT_ASCII] = u->forms[TEXT_UTF8];
	return true;
}

void
unit_free(struct unit *u)
{
	for (size_t i = 0; i < sizeof(u->owned) / sizeof(u->owned[0]); i++)
		pcre2_code_free(u->owned[i]);
	*u = (struct unit){ 0 };
}

bool
unit_matches_empty(const struct unit *u)
{
	uint32_t empty = 1;

	pcre2_pattern_info(u->forms[TEXT_UTF8], PCRE2_INFO_MATCHEMPTY, &empty);
	return empty != 0;
}
