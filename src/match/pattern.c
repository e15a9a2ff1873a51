#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "analysis.h"
#include "check.h"
#include "compose.h"
#include "literals.h"
#include "posix.h"
#include "prefilter.h"
#include "smart.h"
#include "unit.h"
#include "words.h"

struct pattern {
	struct pattern_options options;
	struct literals *literals;
	struct prefilter prefilter;
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
	struct check check;
	const struct pattern_text *texts; /* for PCRE2 */
	size_t count;
};

/* One unit of count texts. Returns false, with an error or (code 0) for want of memory. */
static bool
compile_unit(struct compiler *c, struct unit *u, const struct pattern_text *texts, size_t count,
    bool bare, struct unit_error *error)
{
	const struct composer composer = { c->check.options, c->check.unit.bytes };
	struct buffer text = { 0 }, ascii = { 0 };
	bool good;

	error->code = PCRE2_ERROR_HEAP_FAILED;
	good = compose_put(&composer, &text, texts, count, false, bare) &&
	    compose_put(&composer, &ascii, texts, count, true, bare) &&
	    unit_compile(u, &c->check.unit, &text, &ascii, error);
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
		c->check.failed = true;
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
		return check_complain(&c->check, texts, &error);
	return compile_texts(c, texts, count / 2) &&
	    compile_texts(c, texts + count / 2, count - count / 2);
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
	const struct pattern_options *o = c->check.options;
	const struct literals_options how = { .ignore_case = o->letter_case == CASE_IGNORED,
		.word = o->word && !o->line, .line = o->line, .bytes = c->check.unit.bytes,
		.first = o->syntax == SYNTAX_PERL, .terminator = o->terminator,
		.word_class = o->syntax == SYNTAX_PERL ? "\\w" : posix_word(false) };

	c->pattern->literals = literals_new(&how, words, count);
	return c->pattern->literals != NULL;
}

/*
 * Of basic and extended patterns, but for bytes, grep's -w takes an empty match
 * only where no other one starts, right or not.
 */
static bool
add_rivals(struct compiler *c, const struct pattern_text *texts, size_t count)
{
	struct pattern *p = c->pattern;
	const struct pattern_options *o = c->check.options;
	struct unit_error error;
	bool wanted = false;

	for (size_t i = 0; i < p->count; i++)
		wanted |= unit_matches_empty(&p->units[i]);
	if (!wanted || !o->word || o->line || !check_is_posix(o) ||
	    (c->check.unit.bytes && !c->check.second))
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

	c->check.options = &never;
	return compile_texts(c, &nothing, 1);
}

/* What the texts say of the pattern, when they are checked. */
static void
decide(struct compiler *c, const struct words *w)
{
	struct pattern *p = c->pattern;
	struct check *known = &c->check;
	bool caseless = known->options->letter_case == CASE_IGNORED;

	for (size_t i = 0; i < w->words; i++)
		known->flags |= check_literal(known, &w->texts[i]) & ANALYSIS_EDGES;
	p->steady = !known->asks_for_start;
	p->ambiguous = known->ambiguous;
	p->has_verbs = known->has_verbs;
	p->plan = plan_for(known->options, known->flags);
	known->unit.ignores_kind = known->unit.bytes || c->count == 0 ||
	    !(known->flags & ANALYSIS_CHARS);
	/* Words in any case are found faster in ASCII. */
	p->ignores_kind = known->unit.ignores_kind &&
	    (known->unit.bytes || w->words == 0 || !caseless);
	p->ignores_nul = !(known->flags & (ANALYSIS_EDGES | ANALYSIS_LOOK | ANALYSIS_LINE |
	    ANALYSIS_NEWLINE));
}

static bool
compile_all(struct compiler *c, struct words *w)
{
	struct pattern *p = c->pattern;
	const bool bytes = c->check.unit.bytes;

	c->texts = w->texts + w->words;
	c->count = w->count - w->words;
	if (c->check.options->syntax == SYNTAX_FIXED)
		compose_sort(w->texts + w->words, c->count, bytes);
	if (!check_texts(&c->check, c->texts, c->count) ||
	    (w->words > 0 && !add_literals(c, w->texts, w->words)))
		return false;
	decide(c, w);
	if (w->count == 0)
		return compile_nothing(c);
	if (w->words == 0)
		prefilter_propose(&p->prefilter, p, bytes, c->texts, c->count);
	else if (c->count == 0 && w->words <= NEEDLES_MAX)
		prefilter_propose_words(&p->prefilter, p, bytes, w);
	return c->count == 0 || (compile_texts(c, c->texts, c->count) &&
	    add_rivals(c, w->texts, w->count) &&
	    prefilter_improve(&p->prefilter, p, bytes, c->texts, c->count));
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
		if (o->letter_case == CASE_SMART)
			p->options.letter_case = smart_case(o->syntax, texts, count);
		c.check.options = &p->options;
		c.check.unit = (struct unit_options){ .options = compose_options(&p->options),
			.bytes = o->bytes, .crlf = o->crlf };
		/* A pattern that is no UTF-8 asks for bytes. */
		for (size_t i = 0; i < count; i++)
			c.check.unit.bytes |= text_kind_of(texts[i].bytes, texts[i].length) == TEXT_BYTES;
		good = words_sort(&words, &p->options, texts, count) && compile_all(&c, &words);
	}
	words_free(&words);
	*error = c.check.message;
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
	prefilter_free(&p->prefilter);
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
	return p->prefilter.required;
}

const struct needles *
pattern_needles(const struct pattern *p, enum text_kind kind)
{
	return kind == TEXT_ASCII && p->prefilter.ascii_needles.count > 0 ?
	    &p->prefilter.ascii_needles : &p->prefilter.needles;
}

const struct shape *
pattern_shape(const struct pattern *p)
{
	return p->prefilter.shape;
}

void
pattern_set_shape(struct pattern *p, const struct shape *s)
{
	p->prefilter.shape = s;
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
