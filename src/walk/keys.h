/*
 * A table of byte strings, to be found by hashes that grow with the string:
 * from its start or from its end, so that one pass over a name gives those of
 * all that it starts and ends with.
 *
 * Strings may be chosen by an enemy, who does not know the base of the hash.
 *
 * Source: polynomial hashing modulo the prime 2^61 - 1.
 */
#ifndef WALK_KEYS_H
#define WALK_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* What a string is; the same string can be several. */
enum keys_kind { KEYS_NAME, KEYS_PREFIX, KEYS_SUFFIX, KEYS_PATH, KEYS_DIRECTORY };

struct key {
	uint64_t hash;
	uint32_t at;     /* of the string in the text */
	uint32_t length; /* and the kind in its upper bits */
	/* Numbers of the last line of these, counted from 1; 0: none. */
	uint32_t line;
	uint32_t directory_line; /* that is for directories only */
};

struct keys {
	struct key *list;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
	const char *text; /* that the strings lie in */
};

/* The longest string that can be a key. */
enum { KEYS_LENGTH_MAX = 0xffffff };

#define KEYS_PRIME (((uint64_t)1 << 61) - 1)

/* Of two numbers below the prime. */
static inline uint64_t
keys_multiply(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	const wide product = (wide)a * b;
	uint64_t sum = ((uint64_t)product & KEYS_PRIME) + (uint64_t)(product >> 61);

	return sum >= KEYS_PRIME ? sum - KEYS_PRIME : sum;
}

static inline uint64_t
keys_hash_add(uint64_t hash, uint64_t base, unsigned char c)
{
	uint64_t sum = keys_multiply(hash, base) + c + 1;

	return sum >= KEYS_PRIME ? sum - KEYS_PRIME : sum;
}

/* A base for this process, of chance. */
uint64_t keys_base(void);

/* Goes on with a hash: 0 at the start. */
uint64_t keys_hash(uint64_t hash, uint64_t base, const char *bytes, size_t length);
/* The same from the end to the start. */
uint64_t keys_hash_back(uint64_t base, const char *bytes, size_t length);

/* Of the last length bytes of a whole, from the hashes of it and of what stands before them. */
uint64_t keys_hash_rest(uint64_t whole, uint64_t before, uint64_t base, size_t length);

/* Adds the string, or finds it. NULL: errno ENOMEM. */
struct key *keys_add(struct keys *k, enum keys_kind kind, uint64_t hash, uint32_t at,
    uint32_t length);

/* NULL: it is not there. */
const struct key *keys_find(const struct keys *k, enum keys_kind kind, uint64_t hash,
    const char *bytes, size_t length);

void keys_free(struct keys *k);

#endif
