/*
 * The state of a run, and the six things that are done with it in turn:
 *
 *   collect   emits what is ready, in order
 *   tend      notices dead workers, and replaces them
 *   relay     hands counts on, from lane to lane
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

/* Files in a lane: dealt up to this many, asked for again at a quarter of it. */
enum { STATE_BACKLOG_FULL = 2048 };

/* The same of links of a chain: so few that lanes end together, so many that none is idle. */
enum { STATE_LINKS_FULL = 16 };

/* Files of a batch, at most. */
enum { STATE_BATCH_FILES = 64 };

/*
 * A search is large if its walk has found so many files: see prepare.  No time
 * is part of it: the same search is as large each time.
 */
enum { STATE_LARGE_FILES = 512 };

/* Where a batch was dealt. */
struct owner {
	uint16_t lane;
	uint8_t chain;   /* enum pool_chain */
	uint64_t number; /* of the lane's batches */
};

struct pool {
	const struct pool_options *options;
	const struct pool_client *client;
	struct doorbell *bell;
	struct pool_lane *lanes;
	struct owner *owners; /* by sequence number */
	uint32_t owners_mask;
	uint32_t next;  /* sequence number to emit */
	uint32_t dealt; /* sequence number of the next batch */
	uint32_t summed; /* all batches before it have their counts */
	uint64_t sum;    /* of them, in the chain in hand */
	bool given;      /* batch summed has its base */
	struct pool_lane *asked; /* for its count, or NULL */
	bool source_ended;
	bool begun; /* workers may be started */
	bool repeats; /* what prepare said */
	uint64_t files_dealt;
	bool dry; /* the source had nothing when it was asked last */
	bool has_batch; /* taken from the source, not yet dealt */
	bool goes_on;   /* the chain of the last batch that was taken does */
	struct pool_batch batch;
	int64_t patience_ms; /* how long the next wait may last */
	uint32_t reaped; /* the alarm word when the dead were last looked for */
	bool reap;       /* look for them in any case */
	int no_worker;   /* errno of a lane that was given up */
	bool refused;    /* a worker cannot do without a sandbox */
	bool expired;    /* the deadline has passed */
	int64_t watched; /* when the lanes were last watched */
	struct pool_stats *stats;
	struct sandbox *sandbox;
	struct process_reports reports;
};

/* The lane that has the batch. */
static inline struct pool_lane *
state_owner(const struct pool *p, uint32_t sequence)
{
	return &p->lanes[p->owners[sequence & p->owners_mask].lane];
}

/* How many files a lane is dealt, of what is dealt now. */
static inline uint64_t
state_backlog_full(const struct pool *p)
{
	return p->has_batch && p->batch.chain != POOL_ALONE ? STATE_LINKS_FULL : STATE_BACKLOG_FULL;
}

/* With how many left it is dealt more. */
static inline uint64_t
state_backlog_low(const struct pool *p)
{
	const uint64_t full = state_backlog_full(p);

	return full == STATE_LINKS_FULL ? full / 2 : full / 4;
}

/* Makes the lane's memory, unless it has been made. Returns 0, or -1 with errno. */
int tend_open(struct pool *p, struct pool_lane *l);

/* Emits what is ready, and writes it out. Returns 0, or -1 with errno of flush. */
int collect_ready(struct pool *p, bool *moved);

/* Looks for dead workers where there may be some, and starts new ones. */
void tend_workers(struct pool *p, bool *moved);
void tend_start(struct pool *p, struct pool_lane *l);

/* Ends all workers, none of which has work: others will see what there is now. */
void tend_renew(struct pool *p);

/* Has the client prepare for the first worker, and starts those that have work. */
void tend_begin(struct pool *p);

/*
 * Adds up what workers have counted of a chain, as far as it goes, and gives each
 * link its base.  Nobody wakes the parent for that but a worker that waits:
 * relay_ask has the one ring that it waits for, and relay_is_ready says
 * whether that is too late.
 */
void relay_sums(struct pool *p);
void relay_ask(struct pool *p);
bool relay_is_ready(const struct pool *p);

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
