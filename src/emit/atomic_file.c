#include "atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libutil.h>

enum { LINKS_MAX = 40 }; /* as the kernel */

static const char suffix[] = ".pgrep-r~";

/* The length of what stands before the last name of path. */
static size_t
directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash + 1 - path) : 0;
}

/* What the last name of path means, links followed, whether it exists or not; to be freed. */
static char *
resolve(const char *path)
{
	char *at = strdup(path), *next, link[PATH_MAX];

	for (int links = 0; at != NULL; links++, at = next) {
		ssize_t length = readlink(at, link, sizeof(link));

		if (length == -1 && (errno == EINVAL || errno == ENOENT))
			return at;
		if (links == LINKS_MAX)
			errno = ELOOP;
		if (length == -1 || links == LINKS_MAX ||
		    asprintf(&next, "%.*s%.*s", link[0] == '/' ? 0 : (int)directory_length(at), at,
		    (int)length, link) == -1)
			next = NULL;
		free(at);
	}
	return NULL;
}

/* The standard stream that is this very file, or -1. */
static int
stream_of(const struct stat *file)
{
	struct stat st;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &st) == 0 && st.st_dev == file->st_dev && st.st_ino == file->st_ino)
			return fd;
	return -1;
}

static int
open_in_place(struct atomic_file *a, const struct stat *old)
{
	int stream = S_ISREG(old->st_mode) ? stream_of(old) : -1;

	/* Opened anew, it would be written over from its start. */
	a->fd = stream != -1 ? fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
	    : open(a->target, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	return a->fd == -1 ? -1 : 0;
}

/* Whether a file of the temporary's name, found or made, may be written over. */
static bool
is_ours(int fd, const struct stat *old)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	    (st.st_uid == geteuid() || (old != NULL && st.st_uid == old->st_uid));
}

/* Permissions and owner of the file that it replaces, or those of a new one. */
static int
set_mode(int fd, const struct stat *old)
{
	mode_t mask;

	if (old != NULL) {
		if (fchmod(fd, old->st_mode & 07777) == -1)
			return -1;
		/* Not everyone can; then it is the writer's, as any new file. */
		(void)!fchown(fd, old->st_uid, old->st_gid);
		return 0;
	}
	mask = umask(0);
	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

static int
open_beside(struct atomic_file *a, const struct stat *old)
{
	if (asprintf(&a->temporary, "%s%s", a->target, suffix) == -1) {
		a->temporary = NULL;
		return -1;
	}
	a->fd = flopen(a->temporary,
	    O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0600);
	if (a->fd != -1 && is_ours(a->fd, old)) {
		if (ftruncate(a->fd, 0) == 0 && set_mode(a->fd, old) == 0)
			return 0;
		return -1;
	}
	if (a->fd != -1 || errno == ELOOP || errno == ENXIO)
		errno = EEXIST;
	/* It is not to be removed. */
	free(a->temporary);
	a->temporary = NULL;
	return -1;
}

int
atomic_file_open(struct atomic_file *a, const char *path)
{
	struct stat st;
	bool exists = stat(path, &st) == 0;
	int opened;

	*a = (struct atomic_file){ .fd = -1 };
	if (*path == '\0')
		return -1;
	if (exists && (!S_ISREG(st.st_mode) || stream_of(&st) != -1)) {
		a->target = strdup(path);
		opened = a->target != NULL ? open_in_place(a, &st) : -1;
	} else {
		a->target = resolve(path);
		opened = a->target != NULL ? open_beside(a, exists ? &st : NULL) : -1;
	}
	if (opened == -1)
		atomic_file_discard(a);
	return opened;
}

static int
sync_directory(const char *target)
{
	size_t length = directory_length(target);
	char *path = length > 0 ? strndup(target, length) : strdup(".");
	int fd = path != NULL ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, result = -1;

	free(path);
	if (fd == -1)
		/* One may write to a directory that one may not read. */
		return errno == EACCES ? 0 : -1;
	if (fsync(fd) == 0 || errno == EINVAL)
		result = 0;
	close(fd);
	return result;
}

int
atomic_file_commit(struct atomic_file *a)
{
	int result = 0;

	if (a->temporary != NULL) {
		result = fsync(a->fd) == -1 ? -1 : rename(a->temporary, a->target);
		if (result == 0) {
			free(a->temporary);
			a->temporary = NULL;
			result = sync_directory(a->target);
		}
	}
	atomic_file_discard(a);
	return result;
}

void
atomic_file_discard(struct atomic_file *a)
{
	int saved = errno;

	if (a->temporary != NULL)
		unlink(a->temporary);
	if (a->target != NULL && a->fd != -1)
		close(a->fd);
	free(a->temporary);
	free(a->target);
	*a = (struct atomic_file){ .fd = -1 };
	errno = saved;
}
