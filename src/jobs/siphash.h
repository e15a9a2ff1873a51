/*
 * SipHash-2-4: a keyed hash of 64 bits that nobody who does not know the key
 * can find two equal ones of.  With a key of zeros it is a checksum.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#ifndef JOBS_SIPHASH_H
#define JOBS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash {
	uint64_t v[4];
	uint64_t tail;   /* bytes that do not fill a word yet */
	uint64_t length; /* of all */
};

void siphash_init(struct siphash *h, const uint64_t key[2]);
void siphash_add(struct siphash *h, const void *bytes, size_t length);
void siphash_add_word(struct siphash *h, uint64_t word);
uint64_t siphash_end(struct siphash *h);

/* Of one piece, with a key of zeros. */
uint64_t siphash_sum(const void *bytes, size_t length);

#endif
