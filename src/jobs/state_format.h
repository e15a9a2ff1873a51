/* The layout of a file of state, for those that read and write it: see state.h. */
#ifndef JOBS_STATE_FORMAT_H
#define JOBS_STATE_FORMAT_H

#include <stdint.h>

#define STATE_MAGIC "pgrep-r state 2\n"

enum {
	STATE_MAGIC_SIZE = sizeof(STATE_MAGIC) - 1,
	STATE_VERSION_AT = STATE_MAGIC_SIZE - 2,
	/* Words at the end. */
	STATE_KEY_0 = 0,
	STATE_KEY_1,
	STATE_COMMAND,
	STATE_LARGEST,
	STATE_COUNT,
	STATE_BITS,
	STATE_SUM,
	STATE_WORDS,
};

/* By how many of its first bits a number has its bucket: whole bytes. */
static inline unsigned int
state_format_bits(uint64_t count)
{
	return count < 256 ? 0 : count < 65536 ? 8 : 16;
}

/* In which one it is. */
static inline size_t
state_format_bucket(uint64_t number, unsigned int bits)
{
	return bits == 0 ? 0 : (size_t)(number >> (64 - bits));
}

/* Bytes of a number in its bucket. */
static inline size_t
state_format_width(unsigned int bits)
{
	return 8 - bits / 8;
}

#endif
