/*
 * Text from outside, made fit for a terminal or a log: control characters
 * and what is not UTF-8 become \ooo, octal.  Any process.
 */
#ifndef EMIT_ESCAPE_H
#define EMIT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns text of length bytes escaped, to be freed, or NULL with errno
 * ENOMEM.  With backslashes a backslash is doubled, so that nothing else
 * looks like an escape.
 */
char *escape_text(const char *text, size_t length, bool backslashes);

#endif
