#include "errand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/sanitized.h"
#include "pool/signals.h"
#include "pool/supervise.h"

enum { FIRST_SIZE = 16 * 1024 };

static void
limit(int resource, rlim_t most)
{
	const struct rlimit value = { most, most };

	setrlimit((__rlimit_resource_t)resource, &value);
}

/* A library's last words are not for the user. */
static void
be_silent(void)
{
#ifndef SANITIZED
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing != -1)
		dup2(nothing, STDERR_FILENO);
#endif
}

static _Noreturn void
live(const struct errand *e, int fd, pid_t parent)
{
	size_t size = 0;
	char *result;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signals_worker();
	be_silent();
	limit(RLIMIT_CORE, 0);
#ifndef SANITIZED /* whose shadow memory counts */
	limit(RLIMIT_DATA, e->memory);
#endif
	result = e->work(e->ctx, &size);
	for (size_t at = 0; result != NULL && at < size;) {
		ssize_t put = write(fd, result + at, size - at);

		if (put == -1)
			_exit(1);
		at += (size_t)put;
	}
	_exit(result == NULL);
}

/* Reads to the end, until then. Returns whether all came. */
static bool
receive(const struct errand *e, int fd, int64_t until, char **result, size_t *size)
{
	size_t room = 0;

	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int64_t left = (until - supervise_now()) / 1000000;
		ssize_t got;
		char *bigger;

		if (left <= 0 || signals_ended() != 0)
			return false;
		if (poll(&ready, 1, (int)left) <= 0)
			continue;
		if (*size == room) {
			room = room == 0 ? FIRST_SIZE : 2 * room;
			bigger = room > e->result_max ? NULL : realloc(*result, room);
			if (bigger == NULL)
				return false;
			*result = bigger;
		}
		got = read(fd, *result + *size, room - *size);
		if (got <= 0)
			return got == 0 && *size > 0;
		*size += (size_t)got;
	}
}

char *
errand_run(const struct errand *e, size_t *size)
{
	const int64_t until = supervise_now() + (int64_t)e->patience_ms * 1000000;
	pid_t parent = getpid(), child;
	char *result = NULL;
	bool good = false;
	siginfo_t info;
	int ends[2];

	*size = 0;
	if (pipe2(ends, O_CLOEXEC) == -1)
		return NULL;
	child = fork();
	if (child == 0)
		live(e, ends[1], parent);
	close(ends[1]);
	if (child > 0) {
		good = receive(e, ends[0], until, &result, size);
		/* One that has sent all has no more to do. */
		kill(child, SIGKILL);
		while (waitid(P_PID, (id_t)child, &info, WEXITED) == -1 && errno == EINTR)
			continue;
	}
	close(ends[0]);
	if (good)
		return result;
	free(result);
	return NULL;
}
