#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/sanitized.h"
#include "pool/signals.h"

enum {
	EXIT_OSERR_WORKER = 71,
	DESCRIPTORS = 64,     /* that a worker opens at a time, and more */
	KILL_PAUSE_MS = 1, /* between looks whether a killed worker is dead */
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

/* Something that is there, and neither gives nor takes. Stays open until close_descriptors. */
static int
open_nothing(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	return fd != -1 ? fd : memfd_create("pgrep-r nothing", MFD_CLOEXEC);
}

/*
 * A standard input that is not read, or the terminal behind standard error,
 * would be the worker's to read.
 */
static void
release_streams(const struct process_options *o, int nothing)
{
	if (!o->input)
		dup2(nothing, STDIN_FILENO);
#ifndef SANITIZED /* whose last words somebody should hear */
	dup2(nothing, STDERR_FILENO);
#endif
}

/* A directory outside would be a way out of a jail. */
static void
release_directory(int nothing)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) == -1 || S_ISDIR(st.st_mode))
		dup2(nothing, STDIN_FILENO);
}

/* Bytes of the process's own that can be written: what it has inherited. */
static size_t
data_size(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[256];
	unsigned long pages;
	ssize_t length;

	if (fd == -1)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	if (sscanf(text, "%*u %*u %*u %*u %*u %lu", &pages) != 1)
		return 0;
	return pages * (size_t)sysconf(_SC_PAGESIZE);
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

/* inherited: bytes that the worker has of its parent. */
static void
limit_resources(const struct process_options *o, enum sandbox_view view, size_t inherited)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, DESCRIPTORS + o->keep_count);
#ifndef SANITIZED /* whose words go to a file, and whose shadow memory counts */
	/* Without a sandbox a worker may run under a tool that writes for it. */
	if (view != SANDBOX_OPEN)
		limit(RLIMIT_FSIZE, 0);
	/* Not the address space: in that, maps of files would count. */
	if (o->memory > 0)
		limit(RLIMIT_DATA, inherited + o->memory);
#else
	(void)view;
	(void)inherited;
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
	const size_t inherited = data_size();
	const int nothing = open_nothing();
	enum sandbox_view view;

	if (nothing == -1)
		_exit(EXIT_OSERR_WORKER);
	release_streams(o, nothing);
	if (sandbox_enter_view(o->sandbox, report) == -1)
		refuse(report);
	view = (enum sandbox_view)report->view;
	if (view == SANDBOX_IN_JAIL)
		release_directory(nothing);
	close_descriptors(o, view);
	limit_resources(o, view, inherited);
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
	worker.number = o->number;
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
process_kill(pid_t pid, unsigned int patience_ms)
{
	const struct timespec pause = { .tv_nsec = KILL_PAUSE_MS * 1000000 };
	siginfo_t info;

	kill(pid, SIGKILL);
	for (unsigned int waited = 0; waited <= patience_ms; waited += KILL_PAUSE_MS) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == -1
		    ? errno != EINTR : info.si_pid != 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}
