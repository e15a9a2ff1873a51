#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "literals.h"
#include "perl.h"
#include "posix.h"
#include "required.h"
#include "smart.h"
#include "unit.h"

/* From so many words on, looking them up together is faster than PCRE2. */
enum { LITERALS_MIN = 6, REQUIRED_MIN = 2 /* bytes */ };

struct pattern {
	struct pattern_options options;
	struct literals *literals;
	struct literals *required; /* see pattern_required */
	struct unit *units;
	struct unit *rivals; /* see pattern_rival; or NULL */
	size_t count;
	enum pattern_plan plan;
	bool has_verbs; /* (*UTF) and such at the start */
	bool ignores_kind;
	bool ignores_nul;
	bool ambiguous;
};

/* What is being compiled. */
struct compiler {
	struct pattern *pattern;
	const struct pattern_options *options; /* with the case decided */
	const struct pattern_text *texts;      /* for PCRE2 */
	size_t count;
	struct unit_options unit;
	unsigned int flags; /* of analysis.h, of all texts together */
	bool second;        /* as of posix.h */
	char *message;
	bool failed;
};

static bool
is_posix(const struct pattern_options *o)
{
	return o->syntax == SYNTAX_EXTENDED || o->syntax == SYNTAX_BASIC;
}

/* No offset is known. */
#define NOWHERE SIZE_MAX

/* Sets the message, if there is memory for one, and returns false. */
static bool
complain(struct compiler *c, const struct pattern_text *text, const char *reason, size_t offset)
{
	struct buffer b = { 0 };
	char number[48];

	c->failed = true;
	if (text->file != NULL) {
		buffer_puts(&b, text->file);
		snprintf(number, sizeof(number), ":%zu: ", text->line);
		buffer_puts(&b, number);
	} else {
		buffer_puts(&b, "-e '");
		buffer_put(&b, text->bytes, text->length);
		buffer_puts(&b, "': ");
	}
	buffer_puts(&b, reason);
	snprintf(number, sizeof(number), " at offset %zu", offset);
	buffer_puts(&b, offset == NOWHERE ? "" : number);
	if (b.failed)
		buffer_free(&b);
	c->message = b.bytes;
	return false;
}

static bool
complain_of(struct compiler *c, const struct pattern_text *text, const struct unit_error *error)
{
	PCRE2_UCHAR reason[256];

	c->failed = true;
	/* That is no fault of the pattern's. */
	if (error->code == PCRE2_ERROR_HEAP_FAILED)
		return false;
	pcre2_get_error_message(error->code, reason, sizeof(reason));
	/* In a translation, an offset says nothing. */
	return complain(c, text, (char *)reason, is_posix(c->options) ? NOWHERE : error->offset);
}

static uint32_t
compile_options(const struct pattern_options *o)
{
	return PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C |
	    (o->letter_case == CASE_IGNORED ? PCRE2_CASELESS : 0) |
	    (o->terminator == '\n' ? PCRE2_MULTILINE : PCRE2_DOLLAR_ENDONLY) |
	    (o->multiline && o->dotall ? PCRE2_DOTALL : 0);
}

static struct posix_options
posix_options(const struct compiler *c, bool ascii)
{
	const struct pattern_options *o = c->options;
	bool newline = o->terminator != '\n' || o->multiline;

	return (struct posix_options){ .basic = o->syntax == SYNTAX_BASIC,
		.ignore_case = o->letter_case == CASE_IGNORED, .bytes = c->unit.bytes,
		.ascii = ascii, .groups = o->groups, .block = o->multiline, .newline = newline,
		.dot_newline = newline && (!o->multiline || o->dotall) };
}

static void
put_literal(struct buffer *b, const struct pattern_text *text)
{
	for (size_t i = 0; i < text->length; i++) {
		unsigned char c = (unsigned char)text->bytes[i];

		if (c == '\0') {
			buffer_puts(b, "\\x00");
			continue;
		}
		if (c < 0x80 && !isalnum(c))
			buffer_puts(b, "\\");
		buffer_put(b, text->bytes + i, 1);
	}
}

static size_t
characters(const struct pattern_text *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->length; i++)
		count += (text->bytes[i] & 0xc0) != 0x80;
	return count;
}

/* In characters: of words that are equal but for the case, the bytes may differ in number. */
static int
longer_first(const void *a, const void *b)
{
	size_t left = characters(a), right = characters(b);

	return (left < right) - (left > right);
}

static bool
put_text(struct compiler *c, struct buffer *b, const struct pattern_text *text, bool wrapped,
    bool ascii)
{
	const struct posix_options posix = posix_options(c, ascii);
	struct posix_result ignored;

	if (c->options->syntax == SYNTAX_FIXED) {
		put_literal(b, text);
	} else if (is_posix(c->options)) {
		return posix_translate(&posix, text->bytes, text->length, b, &ignored);
	} else if (!wrapped) {
		buffer_put(b, text->bytes, text->length);
	} else {
		return perl_put(b, text->bytes, text->length,
		    c->unit.options | (c->unit.bytes ? 0 : PCRE2_UTF | PCRE2_UCP));
	}
	return true;
}

/*
 * Grep's -w: a word character on neither side, and the engine backtracks to a
 * shorter or later match where one has them.  Not \b, which would want a word
 * character inside.
 */
static void
put_look(struct compiler *c, struct buffer *b, const char *look, bool ascii)
{
	buffer_puts(b, look);
	buffer_puts(b, c->options->syntax == SYNTAX_PERL ? "\\w"
	    : posix_word(ascii || c->unit.bytes));
	buffer_puts(b, ")");
}

/* Groups are numbered anew in each alternative, so that \1 means what its author saw. */
static bool
put_pattern(struct compiler *c, struct buffer *b, const struct pattern_text *texts, size_t count,
    bool ascii, bool bare)
{
	const struct pattern_options *o = c->options;
	struct pattern_text text = texts[0];
	size_t verbs = o->syntax == SYNTAX_PERL && count == 1 ? perl_verbs(text.bytes, text.length) : 0;
	bool good = true, word = o->word && !bare && !o->line;
	bool several = count > 1 && o->syntax != SYNTAX_FIXED;
	bool wrapped = count > 1 || word || (o->line && !bare);

	buffer_put(b, text.bytes, verbs);
	text.bytes += verbs;
	text.length -= verbs;
	if (word)
		put_look(c, b, "(?<!", ascii);
	buffer_puts(b, o->line && !bare ? "^" : "");
	buffer_puts(b, several ? "(?|" : wrapped ? "(?:" : "");
	for (size_t i = 0; i < count && good; i++) {
		buffer_puts(b, i > 0 ? "|" : "");
		buffer_puts(b, several ? "(?:" : "");
		good = put_text(c, b, count == 1 ? &text : &texts[i], wrapped, ascii);
		buffer_puts(b, several ? ")" : "");
	}
	buffer_puts(b, wrapped ? ")" : "");
	buffer_puts(b, o->line && !bare ? "$" : "");
	if (word)
		put_look(c, b, "(?!", ascii);
	return good && !b->failed;
}

/* One unit of count texts. Returns false, with an error or (code 0) for want of memory. */
static bool
compile_unit(struct compiler *c, struct unit *u, const struct pattern_text *texts, size_t count,
    bool bare, struct unit_error *error)
{
	struct buffer text = { 0 }, ascii = { 0 };
	bool good;

	error->code = PCRE2_ERROR_HEAP_FAILED;
	good = put_pattern(c, &text, texts, count, false, bare) &&
	    put_pattern(c, &ascii, texts, count, true, bare) &&
	    unit_compile(u, &c->unit, &text, &ascii, error);
	buffer_free(&text);
	buffer_free(&ascii);
	return good;
}

static bool
add_unit(struct compiler *c, struct unit *u)
{
	struct pattern *p = c->pattern;
	struct unit *bigger = reallocarray(p->units, p->count + 1, sizeof(*bigger));

	if (bigger == NULL) {
		unit_free(u);
		c->failed = true;
		return false;
	}
	p->units = bigger;
	p->units[p->count++] = *u;
	return true;
}

/* What PCRE2 does not take together it may take in parts. */
static bool
compile_texts(struct compiler *c, const struct pattern_text *texts, size_t count)
{
	struct unit_error error;
	struct unit u;

	if (compile_unit(c, &u, texts, count, false, &error))
		return add_unit(c, &u);
	if (count == 1 || error.code == PCRE2_ERROR_HEAP_FAILED)
		return complain_of(c, texts, &error);
	return compile_texts(c, texts, count / 2) &&
	    compile_texts(c, texts + count / 2, count - count / 2);
}

/* A literal has only literals, but for the case. */
static unsigned int
literal_flags(const struct compiler *c, const struct pattern_text *text)
{
	unsigned int flags = 0;

	for (size_t i = 0; i < text->length; i++) {
		if ((unsigned char)text->bytes[i] >= 0x80 ||
		    (c->options->letter_case == CASE_IGNORED && text->bytes[i] != '\0' &&
		    strchr("kKsS", text->bytes[i]) != NULL))
			flags |= ANALYSIS_CHARS;
		if (text->bytes[i] == '\0')
			flags |= ANALYSIS_EDGES;
	}
	return flags;
}

/* A pattern of the C library's kind: whether it can be translated, and what it is. */
static bool
check_posix(struct compiler *c, const struct pattern_text *text)
{
	const struct posix_options posix = posix_options(c, false);
	struct posix_result result;
	struct buffer out = { 0 };
	bool good = posix_translate(&posix, text->bytes, text->length, &out, &result);

	buffer_free(&out);
	c->flags |= result.flags;
	c->pattern->ambiguous |= result.ambiguous;
	c->second |= result.second;
	c->failed |= !good;
	return good || (result.reason != NULL && complain(c, text, result.reason, result.offset));
}

static bool
check_perl(struct compiler *c, const struct pattern_text *text)
{
	size_t verbs = perl_verbs(text->bytes, text->length);
	struct unit_error error;
	char *reason;

	if (!unit_check(&c->unit, text->bytes, text->length, &error))
		return complain_of(c, text, &error);
	if (verbs > 0 && c->count > 1) {
		if (asprintf(&reason, "%.*s sets all patterns: give only one", (int)verbs,
		    text->bytes) != -1) {
			complain(c, text, reason, NOWHERE);
			free(reason);
		}
		c->failed = true;
		return false;
	}
	c->flags |= verbs > 0 ? ANALYSIS_UNKNOWN : 0;
	c->pattern->has_verbs = verbs > 0;
	c->flags |= analysis_of(text->bytes + verbs, text->length - verbs,
	    c->options->letter_case == CASE_IGNORED);
	return true;
}

/* Finds the faults of each text, before it is put among others, and what they are together. */
static bool
check_texts(struct compiler *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->options->syntax == SYNTAX_FIXED)
			c->flags |= literal_flags(c, &c->texts[i]);
		else if (!(is_posix(c->options) ? check_posix(c, &c->texts[i])
		    : check_perl(c, &c->texts[i])))
			return false;
	}
	/* The look around a word tests one character, and a newline is none of a word. */
	if (c->options->word && !c->options->line)
		c->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
	if (c->options->line)
		c->flags |= ANALYSIS_EDGES;
	return true;
}

static enum pattern_plan
plan_for(const struct pattern_options *o, unsigned int flags)
{
	if (flags & ANALYSIS_LINE)
		return PLAN_LINE;
	/* PCRE2 is told of newlines, and not where records end. */
	if (o->terminator != '\n')
		return flags & (ANALYSIS_EDGES | ANALYSIS_LOOK | ANALYSIS_RIGID) ? PLAN_LINE : PLAN_BUFFER;
	/* Between a carriage return and a newline PCRE2 tries no match, at the end of a line it does. */
	if (o->crlf && (flags & ANALYSIS_EDGES))
		return PLAN_LINE;
	if (!(flags & ANALYSIS_NEWLINE))
		return PLAN_BUFFER;
	return flags & (ANALYSIS_LOOK | ANALYSIS_RIGID) ? PLAN_LINE : PLAN_CANDIDATE;
}

/* Whether a text is a word, in which no character means another. */
static bool
is_plain(const struct pattern_options *o, const struct pattern_text *text)
{
	const char *special = o->syntax == SYNTAX_BASIC ? "\\^$.[*" : "\\^$.[|()?*+{";

	/* An empty match of -w may depend on all others: see add_rivals. */
	if (text->length == 0 && o->word)
		return false;
	for (size_t i = 0; i < text->length && o->syntax != SYNTAX_FIXED; i++)
		if (text->bytes[i] != '\0' && strchr(special, text->bytes[i]) != NULL)
			return false;
	return true;
}

/*
 * Moves the words among the texts to the front of sorted, the others behind
 * them.  Returns how many words are to be looked up together.
 */
static size_t
part_words(const struct pattern_options *o, const struct pattern_text *texts, size_t count,
    struct pattern_text *sorted)
{
	size_t words = 0, others = count;

	for (size_t i = 0; i < count; i++)
		words += is_plain(o, &texts[i]);
	/* In Perl's syntax the order of all of them counts; and see literals.h. */
	if (words < LITERALS_MIN || (o->syntax == SYNTAX_PERL && words < count) ||
	    (o->line && o->crlf)) {
		memcpy(sorted, texts, count * sizeof(*texts));
		return 0;
	}
	others = words;
	words = 0;
	for (size_t i = 0; i < count; i++)
		sorted[is_plain(o, &texts[i]) ? words++ : others++] = texts[i];
	return words;
}

static bool
add_literals(struct compiler *c, const struct pattern_text *words, size_t count)
{
	const struct pattern_options *o = c->options;
	const struct literals_options how = { .ignore_case = o->letter_case == CASE_IGNORED,
		.word = o->word && !o->line, .line = o->line, .bytes = c->unit.bytes,
		.first = o->syntax == SYNTAX_PERL, .terminator = o->terminator,
		.word_class = o->syntax == SYNTAX_PERL ? "\\w" : posix_word(false) };

	c->pattern->literals = literals_new(&how, words, count);
	return c->pattern->literals != NULL;
}

/* If all of many patterns require some literal, lines without one need not be put to PCRE2. */
static bool
add_required(struct compiler *c)
{
	const struct pattern_options *o = c->options;
	const struct literals_options how = { .ignore_case = o->letter_case == CASE_IGNORED,
		.bytes = c->unit.bytes, .terminator = o->terminator };
	struct pattern_text *required;
	bool all = c->count >= LITERALS_MIN && o->syntax != SYNTAX_FIXED;

	if (!all)
		return true;
	required = reallocarray(NULL, c->count, sizeof(*required));
	for (size_t i = 0; required != NULL && all && i < c->count; i++)
		all = required_find(o->syntax, &c->texts[i], &required[i]) &&
		    required[i].length >= REQUIRED_MIN;
	if (required != NULL && all)
		c->pattern->required = literals_new(&how, required, c->count);
	free(required);
	return required != NULL && (!all || c->pattern->required != NULL);
}

/*
 * Of basic and extended patterns, but for bytes, grep's -w takes an empty match
 * only where no other one starts, right or not.
 */
static bool
add_rivals(struct compiler *c, const struct pattern_text *texts, size_t count)
{
	struct pattern *p = c->pattern;
	struct unit_error error;
	bool wanted = false;

	for (size_t i = 0; i < p->count; i++)
		wanted |= unit_matches_empty(&p->units[i]);
	if (!wanted || !c->options->word || c->options->line || !is_posix(c->options) ||
	    (c->unit.bytes && !c->second))
		return true;
	/* All texts together: in parts they would not know of each other's matches. */
	p->rivals = calloc(1, sizeof(*p->rivals));
	p->plan = PLAN_LINE;
	if (p->rivals == NULL)
		return false;
	if (compile_unit(c, p->rivals, texts, count, true, &error))
		return true;
	/* Too large for that: then an empty match is taken anywhere. */
	free(p->rivals);
	p->rivals = NULL;
	return error.code != PCRE2_ERROR_HEAP_FAILED;
}

static bool
compile_all(struct compiler *c, struct pattern_text *texts, size_t count)
{
	static const struct pattern_text nothing = { .bytes = "(?!)", .length = 4 };
	struct pattern_options never = *c->options;
	struct pattern *p = c->pattern;
	size_t words = part_words(c->options, texts, count, texts + count);
	bool good;

	c->texts = texts + count + words;
	c->count = count - words;
	p->ambiguous = is_posix(c->options) && c->count > 1;
	if (c->options->syntax == SYNTAX_FIXED)
		qsort(texts + count + words, c->count, sizeof(*texts), longer_first);
	if (!check_texts(c) || (words > 0 && !add_literals(c, texts + count, words)))
		return false;
	for (size_t i = 0; i < words; i++)
		c->flags |= literal_flags(c, &texts[count + i]) & ANALYSIS_EDGES;
	p->plan = plan_for(c->options, c->flags);
	p->ignores_kind = c->unit.ignores_kind = c->unit.bytes || c->count == 0 ||
	    !(c->flags & ANALYSIS_CHARS);
	p->ignores_nul = !(c->flags & (ANALYSIS_EDGES | ANALYSIS_LOOK | ANALYSIS_LINE |
	    ANALYSIS_NEWLINE));
	if (count > 0)
		return c->count == 0 || (compile_texts(c, c->texts, c->count) && add_required(c) &&
		    add_rivals(c, texts + count, count));
	/* No pattern: nothing is matched. */
	never.syntax = SYNTAX_PERL;
	c->options = &never;
	good = compile_texts(c, &nothing, 1);
	return good;
}

/* The case, when it is for the patterns to say. */
static enum pattern_case
smart_case(enum pattern_syntax syntax, const struct pattern_text *texts, size_t count)
{
	bool any = false, upper = false;

	for (size_t i = 0; i < count && !upper; i++) {
		struct smart_letters letters = smart_letters_of(syntax, texts[i].bytes, texts[i].length);

		any |= letters.any;
		upper |= letters.upper;
	}
	return any && !upper ? CASE_IGNORED : CASE_HEEDED;
}

struct pattern *
pattern_compile(const struct pattern_options *o, const struct pattern_text *texts, size_t count,
    char **error)
{
	struct pattern *p = calloc(1, sizeof(*p));
	struct pattern_text *copies = calloc(2 * count + 1, sizeof(*copies));
	struct compiler c = { .pattern = p };
	bool good = false;

	if (p != NULL && copies != NULL) {
		memcpy(copies, texts, count * sizeof(*texts));
		p->options = *o;
		if (o->letter_case == CASE_SMART)
			p->options.letter_case = smart_case(o->syntax, texts, count);
		c.options = &p->options;
		c.unit = (struct unit_options){ .options = compile_options(&p->options),
			.bytes = o->bytes, .crlf = o->crlf };
		/* A pattern that is no UTF-8 asks for bytes. */
		for (size_t i = 0; i < count; i++)
			c.unit.bytes |= text_kind_of(texts[i].bytes, texts[i].length) == TEXT_BYTES;
		good = compile_all(&c, copies, count);
	}
	free(copies);
	*error = c.message;
	if (good)
		return p;
	pattern_free(p);
	return NULL;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		unit_free(&p->units[i]);
	if (p->rivals != NULL)
		unit_free(p->rivals);
	literals_free(p->literals);
	literals_free(p->required);
	free(p->rivals);
	free(p->units);
	free(p);
}

enum pattern_plan
pattern_plan(const struct pattern *p)
{
	return p->plan;
}

const struct pattern_options *
pattern_options(const struct pattern *p)
{
	return &p->options;
}

size_t
pattern_units(const struct pattern *p)
{
	return p->count;
}

const void *
pattern_code(const struct pattern *p, size_t unit, enum text_kind kind)
{
	return p->units[unit].forms[kind];
}

const struct literals *
pattern_literals(const struct pattern *p)
{
	return p->literals;
}

const void *
pattern_rival(const struct pattern *p, enum text_kind kind)
{
	return p->rivals != NULL ? p->rivals->forms[kind] : NULL;
}

const struct literals *
pattern_required(const struct pattern *p)
{
	return p->required;
}

bool
pattern_wants_longest(const struct pattern *p)
{
	return p->options.syntax != SYNTAX_PERL;
}

bool
pattern_is_ambiguous(const struct pattern *p)
{
	return p->ambiguous && !p->options.groups;
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
