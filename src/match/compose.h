/*
 * The one pattern of PCRE2 that several patterns, whatever their syntax, and
 * the options make.
 */
#ifndef MATCH_COMPOSE_H
#define MATCH_COMPOSE_H

#include <stdint.h>

#include "match/buffer.h"
#include "match/pattern.h"
#include "match/posix.h"

struct composer {
	const struct pattern_options *options;
	bool bytes; /* each byte is a character */
};

/* What pcre2_compile is told, but for UTF and UCP. */
uint32_t compose_options(const struct pattern_options *o);

/* How a basic or extended pattern is to be translated; ascii: for text that is all ASCII. */
struct posix_options compose_posix(const struct composer *c, bool ascii);

/*
 * Appends the pattern that matches what any of count texts does, each of
 * which is right by itself.  bare: without what -w and -x ask.  Returns false
 * for want of memory.
 */
bool compose_put(const struct composer *c, struct buffer *b, const struct pattern_text *texts,
    size_t count, bool ascii, bool bare);

/* Sorts literals so that the first of them to match is the longest; bytes: each is a character. */
void compose_sort(struct pattern_text *texts, size_t count, bool bytes);

#endif
