#include "reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * PCRE2's JIT code for invalid UTF-8 may look at bytes behind a text that
 * stops within a character.  They are newlines, so that the answer does not
 * depend on what was in the buffer before.
 */
enum { GUARD = 8 };

/* The kernel copies faster into a buffer that starts with a cache line. */
enum { ALIGNMENT = 64 };

/* Keeps what is filled. */
static int
resize(struct reader *r, size_t capacity)
{
	size_t before = r->block == NULL ? 0 : (size_t)(r->buffer - r->block);
	char *block = realloc(r->block, capacity + GUARD + ALIGNMENT - 1);
	size_t now;

	if (block == NULL)
		return -1;
	now = -(uintptr_t)block % ALIGNMENT;
	if (now != before)
		memmove(block + now, block + before, r->filled);
	r->block = block;
	r->buffer = block + now;
	r->capacity = capacity;
	return 0;
}

int
reader_init(struct reader *r, size_t window, size_t max_line)
{
	/* One byte more tells a line that is too long from one that just fits. */
	if (window > max_line)
		window = max_line + 1;
	*r = (struct reader){ .window_size = window, .max_line = max_line };
	return resize(r, window);
}

void
reader_fini(struct reader *r)
{
	free(r->block);
}

void
reader_file(struct reader *r, int fd, const struct stat *st)
{
	r->window = r->filled = 0;
	/* If that fails it stays larger than it need be. */
	if (r->capacity > r->window_size)
		(void)resize(r, r->window_size);
	r->fd = fd;
	r->regular = S_ISREG(st->st_mode);
	r->size = st->st_size > 0 ? (uint64_t)st->st_size : 0;
	r->ended = fd == -1;
	r->skipping = r->cut = r->holes = false;
	r->position = 0;
}

bool
reader_has_hole(const struct reader *r)
{
	off_t here, hole;

	if (!r->regular || r->size <= r->window_size)
		return false;
	here = lseek(r->fd, 0, SEEK_CUR);
	hole = lseek(r->fd, 0, SEEK_HOLE);
	if (here == -1 || lseek(r->fd, here, SEEK_SET) == -1)
		return false;
	return hole != -1 && (uint64_t)hole < r->size;
}

void
reader_pass_holes(struct reader *r)
{
	r->holes = r->regular;
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
	return true;
}

/* For an inherited descriptor that somebody else has made non-blocking. */
static bool
wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, -1) != -1 || errno == EINTR;
}

/* Reads once, behind what is there. Returns whether anything came. */
static int
fill(struct reader *r)
{
	ssize_t got;

	if (r->holes && pass_hole(r)) {
		r->buffer[r->filled++] = '\n';
		return 1;
	}
	if (r->ended)
		return 0;
	do
		got = read(r->fd, r->buffer + r->filled, r->capacity - r->filled);
	while (got == -1 && (errno == EINTR || (errno == EAGAIN && wait_readable(r->fd))));
	if (got == -1)
		return -1;
	if (r->position == 0 && got > 0 && !r->regular && r->arrived != NULL)
		r->arrived(r->ctx);
	if (r->beat != NULL)
		r->beat(r->ctx);
	r->filled += (size_t)got;
	r->position += (uint64_t)got;
	/* A regular file that gave all of its size is spared a last, empty read. */
	if (got == 0 || (r->regular && r->position == r->size && r->filled < r->capacity))
		r->ended = true;
	return got > 0;
}

static int
grow(struct reader *r)
{
	size_t capacity = 2 * r->capacity <= r->max_line ? 2 * r->capacity : r->max_line + 1;

	return resize(r, capacity);
}

/* Drops what remains of a cut line. Returns 1, 0 at the end, or -1. */
static int
skip_line(struct reader *r)
{
	while (r->skipping) {
		char *newline;
		int got;

		r->filled = 0;
		got = fill(r);
		if (got <= 0)
			return got;
		newline = memchr(r->buffer, '\n', r->filled);
		if (newline != NULL) {
			r->skipping = false;
			r->filled -= (size_t)(newline + 1 - r->buffer);
			memmove(r->buffer, newline + 1, r->filled);
		} else if (r->ended) {
			r->filled = 0;
			return 0;
		}
	}
	return 1;
}

/* Sets the window to the lines that are whole. Returns whether there are any. */
static bool
set_window(struct reader *r, size_t searched)
{
	const char *last = memrchr(r->buffer + searched, '\n', r->filled - searched);

	if (r->ended)
		r->window = r->filled;
	else if (last != NULL)
		r->window = (size_t)(last + 1 - r->buffer);
	return r->window > 0;
}

int
reader_next(struct reader *r, char **text, size_t *length)
{
	size_t searched = 0;
	int got;

	r->filled -= r->window;
	memmove(r->buffer, r->buffer + r->window, r->filled);
	r->window = 0;
	if (r->skipping && (got = skip_line(r)) <= 0)
		return got;
	r->offset = r->position - r->filled;
	while (!set_window(r, searched)) {
		if (r->ended)
			return 0;
		searched = r->filled;
		if (r->filled > r->max_line) {
			r->window = r->filled = r->max_line;
			r->skipping = r->cut = true;
			break;
		}
		if (r->filled == r->capacity && grow(r) == -1)
			return -1;
		if (fill(r) == -1)
			return -1;
	}
	memset(r->buffer + r->filled, '\n', GUARD);
	*text = r->buffer;
	*length = r->window;
	return 1;
}
