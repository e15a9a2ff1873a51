/*
 * The evil worker: a worker that is honest until a moment that a seed
 * chooses, and then does to its lane, to its memory and to itself what a
 * worker that somebody has taken over could do.  Test build only: it is
 * linked with --wrap, so that the program's own code stays as it is.
 *
 *   EVIL_SEED=N    the random choices; without it all workers are honest
 *   EVIL_LOG=FILE  created by the parent: what each worker had in hand, and did
 *   EVIL_DO=ACT    what the first worker that turns evil does first
 *   EVIL_MORTAL=1  an evil worker dies by SIGALRM soon: no time-out is needed
 *   EVIL_LIST=1    prints the names of all acts
 *
 * An act that stops the worker is chosen by EVIL_DO alone: only a time-out of
 * the parent's ends it.
 */
#ifndef HOSTILE_EVIL_H
#define HOSTILE_EVIL_H

#include "shm/lane_worker.h"

struct evil {
	struct lane_worker *lane;
	uint64_t random;
	unsigned int process; /* workers of this run, counted from 0 */
	uint64_t own;         /* where in the ring this process began to write */
	uint64_t logged;      /* the lane's batches that are logged, and where the next one is */
	uint64_t logged_at;
};

struct act {
	const char *name;
	void (*run)(struct evil *e);
	bool stops; /* the worker, for good */
};

/* The acts by what they are about; acts_at(i) counts through all, NULL behind the last. */
const struct act *acts_on_frames(size_t *count);
const struct act *acts_on_words(size_t *count);
const struct act *acts_on_self(size_t *count);
const struct act *acts_at(size_t i);

/*
 * Fills the free part of the ring with nonsense or with frames that look
 * right, so that what older processes left there is not shown by a wrong end:
 * the checker could not tell that from a file that is printed twice.
 */
void frames_scrub(struct evil *e);

/* The worker's own words; the slot of its batch. */
static inline struct lane_results *
evil_words(const struct evil *e)
{
	return (void *)e->lane->results.base;
}

static inline struct lane_slot *
evil_slot(const struct evil *e)
{
	return &evil_words(e)->slots[e->lane->batch % LANE_SLOTS];
}

/* Whether this many milliseconds have passed since *start, which is 0 at first. */
bool evil_enough(int64_t *start, int64_t ms);

/* Random bytes, some of them control characters, none of them honest text. */
void evil_garble(struct evil *e, void *to, size_t size);

/* The next random number; one below a bound. */
uint64_t evil_random(struct evil *e);
uint64_t evil_below(struct evil *e, uint64_t bound);

/*
 * The log, shared by all processes of a run and written without any system
 * call, as lines: what, the process, and
 *
 *   evil P       is process P from now on
 *   dies P WHEN  does process P now, honestly
 *   file P PATH  is in the hands of process P from now on
 *   act P NAME   it does this
 */
void log_open(const char *path);
unsigned int log_process(void); /* a number for this process */
bool log_first(void);           /* true once in a run */
void log_line(const char *what, unsigned int process, const char *a, const char *b);

/* Logs the files of a batch, from one on. */
void log_batch(const struct evil *e, const void *batch, uint32_t first, uint32_t files);

/* Logs at most so many of the batches that lie in the lane's queue, but for those that are logged. */
void log_queue(struct evil *e, uint64_t most);

#endif
