/*
 * One pattern in the syntax of PCRE2, compiled in the forms that texts ask
 * for.  Immutable; made in the parent, used in workers.
 *
 * Source: pcre2api(3), pcre2unicode(3), pcre2jit(3).
 */
#ifndef MATCH_UNIT_H
#define MATCH_UNIT_H

#include <stdint.h>

#include "match/buffer.h"
#include "match/text.h"

struct unit {
	void *forms[TEXT_BYTES + 1]; /* pcre2_code, by kind of text; some may be the same */
	void *owned[TEXT_BYTES + 1];
};

struct unit_options {
	uint32_t options;  /* of pcre2_compile, but for UTF and UCP */
	bool bytes;        /* each byte is a character, and only letters of ASCII are some */
	bool ignores_kind; /* one form serves all kinds of text */
	bool crlf;         /* carriage return, newline, or both end a line */
};

/* What went wrong, as pcre2_compile says it. */
struct unit_error {
	int code;
	size_t offset;
};

/* text: the pattern; ascii: for text that is all ASCII. Returns false with error set. */
bool unit_compile(struct unit *u, const struct unit_options *o, const struct buffer *text,
    const struct buffer *ascii, struct unit_error *error);
void unit_free(struct unit *u);

/* Compiles one text as it stands. Returns whether it is right by itself. */
bool unit_check(const struct unit_options *o, const char *text, size_t length,
    struct unit_error *error);

/* Whether it might match an empty string. */
bool unit_matches_empty(const struct unit *u);

#endif
