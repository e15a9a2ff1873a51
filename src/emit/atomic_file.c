#include "atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libutil.h>

enum { LINKS_MAX = 40 }; /* as the kernel */

/* A second in all. */
enum { LOCK_TRIES = 50 };

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

/* The temporary is not, or not any more, ours to remove. */
static void
forget_temporary(struct atomic_file *a)
{
	free(a->temporary);
	a->temporary = NULL;
}

static bool
is_there(const struct stat *st, const struct atomic_file_place *place)
{
	return st->st_dev == place->device && st->st_ino == place->inode;
}

/* What was begun: cut to what is known to be good of it. As open_beside. */
static int
go_on(struct atomic_file *a, const struct atomic_file_place *place)
{
	struct stat st;

	if (fstat(a->fd, &st) == -1)
		return -1;
	if (!is_there(&st, place) || st.st_size < place->offset) {
		errno = ESTALE;
		return -1;
	}
	return ftruncate(a->fd, place->offset) == -1 ||
	    lseek(a->fd, place->offset, SEEK_SET) == -1 ? -1 : 0;
}

/*
 * The workers of a run that was killed have its descriptors for as long as they
 * take to die themselves.
 */
int
atomic_file_lock(const char *path, int flags)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int fd, tries = LOCK_TRIES;

	while ((fd = flopen(path, flags, 0600)) == -1 && errno == EWOULDBLOCK && --tries > 0)
		nanosleep(&pause, NULL);
	return fd;
}

/* place: NULL, or where the one that is to be gone on with stopped. */
static int
open_beside(struct atomic_file *a, const struct stat *old, const struct atomic_file_place *place)
{
	const int flags = O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;

	if (asprintf(&a->temporary, "%s%s", a->target, suffix) == -1) {
		a->temporary = NULL;
		return -1;
	}
	a->fd = atomic_file_lock(a->temporary, flags | (place == NULL ? O_CREAT : 0));
	if (a->fd != -1 && is_ours(a->fd, old)) {
		if (place != NULL && go_on(a, place) == 0)
			return 0;
		if (place == NULL && ftruncate(a->fd, 0) == 0 && set_mode(a->fd, old) == 0)
			return 0;
		if (place != NULL)
			forget_temporary(a);
		return -1;
	}
	if (a->fd != -1 || errno == ELOOP || errno == ENXIO)
		errno = EEXIST;
	forget_temporary(a);
	return -1;
}

static int
open_file(struct atomic_file *a, const char *path, const struct atomic_file_place *place)
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
		if (opened == 0 && place != NULL && S_ISREG(st.st_mode))
			opened = go_on(a, place);
	} else {
		a->target = resolve(path);
		opened = a->target != NULL ? open_beside(a, exists ? &st : NULL, place) : -1;
	}
	if (opened == -1)
		atomic_file_discard(a);
	if (opened == -1 && errno == ENOENT && place != NULL && exists && is_there(&st, place))
		return 1;
	return opened;
}

int
atomic_file_open(struct atomic_file *a, const char *path)
{
	return open_file(a, path, NULL);
}

int
atomic_file_reopen(struct atomic_file *a, const char *path, const struct atomic_file_place *place)
{
	return open_file(a, path, place);
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
atomic_file_put(struct atomic_file *a)
{
	if (a->temporary == NULL)
		return 0;
	if (fsync(a->fd) == -1 || rename(a->temporary, a->target) == -1)
		return -1;
	forget_temporary(a);
	return sync_directory(a->target);
}

int
atomic_file_commit(struct atomic_file *a)
{
	int result = atomic_file_put(a);

	atomic_file_discard(a);
	return result;
}

void
atomic_file_keep(struct atomic_file *a)
{
	forget_temporary(a);
	atomic_file_discard(a);
}

int
atomic_file_remove(struct atomic_file *a)
{
	int result = a->target == NULL ? 0 : unlink(a->target);

	/* Who is killed in what may take long now leaves nothing. */
	if (result == 0 && a->temporary != NULL) {
		unlink(a->temporary);
		forget_temporary(a);
	}
	if (result == 0 && a->target != NULL)
		result = sync_directory(a->target);
	atomic_file_discard(a);
	return result;
}

/* Whether name ends as path does, with some letters more. */
static bool
is_named(const char *name, const char *path, const char *more)
{
	const char *last = path + directory_length(path);
	size_t length = strlen(last);

	name += directory_length(name);
	return strncmp(name, last, length) == 0 && strcmp(name + length, more) == 0;
}

bool
atomic_file_is(const struct atomic_file *a, int directory, const char *name)
{
	struct stat named, st;
	char *temporary = NULL;
	bool is = false;

	if (a->target == NULL || (!is_named(name, a->target, "") && !is_named(name, a->target, suffix)))
		return false;
	if (asprintf(&temporary, "%s%s", a->target, suffix) == -1)
		return false;
	if (fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0)
		is = (stat(a->target, &st) == 0 && st.st_dev == named.st_dev && st.st_ino == named.st_ino) ||
		    (stat(temporary, &st) == 0 && st.st_dev == named.st_dev &&
		    st.st_ino == named.st_ino);
	free(temporary);
	return is;
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
