#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/signals.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

enum {
	EXIT_OSERR_WORKER = 71,
	DESCRIPTORS = 64,     /* that a worker opens at a time, and more */
	KILL_PATIENCE = 1000, /* looks whether a killed worker is dead */
	KILL_PAUSE_NS = 500000,
};

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

/* One that is not read could be a way out of the sandbox. */
static void
release_input(const struct process_options *o)
{
	int fd = o->input ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd > STDIN_FILENO) {
		dup2(fd, STDIN_FILENO);
		close(fd);
	}
}

/* All but standard input and error, and, where it finds them, what operands name. */
static void
close_descriptors(const struct process_options *o, enum sandbox_view view)
{
	const size_t keep_count = view == SANDBOX_IN_JAIL ? 0 : o->keep_count;
	unsigned int from = STDERR_FILENO + 1;

	for (size_t i = 0; i < keep_count; i++) {
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

static void
limit(int resource, rlim_t most)
{
	const struct rlimit value = { most, most };

	/* Best effort: none of them is what keeps a worker in. */
	setrlimit((__rlimit_resource_t)resource, &value);
}

static void
limit_resources(const struct process_options *o)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, DESCRIPTORS + o->keep_count);
#ifndef SANITIZED /* whose words go to a file, and whose shadow memory counts */
	limit(RLIMIT_FSIZE, 0);
	/* Not the address space: in that, maps of files would count. */
	if (o->memory > 0)
		limit(RLIMIT_DATA, o->memory);
#endif
}

static _Noreturn void
refuse(struct sandbox_report *report)
{
	atomic_store_explicit(&report->state, SANDBOX_REFUSED, memory_order_release);
	_exit(EXIT_OSERR_WORKER);
}

/* From here on the worker can do no more than it must. Returns what it sees. */
static enum sandbox_view
enter_sandbox(const struct process_options *o)
{
	struct sandbox_report *report = &o->reports.list[o->number];
	enum sandbox_view view;

	release_input(o);
	if (sandbox_enter_view(o->sandbox, report) == -1)
		refuse(report);
	view = (enum sandbox_view)report->view;
	close_descriptors(o, view);
	limit_resources(o);
	if (sandbox_enter_filter(o->sandbox, report) == -1)
		refuse(report);
	atomic_store_explicit(&report->state, SANDBOX_ENTERED, memory_order_release);
	munmap(o->reports.list, o->reports.size);
	return view;
}

static _Noreturn void
live(const struct process_options *o, const struct lane_parent *lane, pid_t parent)
{
	struct lane_worker worker;
	enum sandbox_view view;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent may have died before that was set. */
	if (getppid() != parent)
		_exit(EXIT_OSERR_WORKER);
	signals_worker();
	setproctitle("worker %u", o->number);
	prefer_for_oom_kill();
	if (lane_worker_open(&worker, lane) == -1)
		_exit(EXIT_OSERR_WORKER);
	view = enter_sandbox(o);
	_exit(o->work(o->ctx, &worker, view) == 0 ? 0 : EXIT_OSERR_WORKER);
}

pid_t
process_start(const struct process_options *options, const struct lane_parent *lane)
{
	pid_t parent = getpid(), child;

	options->reports.list[options->number] = (struct sandbox_report){ 0 };
	child = fork();
	if (child == 0)
		live(options, lane, parent);
	return child;
}

bool
process_kill(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = KILL_PAUSE_NS };
	siginfo_t info;

	kill(pid, SIGKILL);
	for (int i = 0; i < KILL_PATIENCE; i++) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == -1
		    ? errno != EINTR : info.si_pid != 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}
