/*
 * Bytes that grow at their end; a NUL always follows them.  Any process that
 * may allocate.  For want of memory it fails once and stays failed.
 */
#ifndef MATCH_BUFFER_H
#define MATCH_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Starts as { 0 }. */
struct buffer {
	char *bytes; /* NULL: nothing was put yet */
	size_t length, capacity;
	bool failed;
};

void buffer_put(struct buffer *b, const char *bytes, size_t length);
void buffer_puts(struct buffer *b, const char *text);

/* Puts text in at an offset: what is behind it moves. */
void buffer_insert(struct buffer *b, size_t at, const char *bytes, size_t length);

/* The character U+code, in UTF-8. */
void buffer_put_character(struct buffer *b, unsigned long code);

void buffer_free(struct buffer *b);

#endif
