#include "output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum { FLUSH_BYTES = 1024 * 1024 };

void
output_init(struct output *o, int fd, bool (*stop)(void))
{
	o->fd = fd;
	o->stop = stop;
	o->count = 0;
	o->bytes = 0;
	o->added = o->skip = 0;
	o->torn = false;
}

bool
output_full(const struct output *o)
{
	return o->count > OUTPUT_PIECES - OUTPUT_ROOM || o->bytes >= FLUSH_BYTES;
}

void
output_add(struct output *o, const char *bytes, size_t length)
{
	struct iovec *before = &o->pieces[o->count - (o->count > 0)];

	if (length == 0)
		return;
	o->bytes += length;
	o->added += length;
	if (o->count > 0 && (const char *)before->iov_base + before->iov_len == bytes) {
		before->iov_len += length;
		return;
	}
	o->pieces[o->count++] = (struct iovec){ .iov_base = (char *)(uintptr_t)bytes,
		.iov_len = length };
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
	size_t skipped = o->skip < o->bytes ? (size_t)o->skip : o->bytes;

	consume(o, skipped);
	o->skip -= skipped;
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
