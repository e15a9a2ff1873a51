#include "opener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	CACHED_DIRECTORIES = 16,
	PIECE_MAX = PATH_MAX - 1, /* what the kernel takes at once */
};

struct cached {
	uint32_t number; /* of the walk; 0: none */
	int fd;
};

struct opener {
	struct cached directories[CACHED_DIRECTORIES];
	char root[PATH_MAX]; /* the operand that root_fd is open on */
	int root_fd;
	bool no_openat2;
	int noatime; /* O_NOATIME while permitted, else 0 */
};

struct opener *
opener_open(void)
{
	struct opener *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->root_fd = -1;
	o->noatime = O_NOATIME;
	return o;
}

/* Gives all descriptors back but those of the root. */
static void
drop_directories(struct opener *o)
{
	for (size_t i = 0; i < CACHED_DIRECTORIES; i++)
		if (o->directories[i].number != 0)
			close(o->directories[i].fd);
	memset(o->directories, 0, sizeof(o->directories));
}

void
opener_close(struct opener *o)
{
	if (o == NULL)
		return;
	drop_directories(o);
	if (o->root_fd != -1)
		close(o->root_fd);
	free(o);
}

/* The directory that was named as operand: links in it are the user's. */
static int
open_root(struct opener *o, const char *path, size_t length)
{
	/* Without the '/' that the walk put behind a name, which may be as long as can be. */
	if (length > 1)
		length--;
	if (length >= sizeof(o->root)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (o->root_fd != -1) {
		if (strncmp(o->root, path, length) == 0 && o->root[length] == '\0')
			return o->root_fd;
		close(o->root_fd);
	}
	memcpy(o->root, path, length);
	o->root[length] = '\0';
	o->root_fd = open(length == 0 ? "." : o->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return o->root_fd;
}

/* One piece of a path, of at most PIECE_MAX bytes, no link in it followed. */
static int
open_piece(struct opener *o, int at, const char *piece)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	int fd;

	if (o->no_openat2)
		return openat(at, piece, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd = (int)syscall(SYS_openat2, at, piece, &how, sizeof(how));
	/* A container's filter may say EPERM of calls that it does not know. */
	if (fd == -1 && (errno == ENOSYS || errno == EPERM)) {
		o->no_openat2 = true;
		errno = EAGAIN;
	}
	return fd;
}

/* How much of path to open next: all if the kernel takes it, else up to a '/'. */
static size_t
piece_length(const struct opener *o, const char *path, size_t length)
{
	const char *slash;

	/* Without openat2, one name at a time: O_NOFOLLOW minds only the last. */
	if (o->no_openat2)
		return (size_t)((const char *)memchr(path, '/', length) + 1 - path);
	if (length <= PIECE_MAX)
		return length;
	slash = memrchr(path, '/', PIECE_MAX);
	return slash ? (size_t)(slash + 1 - path) : length;
}

/* Opens path, which ends with '/', beneath root. */
static int
open_beneath(struct opener *o, int root, const char *path, size_t length)
{
	char piece[PATH_MAX];
	int at = root;

	while (length > 0) {
		size_t part = piece_length(o, path, length);
		int fd, saved;

		if (part >= sizeof(piece)) {
			fd = -1;
			errno = ENAMETOOLONG;
		} else {
			/* With a '/' behind it a link would be followed. */
			memcpy(piece, path, part);
			piece[part - 1] = '\0';
			fd = open_piece(o, at, piece);
		}
		if (fd == -1 && errno == EAGAIN && o->no_openat2)
			continue;
		saved = errno;
		if (at != root)
			close(at);
		errno = saved;
		if (fd == -1)
			return -1;
		at = fd;
		path += part;
		length -= part;
	}
	return at;
}

static int
open_directory(struct opener *o, const struct batch_item *item)
{
	const struct batch_section *s = item->section;
	struct cached *c = &o->directories[s->directory % CACHED_DIRECTORIES];
	int root, fd;

	if (c->number == s->directory)
		return c->fd;
	root = open_root(o, item->path, s->root_length);
	if (root == -1 || s->path_length == s->root_length)
		return root;
	fd = open_beneath(o, root, item->path + s->root_length, s->path_length - s->root_length);
	if (fd == -1)
		return -1;
	if (c->number != 0)
		close(c->fd);
	*c = (struct cached){ s->directory, fd };
	return fd;
}

static int
open_at(struct opener *o, int at, const char *name, int flags)
{
	int fd = openat(at, name, flags | o->noatime);

	/* Only the owner may spare the access time: ask no more once refused. */
	if (fd == -1 && errno == EPERM && o->noatime != 0) {
		o->noatime = 0;
		fd = openat(at, name, flags);
	}
	return fd;
}

static int
open_item(struct opener *o, const struct batch_item *item)
{
	int at;

	/* Named a second time it is at its end, whoever reads it the first time, and when. */
	if (item->section->kind == WALK_INPUT)
		return item->section->error == 0 ? STDIN_FILENO
		    : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (item->section->directory == 0)
		return open_at(o, AT_FDCWD, item->name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	at = open_directory(o, item);
	if (at == -1)
		return -1;
	return open_at(o, at, item->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int
opener_file(struct opener *o, const struct batch_item *item, struct stat *st)
{
	int fd = open_item(o, item), saved;

	if (fd == -1 && errno == EMFILE) {
		drop_directories(o);
		fd = open_item(o, item);
	}
	if (fd == -1) {
		/* A link in its place: what the walk saw is gone. */
		if (errno == ELOOP && item->section->directory != 0)
			errno = ENOENT;
		return -1;
	}
	if (fstat(fd, st) == -1)
		goto err;
	if (S_ISDIR(st->st_mode))
		errno = EISDIR;
	else if (item->section->directory != 0 && !S_ISREG(st->st_mode))
		errno = ENXIO;
	else
		return fd;
err:
	saved = errno;
	opener_done(fd);
	errno = saved;
	return -1;
}

void
opener_done(int fd)
{
	if (fd != STDIN_FILENO)
		close(fd);
}
