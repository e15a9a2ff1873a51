#include "state.h"

#include <errno.h>

#include "pool/signals.h"

enum {
	/* Shared memory of all lanes together; of each lane it is within bounds. */
	JOBS_BUDGET = 2 * 1024 * 1024,
	JOBS_MIN = 64 * 1024,
	JOBS_MAX = 512 * 1024,
	RESULTS_BUDGET = 8 * 1024 * 1024,
	RESULTS_MAX = 2 * 1024 * 1024,
};

static size_t
share(size_t budget, unsigned int lanes, size_t least, size_t most)
{
	size_t size = least;

	while (size * 2 <= budget / lanes && size < most)
		size *= 2;
	return size;
}

int
tend_open(struct pool *p, struct pool_lane *l)
{
	unsigned int lanes = p->options->lanes;
	const struct lane_config config = {
		.jobs_ring = share(JOBS_BUDGET, lanes, JOBS_MIN, JOBS_MAX),
		.jobs_bulk = p->options->batch_max,
		.results_ring = share(RESULTS_BUDGET, lanes, RING_SIZE_MIN, RESULTS_MAX),
		.bell = p->bell,
		.ops = futex_kernel(),
	};

	if (l->opened)
		return 0;
	if (supervise_open(l, (size_t)LANE_SLOTS * STATE_BATCH_FILES) == -1)
		return -1;
	if (lane_parent_open(&l->shared, &config) == -1) {
		supervise_close(l);
		return -1;
	}
	l->opened = true;
	l->stats = p->stats;
	l->repeats = p->repeats;
	l->process = (struct process_options){ .number = (unsigned int)(l - p->lanes),
		.keep = p->options->keep, .keep_count = p->options->keep_count,
		.input = p->options->input, .memory = p->options->worker_memory,
		.sandbox = p->sandbox, .reports = p->reports,
		.work = p->client->work, .ctx = p->client->ctx };
	return 0;
}

void
tend_start(struct pool *p, struct pool_lane *l)
{
	if (p->begun && supervise_start(l) == -1)
		p->no_worker = errno;
}

void
tend_begin(struct pool *p)
{
	bool large = p->files_dealt >= STATE_LARGE_FILES;

	p->begun = true;
	if (p->client->prepare != NULL)
		p->repeats = p->client->prepare(p->client->ctx, large);
	for (unsigned int i = 0; i < p->options->lanes; i++) {
		p->lanes[i].repeats = p->repeats;
		if (p->lanes[i].opened)
			tend_start(p, &p->lanes[i]);
	}
}

void
tend_renew(struct pool *p)
{
	struct sandbox_options options = p->options->sandbox;
	struct sandbox *sandbox;

	options.roots = p->client->roots(p->client->ctx, &options.root_count);
	sandbox = sandbox_open(&options);
	/* Without memory for it workers see what they saw. */
	if (sandbox != NULL) {
		sandbox_close(p->sandbox);
		p->sandbox = sandbox;
	}
	for (unsigned int i = 0; i < p->options->lanes; i++) {
		if (!p->lanes[i].opened)
			continue;
		supervise_retire(&p->lanes[i]);
		p->lanes[i].process.sandbox = p->sandbox;
	}
}

void
tend_workers(struct pool *p, bool *moved)
{
	uint32_t alarm = atomic_load(signals_alarm());
	bool reap = p->reap || alarm != p->reaped;

	p->reaped = alarm;
	p->reap = false;
	for (unsigned int i = 0; i < p->options->lanes; i++) {
		struct pool_lane *l = &p->lanes[i];

		if (!l->opened)
			continue;
		if (!l->noted && l->pid != 0)
			supervise_note(l);
		if (reap && supervise_reap(l))
			*moved = true;
		else if (lane_parent_update(&l->shared) == -1)
			supervise_violation(l);
		p->refused |= l->refused;
		if (!p->refused)
			tend_start(p, l);
	}
}
