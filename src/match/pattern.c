#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"

struct pattern {
	pcre2_code *forms[TEXT_BYTES + 1]; /* by kind of text; some may be the same */
	pcre2_code *owned[TEXT_BYTES + 1];
	enum pattern_plan plan;
	bool has_verbs; /* (*UTF) and such at the start */
	bool ignores_kind;
	bool ignores_nul;
};

/* A pattern being put together. */
struct builder {
	char *bytes;
	size_t length, capacity;
	bool failed; /* for want of memory */
	/* Why it could not be compiled. */
	int error;
	size_t offset;
};

/*
 * Grep's -w: a word character on neither side, and the engine backtracks to a
 * shorter or later match where one has them.  Not \b, which would want a word
 * character inside.
 */
static const char word_before[] = "(?<!\\w)(?:", word_after[] = ")(?!\\w)";
static const char line_before[] = "^(?:", line_after[] = ")$";

static pcre2_code *
compile(const char *bytes, size_t length, uint32_t options, int *error, size_t *offset)
{
	return pcre2_compile((PCRE2_SPTR)bytes, length,
	    options | PCRE2_MULTILINE | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C, error, offset,
	    NULL);
}

static char *
describe(const char *text, int error, size_t offset)
{
	PCRE2_UCHAR reason[256];
	char *message = NULL;

	/* That is no fault of the pattern's. */
	if (error == PCRE2_ERROR_HEAP_FAILED)
		return NULL;
	pcre2_get_error_message(error, reason, sizeof(reason));
	if (asprintf(&message, "pattern '%s': %s at offset %zu", text, (char *)reason, offset) == -1)
		return NULL;
	return message;
}

static uint32_t
case_option(const struct pattern_options *o)
{
	return o->ignore_case ? PCRE2_CASELESS : 0;
}

/* For a pattern that is UTF-8; one that is not asks for bytes. */
static uint32_t
utf_options(const struct pattern_options *o, const char *text)
{
	uint32_t utf = text_kind_of(text, strlen(text)) != TEXT_BYTES ? PCRE2_UTF | PCRE2_UCP : 0;

	return utf | case_option(o);
}

/* Compiles one text as it stands, to find its own faults before it is put among others. */
static bool
check(const struct pattern_options *o, const char *text, char **message)
{
	pcre2_code *code;
	size_t offset;
	int error;

	code = compile(text, strlen(text), utf_options(o, text), &error, &offset);
	if (code == NULL)
		*message = describe(text, error, offset);
	pcre2_code_free(code);
	return code != NULL;
}

/* The length of the leading (*UTF) and such, which PCRE2 takes only at the very start. */
static size_t
leading_verbs(const char *text)
{
	const char *p = text;

	while (p[0] == '(' && p[1] == '*') {
		size_t letters = strspn(p + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789=");

		/* Backtracking verbs belong to the pattern. */
		if (letters == 0 || p[2 + letters] != ')' || strncmp(p, "(*ACCEPT)", 9) == 0 ||
		    strncmp(p, "(*FAIL)", 7) == 0 || strncmp(p, "(*F)", 4) == 0 ||
		    strncmp(p, "(*COMMIT)", 9) == 0 || strncmp(p, "(*PRUNE)", 8) == 0 ||
		    strncmp(p, "(*SKIP)", 7) == 0 || strncmp(p, "(*THEN)", 7) == 0)
			break;
		p += letters + 3;
	}
	return (size_t)(p - text);
}

static bool
is_combinable(const char *text, char **message)
{
	size_t verbs = leading_verbs(text);

	if (verbs > 0 && asprintf(message, "pattern '%s': %.*s sets all patterns: give only one",
	    text, (int)verbs, text) == -1)
		*message = NULL;
	return verbs == 0;
}

/* The bytes always end with a NUL. */
static void
put_bytes(struct builder *b, const char *bytes, size_t length)
{
	size_t capacity = b->capacity ? b->capacity : 128;
	char *bigger;

	while (capacity < b->length + length + 1)
		capacity *= 2;
	if (capacity != b->capacity && !b->failed) {
		bigger = realloc(b->bytes, capacity);
		b->failed = bigger == NULL;
		if (!b->failed) {
			b->bytes = bigger;
			b->capacity = capacity;
		}
	}
	if (b->failed)
		return;
	memcpy(b->bytes + b->length, bytes, length);
	b->length += length;
	b->bytes[b->length] = '\0';
}

static void
put(struct builder *b, const char *text)
{
	put_bytes(b, text, strlen(text));
}

static void
put_literal(struct builder *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x80 && !isalnum((unsigned char)*text))
			put(b, "\\");
		put_bytes(b, text, 1);
	}
}

static int
longer_first(const void *a, const void *b)
{
	size_t left = strlen(*(char *const *)a), right = strlen(*(char *const *)b);

	return (left < right) - (left > right);
}

/* Returns 1, 0, or -1 when there is no memory to tell. */
static int
compiles_grouped(const struct pattern_options *o, const char *text, const char *end)
{
	char *grouped;
	pcre2_code *code;
	size_t offset;
	int error, length = asprintf(&grouped, "(?:%s%s)", text, end);

	if (length == -1)
		return -1;
	code = compile(grouped, (size_t)length, utf_options(o, text), &error, &offset);
	free(grouped);
	pcre2_code_free(code);
	if (code == NULL)
		return error == PCRE2_ERROR_HEAP_FAILED ? -1 : 0;
	return 1;
}

/* What must follow a text before a ')' can: it may end in a quotation, or a comment of (?x). */
static void
put_ending(struct builder *b, const struct pattern_options *o, const char *text)
{
	static const char *const ends[] = { "", "\\E", "\n" };
	int fits = 0;

	if (strchr(text, '#') == NULL && strstr(text, "\\Q") == NULL)
		return;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && fits == 0; i++) {
		fits = compiles_grouped(o, text, ends[i]);
		if (fits == 1)
			put(b, ends[i]);
	}
	b->failed |= fits == -1;
}

static void
put_alternatives(struct builder *b, const struct pattern_options *o, char *const *texts,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			put(b, "|");
		if (o->fixed) {
			put_literal(b, texts[i]);
			continue;
		}
		put(b, count > 1 ? "(?:" : "");
		put(b, texts[i]);
		if (count > 1 || o->word || o->line)
			put_ending(b, o, texts[i]);
		put(b, count > 1 ? ")" : "");
	}
}

/* Groups are numbered anew in each alternative, so that \1 means what its author saw. */
static void
put_pattern(struct builder *b, const struct pattern_options *o, char *const *texts, size_t count)
{
	size_t verbs = count == 1 && !o->fixed ? leading_verbs(texts[0]) : 0;
	char *rest = count == 1 ? texts[0] + verbs : NULL;

	put_bytes(b, texts[0], verbs);
	put(b, o->word ? word_before : "");
	put(b, o->line ? line_before : "");
	if (count > 1)
		put(b, o->fixed ? "(?:" : "(?|");
	put_alternatives(b, o, count == 1 ? &rest : texts, count);
	if (count > 1)
		put(b, ")");
	put(b, o->line ? line_after : "");
	put(b, o->word ? word_after : "");
}

static bool
build(struct builder *b, const struct pattern_options *o, char *const *texts, size_t count)
{
	char **sorted = NULL;

	/* At one place the longest literal wins, as in grep -F -o. */
	if (o->fixed && count > 1) {
		sorted = reallocarray(NULL, count, sizeof(*sorted));
		if (sorted == NULL)
			return false;
		memcpy(sorted, texts, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), longer_first);
		texts = sorted;
	}
	put_pattern(b, o, texts, count);
	free(sorted);
	return !b->failed;
}

static enum pattern_plan
plan_for(unsigned int flags)
{
	if (flags & ANALYSIS_LINE)
		return PLAN_LINE;
	if (!(flags & ANALYSIS_NEWLINE))
		return PLAN_BUFFER;
	return flags & (ANALYSIS_LOOK | ANALYSIS_RIGID) ? PLAN_LINE : PLAN_CANDIDATE;
}

static unsigned int
analyse(const struct pattern_options *o, char *const *texts, size_t count)
{
	unsigned int flags = 0;

	for (size_t i = 0; i < count; i++) {
		size_t verbs = 0;

		/* A quoted literal has only literals, but for the case. */
		if (!o->fixed && count == 1 && (verbs = leading_verbs(texts[0])) > 0)
			flags |= ANALYSIS_UNKNOWN;
		if (!o->fixed)
			flags |= analysis_of(texts[i] + verbs, strlen(texts[i]) - verbs, o->ignore_case);
		else if (text_kind_of(texts[i], strlen(texts[i])) != TEXT_ASCII ||
		    (o->ignore_case && strpbrk(texts[i], "kKsS") != NULL))
			flags |= ANALYSIS_CHARS;
	}
	/* The look around a word tests one character, and a newline is none of a word. */
	if (o->word)
		flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
	if (o->line)
		flags |= ANALYSIS_EDGES;
	return flags;
}

/*
 * Whether JIT code is right.  Of 10.42 it is not, with Unicode properties, for
 * a class that has [:print:] or [:graph:] beside others, nor for some groups
 * that end with an empty alternative; nor, in invalid UTF-8, for a negated
 * letter with three cases.  The interpreter is.
 */
static bool
trusts_jit(const char *pattern, uint32_t options)
{
	bool ignores_case = (options & PCRE2_CASELESS) || strstr(pattern, "(?") != NULL;

	if (strstr(pattern, ":print:]") != NULL || strstr(pattern, ":graph:]") != NULL ||
	    strstr(pattern, "|)") != NULL)
		return false;
	if (!(options & PCRE2_MATCH_INVALID_UTF) || !ignores_case)
		return true;
	/* K and S have a third case each, and of the others some have. */
	for (const char *p = pattern; (p = strstr(p, "[^")) != NULL; p += 2)
		if (strchr("kKsS\\", p[2]) != NULL || (unsigned char)p[2] >= 0x80)
			return false;
	return true;
}

static bool
add_form(struct pattern *p, struct builder *b, enum text_kind kind, uint32_t options)
{
	pcre2_code *code = compile(b->bytes, b->length, options, &b->error, &b->offset);

	if (code == NULL)
		return false;
	/* Without JIT, for want of executable memory, the interpreter serves. */
	if (trusts_jit(b->bytes, options))
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	p->owned[kind] = p->forms[kind] = code;
	return true;
}

/* Decides which forms there are, and compiles them. */
static bool
compile_forms(struct pattern *p, const struct pattern_options *o, struct builder *b,
    unsigned int flags)
{
	const uint32_t bytes = PCRE2_UCP | case_option(o);
	const uint32_t utf = PCRE2_UTF | bytes;
	/* JIT code tries a pattern that starts with .* at the starts of lines alone,
	 * though behind an invalid byte a match may start anew. */
	const uint32_t invalid = PCRE2_MATCH_INVALID_UTF | PCRE2_NO_DOTSTAR_ANCHOR;
	enum text_kind kind = text_kind_of(b->bytes, b->length);

	/* A pattern that is no UTF-8 asks for bytes. */
	p->ignores_kind = kind == TEXT_BYTES || !(flags & ANALYSIS_CHARS);
	if (p->ignores_kind) {
		if (!add_form(p, b, TEXT_ASCII, kind == TEXT_BYTES ? case_option(o) : bytes))
			return false;
		p->forms[TEXT_UTF8] = p->forms[TEXT_BYTES] = p->forms[TEXT_ASCII];
		return true;
	}
	if (!add_form(p, b, TEXT_UTF8, utf) ||
	    !add_form(p, b, TEXT_BYTES, utf | invalid))
		return false;
	/* Some characters cannot be said in bytes: then ASCII is searched as UTF-8. */
	if (kind != TEXT_ASCII || !add_form(p, b, TEXT_ASCII, bytes))
		p->forms[TEXT_ASCII] = p->forms[TEXT_UTF8];
	return true;
}

struct pattern *
pattern_compile(const struct pattern_options *o, char *const *texts, size_t count, char **error)
{
	struct pattern *p;
	struct builder b = { 0 };
	unsigned int flags;

	*error = NULL;
	for (size_t i = 0; i < count && !o->fixed; i++)
		if (!check(o, texts[i], error) || (count > 1 && !is_combinable(texts[i], error)))
			return NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	flags = analyse(o, texts, count);
	p->plan = plan_for(flags);
	p->has_verbs = count == 1 && !o->fixed && leading_verbs(texts[0]) > 0;
	p->ignores_nul = !(flags & (ANALYSIS_EDGES | ANALYSIS_LOOK | ANALYSIS_LINE |
	    ANALYSIS_NEWLINE));
	if (!build(&b, o, texts, count) || !compile_forms(p, o, &b, flags)) {
		if (b.error != 0)
			*error = describe(b.bytes, b.error, b.offset);
		pattern_free(p);
		p = NULL;
	}
	free(b.bytes);
	return p;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < sizeof(p->owned) / sizeof(p->owned[0]); i++)
		pcre2_code_free(p->owned[i]);
	free(p);
}

enum pattern_plan
pattern_plan(const struct pattern *p)
{
	return p->plan;
}

const void *
pattern_code(const struct pattern *p, enum text_kind kind)
{
	return p->forms[kind];
}

bool
pattern_runs_directly(const struct pattern *p)
{
	return !p->has_verbs;
}

bool
pattern_ignores_kind(const struct pattern *p)
{
	return p->ignores_kind;
}

bool
pattern_ignores_nul(const struct pattern *p)
{
	return p->ignores_nul;
}
