#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "accel.h"
#include "accel_view.h"

enum {
	/* What libhs is given at a time: lines of it are proposed while it is in the cache. */
	CHUNK = 32 * 1024,
	LINES = 512, /* proposed of it, at most */
	/* So many lines of a text are proposed for nothing; beyond that, one of so many bytes. */
	FREE_LINES = 16,
	BYTES_A_LINE = 128,
};

struct accel_search {
	const struct accel_view *accel;
	/* The text. */
	const char *bytes;
	size_t length;
	size_t proposed; /* lines so far */
	bool gave_up;
	/* What libhs has seen of it, up to the start of a line; the last chunk, and its lines. */
	size_t scanned, chunk;
	struct span lines[LINES];
	size_t count, next;
	/* The next line with a byte above 0x7f; no such byte is between seen and that. */
	struct span high;
	bool has_high;
	size_t seen;
};

struct accel_search *
accel_search_open(const struct accel *a)
{
	struct accel_search *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->accel = accel_view(a);
	return s;
}

void
accel_search_close(struct accel_search *s)
{
	free(s);
}

/* Takes note of a line up to which, at offset at, all is proposed. */
static void
count_line(struct accel_search *s, size_t at)
{
	s->proposed++;
	s->gave_up |= s->proposed > FREE_LINES && s->proposed * BYTES_A_LINE > at;
}

/* The line that holds offset at, being in a text that begins a line at from. */
static struct span
line_at(const struct accel_search *s, size_t from, size_t at)
{
	const char terminator = s->accel->terminator;
	const char *before = memrchr(s->bytes + from, terminator, at - from);
	const char *after = memchr(s->bytes + at, terminator, s->length - at);

	return (struct span){ before != NULL ? (size_t)(before + 1 - s->bytes) : from,
		after != NULL ? (size_t)(after - s->bytes) : s->length };
}

/* Puts a line to the others, which are mostly before it: the order of matches is libhs's affair. */
static void
add_line(struct accel_search *s, const struct span *line)
{
	size_t at = s->count;

	while (at > 0 && s->lines[at - 1].start > line->start)
		at--;
	if (at > 0 && s->lines[at - 1].start == line->start)
		return;
	if (s->count == LINES) {
		s->gave_up = true;
		return;
	}
	memmove(s->lines + at + 1, s->lines + at, (s->count - at) * sizeof(*s->lines));
	s->lines[at] = *line;
	s->count++;
	count_line(s, line->end);
}

static int
on_match(unsigned int id, unsigned long long from, unsigned long long to, unsigned int flags,
    void *ctx)
{
	struct accel_search *s = ctx;
	const struct span *last = &s->lines[s->count - (s->count > 0)];
	size_t at = s->chunk + (size_t)to;
	struct span line;

	(void)id, (void)from, (void)flags;
	if (s->count > 0 && at >= last->start && at <= last->end)
		return 0;
	/* Behind the last terminator another line begins, or none. */
	if (at >= s->scanned && s->bytes[s->scanned - 1] == s->accel->terminator)
		return 0;
	line = line_at(s, s->chunk, at < s->scanned ? at : s->scanned);
	add_line(s, &line);
	return s->gave_up;
}

/* The end of the chunk that begins at an offset, behind a line's terminator. */
static size_t
chunk_end(const struct accel_search *s, size_t begin)
{
	const char *from = s->bytes + begin, *end;

	if (s->length - begin <= CHUNK)
		return s->length;
	end = memrchr(from, s->accel->terminator, CHUNK);
	if (end == NULL)
		end = memchr(from + CHUNK, s->accel->terminator, s->length - begin - CHUNK);
	return end != NULL ? (size_t)(end + 1 - s->bytes) : s->length;
}

/* Has libhs look at the next chunk. */
static void
scan(struct accel_search *s)
{
	const struct accel_view *a = s->accel;

	s->count = s->next = 0;
	s->chunk = s->scanned;
	s->scanned = a->ascii ? chunk_end(s, s->chunk) : s->length;
	if (!a->ascii)
		return;
	if (s->scanned - s->chunk > UINT_MAX ||
	    a->scan(a->database, s->bytes + s->chunk, (unsigned int)(s->scanned - s->chunk), 0,
	    a->scratch, on_match, s) != 0)
		s->gave_up = true;
}

/* The offset of the next byte above 0x7f, or the text's length. */
static size_t
find_high(const struct accel_search *s, size_t at)
{
	uint64_t eight[4];

	for (; s->length - at >= sizeof(eight); at += sizeof(eight)) {
		memcpy(eight, s->bytes + at, sizeof(eight));
		if ((eight[0] | eight[1] | eight[2] | eight[3]) & UINT64_C(0x8080808080808080))
			break;
	}
	while (at < s->length && (unsigned char)s->bytes[at] < 0x80)
		at++;
	return at;
}

/* Makes sure that the next line with a byte above 0x7f at or after from is known. */
static void
look_ahead(struct accel_search *s, size_t from)
{
	size_t at;

	if (s->has_high && s->high.start < from)
		s->has_high = false;
	if (s->has_high || s->seen == s->length)
		return;
	at = find_high(s, s->seen > from ? s->seen : from);
	s->seen = s->length;
	if (at == s->length)
		return;
	s->high = line_at(s, from, at);
	s->seen = s->high.end;
	s->has_high = true;
	count_line(s, s->high.end);
}

static void
start(struct accel_search *s, const struct matcher_text *text)
{
	s->bytes = text->bytes;
	s->length = text->length;
	s->proposed = s->scanned = s->count = s->next = 0;
	s->gave_up = s->has_high = false;
	s->seen = s->accel->beyond && text->kind != TEXT_ASCII ? 0 : text->length;
}

enum accel_next
accel_search_next(struct accel_search *s, const struct matcher_text *text, size_t from,
    struct span *line)
{
	if (from == 0)
		start(s, text);
	look_ahead(s, from);
	while (!s->gave_up) {
		while (s->next < s->count && s->lines[s->next].start < from)
			s->next++;
		if (s->next < s->count) {
			*line = s->lines[s->next];
			if (s->has_high && s->high.start < line->start)
				*line = s->high;
			return ACCEL_PROPOSED;
		}
		if (s->has_high && s->high.start < s->scanned) {
			*line = s->high;
			return ACCEL_PROPOSED;
		}
		if (s->scanned >= s->length)
			return ACCEL_NONE;
		if (s->scanned < from)
			s->scanned = from;
		scan(s);
	}
	return ACCEL_GAVE_UP;
}
