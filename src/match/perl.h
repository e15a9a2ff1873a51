/*
 * PCRE2 patterns as users write them, made parts of one that is larger.
 * Any process that may allocate.
 *
 * Source: pcre2pattern(3).
 */
#ifndef MATCH_PERL_H
#define MATCH_PERL_H

#include "match/buffer.h"

/* Length of the leading (*UTF) and such, which PCRE2 takes only at the very start. */
size_t perl_verbs(const char *text, size_t length);

/*
 * Appends a text so that a ')' can follow: it may end in a quotation, or in a
 * comment of (?x).  options: of pcre2_compile.  Returns false for want of memory.
 */
bool perl_put(struct buffer *out, const char *text, size_t length, unsigned int options);

#endif
