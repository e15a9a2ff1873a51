/*
 * A worker process: how it starts, and what it leaves behind of its parent.
 *
 * In order: it dies with its parent; default signals; first for the OOM
 * killer, no core file; its lane mapped, then every other descriptor closed
 * but standard input and standard error; no new privileges; then its work.
 */
#ifndef POOL_PROCESS_H
#define POOL_PROCESS_H

#include <sys/types.h>

#include "shm/lane_worker.h"

struct process_options {
	unsigned int number;  /* of the lane, for the process title */
	const int *keep;      /* descriptors that operands name (/dev/fd/N), ascending */
	size_t keep_count;
	/* The work, until no batch follows. Returns 0, or -1 with errno. */
	int (*work)(void *ctx, struct lane_worker *lane);
	void *ctx;
};

/* Forks a worker for a lane. Returns its process id, or -1 with errno. Parent only. */
pid_t process_start(const struct process_options *options, const struct lane_parent *lane);

#endif
