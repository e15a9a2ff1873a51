/*
 * The pool: lanes with their workers, dealing batches to them, taking their
 * results in the order of the batches, and replacing workers that die.
 * Knows neither what a batch says nor what a result means.  Parent only, but
 * for the work it is given.
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include "emit/status.h"
#include "pool/process.h"

/* Batches may be links of a chain (shm/lane.h): each is much work, and wants a base. */
enum pool_chain { POOL_ALONE, POOL_FIRST, POOL_NEXT };

/* A piece of work for one worker. */
struct pool_batch {
	const void *bytes; /* copied before the next call of next_batch */
	size_t size;
	uint32_t files;    /* at least 1 */
	enum pool_chain chain;
	bool goes_on;      /* other links follow at once */
	/* Workers started before it do not see what it needs. All before it must have been told. */
	bool renews;
};

/* What a run can tell of its workers. */
struct pool_stats {
	uint64_t started, lost;  /* workers; lost: died without having been told to end */
	uint64_t abandoned;      /* of these, could not be killed */
	uint64_t views[SANDBOX_IN_JAIL + 1]; /* workers by what they saw */
	uint64_t filtered;       /* workers with a filter of system calls */
	uint64_t repeated;       /* files searched again: see prepare */
	int sandbox_error;       /* errno of what could not be had last; 0: all could */
	enum sandbox_step sandbox_step; /* which that was */
	bool cut; /* the source was not asked to its end */
	struct lane_totals totals; /* what workers claim to have counted */
};

/* Where a run is. What points into batches is valid during the call only. */
struct pool_look {
	uint64_t files; /* that are done, not all of them told */
	uint64_t lost;  /* as in pool_stats */
	struct lane_totals totals;
	const struct lane_batch *front; /* what is told next, at file done of it; or NULL */
	/* The file, done of its batch, that takes longest, and how long, in ns. NULL: none. */
	const struct lane_batch *slow;
	int64_t slow_for;
};

/* What a source has. */
enum { POOL_END = 0, POOL_BATCH = 1, POOL_DRY = 2 };

struct pool_client {
	void *ctx;
	/*
	 * The next batch, of about files files.  Returns POOL_BATCH; POOL_END; POOL_DRY:
	 * there is none now; or -1 with errno; EINTR: later.
	 */
	int (*next_batch)(void *ctx, uint32_t files, struct pool_batch *batch);
	/*
	 * If set, called once before the first worker is started: the time for what all workers
	 * share.  large: there is more to do than a few files, by what the source
	 * has given until then.  Returns whether a worker's work is such that a file on which
	 * it died of a fault may be done again, in another way (lane_worker.h).
	 */
	bool (*prepare)(void *ctx, bool large);
	/* What workers must see from a batch on that renews, as in sandbox_options. NULL: none does. */
	char *const *(*roots)(void *ctx, size_t *count);
	/* In the worker: as process_options. */
	int (*work)(void *ctx, struct lane_worker *lane, enum sandbox_view view);
	/*
	 * A frame of the oldest batch that is not finished.  text stays in place
	 * until flush.  frame->kind and flags are what a worker wrote; its item
	 * is a file of the batch.
	 */
	void (*frame)(void *ctx, const struct lane_batch *batch, const struct frame *frame,
	    const char *text);
	/* A file of that batch was lost. Called once a file, in order with frame. */
	void (*lost)(void *ctx, const struct lane_batch *batch, uint32_t file,
	    enum file_status status, uint32_t value);
	/* All of that batch was told. */
	void (*finished)(void *ctx, const struct lane_batch *batch);
	bool (*full)(void *ctx); /* flush before the next frame */
	int (*flush)(void *ctx); /* writes out; 0, or -1 with errno */
	/* Whether a file of a batch may rightly take any time: it waits for its writer. */
	bool (*is_patient)(void *ctx, const struct lane_batch *batch, uint32_t file);
	/*
	 * Sleeps until a dry source may have something, or signals_alarm() is not
	 * alarm any more; nothing is dealt then.  0, or -1 with errno as flush.  NULL:
	 * the source is never dry.
	 */
	int (*wait)(void *ctx, uint32_t alarm);
	/* Called now and then while nothing happens. */
	void (*idle)(void *ctx);
	/* Whether it wants a look at where the run is: asked each time round. */
	bool (*curious)(void *ctx);
	/* That look; asked: a signal wants it. */
	void (*look)(void *ctx, const struct pool_look *look, bool asked);
};

struct pool_options {
	unsigned int lanes;
	bool until_hit;        /* end as soon as a worker selects something */
	size_t batch_max;      /* bytes of the largest batch */
	const int *keep;       /* see process.h */
	size_t keep_count;
	bool input;
	size_t worker_memory;
	struct sandbox_options sandbox;
	int64_t file_timeout;  /* ns without progress that a file may take; 0: any */
	int64_t deadline;      /* CLOCK_MONOTONIC in ns; 0: none */
};

enum pool_end {
	POOL_DONE,
	POOL_HIT,          /* until_hit: something was selected */
	POOL_SIGNAL,       /* signals_ended() says which */
	POOL_WRITE_FAILED, /* errno of flush */
	POOL_SOURCE_FAILED, /* errno of next_batch */
	POOL_NO_WORKER,    /* errno: no memory for a lane, or no process for any; all is told */
	POOL_NO_SANDBOX,   /* stats say what a worker cannot do without */
	POOL_DEADLINE,     /* it has passed; what there was of the source is told */
};

/* Runs all batches. On return no worker is left that can be ended. errno as noted. */
enum pool_end pool_run(const struct pool_options *options, const struct pool_client *client,
    struct pool_stats *stats);

#endif
