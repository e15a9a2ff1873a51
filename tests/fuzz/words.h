/* What the fuzzers of options have in common: words that become options. */
#ifndef FUZZ_WORDS_H
#define FUZZ_WORDS_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

/* Files that are named have to be those of an empty folder; 2/7 is a shard. */
static inline void
harmless(char *text, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		text[i] = data[i] == '/' && (i == 0 || !isdigit(data[i - 1])) ? '_' : (char)data[i];
}

#endif
