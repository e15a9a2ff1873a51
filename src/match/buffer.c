#include "buffer.h"

#include <stdlib.h>
#include <string.h>

static bool
reserve(struct buffer *b, size_t more)
{
	size_t capacity = b->capacity ? b->capacity : 128;
	char *bigger;

	while (capacity - b->length <= more)
		capacity *= 2;
	if (capacity == b->capacity || b->failed)
		return !b->failed;
	bigger = realloc(b->bytes, capacity);
	b->failed = bigger == NULL;
	if (b->failed)
		return false;
	b->bytes = bigger;
	b->capacity = capacity;
	return true;
}

void
buffer_put(struct buffer *b, const char *bytes, size_t length)
{
	if (!reserve(b, length))
		return;
	memcpy(b->bytes + b->length, bytes, length);
	b->length += length;
	b->bytes[b->length] = '\0';
}

void
buffer_puts(struct buffer *b, const char *text)
{
	buffer_put(b, text, strlen(text));
}

void
buffer_insert(struct buffer *b, size_t at, const char *bytes, size_t length)
{
	if (!reserve(b, length))
		return;
	memmove(b->bytes + at + length, b->bytes + at, b->length - at);
	memcpy(b->bytes + at, bytes, length);
	b->length += length;
	b->bytes[b->length] = '\0';
}

void
buffer_put_character(struct buffer *b, unsigned long code)
{
	static const unsigned long least[] = { 0, 0x80, 0x800, 0x10000 };
	static const unsigned char leads[] = { 0, 0xc0, 0xe0, 0xf0 };
	size_t more = 0;
	char bytes[4];

	while (more < 3 && code >= least[more + 1])
		more++;
	for (size_t i = more; i > 0; i--, code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(leads[more] | code);
	buffer_put(b, bytes, more + 1);
}

void
buffer_free(struct buffer *b)
{
	free(b->bytes);
	*b = (struct buffer){ 0 };
}
