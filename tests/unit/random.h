/*
 * Random numbers for tests: the same from the same seed, on every machine.
 *
 * Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014 (splitmix64).
 */
#ifndef TESTS_UNIT_RANDOM_H
#define TESTS_UNIT_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct random {
	uint64_t state;
};

/* TEST_SEED, or a new seed; printed either way, for a replay. */
static inline uint64_t
random_seed(void)
{
	const char *given = getenv("TEST_SEED");
	uint32_t seed = 1;

	if (given != NULL)
		seed = (uint32_t)strtoul(given, NULL, 0);
	else if (getrandom(&seed, sizeof(seed), 0) == -1)
		perror("getrandom");
	printf("# replay with TEST_SEED=%u\n", seed);
	return seed;
}

static inline uint64_t
random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

/* From 0 to limit - 1. */
static inline size_t
random_below(struct random *r, size_t limit)
{
	return (size_t)(random_next(r) % limit);
}

/* True once in n times. */
static inline int
random_once_in(struct random *r, size_t n)
{
	return random_below(r, n) == 0;
}

/* How many cases to try: TEST_CASES, or so many; far fewer under valgrind. */
static inline unsigned long
random_cases(unsigned long usual)
{
	const char *given = getenv("TEST_CASES"), *preloaded = getenv("LD_PRELOAD");

	if (given != NULL)
		return strtoul(given, NULL, 0);
	return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL ? usual / 20 + 1 : usual;
}

#endif
