#include "prefilter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

#include "propose.h"
#include "required.h"

/* What is required of a line should be longer than what most have. */
enum { REQUIRED_MIN = 2 }; /* bytes */

/* Of ASCII more may be looked for, where case is ignored: no other characters are equal. */
void
prefilter_propose(struct prefilter *f, const struct pattern *p, bool bytes,
    const struct pattern_text *texts, size_t count)
{
	const struct pattern_options *o = pattern_options(p);

	propose_needles(&f->needles, o, bytes, pattern_plan(p), texts, count);
	propose_needles(&f->ascii_needles, o, true, pattern_plan(p), texts, count);
}

/* A few words need no tables, if nothing else is to be known. */
void
prefilter_propose_words(struct prefilter *f, const struct pattern *p, bool bytes,
    const struct words *words)
{
	struct needles *both[] = { &f->needles, &f->ascii_needles };

	prefilter_propose(f, p, bytes, words->texts, words->words);
	for (size_t i = 0; i < 2; i++)
		if (!both[i]->decide || both[i]->nibbles.rows == 0)
			*both[i] = (struct needles){ .terminator = pattern_options(p)->terminator };
}

/* If all of many patterns require some literal, lines without one need not be put to PCRE2. */
static bool
add_required(struct prefilter *f, const struct pattern_options *o, bool bytes,
    const struct pattern_text *texts, size_t count)
{
	const struct literals_options how = { .ignore_case = o->letter_case == CASE_IGNORED,
		.bytes = bytes, .terminator = o->terminator };
	struct pattern_text *required;
	bool all = count >= WORDS_MIN && o->syntax != SYNTAX_FIXED && f->needles.count == 0;

	if (!all)
		return true;
	required = reallocarray(NULL, count, sizeof(*required));
	for (size_t i = 0; required != NULL && all && i < count; i++) {
		struct required found;

		all = required_find(o->syntax, &texts[i], &found) && found.count == 1 &&
		    found.strings[0].length >= REQUIRED_MIN;
		required[i] = found.strings[0];
	}
	if (required != NULL && all)
		f->required = literals_new(&how, required, count);
	free(required);
	return required != NULL && (!all || f->required != NULL);
}

/* Whether PCRE2 finds where matches of each unit may start at the speed of memory. */
static bool
starts_fast(const struct pattern *p)
{
	for (size_t i = 0; i < pattern_units(p); i++) {
		uint32_t type = 0;
		size_t jit = 0;

		pcre2_pattern_info(pattern_code(p, i, TEXT_ASCII), PCRE2_INFO_FIRSTCODETYPE, &type);
		pcre2_pattern_info(pattern_code(p, i, TEXT_ASCII), PCRE2_INFO_JITSIZE, &jit);
		if (type != 1 || jit == 0)
			return false;
	}
	return true;
}

/* What is looked for instead of needles, or where there are none, if it is rarer than these, or rare. */
static void
find_shape(struct prefilter *f, const struct pattern *p, const struct pattern_text *texts, size_t count)
{
	const struct needles *needles = f->ascii_needles.count > 0 ? &f->ascii_needles : &f->needles;

	if (f->required != NULL || needles->decide ||
	    (needles->count == 0 ? starts_fast(p) : !shape_may_beat(needles)))
		return;
	f->own_shape = shape_open(p, texts, count);
	if (f->own_shape != NULL && shape_is_rare(f->own_shape) &&
	    (needles->count == 0 || shape_beats_needles(f->own_shape, needles)))
		f->shape = f->own_shape;
}

bool
prefilter_improve(struct prefilter *f, const struct pattern *p, bool bytes,
    const struct pattern_text *texts, size_t count)
{
	if (!add_required(f, pattern_options(p), bytes, texts, count))
		return false;
	find_shape(f, p, texts, count);
	return true;
}

void
prefilter_free(struct prefilter *f)
{
	literals_free(f->required);
	shape_close(f->own_shape);
}
