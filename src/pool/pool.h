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

/* A piece of work for one worker. */
struct pool_batch {
	const void *bytes; /* copied before the next call of next_batch */
	size_t size;
	uint32_t files;    /* at least 1 */
};

struct pool_client {
	void *ctx;
	/* The next batch, of about files files. Returns 1, 0 at the end, or -1 with errno. */
	int (*next_batch)(void *ctx, uint32_t files, struct pool_batch *batch);
	/* In the worker: as process_options. */
	int (*work)(void *ctx, struct lane_worker *lane);
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
	/* Called now and then while nothing happens. */
	void (*idle)(void *ctx);
};

struct pool_options {
	unsigned int lanes;
	bool until_hit;        /* end as soon as a worker selects something */
	size_t batch_max;      /* bytes of the largest batch */
	const int *keep;       /* see process.h */
	size_t keep_count;
};

enum pool_end {
	POOL_DONE,
	POOL_HIT,          /* until_hit: something was selected */
	POOL_SIGNAL,       /* signals_ended() says which */
	POOL_WRITE_FAILED, /* errno of flush */
	POOL_SOURCE_FAILED, /* errno of next_batch */
	POOL_NO_WORKER,    /* errno: no memory for a lane, or no process for any; all is told */
};

/* Runs all batches. On return no worker is left. errno as noted. */
enum pool_end pool_run(const struct pool_options *options, const struct pool_client *client);

#endif
