#include "accel_wide.h"

bool
accel_wide_serves(const struct pattern *p)
{
	return !pattern_options(p)->multiline && pattern_literals(p) == NULL;
}

struct composer
accel_wide_composer(const struct pattern *p, const struct pattern_text *texts, size_t count)
{
	struct composer c = { .options = pattern_options(p) };

	c.bytes = c.options->bytes;
	for (size_t i = 0; i < count; i++)
		c.bytes |= text_kind_of(texts[i].bytes, texts[i].length) == TEXT_BYTES;
	return c;
}

bool
accel_wide_goes_beyond(const struct composer *c, const struct pattern *p)
{
	/* Of bytes, any may matter; else the pattern says. */
	return c->bytes || !pattern_ignores_kind(p);
}

enum accel_text
accel_wide_put(const struct composer *c, const struct pattern_text *text, bool looks,
    struct buffer *out)
{
	const struct pattern_options *o = c->options;
	const struct accel_text_options how = { .fixed = o->syntax == SYNTAX_FIXED,
		.ignore_case = o->letter_case == CASE_IGNORED, .bytes = c->bytes, .line = o->line,
		.edges = o->terminator == '\n' && !o->crlf, .looks = looks,
		.terminator = o->terminator };
	const struct posix_options posix = compose_posix(c, true);
	struct buffer translated = { 0 };
	struct posix_result ignored;
	enum accel_text result = ACCEL_TEXT_REFUSED;

	if (o->syntax == SYNTAX_FIXED || o->syntax == SYNTAX_PERL)
		return accel_text_put(&how, text->bytes, text->length, out);
	if (posix_translate(&posix, text->bytes, text->length, &translated, &ignored) &&
	    !translated.failed)
		result = accel_text_put(&how, translated.bytes, translated.length, out);
	buffer_free(&translated);
	return result;
}
