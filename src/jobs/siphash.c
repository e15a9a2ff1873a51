#include "siphash.h"

#include <endian.h>
#include <string.h>

static uint64_t
rotated(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void
mix(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotated(v[1], 13) ^ v[0];
		v[3] = rotated(v[3], 16) ^ v[2];
		v[0] = rotated(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotated(v[1], 17) ^ v[2];
		v[3] = rotated(v[3], 21) ^ v[0];
		v[2] = rotated(v[2], 32);
	}
}

static void
take(struct siphash *h, uint64_t word)
{
	h->v[3] ^= word;
	mix(h->v, 2);
	h->v[0] ^= word;
}

void
siphash_init(struct siphash *h, const uint64_t key[2])
{
	*h = (struct siphash){ .v = { key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU,
		key[0] ^ 0x6c7967656e657261U, key[1] ^ 0x7465646279746573U } };
}

void
siphash_add(struct siphash *h, const void *bytes, size_t length)
{
	const unsigned char *from = bytes, *end = from + length;

	for (; from < end && h->length % 8 != 0; from++) {
		h->tail |= (uint64_t)*from << h->length++ % 8 * 8;
		if (h->length % 8 == 0) {
			take(h, h->tail);
			h->tail = 0;
		}
	}
	for (; end - from >= 8; from += 8, h->length += 8) {
		uint64_t word;

		memcpy(&word, from, sizeof(word));
		take(h, le64toh(word));
	}
	for (; from < end; from++)
		h->tail |= (uint64_t)*from << h->length++ % 8 * 8;
}

void
siphash_add_word(struct siphash *h, uint64_t word)
{
	word = htole64(word);
	siphash_add(h, &word, sizeof(word));
}

uint64_t
siphash_end(struct siphash *h)
{
	take(h, h->tail | h->length << 56);
	h->v[2] ^= 0xff;
	mix(h->v, 4);
	return h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
}

uint64_t
siphash_sum(const void *bytes, size_t length)
{
	static const uint64_t zeros[2];
	struct siphash h;

	siphash_init(&h, zeros);
	siphash_add(&h, bytes, length);
	return siphash_end(&h);
}
