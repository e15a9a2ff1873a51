#include "needles.h"

#include <ctype.h>
#include <stdint.h>

/* Bytes of program text and prose, the commonest first; all others are rarer. */
static const char common[] = " _eti\n\tr0nsadocECATSfRIlupPDLNm,MxFO();1h*gbv2G-UB#=H/>k3.VXw4yK8\"6{}YW5q&:79<Q][\\z+Z|"
    "%!'$@jJ?~^";

enum { SINGLE_RANK_MIN = 40 }; /* a single byte must be so rare, if PCRE2 is to be asked then */

size_t
needles_rank(unsigned char byte)
{
	const char *found = memchr(common, byte, sizeof(common) - 1);

	return found == NULL ? sizeof(common) : (size_t)(found - common);
}

/* How rare a byte of a needle is, in either case. */
static size_t
rarity(const struct needle *n, size_t i)
{
	size_t rank = needles_rank(n->bytes[i]);
	size_t other = needles_rank((unsigned char)(n->bytes[i] & ~n->fold[i]));

	return other < rank ? other : rank;
}

/* The rarest byte not too far from one, other than it; SIZE_MAX: from none. */
static size_t
rarest(const struct needle *n, size_t beside)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < n->length; i++) {
		size_t distance = i > beside ? i - beside : beside - i;

		if (beside != SIZE_MAX && (i == beside || distance > NEEDLE_GAP_MAX))
			continue;
		if (best == SIZE_MAX || rarity(n, i) > rarity(n, best))
			best = i;
	}
	return best;
}

static void
set_bytes(struct needle *n, size_t first, size_t second)
{
	n->at = first < second ? first : second;
	n->gap = first < second ? second - first : first - second;
	memset(n->first, n->bytes[n->at], NEEDLE_WIDTH);
	memset(n->first_fold, n->fold[n->at], NEEDLE_WIDTH);
	memset(n->second, n->bytes[n->at + n->gap], NEEDLE_WIDTH);
	memset(n->second_fold, n->fold[n->at + n->gap], NEEDLE_WIDTH);
}

static void
choose_bytes(struct needle *n)
{
	size_t first = rarest(n, SIZE_MAX);

	set_bytes(n, first, n->length > 1 ? rarest(n, first) : first);
}

void
needles_choose_at(struct needle *n, size_t first, const size_t *distances, size_t count)
{
	size_t best = 1;

	for (size_t i = 2; i < count; i++)
		if (rarity(n, first + distances[i]) > rarity(n, first + distances[best]))
			best = i;
	set_bytes(n, first, first + distances[best]);
}

/* Whether a byte stands for itself, or for a letter of ASCII and its other case. */
static bool
is_simple(const struct needles_options *o, unsigned char byte)
{
	/* U+212A KELVIN SIGN and U+017F LONG S fold to k and s. */
	return !o->ignore_case || (byte < 0x80 && byte != '\0' &&
	    (o->bytes || strchr("kKsS", byte) == NULL));
}

/* The longest part of simple bytes. */
static size_t
simple_part(const struct needles_options *o, const char **bytes, size_t length)
{
	const char *best = *bytes;
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < length; i++) {
		run = is_simple(o, (unsigned char)(*bytes)[i]) ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			best = *bytes + i + 1 - run;
		}
	}
	*bytes = best;
	return longest;
}

static void
put(struct needles *all, const struct needles_options *o, const struct needle *needle)
{
	struct needle *n = &all->each[all->count++];

	*n = *needle;
	choose_bytes(n);
	all->reach = n->gap > all->reach ? n->gap : all->reach;
	all->folds = n->folds || (all->folds && all->count > 1);
	all->certain = all->count == 1 && n->length <= 2;
	all->terminator = o->terminator;
}

bool
needles_add(struct needles *all, const struct needles_options *o, const char *bytes, size_t length,
    bool *whole)
{
	struct needle n = { 0 };
	size_t part = simple_part(o, &bytes, length);

	n.length = part < NEEDLE_MAX ? part : NEEDLE_MAX;
	*whole = n.length == length;
	if (n.length == 0 || all->count == NEEDLES_MAX ||
	    memchr(bytes, o->terminator, n.length) != NULL)
		return false;
	for (size_t i = 0; i < n.length; i++) {
		bool letter = o->ignore_case && isalpha((unsigned char)bytes[i]);

		n.fold[i] = letter ? 0x20 : 0;
		n.bytes[i] = (unsigned char)bytes[i] | n.fold[i];
		n.folds |= letter;
	}
	put(all, o, &n);
	return true;
}

bool
needles_are_rare(const struct needles *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->each[i].length == 1 && rarity(&all->each[i], 0) < SINGLE_RANK_MIN)
			return false;
	return true;
}

void
needles_add_high(struct needles *all, const struct needles_options *o)
{
	put(all, o, &(struct needle){ .length = 1, .folds = true, .bytes = { 0xff },
		.fold = { 0x7f } });
}
