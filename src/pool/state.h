/*
 * The state of a run, and the five things that are done with it in turn:
 *
 *   collect   emits what is ready, in order
 *   tend      notices dead workers, and replaces them
 *   watch     ends workers that take too long
 *   deal      fills the lanes
 *   wait      sleeps until there is something to do
 *
 * and look, which changes nothing, tells how far it is.
 *
 * Parent only.  Each has its own file; pool.c is the loop around them.
 */
#ifndef POOL_STATE_H
#define POOL_STATE_H

#include "pool/pool.h"
#include "pool/supervise.h"

/* Files in a lane: dealt up to this many, asked for again at half of it. */
enum { STATE_BACKLOG_FULL = 2048 };

/* Files of a batch, at most. */
enum { STATE_BATCH_FILES = 64 };

/*
 * A search is large if its walk has found so many files, or has taken so long,
 * and found some: see prepare.
 */
enum { STATE_LARGE_FILES = 512, STATE_LARGE_MS = 30, STATE_SOME_FILES = 64 };

struct pool {
	const struct pool_options *options;
	const struct pool_client *client;
	struct doorbell *bell;
	struct pool_lane *lanes;
	uint16_t *owners; /* by sequence number: the lane that has the batch */
	uint32_t owners_mask;
	uint32_t next;  /* sequence number to emit */
	uint32_t dealt; /* sequence number of the next batch */
	bool source_ended;
	bool begun; /* workers may be started */
	bool repeats; /* what prepare said */
	uint64_t files_dealt;
	bool dry; /* the source had nothing when it was asked last */
	bool has_batch; /* taken from the source, not yet dealt */
	struct pool_batch batch;
	int64_t patience_ms; /* how long the next wait may last */
	uint32_t reaped; /* the alarm word when the dead were last looked for */
	bool reap;       /* look for them in any case */
	int no_worker;   /* errno of a lane that was given up */
	bool refused;    /* a worker cannot do without a sandbox */
	bool expired;    /* the deadline has passed */
	int64_t started;
	int64_t watched; /* when the lanes were last watched */
	struct pool_stats *stats;
	struct sandbox *sandbox;
	struct process_reports reports;
};

/* The lane that has the batch. */
static inline struct pool_lane *
state_owner(const struct pool *p, uint32_t sequence)
{
	return &p->lanes[p->owners[sequence & p->owners_mask]];
}

/* Makes the lane's memory, unless it has been made. Returns 0, or -1 with errno. */
int tend_open(struct pool *p, struct pool_lane *l);

/* Emits what is ready, and writes it out. Returns 0, or -1 with errno of flush. */
int collect_ready(struct pool *p, bool *moved);

/* Looks for dead workers where there may be some, and starts new ones. */
void tend_workers(struct pool *p, bool *moved);
void tend_start(struct pool *p, struct pool_lane *l);

/* Has the client prepare for the first worker, and starts those that have work. */
void tend_begin(struct pool *p);

/*
 * Ends workers that make no progress on a file, and at the deadline all of
 * them.  Only the time counts in which the parent could look: not what it
 * spent waiting for a reader of the output, or stopped.
 */
void watch_lanes(struct pool *p, bool *moved);

/*
 * Deals until every lane has enough.  Returns POOL_DONE, or what went wrong;
 * when no lane is left, all that remains is told as lost.
 */
enum pool_end deal_batches(struct pool *p, bool *moved);

/* Whether no lane is left to deal to: no_worker is the reason. */
bool deal_hopeless(const struct pool *p);

/* Whether some worker claims a hit, and that is what the run waits for. */
bool wait_hit(const struct pool *p);

/* Sleeps until something happens; alarm is signals_alarm() from before the last look. */
void wait_for_news(struct pool *p, uint32_t alarm);

/* Shows the client where the run is, if it is curious, or somebody asks by a signal. */
void look_around(const struct pool *p);

/* How patient a run is after something happened. */
enum { WAIT_PATIENCE_MS = 10 };

/* Lets idle workers exit, and waits a moment for them. */
void wait_farewell(struct pool *p);

#endif
