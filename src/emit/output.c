#include "output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum {
	FLUSH_BYTES = 1024 * 1024,
	SPARE_PIECES = 4, /* a frame: its text, and newlines that end a line in its place */
};

void
output_init(struct output *o, int fd, bool (*stop)(void))
{
	o->fd = fd;
	o->stop = stop;
	o->count = 0;
	o->bytes = 0;
	o->torn = false;
}

bool
output_full(const struct output *o)
{
	return o->count > OUTPUT_PIECES - SPARE_PIECES || o->bytes >= FLUSH_BYTES;
}

void
output_add(struct output *o, const char *bytes, size_t length)
{
	if (length == 0)
		return;
	o->pieces[o->count++] = (struct iovec){ .iov_base = (char *)(uintptr_t)bytes,
		.iov_len = length };
	o->bytes += length;
}

/* Drops the first written bytes. */
static void
consume(struct output *o, size_t written)
{
	int done = 0;

	o->bytes -= written;
	while (done < o->count && written >= o->pieces[done].iov_len)
		written -= o->pieces[done++].iov_len;
	if (done < o->count) {
		o->pieces[done].iov_base = (char *)o->pieces[done].iov_base + written;
		o->pieces[done].iov_len -= written;
	}
	o->count -= done;
	memmove(o->pieces, o->pieces + done, (size_t)o->count * sizeof(o->pieces[0]));
}

int
output_flush(struct output *o)
{
	while (o->count > 0) {
		ssize_t written;

		/* A write that a signal cut short is no error: the next would block again. */
		if (o->stop != NULL && o->stop()) {
			errno = EINTR;
			return -1;
		}
		written = writev(o->fd, o->pieces, o->count);
		if (written >= 0) {
			consume(o, (size_t)written);
		} else if (errno == EAGAIN) {
			/* Somebody else made it non-blocking. */
			struct pollfd p = { .fd = o->fd, .events = POLLOUT };

			if (poll(&p, 1, -1) == -1)
				return -1;
		} else {
			return -1;
		}
	}
	return 0;
}
