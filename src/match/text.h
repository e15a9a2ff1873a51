/*
 * What kind of bytes a text is made of. Any process; no allocation.
 */
#ifndef MATCH_TEXT_H
#define MATCH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A stretch of text: offsets in bytes, [start, end). */
struct span {
	size_t start, end;
};

enum text_kind {
	TEXT_ASCII, /* no byte above 0x7f */
	TEXT_UTF8,  /* well-formed UTF-8 (RFC 3629) */
	TEXT_BYTES, /* neither */
};

enum text_kind text_kind_of(const char *text, size_t length);

/* Length of the well-formed UTF-8 sequence at the start of a text of at least one byte, or 0. */
size_t text_sequence(const char *text, size_t length);

/* How often the terminator of lines, a newline or NUL, is in a text. */
size_t text_newlines(const char *text, size_t length, char terminator);

/* Replaces each NUL by a newline. */
void text_zap_nuls(char *text, size_t length);

#endif
