#include "check.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.h"
#include "compose.h"
#include "perl.h"
#include "posix.h"

/* No offset is known. */
#define NOWHERE SIZE_MAX

bool
check_is_posix(const struct pattern_options *o)
{
	return o->syntax == SYNTAX_EXTENDED || o->syntax == SYNTAX_BASIC;
}

/* Sets the message, if there is memory for one, and returns false. */
static bool
complain(struct check *c, const struct pattern_text *text, const char *reason, size_t offset)
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

bool
check_complain(struct check *c, const struct pattern_text *text, const struct unit_error *error)
{
	PCRE2_UCHAR reason[256];

	c->failed = true;
	/* That is no fault of the pattern's. */
	if (error->code == PCRE2_ERROR_HEAP_FAILED)
		return false;
	pcre2_get_error_message(error->code, reason, sizeof(reason));
	/* In a translation, an offset says nothing. */
	return complain(c, text, (char *)reason, check_is_posix(c->options) ? NOWHERE : error->offset);
}

/* Nothing but what stands there, except for the case. */
unsigned int
check_literal(const struct check *c, const struct pattern_text *text)
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
check_posix(struct check *c, const struct pattern_text *text)
{
	const struct composer composer = { c->options, c->unit.bytes };
	const struct posix_options posix = compose_posix(&composer, false);
	struct posix_result result;
	struct buffer out = { 0 };
	bool good = posix_translate(&posix, text->bytes, text->length, &out, &result);

	buffer_free(&out);
	c->flags |= result.flags;
	c->ambiguous |= result.ambiguous;
	c->second |= result.second;
	c->failed |= !good;
	return good || (result.reason != NULL && complain(c, text, result.reason, result.offset));
}

static bool
asks_for_start(const struct pattern_text *text)
{
	return memmem(text->bytes, text->length, "\\G", 2) != NULL ||
	    memmem(text->bytes, text->length, "\\K", 2) != NULL ||
	    memmem(text->bytes, text->length, "(*", 2) != NULL;
}

/* Of several texts none may start with verbs. */
static bool
refuse_verbs(struct check *c, const struct pattern_text *text, size_t verbs)
{
	char *reason;

	c->failed = true;
	if (asprintf(&reason, "%.*s sets all patterns: give only one", (int)verbs, text->bytes) != -1) {
		complain(c, text, reason, NOWHERE);
		free(reason);
	}
	return false;
}

static bool
check_perl(struct check *c, const struct pattern_text *text, bool alone)
{
	size_t verbs = perl_verbs(text->bytes, text->length);
	struct unit_error error;

	if (!unit_check(&c->unit, text->bytes, text->length, &error))
		return check_complain(c, text, &error);
	if (verbs > 0 && !alone)
		return refuse_verbs(c, text, verbs);
	c->flags |= verbs > 0 ? ANALYSIS_UNKNOWN : 0;
	c->asks_for_start |= asks_for_start(text);
	c->has_verbs = verbs > 0;
	c->flags |= analysis_of(text->bytes + verbs, text->length - verbs,
	    c->options->letter_case == CASE_IGNORED);
	/* It knows what the pattern says: not that a dot is meant to match newlines, too. */
	if (c->options->multiline && c->options->dotall &&
	    memchr(text->bytes, '.', text->length) != NULL)
		c->flags |= ANALYSIS_NEWLINE;
	return true;
}

bool
check_texts(struct check *c, const struct pattern_text *texts, size_t count)
{
	c->ambiguous = check_is_posix(c->options) && count > 1;
	for (size_t i = 0; i < count; i++) {
		if (c->options->syntax == SYNTAX_FIXED)
			c->flags |= check_literal(c, &texts[i]);
		else if (!(check_is_posix(c->options) ? check_posix(c, &texts[i])
		    : check_perl(c, &texts[i], count == 1)))
			return false;
	}
	/* The look around a word tests one character, and a newline is none of a word. */
	if (c->options->word && !c->options->line)
		c->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
	if (c->options->line)
		c->flags |= ANALYSIS_EDGES;
	return true;
}
