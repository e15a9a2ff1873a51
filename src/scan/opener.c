#include "opener.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	CACHED_DIRECTORIES = 16,
	PIECE_MAX = PATH_MAX - 1, /* what the kernel takes at once */
	PLACE_MAX = 16,
	DONE_MAX = 16, /* files that are done with, and still open */
};

/* What was walked can be read, so no O_PATH, which a filter does not allow. */
static const int directory_flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

struct cached {
	uint32_t number; /* of the walk; 0: none */
	int fd;
};

struct opener {
	struct cached directories[CACHED_DIRECTORIES];
	uint32_t root; /* the operand that root_fd is open on */
	int root_fd;
	bool numbered;
	bool no_openat2;
	bool follow;
	bool one_by_one; /* a path had more links than the kernel follows at once */
	int noatime; /* O_NOATIME while permitted, else 0 */
	/* Descriptors in a row that are done with: closed in one call. */
	int done_first, done_count;
	bool is_operand; /* what was opened last */
};

struct opener *
opener_open(const struct opener_view *view)
{
	struct opener *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->root_fd = -1;
	o->numbered = view->numbered;
	o->no_openat2 = view->plain;
	o->follow = view->follow;
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
	opener_rest(o);
	drop_directories(o);
	if (o->root_fd != -1)
		close(o->root_fd);
	free(o);
}

/* Where an operand is found. place holds PLACE_MAX bytes, for a number. */
static const char *
operand_place(const struct opener *o, const struct batch_section *s, const char *name, char *place)
{
	if (!o->numbered)
		return *name == '\0' ? "." : name;
	snprintf(place, PLACE_MAX, "/%" PRIu32, s->operand);
	return place;
}

/* The directory that was named as operand: links in it are the user's. */
static int
open_root(struct opener *o, const struct batch_item *item)
{
	const struct batch_section *s = item->section;
	/* Without the '/' that the walk put behind a name, which may be as long as can be. */
	const size_t length = s->root_length > 1 ? s->root_length - 1 : s->root_length;
	char name[PATH_MAX], place[PLACE_MAX];

	if (o->root_fd != -1 && o->root == s->operand)
		return o->root_fd;
	opener_rest(o);
	if (o->root_fd != -1)
		close(o->root_fd);
	o->root_fd = -1;
	if (length >= sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, item->path, length);
	name[length] = '\0';
	o->root = s->operand;
	o->root_fd = open(operand_place(o, s, name, place), directory_flags);
	return o->root_fd;
}

/* One piece of a path, of at most PIECE_MAX bytes, no link in it followed but as wanted. */
static int
open_piece(struct opener *o, int at, const char *piece)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS |
		    (o->follow ? 0 : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS),
	};
	int fd;

	if (o->no_openat2)
		return openat(at, piece, directory_flags | (o->follow ? 0 : O_NOFOLLOW));
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
	if (o->no_openat2 || o->one_by_one)
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
		if (fd == -1 && errno == ELOOP && o->follow && !o->one_by_one) {
			o->one_by_one = true;
			continue;
		}
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
	root = open_root(o, item);
	if (root == -1 || s->path_length == s->root_length)
		return root;
	/* So that directories take the lowest descriptors, and those of files are in a row. */
	opener_rest(o);
	if (c->number != 0)
		close(c->fd);
	c->number = 0;
	fd = open_beneath(o, root, item->path + s->root_length, s->path_length - s->root_length);
	if (fd == -1)
		return -1;
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

/* A file that may be a link; what /proc shows as links is none. */
static int
open_linked(struct opener *o, int at, const char *name, int flags)
{
	struct open_how how = { .flags = (unsigned int)(flags | o->noatime),
		.resolve = RESOLVE_NO_MAGICLINKS };
	int fd = o->no_openat2 ? -1 : (int)syscall(SYS_openat2, at, name, &how, sizeof(how));

	if (fd == -1 && !o->no_openat2 && errno == EPERM && o->noatime != 0) {
		o->noatime = 0;
		how.flags = (unsigned int)flags;
		fd = (int)syscall(SYS_openat2, at, name, &how, sizeof(how));
	}
	if (fd == -1 && (o->no_openat2 || errno == ENOSYS || errno == EPERM))
		return open_at(o, at, name, flags);
	return fd;
}

static int
open_item(struct opener *o, const struct batch_item *item)
{
	char place[PLACE_MAX];
	int at;

	if (item->section->kind == WALK_INPUT)
		return STDIN_FILENO;
	if (item->section->directory == 0)
		return open_at(o, AT_FDCWD, operand_place(o, item->section, item->name, place),
		    O_RDONLY | O_NOCTTY | O_CLOEXEC);
	at = open_directory(o, item);
	if (at == -1)
		return -1;
	if (o->follow)
		return open_linked(o, at, item->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return open_at(o, at, item->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int
opener_file(struct opener *o, const struct batch_item *item, struct stat *st)
{
	int fd = open_item(o, item), saved;

	o->is_operand = item->section->directory == 0;
	if (fd == -1 && errno == EMFILE) {
		opener_rest(o);
		drop_directories(o);
		fd = open_item(o, item);
	}
	if (fd == -1) {
		/* A link in its place: what the walk saw is gone. */
		if (errno == ELOOP && !o->follow && item->section->directory != 0)
			errno = ENOENT;
		return -1;
	}
	/* The library's fstat may use a call that tells of any file. */
	if (syscall(SYS_fstat, fd, st) == -1)
		goto err;
	if (S_ISDIR(st->st_mode))
		errno = EISDIR;
	else if (item->section->directory != 0 && !S_ISREG(st->st_mode))
		errno = ENXIO;
	else
		return fd;
err:
	saved = errno;
	opener_done(o, fd);
	errno = saved;
	return -1;
}

void
opener_rest(struct opener *o)
{
	const int first = o->done_first, end = first + o->done_count;

	o->done_count = 0;
	if (end - first > 1 && close_range((unsigned int)first, (unsigned int)end - 1, 0) == 0)
		return;
	for (int fd = first; fd < end; fd++)
		close(fd);
}

void
opener_done(struct opener *o, int fd)
{
	if (fd == STDIN_FILENO)
		return;
	if (o->done_count > 0 && fd != o->done_first + o->done_count)
		opener_rest(o);
	if (o->done_count == 0)
		o->done_first = fd;
	/* Who writes to an operand may wait for its end. */
	if (++o->done_count == DONE_MAX || o->is_operand)
		opener_rest(o);
}
