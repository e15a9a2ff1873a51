/*
 * A worker process: how it starts, what it leaves behind of its parent, and
 * how it ends.
 *
 * In order: it dies with its parent; default signals; first for the OOM
 * killer; its lane mapped; the file system closed off; every descriptor closed
 * but standard input, if it is read; limits; no rights and no system calls but
 * those that reading needs; then its work.
 *
 * Source: prctl(2) PR_SET_PDEATHSIG, proc(5) oom_score_adj, getrlimit(2),
 * close_range(2).
 */
#ifndef POOL_PROCESS_H
#define POOL_PROCESS_H

#include <signal.h>
#include <sys/types.h>

#include "pool/sandbox.h"
#include "shm/lane_worker.h"

/* What each worker tells once, in memory that it shares with the parent until then. */
struct process_reports {
	struct sandbox_report *list; /* by lane */
	size_t size;                 /* bytes */
};

struct process_options {
	unsigned int number;  /* of the lane, for the process title and its report */
	const int *keep;      /* descriptors that operands name (/dev/fd/N), ascending */
	size_t keep_count;
	bool input;           /* standard input is read */
	size_t memory;        /* bytes of a worker's own that can be written; 0: any number */
	struct sandbox *sandbox;
	struct process_reports reports;
	/* The work, until no batch follows. Returns 0, or -1 with errno. */
	int (*work)(void *ctx, struct lane_worker *lane, enum sandbox_view view);
	void *ctx;
};

/*
 * Forks a worker for a lane; its report starts anew.  Returns its process id,
 * or -1 with errno.  Parent only.
 */
pid_t process_start(const struct process_options *options, const struct lane_parent *lane);

/*
 * Kills a worker and waits for it, so many milliseconds at most.  Returns whether it is dead: one
 * that sleeps in the kernel, on a dead mount, is not, but will run no more
 * code of its own.  Parent only.
 */
bool process_kill(pid_t pid, unsigned int patience_ms);

#endif
