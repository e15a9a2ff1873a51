#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_file(int at, const char *path, bool follow)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
	struct stat st;
	int fd;

	/* Some devices do something already when they are opened. */
	if (follow && fstatat(at, path, &st, 0) == -1)
		return -1;
	if (follow && !S_ISREG(st.st_mode)) {
		errno = ENXIO;
		return -1;
	}
	fd = openat(at, path, flags | O_NOATIME);
	return fd == -1 && errno == EPERM ? openat(at, path, flags) : fd;
}

/* What is there now: a file may grow or shrink. */
static int
read_all(struct content *c, int fd, size_t size)
{
	c->text = malloc(size + 1);
	if (c->text == NULL)
		return -1;
	c->length = 0;
	while (c->length < size) {
		ssize_t got = read(fd, c->text + c->length, size - c->length);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		c->length += (size_t)got;
	}
	c->text[c->length] = '\0';
	return 0;
}

int
content_read(struct content *c, int at, const char *path, bool follow, size_t max)
{
	int fd = open_file(at, path, follow), result = -1, saved;
	struct stat st;

	*c = (struct content){ 0 };
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			errno = ENXIO;
		else if ((size_t)st.st_size > max)
			errno = EFBIG;
		else
			result = read_all(c, fd, (size_t)st.st_size);
	}
	saved = errno;
	close(fd);
	if (result == -1) {
		free(c->text);
		c->text = NULL;
	}
	errno = saved;
	return result;
}
