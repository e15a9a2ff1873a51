#include "reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * PCRE2's JIT code for invalid UTF-8 may look at bytes behind a text that
 * stops within a character.  They are newlines, so that the answer does not
 * depend on what was in the buffer before.
 */
enum { GUARD = 8 };

/* The kernel copies faster to where a cache line starts: so does what it reads. */
enum { ALIGNMENT = 64 };

/* Of a window, what is read ahead: a page of the usual one. */
enum { LOOKAHEAD_PART = 128 };

/* Keeps what is filled. */
static int
resize(struct reader *r, size_t capacity)
{
	size_t before = r->block == NULL ? 0 : (size_t)(r->buffer - r->block);
	char *block = realloc(r->block, capacity + GUARD + 2 * ALIGNMENT);
	size_t now;

	if (block == NULL)
		return -1;
	now = -(uintptr_t)block % ALIGNMENT + r->lead;
	if (now != before)
		memmove(block + now, block + before, r->filled);
	r->block = block;
	r->buffer = block + now;
	r->capacity = capacity;
	return 0;
}

/* Moves the last length bytes to the front, so that what is read next is aligned. */
static void
keep_last(struct reader *r, size_t length)
{
	const char *from = r->buffer + r->filled - length;

	r->buffer -= r->lead;
	r->lead = -length % ALIGNMENT;
	r->buffer += r->lead;
	memmove(r->buffer, from, length);
	r->filled = length;
}

int
reader_init(struct reader *r, const struct reader_options *options)
{
	*r = (struct reader){ .options = *options };
	/* One byte more tells a line that is too long from one that just fits. */
	if (options->window > options->max_line)
		r->options.window = options->max_line + 1;
	r->lookahead = r->options.window / LOOKAHEAD_PART;
	if (r->lookahead > options->max_line + 1 - r->options.window)
		r->lookahead = options->max_line + 1 - r->options.window;
	decode_init(&r->decode, options->encoding, r->options.window + r->lookahead);
	r->may_decode = r->decode.encoding->kind != ENCODING_PLAIN ||
	    r->options.window < DECODE_MARK;
	return resize(r, r->options.window + r->lookahead);
}

void
reader_fini(struct reader *r)
{
	decode_fini(&r->decode);
	free(r->block);
}

void
reader_file(struct reader *r, int fd, const struct stat *st)
{
	const size_t usual = r->options.window + r->lookahead;

	r->window = r->filled = 0;
	/* If that fails the block stays larger than it need be. */
	if (r->capacity > usual && resize(r, usual) == -1)
		r->capacity = usual;
	keep_last(r, 0);
	r->fd = fd;
	r->regular = S_ISREG(st->st_mode);
	r->size = st->st_size > 0 ? (uint64_t)st->st_size : 0;
	r->begun = r->read_up = r->ended = fd == -1;
	r->decoding = r->skipping = r->cut = r->split = r->holes = r->apart = false;
	r->part = (struct reader_part){ .to = UINT64_MAX };
	r->piece = r->holds = false;
	r->position = r->reached = 0;
	r->limit = r->first = UINT64_MAX;
}

void
reader_rest(struct reader *r)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	/* More than was read, or decoded, has not been touched: nor has all of that. */
	const uint64_t most = r->position > r->reached ? r->position : r->reached;
	uint64_t from = (uint64_t)(uintptr_t)r->buffer + r->options.kept;
	uint64_t to = (uint64_t)(uintptr_t)r->buffer + r->capacity;

	if (most <= r->options.kept || r->capacity <= r->options.kept)
		return;
	from = (from + page - 1) / page * page;
	to = to / page * page;
	/* Best effort; what is read next comes into pages of zeros. */
	if (from < to)
		madvise((void *)(uintptr_t)from, (size_t)(to - from), MADV_DONTNEED);
}

void
reader_take_piece(struct reader *r, const struct reader_piece *piece)
{
	r->piece = r->begun = true;
	r->skipping = piece->skip;
	r->holds = piece->hold;
	r->position = r->reached = piece->from;
	r->limit = piece->to;
}

void
reader_file_part(struct reader *r, int fd, const struct stat *st, const struct reader_part *part)
{
	reader_file(r, fd, st);
	r->size = r->size > part->origin ? r->size - part->origin : 0;
	r->part = *part;
	r->apart = r->begun = true;
	/* The byte before tells whether a line starts there. */
	r->skipping = part->from > 0;
	r->position = r->reached = part->from - r->skipping;
}

/* Whether windows have their places in the file. */
static bool
has_segments(const struct reader *r)
{
	return r->regular && !r->piece && !r->decoding && !r->holes && !r->options.whole;
}

/* Where reading stops to search what there is of the segment that has an offset. */
static uint64_t
stop_of(const struct reader *r, uint64_t offset)
{
	return (offset / r->options.window + 1) * r->options.window + r->lookahead;
}

/* How much to read at once, up to where reading stops next. */
static uint64_t
wanted(const struct reader *r)
{
	if (!has_segments(r))
		return 1;
	return stop_of(r, r->position < r->lookahead ? 0 : r->position - r->lookahead) - r->position;
}

static size_t
room_left(const struct reader *r)
{
	const size_t room = r->capacity - r->filled;

	return has_segments(r) && wanted(r) < room ? (size_t)wanted(r) : room;
}

/* For an inherited descriptor that somebody else has made non-blocking. */
static bool
wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, -1) != -1 || errno == EINTR;
}

/* Reads once. Returns how many bytes, or -1. */
static ssize_t
take(struct reader *r, char *to, size_t room)
{
	ssize_t got;

	if (room > r->limit - r->position)
		room = (size_t)(r->limit - r->position);
	do
		got = r->apart ? pread(r->fd, to, room, (off_t)(r->part.origin + r->position))
		    : read(r->fd, to, room);
	while (got == -1 && (errno == EINTR || (errno == EAGAIN && wait_readable(r->fd))));
	if (got == -1)
		return -1;
	if (r->position == 0 && got > 0 && !r->regular && r->arrived != NULL)
		r->arrived(r->ctx);
	if (r->beat != NULL)
		r->beat(r->ctx);
	r->position += (uint64_t)got;
	/* A regular file that gave all of its size is spared a last, empty read. */
	if (got == 0 || r->position == r->limit ||
	    (r->regular && r->position == r->size && (size_t)got < room))
		r->read_up = true;
	return got;
}

/* As fill, through the decoder. */
static int
fill_decoded(struct reader *r)
{
	for (;;) {
		size_t length = decode_next(&r->decode, r->buffer + r->filled,
		    r->capacity - r->filled), room;
		ssize_t got;
		char *to;

		r->filled += length;
		r->reached += length;
		/* Room must be left, as where bytes are read: else a line may be too long. */
		r->ended = decode_is_done(&r->decode) && r->filled < r->capacity;
		if (length > 0 || r->ended)
			return length > 0;
		to = decode_space(&r->decode, &room);
		if (to == NULL || (got = take(r, to, room)) == -1)
			return -1;
		decode_add(&r->decode, (size_t)got, r->read_up);
	}
}

/* As fill, with what was read of a file that is to be decoded. */
static int
start_decoding(struct reader *r, const char *first, size_t length)
{
	size_t room;
	char *to = decode_space(&r->decode, &room);

	if (to == NULL)
		return -1;
	memcpy(to, first, length);
	decode_add(&r->decode, length, r->read_up);
	r->decoding = true;
	return fill_decoded(r);
}

/* As fill, where length bytes are there, of a file that may be decoded. */
static int
begin(struct reader *r, size_t length)
{
	/* A window that cannot hold a mark is always filled by the decoder. */
	const bool small = r->capacity < DECODE_MARK;
	const size_t room = small ? DECODE_MARK : r->capacity;
	char *first = small ? memcpy(r->decode.held, r->buffer, length) : r->buffer;
	ssize_t got;
	int mark;

	while ((mark = decode_file(&r->decode, first, length, r->read_up)) == -1) {
		got = take(r, first + length, room - length);
		if (got == -1)
			return -1;
		length += (size_t)got;
	}
	if (small || r->decode.kind != ENCODING_PLAIN)
		return start_decoding(r, first + mark, length - (size_t)mark);
	length -= (size_t)mark;
	if (mark > 0)
		memmove(first, first + mark, length);
	r->filled = r->reached = length;
	r->ended = r->read_up;
	return r->filled > 0;
}

void
reader_pass_holes(struct reader *r)
{
	r->holes = r->regular && !r->piece && !r->apart;
}

/* Goes past a hole at the current offset, or to the end. Returns whether there was a hole. */
static bool
pass_hole(struct reader *r)
{
	off_t here = lseek(r->fd, 0, SEEK_CUR), data;

	if (here == -1)
		return false;
	data = lseek(r->fd, here, SEEK_DATA);
	if (data == -1 && errno == ENXIO) {
		r->ended = true;
		return (uint64_t)here < r->size;
	}
	if (data <= here)
		return false;
	r->position += (uint64_t)(data - here);
	r->reached += (uint64_t)(data - here);
	return true;
}

/* Reads once, behind what is there. Returns whether anything came. */
static int
fill(struct reader *r)
{
	ssize_t got;

	if (r->decoding)
		return fill_decoded(r);
	if (r->holes && pass_hole(r)) {
		r->buffer[r->filled++] = r->options.terminator;
		return 1;
	}
	if (r->ended)
		return 0;
	got = take(r, r->buffer + r->filled, room_left(r));
	if (got == -1)
		return -1;
	if (!r->begun && got > 0) {
		r->begun = true;
		if (r->may_decode || (unsigned char)*r->buffer >= DECODE_MARK_MIN)
			return begin(r, (size_t)got);
	}
	r->filled += (size_t)got;
	r->reached += (uint64_t)got;
	r->ended = r->read_up;
	return got > 0;
}

bool
reader_seek_hole(struct reader *r)
{
	off_t here, hole;

	/* An error will come again. */
	if ((!r->begun && fill(r) == -1) || r->decoding)
		return false;
	here = lseek(r->fd, 0, SEEK_CUR);
	hole = lseek(r->fd, 0, SEEK_HOLE);
	if (here == -1 || lseek(r->fd, here, SEEK_SET) == -1)
		return false;
	return hole != -1 && (uint64_t)hole < r->size;
}

/* What is read at once must not depend on how long the lines before were. */
static int
make_room(struct reader *r)
{
	const size_t most = r->options.max_line;

	while (r->capacity - r->filled < wanted(r) && r->capacity <= most)
		if (resize(r, r->capacity <= most / 2 ? 2 * r->capacity : most + 1) == -1)
			return -1;
	return 0;
}

/* Drops what remains of a cut line. Returns 1, 0 at the end, or -1. */
static int
skip_line(struct reader *r)
{
	while (r->skipping) {
		char *end;
		int got;

		r->filled = 0;
		got = r->reached < r->part.to ? fill(r) : 0;
		if (got <= 0)
			return got;
		end = memchr(r->buffer, r->options.terminator, r->filled);
		if (end != NULL) {
			r->skipping = false;
			keep_last(r, r->filled - (size_t)(end + 1 - r->buffer));
		} else if (r->ended) {
			r->filled = 0;
			return 0;
		}
	}
	return 1;
}

/* What came last may be but the beginning of a line: as if it had not come yet. */
static void
hold_back(struct reader *r)
{
	const char *end = memrchr(r->buffer, r->options.terminator, r->filled);
	size_t whole = end == NULL ? 0 : (size_t)(end + 1 - r->buffer);

	r->holds = false;
	r->reached -= r->filled - whole;
	r->filled = whole;
}

/* The end of the last line that starts in the segment, if it is there; or NULL. */
static const char *
segment_end(const struct reader *r, size_t searched)
{
	uint64_t left = r->options.window - r->offset % r->options.window;
	size_t from = left - 1 > searched ? (size_t)left - 1 : searched;

	if (!has_segments(r) || from >= r->filled)
		return NULL;
	return memchr(r->buffer + from, r->options.terminator, r->filled - from);
}

/* Sets the window to the lines that are whole, once it is large enough. Returns whether it is. */
static bool
set_window(struct reader *r, size_t searched)
{
	const bool whole = r->options.whole;
	const char *last = segment_end(r, searched);

	if (last == NULL && r->ended) {
		if (r->holds)
			hold_back(r);
		r->window = r->filled;
	} else if (last == NULL && (!whole || r->filled > r->options.max_line)) {
		r->split |= whole;
		searched = whole ? 0 : searched;
		last = memrchr(r->buffer + searched, r->options.terminator, r->filled - searched);
	}
	if (last != NULL)
		r->window = (size_t)(last + 1 - r->buffer);
	return r->window > 0;
}

/* Whether something is still to be read of the segment. */
static bool
lacks_some(const struct reader *r)
{
	return has_segments(r) && !r->ended && r->reached < stop_of(r, r->offset);
}

int
reader_next(struct reader *r, char **text, size_t *length)
{
	size_t searched = 0;
	int got;

	keep_last(r, r->filled - r->window);
	r->window = 0;
	if (r->skipping && (got = skip_line(r)) <= 0)
		return got;
	r->offset = r->reached - r->filled;
	if (r->first == UINT64_MAX)
		r->first = r->offset;
	if (r->offset >= r->part.to)
		return 0;
	while (lacks_some(r) || !set_window(r, searched)) {
		if (r->ended)
			return 0;
		if (!lacks_some(r)) {
			searched = r->filled;
			if (r->filled > r->options.max_line) {
				r->window = r->filled = r->options.max_line;
				r->skipping = r->cut = true;
				break;
			}
		}
		if (make_room(r) == -1 || fill(r) == -1)
			return -1;
	}
	memset(r->buffer + r->filled, '\n', GUARD);
	*text = r->buffer;
	*length = r->window;
	return 1;
}
