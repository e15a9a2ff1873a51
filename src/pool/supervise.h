/*
 * Supervision: starting workers, noticing that they died, settling what they
 * had in hand, and having a new one take over.  Parent only.
 *
 * A worker that dies between files loses nothing, and a new one is started
 * for what is left in its lane.  If it dies on a file, that file is lost.
 * If workers of a lane die again and again without finishing a file, the
 * next file is given up: each death or each few deaths cost a file, so it
 * ends.  If no process can be forked for a while, the lane is given up.
 * A worker that is killed and does not die is left to itself.
 */
#ifndef POOL_SUPERVISE_H
#define POOL_SUPERVISE_H

#include "pool/pool.h"

/* A file that no worker will finish, until its batch is told. */
struct loss {
	uint32_t sequence;
	uint32_t file;
	enum file_status status;
	uint32_t value;
};

struct pool_lane {
	struct lane_parent shared;
	struct process_options process;
	struct pool_stats *stats;
	bool opened;
	bool abandoned;      /* no process can be had for it */
	bool noted;          /* what the worker said of its sandbox */
	bool repeats;        /* a file on which a worker died of a fault is done once more */
	bool refused;        /* it said that it cannot work without, and none ever worked */
	pid_t pid;           /* 0: none */
	uint64_t start_done; /* files done when the worker started */
	unsigned int strikes;  /* deaths in a row without a file done */
	unsigned int refusals; /* forks in a row that failed */
	int64_t start_after; /* not before, CLOCK_MONOTONIC in ns */
	struct loss *losses; /* by sequence and file; room for all that is in flight, or NULL */
	size_t loss_count, loss_bytes; /* of it */
	bool watched;        /* the worker was there when watch_lane looked last */
	/* For watch_lane: what was last seen, and for how long it has not changed, in ns. */
	uint64_t progress, files_done;
	int64_t quiet, busy;
};

/*
 * Makes room for so many losses, beforehand: one that cannot be noted would pass for a
 * searched file.  Nearly all of it is never touched, and workers have none of it.
 * Returns 0, or -1 with errno.
 */
int supervise_open(struct pool_lane *l, size_t losses);
void supervise_close(struct pool_lane *l);

/*
 * Whether the lane wants a worker and can have one, not before start_after.
 * It cannot while results of the one before are not written out.
 */
bool supervise_startable(const struct pool_lane *l);

/*
 * Makes sure that the lane has a worker, or that one will be tried later.
 * Returns 0, or -1 with errno if the lane was given up for want of a process.
 */
int supervise_start(struct pool_lane *l);

/* Takes note of what the worker said of its sandbox. */
void supervise_note(struct pool_lane *l);

/* Whether the worker is dead; if so, all is settled. Never blocks. */
bool supervise_reap(struct pool_lane *l);

/* The worker wrote nonsense: ends it and settles. */
void supervise_violation(struct pool_lane *l);

/* The worker takes too long: ends it and settles; the file that it is on has timed out. */
void supervise_time_out(struct pool_lane *l, enum timeout_reason reason);

/* Nothing more is to be done in the lane: all that is left is not reached. */
void supervise_forfeit(struct pool_lane *l, enum undone_reason reason);

/* Ends a worker, if there is one, that has nothing to do. */
void supervise_retire(struct pool_lane *l);

/* Ends the worker, if any; nothing is settled. */
void supervise_kill(struct pool_lane *l);

/* Takes the next loss of a batch below a file. Returns whether there was one. */
bool supervise_take_loss(struct pool_lane *l, uint32_t sequence, uint32_t below,
    struct loss *loss);

int64_t supervise_now(void);

#endif
