#include "nibbles.h"

#include <stdint.h>

#include "needles.h"

/* How many of a thousand bytes have these low four bits, in program text and prose. */
static const double share[16] = { 242, 44, 55, 76, 77, 79, 33, 18, 31, 76, 37, 17, 35, 35, 40, 97 };

/* So rarely must a needle seem to be at a place where there is none: once in so many bytes. */
enum { RARE = 1000 };

/* The distances that are tried, and the best ones so far. */
struct choice {
	size_t distances[NIBBLES_ROWS], count;
	size_t starts[NEEDLES_MAX]; /* of each needle: where its first byte is */
	double often;
};

/* How often the bytes at these distances are in a text by chance. */
static double
chance(const struct needle *n, const struct choice *c, size_t start)
{
	double product = 1;

	for (size_t i = 0; i < c->count; i++) {
		unsigned char byte = n->bytes[start + c->distances[i]];

		if ((byte | n->fold[start + c->distances[i]]) >= 0x80)
			return 1;
		product *= share[byte & 0xf] / 1000;
	}
	return product;
}

/* Chooses where in each needle the first byte is. */
static void
place(const struct needles *all, struct choice *c)
{
	size_t last = c->distances[c->count - 1];

	c->often = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct needle *n = &all->each[i];
		double least = 1;

		for (size_t start = 0; start + last < n->length; start++) {
			double often = chance(n, c, start);

			if (often < least) {
				least = often;
				c->starts[i] = start;
			}
		}
		c->often += least;
	}
}

static size_t
shortest(const struct needles *all)
{
	size_t length = SIZE_MAX;

	for (size_t i = 0; i < all->count; i++)
		length = all->each[i].length < length ? all->each[i].length : length;
	return length;
}

/* Tries all distances up to last, of so many bytes: each set of bits of which the lowest is one. */
static void
search(const struct needles *all, size_t bytes, size_t last, struct choice *best)
{
	for (unsigned int set = 1; set < 2U << last; set += 2) {
		struct choice c = { 0 };

		if ((size_t)__builtin_popcount(set) != bytes)
			continue;
		for (size_t i = 0; i <= last; i++)
			if (set >> i & 1)
				c.distances[c.count++] = i;
		place(all, &c);
		if (c.often < best->often)
			*best = c;
	}
}

/* The two bytes of a needle are among those that are compared. */
static void
move_bytes(struct needles *all, const struct choice *c)
{
	for (size_t i = 0; i < all->count; i++)
		needles_choose_at(&all->each[i], c->starts[i], c->distances, c->count);
	all->reach = c->distances[c->count - 1];
}

void
nibbles_choose(struct needles *all)
{
	size_t length = shortest(all), bytes = length < NIBBLES_ROWS ? length : NIBBLES_ROWS;
	struct choice best = { .often = 1.0 / RARE };
	struct nibbles *nibbles = &all->nibbles;

	*nibbles = (struct nibbles){ 0 };
	if (all->count == 0 || (all->count == 1 && !all->folds) || length < 2)
		return;
	search(all, bytes, length - 1 < NIBBLES_DISTANCE ? length - 1 : NIBBLES_DISTANCE, &best);
	if (best.count == 0)
		return;
	nibbles->rows = NIBBLES_ROWS;
	for (size_t i = 0; i < NIBBLES_ROWS; i++) {
		nibbles->distances[i] = best.distances[i < best.count ? i : best.count - 1];
		for (size_t k = 0; k < all->count; k++) {
			unsigned char byte = all->each[k].bytes[best.starts[k] + nibbles->distances[i]];

			nibbles->row[i][byte & 0xf] |= (unsigned char)(1 << k % NIBBLES_BITS);
		}
	}
	move_bytes(all, &best);
	/* Four bits of a byte are not the byte. */
	all->certain = false;
}
