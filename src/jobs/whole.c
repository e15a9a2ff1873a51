#include "whole.h"

#include <errno.h>
#include <unistd.h>

int
whole_read(int fd, void *to, size_t size, off_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, (char *)to + done, size - done, at + (off_t)done);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EBADMSG;
		if (got <= 0)
			return -1;
		done += (size_t)got;
	}
	return 0;
}

int
whole_write(int fd, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t put = write(fd, (const char *)bytes + done, size - done);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return -1;
		done += (size_t)put;
	}
	return 0;
}
