/*
 * Text from outside, made fit for a terminal or a log: control characters
 * and what is not UTF-8 become \ooo, octal.  Any process.
 */
#ifndef EMIT_ESCAPE_H
#define EMIT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { ESCAPE_MAX = 8 }; /* bytes that one character, or byte that is none, becomes */

/*
 * Escapes what a text of at least one byte starts with: one character, or one
 * byte that is none.  Writes up to ESCAPE_MAX bytes to *to, which moves behind
 * them.  Returns how many bytes of text that was.
 */
size_t escape_next(const char *text, size_t length, char **to);

/*
 * Returns text of length bytes escaped, to be freed, or NULL with errno
 * ENOMEM.  With backslashes a backslash is doubled, so that nothing else
 * looks like an escape.
 */
char *escape_text(const char *text, size_t length, bool backslashes);

#endif
