#include "propose.h"

#include "analysis.h"
#include "required.h"

/* What is being made. */
struct proposer {
	struct needles *needles;
	struct needles_options options;
	const struct pattern_options *pattern;
	bool whole; /* the patterns are the needles, and nothing else */
};

static bool
add(struct proposer *p, const char *bytes, size_t length)
{
	bool whole;

	if (!needles_add(p->needles, &p->options, bytes, length, &whole))
		return false;
	p->whole &= whole && text_kind_of(bytes, length) == TEXT_ASCII;
	return true;
}

/* Each match has a character that is none of ASCII. */
static bool
add_class(struct proposer *p, const struct required *required)
{
	bool ignore_case = p->options.ignore_case;

	if (p->options.bytes || p->needles->count == NEEDLES_MAX)
		return false;
	for (size_t i = 0; i < required->classes_count; i++) {
		const struct pattern_text *class = &required->classes[i];

		if (!analysis_matches_ascii(class->bytes, class->length, ignore_case)) {
			needles_add_high(p->needles, &p->options);
			p->whole = false;
			return true;
		}
	}
	return false;
}

/* What stands between two alternatives. */
static size_t
bar_length(const struct proposer *p)
{
	return p->pattern->syntax == SYNTAX_BASIC ? 2 : 1;
}

static bool
add_text(struct proposer *p, const struct pattern_text *text)
{
	size_t before = p->needles->count, covered;
	struct required required;
	bool good;

	if (p->pattern->syntax == SYNTAX_FIXED)
		return add(p, text->bytes, text->length);
	if (!required_find(p->pattern->syntax, text, &required))
		return false;
	good = required.count > 0;
	covered = good ? (required.count - 1) * bar_length(p) : 0;
	for (size_t i = 0; good && i < required.count; i++) {
		covered += required.strings[i].length;
		good = add(p, required.strings[i].bytes, required.strings[i].length);
	}
	p->whole &= covered == text->length;
	if (good)
		return true;
	p->needles->count = before;
	return add_class(p, &required);
}

void
propose_needles(struct needles *n, const struct pattern_options *o, bool bytes,
    enum pattern_plan plan, const struct pattern_text *texts, size_t count)
{
	struct proposer p = { .needles = n, .pattern = o, .whole = true, .options = {
		.ignore_case = o->letter_case == CASE_IGNORED, .bytes = bytes,
		.terminator = o->terminator } };

	*n = (struct needles){ .terminator = o->terminator };
	for (size_t i = 0; i < count; i++) {
		if (!add_text(&p, &texts[i])) {
			n->count = 0;
			return;
		}
	}
	n->decide = p.whole && n->count > 0 && plan == PLAN_BUFFER && !o->word && !o->line && !o->multiline &&
	    !o->crlf && !o->groups;
	if (!n->decide && !needles_are_rare(n))
		n->count = 0;
	nibbles_choose(n);
}
