#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "compose.h"
#include "literals.h"
#include "perl.h"
#include "posix.h"
#include "propose.h"
#include "required.h"
#include "shape.h"
#include "smart.h"
#include "unit.h"
#include "words.h"

/* What is required of a line should be longer than what most have. */
enum { REQUIRED_MIN = 2 }; /* bytes */

struct pattern {
	struct pattern_options options;
	struct literals *literals;
	struct literals *required; /* see pattern_required */
	struct needles needles, ascii_needles; /* see pattern_needles */
	struct shape *own_shape; /* or NULL */
	const struct shape *shape; /* that, or another: see pattern_shape */
	struct unit *units;
	struct unit *rivals; /* see pattern_rival; or NULL */
	size_t count;
	enum pattern_plan plan;
	bool has_verbs; /* (*UTF) and such at the start */
	bool ignores_kind;
	bool ignores_nul;
	bool ambiguous;
	bool steady; /* see pattern_is_steady */
	const struct accel *accel; /* or NULL */
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

/* One unit of count texts. Returns false, with an error or (code 0) for want of memory. */
static bool
compile_unit(struct compiler *c, struct unit *u, const struct pattern_text *texts, size_t count,
    bool bare, struct unit_error *error)
{
	const struct composer composer = { c->options, c->unit.bytes };
	struct buffer text = { 0 }, ascii = { 0 };
	bool good;

	error->code = PCRE2_ERROR_HEAP_FAILED;
	good = compose_put(&composer, &text, texts, count, false, bare) &&
	    compose_put(&composer, &ascii, texts, count, true, bare) &&
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
	const struct composer composer = { c->options, c->unit.bytes };
	const struct posix_options posix = compose_posix(&composer, false);
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

/* Whether there is a \\G, a \\K or a verb: or what looks like one. */
static bool
asks_for_start(const struct pattern_text *text)
{
	return memmem(text->bytes, text->length, "\\G", 2) != NULL ||
	    memmem(text->bytes, text->length, "\\K", 2) != NULL ||
	    memmem(text->bytes, text->length, "(*", 2) != NULL;
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
	c->pattern->steady &= !asks_for_start(text);
	c->pattern->has_verbs = verbs > 0;
	c->flags |= analysis_of(text->bytes + verbs, text->length - verbs,
	    c->options->letter_case == CASE_IGNORED);
	/* It knows what the pattern says: not that a dot is meant to match newlines, too. */
	if (c->options->multiline && c->options->dotall &&
	    memchr(text->bytes, '.', text->length) != NULL)
		c->flags |= ANALYSIS_NEWLINE;
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
	bool all = c->count >= WORDS_MIN && o->syntax != SYNTAX_FIXED &&
	    c->pattern->needles.count == 0;

	if (!all)
		return true;
	required = reallocarray(NULL, c->count, sizeof(*required));
	for (size_t i = 0; required != NULL && all && i < c->count; i++) {
		struct required found;

		all = required_find(o->syntax, &c->texts[i], &found) && found.count == 1 &&
		    found.strings[0].length >= REQUIRED_MIN;
		required[i] = found.strings[0];
	}
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

/* Without a pattern nothing is matched. */
static bool
compile_nothing(struct compiler *c)
{
	static const struct pattern_text nothing = { .bytes = "(?!)", .length = 4 };
	static const struct pattern_options never = { .syntax = SYNTAX_PERL, .terminator = '\n' };

	c->options = &never;
	return compile_texts(c, &nothing, 1);
}

/* Of ASCII more may be looked for, where case is ignored: no other characters are equal. */
static void
propose(struct compiler *c)
{
	struct pattern *p = c->pattern;

	propose_needles(&p->needles, c->options, c->unit.bytes, p->plan, c->texts, c->count);
	propose_needles(&p->ascii_needles, c->options, true, p->plan, c->texts, c->count);
}

/* A few words need no tables, if nothing else is to be known. */
static void
propose_words(struct compiler *c, const struct words *w)
{
	struct pattern *p = c->pattern;
	struct needles *both[] = { &p->needles, &p->ascii_needles };

	c->texts = w->texts;
	c->count = w->words;
	propose(c);
	for (size_t i = 0; i < 2; i++)
		if (!both[i]->decide || both[i]->nibbles.rows == 0)
			*both[i] = (struct needles){ .terminator = p->options.terminator };
	c->count = 0;
}

/* Whether PCRE2 finds where matches of a unit may start at the speed of memory. */
static bool
starts_fast(const struct unit *u)
{
	uint32_t type = 0;
	size_t jit = 0;

	pcre2_pattern_info(u->forms[TEXT_ASCII], PCRE2_INFO_FIRSTCODETYPE, &type);
	pcre2_pattern_info(u->forms[TEXT_ASCII], PCRE2_INFO_JITSIZE, &jit);
	return type == 1 && jit > 0;
}

/* What is looked for instead of needles, or where there are none, if it is rarer than these, or rare. */
static void
find_shape(struct compiler *c)
{
	struct pattern *p = c->pattern;
	const struct needles *needles = pattern_needles(p, TEXT_ASCII);
	bool fast = true;

	for (size_t i = 0; i < p->count; i++)
		fast &= starts_fast(&p->units[i]);
	if (p->required != NULL || needles->decide ||
	    (needles->count == 0 ? fast : !shape_may_beat(needles)))
		return;
	p->own_shape = shape_open(p, c->texts, c->count);
	if (p->own_shape != NULL && shape_is_rare(p->own_shape) &&
	    (needles->count == 0 || shape_beats_needles(p->own_shape, needles)))
		p->shape = p->own_shape;
}

static bool
compile_all(struct compiler *c, struct words *w)
{
	struct pattern *p = c->pattern;

	c->texts = w->texts + w->words;
	c->count = w->count - w->words;
	p->ambiguous = is_posix(c->options) && c->count > 1;
	if (c->options->syntax == SYNTAX_FIXED)
		compose_sort(w->texts + w->words, c->count, c->unit.bytes);
	if (!check_texts(c) || (w->words > 0 && !add_literals(c, w->texts, w->words)))
		return false;
	for (size_t i = 0; i < w->words; i++)
		c->flags |= literal_flags(c, &w->texts[i]) & ANALYSIS_EDGES;
	p->plan = plan_for(c->options, c->flags);
	c->unit.ignores_kind = c->unit.bytes || c->count == 0 || !(c->flags & ANALYSIS_CHARS);
	/* Words in any case are found faster in ASCII. */
	p->ignores_kind = c->unit.ignores_kind && (c->unit.bytes || w->words == 0 ||
	    c->options->letter_case != CASE_IGNORED);
	p->ignores_nul = !(c->flags & (ANALYSIS_EDGES | ANALYSIS_LOOK | ANALYSIS_LINE |
	    ANALYSIS_NEWLINE));
	if (w->count == 0)
		return compile_nothing(c);
	if (w->words == 0)
		propose(c);
	else if (c->count == 0 && w->words <= NEEDLES_MAX)
		propose_words(c, w);
	if (c->count == 0)
		return true;
	if (!compile_texts(c, c->texts, c->count) || !add_required(c) ||
	    !add_rivals(c, w->texts, w->count))
		return false;
	find_shape(c);
	return true;
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
	struct compiler c = { .pattern = p };
	struct words words = { 0 };
	bool good = false;

	if (p != NULL) {
		p->options = *o;
		p->steady = true;
		if (o->letter_case == CASE_SMART)
			p->options.letter_case = smart_case(o->syntax, texts, count);
		c.options = &p->options;
		c.unit = (struct unit_options){ .options = compose_options(&p->options),
			.bytes = o->bytes, .crlf = o->crlf };
		/* A pattern that is no UTF-8 asks for bytes. */
		for (size_t i = 0; i < count; i++)
			c.unit.bytes |= text_kind_of(texts[i].bytes, texts[i].length) == TEXT_BYTES;
		good = words_sort(&words, &p->options, texts, count) && compile_all(&c, &words);
	}
	words_free(&words);
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
	shape_close(p->own_shape);
	free(p->rivals);
	free(p->units);
	free(p);
}

void
pattern_set_accel(struct pattern *p, const struct accel *a)
{
	p->accel = a;
}

const struct accel *
pattern_accel(const struct pattern *p)
{
	return p->accel;
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

const struct needles *
pattern_needles(const struct pattern *p, enum text_kind kind)
{
	return kind == TEXT_ASCII && p->ascii_needles.count > 0 ? &p->ascii_needles : &p->needles;
}

const struct shape *
pattern_shape(const struct pattern *p)
{
	return p->shape;
}

void
pattern_set_shape(struct pattern *p, const struct shape *s)
{
	p->shape = s;
}

bool
pattern_wants_longest(const struct pattern *p)
{
	return p->options.syntax != SYNTAX_PERL;
}

bool
pattern_is_steady(const struct pattern *p)
{
	return p->steady;
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
