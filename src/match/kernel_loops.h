/*
 * The loops of kernel.h.  Included by a file for each level, which defines
 *
 *   TARGET         the function attribute that allows the instructions
 *   WIDTH          bytes in a vector
 *   vector, mask   of bytes, and of which bytes of a vector are meant
 *   LOAD(p)        a vector, from anywhere
 *   EITHER(a, b)   of vectors: the bits of both
 *   EQUAL(a, b)    of vectors: where their bytes are the same, a mask
 *   HIGH(a)        of a vector: where a byte is above 0x7f, a mask
 *   BOTH(m, n), ANY(m, n)  of masks
 *   BITS(m)        of a mask, one bit each in a uint64_t, the lowest for the first byte
 *
 * and, if it has the instructions to look up bytes in a table of sixteen,
 *
 *   TABLE(p)       the table, as a vector
 *   LOOKUP(t, a)   of a vector: what stands in the table at the low four bits of each byte; 0
 *                  for a byte above 0x7f
 *   COMMON(a, b)   of vectors: the bits that are in both
 *   SOME(a)        of a vector: where a byte is not 0, as BITS
 *
 * includes kernel_shape.h, and then gives away the struct kernel that is made here, named loops.
 */
#include <stdint.h>
#include <string.h>

/* So far from where a search starts line ends are sought together with needles. */
enum { NEAR = 512 };

/* So many bytes of a text that is left to be loaded after the last whole vector. */
enum { TAIL = WIDTH + NEEDLE_GAP_MAX };

/*
 * Loops of their own are for one needle, for several, for those of which bits
 * are folded, and for those that are looked up (nibbles.h).
 */
enum sort { SINGLE, SEVERAL, FOLDED, LOOKED_UP };

#ifndef LOOKUP
#define TABLE(p) LOAD(p)
#define LOOKUP(t, a) EITHER(t, a)
#define COMMON(a, b) EITHER(a, b)
#define SOME(a) BITS(EQUAL(a, a))
enum { LOOKS_UP = false };
#else
enum { LOOKS_UP = true };
#endif

static inline enum sort
sort_of(const struct needles *all)
{
	if (LOOKS_UP && all->nibbles.rows > 0)
		return LOOKED_UP;
	return all->folds ? FOLDED : all->count == 1 ? SINGLE : SEVERAL;
}

/* Where in a vector at p the two bytes of a needle are. */
TARGET static inline __attribute__((always_inline)) mask
candidates_of(const struct needle *n, const char *p, bool folds)
{
	vector first = LOAD(p), second = LOAD(p + n->gap);

	if (folds) {
		first = EITHER(first, LOAD(n->first_fold));
		second = EITHER(second, LOAD(n->second_fold));
	}
	return BOTH(EQUAL(first, LOAD(n->first)), EQUAL(second, LOAD(n->second)));
}

/* The rows of a struct nibbles. */
struct tables {
	vector of[NIBBLES_ROWS];
};

TARGET static inline __attribute__((always_inline)) struct tables
tables_of(const struct needles *all)
{
	struct tables t;

	for (size_t i = 0; i < NIBBLES_ROWS; i++)
		t.of[i] = TABLE(all->nibbles.row[i]);
	return t;
}

/* The bits of needles that may be at each place of a vector at p. */
TARGET static inline __attribute__((always_inline)) vector
looked_up(const struct needles *all, const struct tables *t, const char *p)
{
	const size_t *far = all->nibbles.distances;

	return COMMON(COMMON(LOOKUP(t->of[0], LOAD(p)), LOOKUP(t->of[1], LOAD(p + far[1]))),
	    COMMON(LOOKUP(t->of[2], LOAD(p + far[2])), LOOKUP(t->of[3], LOAD(p + far[3]))));
}

TARGET static inline __attribute__((always_inline)) uint64_t
candidates(const struct needles *all, const char *p, enum sort sort)
{
	mask found;

	if (sort == LOOKED_UP) {
		const struct tables t = tables_of(all);

		return SOME(looked_up(all, &t, p));
	}
	found = candidates_of(&all->each[0], p, sort == FOLDED);

	for (size_t i = 1; sort != SINGLE && i < all->count; i++)
		found = ANY(found, candidates_of(&all->each[i], p, sort == FOLDED));
	return BITS(found);
}

/* Vectors of which it is asked at once whether there is a candidate in any. */
enum { STRIDE = 4 };

TARGET static inline __attribute__((always_inline)) mask
stride_of(const struct needle *n, const char *p, bool folds)
{
	return ANY(ANY(candidates_of(n, p, folds), candidates_of(n, p + WIDTH, folds)),
	    ANY(candidates_of(n, p + 2 * WIDTH, folds), candidates_of(n, p + 3 * WIDTH, folds)));
}

TARGET static inline __attribute__((always_inline)) size_t
skip_with(const struct needles *all, const char *text, size_t length, size_t at, enum sort sort)
{
	const size_t room = STRIDE * WIDTH + all->reach;

	for (; length - at >= room; at += STRIDE * WIDTH) {
		mask found = stride_of(&all->each[0], text + at, sort == FOLDED);

		for (size_t i = 1; sort != SINGLE && i < all->count; i++)
			found = ANY(found, stride_of(&all->each[i], text + at, sort == FOLDED));
		if (BITS(found) != 0)
			break;
	}
	return at;
}

TARGET static inline __attribute__((always_inline)) size_t
skip_looked_up(const struct needles *all, const char *text, size_t length, size_t at)
{
	const size_t room = STRIDE * WIDTH + all->reach;
	const struct tables t = tables_of(all);

	for (; length - at >= room; at += STRIDE * WIDTH) {
		const char *p = text + at;

		if (SOME(EITHER(EITHER(looked_up(all, &t, p), looked_up(all, &t, p + WIDTH)),
		    EITHER(looked_up(all, &t, p + 2 * WIDTH), looked_up(all, &t, p + 3 * WIDTH)))) != 0)
			break;
	}
	return at;
}

/* Goes past what has no candidate. A function of its own: all that the loop needs is in registers. */
TARGET static __attribute__((noinline)) size_t
skip(const struct needles *all, const char *text, size_t length, size_t at)
{
	switch (sort_of(all)) {
	case SINGLE:
		return skip_with(all, text, length, at, SINGLE);
	case SEVERAL:
		return skip_with(all, text, length, at, SEVERAL);
	case LOOKED_UP:
		return skip_looked_up(all, text, length, at);
	default:
		return skip_with(all, text, length, at, FOLDED);
	}
}

static inline unsigned int
first_bit(uint64_t bits)
{
	return (unsigned int)__builtin_ctzll(bits);
}

/* Drops those of the lowest bits that stand for no needle. */
TARGET static inline __attribute__((always_inline)) uint64_t
confirm(const struct needles *all, const char *text, size_t length, size_t from, size_t at,
    uint64_t bits)
{
	while (bits != 0 && !all->certain &&
	    !needles_are_at(all, text, length, from, at + first_bit(bits)))
		bits &= bits - 1;
	return bits;
}

/* As find_from, in less than a vector and the reach, of one needle. */
static inline size_t
find_single_in_tail(const struct needles *all, const char *text, size_t length, size_t from,
    size_t at)
{
	const char *found;

	while ((found = memchr(text + at, all->each[0].first[0], length - at)) != NULL) {
		at = (size_t)(found - text);
		if (needles_are_at(all, text, length, from, at))
			return at;
		at++;
	}
	return length;
}

/* Likewise of any. */
TARGET static size_t
find_in_tail(const struct needles *all, const char *text, size_t length, size_t from, size_t at)
{
	/* Behind the text there are NULs: where one is taken for a needle's byte it is looked at. */
	char tail[TAIL];

	while (at < length) {
		size_t left = length - at < TAIL ? length - at : TAIL;
		size_t places = left < WIDTH ? left : WIDTH;
		uint64_t bits;

		memset(tail, 0, sizeof(tail));
		memcpy(tail, text + at, left);
		bits = candidates(all, tail, FOLDED);
		if (places < 64)
			bits &= (UINT64_C(1) << places) - 1;
		while (bits != 0 && !needles_are_at(all, text, length, from, at + first_bit(bits)))
			bits &= bits - 1;
		if (bits != 0)
			return at + first_bit(bits);
		at += places;
	}
	return length;
}

TARGET static inline __attribute__((always_inline)) size_t
find_with(const struct needles *all, const char *text, size_t length, size_t from, size_t at,
    enum sort sort)
{
	for (size_t i = 0; length - at >= WIDTH + all->reach; at += WIDTH) {
		uint64_t bits;

		if (i++ % STRIDE == 0) {
			at = skip(all, text, length, at);
			if (length - at < WIDTH + all->reach)
				break;
		}
		bits = confirm(all, text, length, from, at, candidates(all, text + at, sort));
		if (bits != 0)
			return at + first_bit(bits);
	}
	return sort == SINGLE ? find_single_in_tail(all, text, length, from, at)
	    : find_in_tail(all, text, length, from, at);
}

/* As find, but needles that lie between from and at are known to be none. */
TARGET static size_t
find_from(const struct needles *all, const char *text, size_t length, size_t from, size_t at)
{
	switch (sort_of(all)) {
	case SINGLE:
		return find_with(all, text, length, from, at, SINGLE);
	case SEVERAL:
		return find_with(all, text, length, from, at, SEVERAL);
	case LOOKED_UP:
		return find_with(all, text, length, from, at, LOOKED_UP);
	default:
		return find_with(all, text, length, from, at, FOLDED);
	}
}

TARGET static size_t
find(const struct needles *all, const char *text, size_t length, size_t from)
{
	return find_from(all, text, length, from, from);
}

/* How often a byte is in the 64 bytes at p. */
TARGET static inline __attribute__((always_inline)) size_t
count_in_64(const char *p, vector byte)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < 64; i += WIDTH)
		bits |= BITS(EQUAL(LOAD(p + i), byte)) << i;
	return (size_t)__builtin_popcountll(bits);
}

TARGET static size_t
count(const char *text, size_t length, char byte)
{
	unsigned char all[WIDTH];
	size_t total = 0, at;
	vector wanted;

	memset(all, byte, sizeof(all));
	wanted = LOAD(all);
	for (at = 0; length - at >= 64; at += 64)
		total += count_in_64(text + at, wanted);
	for (; length - at >= WIDTH; at += WIDTH)
		total += (size_t)__builtin_popcountll(BITS(EQUAL(LOAD(text + at), wanted)));
	for (; at < length; at++)
		total += text[at] == byte;
	return total;
}

TARGET static size_t
ascii(const char *text, size_t length)
{
	size_t at;

	for (at = 0; length - at >= WIDTH; at += WIDTH) {
		uint64_t high = BITS(HIGH(LOAD(text + at)));

		if (high != 0)
			return at + first_bit(high);
	}
	while (at < length && (unsigned char)text[at] < 0x80)
		at++;
	return at;
}

/* The terminator at or after offset at, or length. */
TARGET static inline size_t
line_end(const struct needles *all, const char *text, size_t length, size_t at, vector terminator)
{
	const char *end;

	if (length - at >= WIDTH) {
		uint64_t ends = BITS(EQUAL(LOAD(text + at), terminator));

		if (ends != 0)
			return at + first_bit(ends);
		at += WIDTH;
	}
	end = memchr(text + at, all->terminator, length - at);
	return end == NULL ? length : (size_t)(end - text);
}

/* passed: terminators from where a line starts on up to where the found line does. */
static inline __attribute__((always_inline)) void
pass(struct matcher_text *t, size_t from, const struct span *found, size_t passed)
{
	if (t->counting && t->counted == from) {
		t->counted = found->start;
		t->terminators += passed;
	}
}

/* As line, from offset at on, of which the line's start is known, and how many are passed up to there. */
TARGET static bool
far_line(const struct needles *all, struct matcher_text *t, size_t from, size_t at,
    struct span *line, size_t passed)
{
	const char *text = t->bytes, *before, *after;

	at = find_from(all, text, t->length, from, at);
	if (at == t->length)
		return false;
	before = memrchr(text + line->start, all->terminator, at - line->start);
	if (before != NULL) {
		size_t start = (size_t)(before + 1 - text);

		if (t->counting)
			passed += count(text + line->start, start - line->start, all->terminator);
		line->start = start;
	}
	after = memchr(text + at, all->terminator, t->length - at);
	line->end = after == NULL ? t->length : (size_t)(after - text);
	pass(t, from, line, passed);
	return true;
}

/*
 * Where needles are dense the lines' ends are seen in the same bytes; where
 * they are not, the rest is sought without.
 */
TARGET static inline __attribute__((always_inline)) bool
line_with(const struct needles *all, struct matcher_text *t, size_t from, struct span *line,
    enum sort sort)
{
	unsigned char terminators[WIDTH];
	const char *text = t->bytes;
	size_t at, start = from, passed = 0, length = t->length;
	vector terminator;

	memset(terminators, all->terminator, sizeof(terminators));
	terminator = LOAD(terminators);
	for (at = from; at - from < NEAR && length - at >= WIDTH + all->reach; at += WIDTH) {
		uint64_t ends = BITS(EQUAL(LOAD(text + at), terminator));
		uint64_t hits = confirm(all, text, length, from, at,
		    candidates(all, text + at, sort));
		uint64_t before = ends & (hits - 1) & ~hits; /* the lowest hit, or all */

		if (before != 0) {
			start = at + 64 - (size_t)__builtin_clzll(before);
			passed += (size_t)__builtin_popcountll(before);
		}
		if (hits == 0)
			continue;
		ends ^= before;
		line->start = start;
		line->end = ends != 0 ? at + first_bit(ends)
		    : line_end(all, text, length, at + WIDTH, terminator);
		pass(t, from, line, passed);
		return true;
	}
	line->start = start;
	return far_line(all, t, from, at, line, passed);
}

TARGET static bool
line(const struct needles *all, struct matcher_text *t, size_t from, struct span *found)
{
	switch (sort_of(all)) {
	case SINGLE:
		return line_with(all, t, from, found, SINGLE);
	case SEVERAL:
		return line_with(all, t, from, found, SEVERAL);
	case LOOKED_UP:
		return line_with(all, t, from, found, LOOKED_UP);
	default:
		return line_with(all, t, from, found, FOLDED);
	}
}

static const struct kernel loops = { .count = count, .ascii = ascii, .find = find, .line = line,
	.shape = shape };
