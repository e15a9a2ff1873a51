#include "decode.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8 }; /* characters looked at together: most are ASCII */

/* What stands for what is no character. */
static const char replacement[] = "\xef\xbf\xbd";
enum { REPLACEMENT = sizeof(replacement) - 1 };

void
decode_init(struct decode *d, const struct encoding *encoding, size_t size)
{
	static const struct encoding automatic = ENCODING_AUTO;

	*d = (struct decode){ .encoding = encoding != NULL ? encoding : &automatic,
		.size = size < DECODE_HELD ? DECODE_HELD : size };
}

void
decode_fini(struct decode *d)
{
	free(d->bytes);
}

static void
start(struct decode *d, enum encoding_kind kind)
{
	d->kind = kind;
	d->from = d->to = d->held_from = d->held_to = 0;
	d->last = false;
	d->reset = kind != ENCODING_ICONV;
	if (kind == ENCODING_ICONV)
		iconv(d->encoding->descriptor, NULL, NULL, NULL, NULL);
}

int
decode_file(struct decode *d, const char *first, size_t length, bool last)
{
	static const struct {
		const char *bytes;
		size_t length;
		enum encoding_kind kind;
	} marks[] = { { "\xef\xbb\xbf", 3, ENCODING_UTF8 }, { "\xff\xfe", 2, ENCODING_UTF16LE },
		{ "\xfe\xff", 2, ENCODING_UTF16BE } };

	start(d, d->encoding->kind);
	if (!d->encoding->marks)
		return 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const bool whole = length >= marks[i].length;

		if (memcmp(first, marks[i].bytes, whole ? marks[i].length : length) != 0)
			continue;
		if (!whole && !last)
			return -1;
		if (!whole)
			continue;
		/* Nobody said that all is UTF-8: then what is none stays. */
		if (marks[i].kind != ENCODING_UTF8 || d->kind != ENCODING_PLAIN)
			start(d, marks[i].kind);
		return (int)marks[i].length;
	}
	return 0;
}

char *
decode_space(struct decode *d, size_t *room)
{
	if (d->bytes == NULL && (d->bytes = malloc(d->size)) == NULL)
		return NULL;
	d->to -= d->from;
	memmove(d->bytes, d->bytes + d->from, d->to);
	d->from = 0;
	*room = d->size - d->to;
	return d->bytes + d->to;
}

void
decode_add(struct decode *d, size_t length, bool last)
{
	d->to += length;
	d->last = last;
}

/* The replacement for length bytes. */
static size_t
replace(struct decode *d, char *to, size_t length)
{
	memcpy(to, replacement, REPLACEMENT);
	d->from += length;
	return REPLACEMENT;
}

static size_t
copy(struct decode *d, char *to, size_t room)
{
	size_t left = d->to - d->from, length = left < room ? left : room;

	memcpy(to, d->bytes + d->from, length);
	d->from += length;
	return length;
}

/* How many of the bytes, at least one, can begin a character; all it has: *whole. */
static size_t
sequence_length(const unsigned char *s, size_t length, bool *whole)
{
	/* The second byte of some is bounded (Unicode, table 3-7). */
	unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
	size_t need = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4, i;

	*whole = false;
	if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4)
		return 1;
	for (i = 1; i < need; i++) {
		if (i == length || s[i] < low || s[i] > high)
			return i;
		low = 0x80, high = 0xbf;
	}
	*whole = true;
	return need;
}

static size_t
convert_utf8(struct decode *d, char *to, size_t room)
{
	size_t done = 0;

	while (d->from < d->to && room - done >= BLOCK) {
		const char *at = d->bytes + d->from;
		size_t left = d->to - d->from, length;
		uint64_t block;
		bool whole;

		if (left >= BLOCK) {
			memcpy(&block, at, BLOCK);
			memcpy(to + done, at, BLOCK);
			length = (block & 0x8080808080808080) == 0 ? BLOCK : 0;
			d->from += length;
			done += length;
			if (length > 0)
				continue;
		}
		length = sequence_length((const unsigned char *)at, left, &whole);
		if (whole) {
			memcpy(to + done, at, length);
			d->from += length;
			done += length;
		} else if (length == left && !d->last) {
			break;
		} else {
			done += replace(d, to + done, length);
		}
	}
	return done;
}

static inline uint16_t
unit_at(const char *at, bool big)
{
	uint16_t unit;

	memcpy(&unit, at, sizeof(unit));
	return big ? be16toh(unit) : le16toh(unit);
}

/* A block of them, if they are ASCII. */
static inline bool
narrow(char *to, const char *from, bool big)
{
	uint16_t all = 0;

	for (size_t i = 0; i < BLOCK; i++)
		all |= unit_at(from + 2 * i, big);
	if (all >= 0x80)
		return false;
	for (size_t i = 0; i < BLOCK; i++)
		to[i] = (char)unit_at(from + 2 * i, big);
	return true;
}

static size_t
encode(char *to, uint32_t c)
{
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (length == 1) {
		to[0] = (char)c;
		return 1;
	}
	for (size_t i = length - 1; i > 0; i--, c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(0xf00 >> length | c);
	return length;
}

/* One character at most, from what is no block of ASCII. 0: it needs the next chunk. */
static inline size_t
convert_units(struct decode *d, char *to, bool big)
{
	const char *at = d->bytes + d->from;
	size_t left = d->to - d->from;
	uint16_t unit = left < 2 ? 0 : unit_at(at, big), second;

	/* Half a unit, or of a pair its first and no more than half of its second. */
	if (left < 2 || ((unit & 0xfc00) == 0xd800 && left < 4))
		return d->last ? replace(d, to, left) : 0;
	if ((unit & 0xf800) != 0xd800) {
		d->from += 2;
		return encode(to, unit);
	}
	second = (unit & 0xfc00) == 0xd800 ? unit_at(at + 2, big) : 0;
	if ((second & 0xfc00) != 0xdc00)
		return replace(d, to, 2);
	d->from += 4;
	return encode(to, 0x10000 + ((uint32_t)(unit & 0x3ff) << 10) + (second & 0x3ff));
}

static inline size_t
convert_utf16(struct decode *d, char *to, size_t room, bool big)
{
	size_t done = 0, length;

	while (d->from < d->to && room - done >= BLOCK) {
		if (d->to - d->from >= 2 * BLOCK &&
		    narrow(to + done, d->bytes + d->from, big)) {
			d->from += 2 * BLOCK;
			done += BLOCK;
			continue;
		}
		length = convert_units(d, to + done, big);
		if (length == 0)
			break;
		done += length;
	}
	return done;
}

/* How many bytes are replaced where iconv found no character; see the header. */
static size_t
bad_length(const struct decode *d)
{
	char *at = d->bytes + d->from, ignored[DECODE_HELD], *to = ignored;
	size_t left = d->to - d->from, one = 1, room = sizeof(ignored);

	if (left >= 2 && (at[1] & 0x80) != 0 &&
	    iconv(d->encoding->descriptor, &at, &one, &to, &room) == (size_t)-1 && errno == EINVAL)
		return 2;
	return 1;
}

/* What iconv stopped at and will not take. */
static size_t
convert_bad(struct decode *d, char *to, bool cut)
{
	unsigned char c = (unsigned char)d->bytes[d->from];

	if (cut)
		return replace(d, to, d->to - d->from);
	if (c == 0x80 && d->encoding->at_80 != 0) {
		d->from++;
		return encode(to, d->encoding->at_80);
	}
	if (d->encoding->controls && c >= 0x80 && c < 0xa0) {
		d->from++;
		return encode(to, c);
	}
	return replace(d, to, bad_length(d));
}

/* At the end, what the descriptor has kept. */
static size_t
convert_rest(struct decode *d, char *to, size_t room)
{
	char *at = to;

	/* Nothing is kept that needs more room than there may be. */
	d->reset = iconv(d->encoding->descriptor, NULL, NULL, &at, &room) != (size_t)-1 ||
	    room >= DECODE_HELD;
	return (size_t)(at - to);
}

static size_t
convert_iconv(struct decode *d, char *to, size_t room)
{
	char *at = to, *end = to + room;

	while (d->from < d->to) {
		char *from = d->bytes + d->from;
		size_t left = d->to - d->from, free_room = (size_t)(end - at);
		bool ok = iconv(d->encoding->descriptor, &from, &left, &at, &free_room) !=
		    (size_t)-1, full = !ok && errno == E2BIG;
		bool cut = !ok && errno == EINVAL && left < DECODE_HELD;

		d->from = d->to - left;
		/* What needs more room than there may be, or is longer than any sequence, is none. */
		if (ok || (full && at > to) || (cut && !d->last) || end - at < REPLACEMENT)
			break;
		at += convert_bad(d, at, cut);
	}
	if (d->last && !d->reset && d->from == d->to)
		at += convert_rest(d, at, (size_t)(end - at));
	return (size_t)(at - to);
}

static size_t
convert(struct decode *d, char *to, size_t room)
{
	switch (d->kind) {
	case ENCODING_PLAIN:
		return copy(d, to, room);
	case ENCODING_UTF8:
		return convert_utf8(d, to, room);
	case ENCODING_UTF16LE:
		return convert_utf16(d, to, room, false);
	case ENCODING_UTF16BE:
		return convert_utf16(d, to, room, true);
	case ENCODING_ICONV:
		return convert_iconv(d, to, room);
	}
	return 0;
}

/* Of what is held, as much as there is room for. */
static size_t
give_held(struct decode *d, char *to, size_t room)
{
	size_t left = d->held_to - d->held_from, length = left < room ? left : room;

	memcpy(to, d->held + d->held_from, length);
	d->held_from += length;
	return length;
}

size_t
decode_next(struct decode *d, char *to, size_t room)
{
	size_t done = give_held(d, to, room), length;

	while (room - done >= DECODE_HELD && (length = convert(d, to + done, room - done)) > 0)
		done += length;
	while (done < room && room - done < DECODE_HELD) {
		d->held_from = 0;
		d->held_to = convert(d, d->held, sizeof(d->held));
		if (d->held_to == 0)
			break;
		done += give_held(d, to + done, room - done);
	}
	return done;
}
