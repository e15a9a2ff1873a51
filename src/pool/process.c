#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "signals.h"

enum { EXIT_OSERR_WORKER = 71 };

static void
prefer_for_oom_kill(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	/* Best effort: without it the kernel chooses by size. */
	(void)!write(fd, "1000", 4);
	close(fd);
}

/* All but standard input and error, and what operands name. */
static void
close_descriptors(const struct process_options *o)
{
	unsigned int from = STDERR_FILENO + 1;

	for (size_t i = 0; i < o->keep_count; i++) {
		unsigned int keep = (unsigned int)o->keep[i];

		if (keep > from)
			close_range(from, keep - 1, 0);
		if (keep >= from)
			from = keep + 1;
	}
	if (close_range(from, ~0U, 0) == -1)
		closefrom((int)from);
	close(STDOUT_FILENO);
}

static _Noreturn void
live(const struct process_options *o, const struct lane_parent *lane, pid_t parent)
{
	static const struct rlimit no_core = { 0, 0 };
	struct lane_worker worker;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent may have died before that was set. */
	if (getppid() != parent)
		_exit(EXIT_OSERR_WORKER);
	signals_worker();
	setproctitle("worker %u", o->number);
	prefer_for_oom_kill();
	setrlimit(RLIMIT_CORE, &no_core);
	if (lane_worker_open(&worker, lane) == -1)
		_exit(EXIT_OSERR_WORKER);
	close_descriptors(o);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	_exit(o->work(o->ctx, &worker) == 0 ? 0 : EXIT_OSERR_WORKER);
}

pid_t
process_start(const struct process_options *options, const struct lane_parent *lane)
{
	pid_t parent = getpid(), child = fork();

	if (child == 0)
		live(options, lane, parent);
	return child;
}
