#include "lock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libutil.h>

/* Who may know the holder's process id: anybody, as with ps(1). */
enum { LOCK_MODE = 0644 };

/* A second in all. */
enum { TRIES = 50 };

/* Whether a file holds a process id, or nothing. */
static bool
holds_number(int fd)
{
	char text[32];
	ssize_t length = pread(fd, text, sizeof(text), 0);

	if (length == -1 || length == (ssize_t)sizeof(text))
		return false;
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	for (ssize_t i = 0; i < length; i++)
		if (!isdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* It will be emptied: the user's own text, named by mistake, or behind a link, must not be. */
static bool
is_lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	bool is;

	if (fd == -1)
		return errno != ELOOP;
	is = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && holds_number(fd);
	close(fd);
	return is;
}

/*
 * Workers of a run that was killed have its descriptors until they are dead,
 * too, which is soon.  A holder that has not said who it is may be such a run.
 */
static bool
is_dying(pid_t holder)
{
	return holder <= 0 || (kill(holder, 0) == -1 && errno == ESRCH);
}

/* Takes the file, or sets l->holder. */
static void
take_file(struct lock *l, const char *path)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int saved;

	for (int tries = TRIES; tries > 0; tries--) {
		l->file = pidfile_open(path, LOCK_MODE, &l->holder);
		saved = errno;
		if (l->file != NULL || (saved != EEXIST && saved != EAGAIN) || !is_dying(l->holder))
			break;
		nanosleep(&pause, NULL);
	}
	errno = saved;
}

int
lock_take(struct lock *l, const char *path)
{
	int saved;

	*l = (struct lock){ .holder = 0 };
	if (*path == '\0') {
		errno = ENOENT;
		return -1;
	}
	if (!is_lock(path)) {
		errno = EINVAL;
		return -1;
	}
	take_file(l, path);
	if (l->file == NULL) {
		/* It is held, and not yet said by whom. */
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			errno = EEXIST;
		return -1;
	}
	l->holder = 0;
	if (pidfile_write(l->file) == 0)
		return 0;
	saved = errno;
	lock_release(l);
	errno = saved;
	return -1;
}

int
lock_descriptor(const struct lock *l)
{
	return pidfile_fileno(l->file);
}

void
lock_release(struct lock *l)
{
	int saved = errno;

	if (l->file == NULL)
		return;
	(void)!ftruncate(lock_descriptor(l), 0);
	pidfile_close(l->file);
	l->file = NULL;
	errno = saved;
}
