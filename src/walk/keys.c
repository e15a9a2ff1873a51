#include "keys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

enum { CAPACITY_MIN = 64, KIND_SHIFT = 24 };

uint64_t
keys_base(void)
{
	const void *chance = (const void *)getauxval(AT_RANDOM);
	uint64_t base = 0x243f6a8885a308d3U;

	/* The first half guards the stack. */
	if (chance != NULL)
		memcpy(&base, (const char *)chance + 8, sizeof(base));
	return base >> 4 | 0x10000;
}

uint64_t
keys_hash(uint64_t hash, uint64_t base, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = keys_hash_add(hash, base, (unsigned char)bytes[i]);
	return hash;
}

uint64_t
keys_hash_back(uint64_t base, const char *bytes, size_t length)
{
	uint64_t hash = 0;

	while (length > 0)
		hash = keys_hash_add(hash, base, (unsigned char)bytes[--length]);
	return hash;
}

uint64_t
keys_hash_rest(uint64_t whole, uint64_t before, uint64_t base, size_t length)
{
	for (; length > 0; length /= 2) {
		if (length % 2 == 1)
			before = keys_multiply(before, base);
		base = keys_multiply(base, base);
	}
	return whole >= before ? whole - before : whole + KEYS_PRIME - before;
}

static uint32_t
tagged(enum keys_kind kind, size_t length)
{
	return (uint32_t)length | (uint32_t)kind << KIND_SHIFT;
}

/* Where it is, or where it would be put. */
static size_t
place_of(const struct keys *k, uint32_t tag, uint64_t hash, const char *bytes, size_t length)
{
	size_t at = (hash ^ (uint64_t)(tag >> KIND_SHIFT) * 0x9e3779b97f4a7c15U) & (k->capacity - 1);

	for (;; at = (at + 1) & (k->capacity - 1)) {
		const struct key *key = &k->list[at];

		if (key->line == 0 && key->directory_line == 0)
			return at;
		if (key->hash == hash && key->length == tag &&
		    memcmp(k->text + key->at, bytes, length) == 0)
			return at;
	}
}

static int
grow(struct keys *k)
{
	struct keys bigger = { .capacity = k->capacity ? 2 * k->capacity : CAPACITY_MIN,
		.count = k->count, .text = k->text };

	if (k->count < k->capacity - k->capacity / 4)
		return 0;
	bigger.list = calloc(bigger.capacity, sizeof(*bigger.list));
	if (bigger.list == NULL)
		return -1;
	for (size_t i = 0; i < k->capacity; i++) {
		const struct key *key = &k->list[i];

		if (key->line != 0 || key->directory_line != 0)
			bigger.list[place_of(&bigger, key->length, key->hash, k->text + key->at,
			    key->length & KEYS_LENGTH_MAX)] = *key;
	}
	free(k->list);
	*k = bigger;
	return 0;
}

struct key *
keys_add(struct keys *k, enum keys_kind kind, uint64_t hash, uint32_t at, uint32_t length)
{
	struct key *key;

	if (grow(k) == -1)
		return NULL;
	key = &k->list[place_of(k, tagged(kind, length), hash, k->text + at, length)];
	if (key->line == 0 && key->directory_line == 0) {
		*key = (struct key){ .hash = hash, .at = at, .length = tagged(kind, length) };
		k->count++;
	}
	return key;
}

const struct key *
keys_find(const struct keys *k, enum keys_kind kind, uint64_t hash, const char *bytes,
    size_t length)
{
	const struct key *key;

	if (k->count == 0)
		return NULL;
	key = &k->list[place_of(k, tagged(kind, length), hash, bytes, length)];
	return key->line != 0 || key->directory_line != 0 ? key : NULL;
}

void
keys_free(struct keys *k)
{
	free(k->list);
	*k = (struct keys){ 0 };
}
