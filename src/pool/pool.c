#include "pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "pool/signals.h"
#include "pool/state.h"

enum { OTHER_DESCRIPTORS = 128 };

static void
close_pool(struct pool *p)
{
	/* All at once, and only then each. */
	for (unsigned int i = 0; p->lanes != NULL && i < p->options->lanes; i++)
		if (p->lanes[i].pid != 0)
			kill(p->lanes[i].pid, SIGKILL);
	for (unsigned int i = 0; p->lanes != NULL && i < p->options->lanes; i++) {
		supervise_kill(&p->lanes[i]);
		if (p->lanes[i].opened)
			lane_parent_totals(&p->lanes[i].shared, &p->stats->totals);
		lane_parent_close(&p->lanes[i].shared);
		supervise_close(&p->lanes[i]);
	}
	free(p->lanes);
	free(p->owners);
	sandbox_close(p->sandbox);
	if (p->reports.list != NULL)
		munmap(p->reports.list, p->reports.size);
	signals_bell(NULL);
	if (p->bell != NULL)
		munmap(p->bell, sizeof(*p->bell));
}

/* Each lane takes two descriptors, the walk some more. */
static void
raise_descriptor_limit(unsigned int lanes)
{
	const rlim_t wanted = 2 * (rlim_t)lanes + OTHER_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Memory that parent and workers share, or NULL. */
static void *
map_shared(size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

static int
open_pool(struct pool *p)
{
	size_t inflight = (size_t)p->options->lanes * LANE_SLOTS, owners = 1;

	while (owners < inflight)
		owners *= 2;
	p->owners_mask = (uint32_t)owners - 1;
	p->owners = reallocarray(NULL, owners, sizeof(*p->owners));
	p->lanes = calloc(p->options->lanes, sizeof(*p->lanes));
	p->bell = map_shared(sizeof(*p->bell));
	p->reports.size = p->options->lanes * sizeof(*p->reports.list);
	p->reports.list = map_shared(p->reports.size);
	p->sandbox = sandbox_open(&p->options->sandbox);
	raise_descriptor_limit(p->options->lanes);
	if (p->owners == NULL || p->lanes == NULL || p->bell == NULL || p->reports.list == NULL ||
	    p->sandbox == NULL)
		return -1;
	signals_bell(p->bell);
	/* The first one before the walk can have taken all descriptors. */
	return tend_open(p, &p->lanes[0]);
}

/* One look at everything. Returns POOL_DONE to go on, or how it ended. */
static enum pool_end
step(struct pool *p, bool *moved)
{
	if (wait_hit(p))
		return POOL_HIT;
	while (collect_ready(p, moved) == -1) {
		if (errno != EINTR || signals_ended() != 0)
			return errno == EINTR ? POOL_SIGNAL : POOL_WRITE_FAILED;
		look_around(p);
	}
	look_around(p);
	if (signals_ended() != 0)
		return POOL_SIGNAL;
	tend_workers(p, moved);
	if (p->refused)
		return POOL_NO_SANDBOX;
	relay_sums(p);
	watch_lanes(p, moved);
	return deal_batches(p, moved);
}

/* All is told. */
static enum pool_end
finish(struct pool *p)
{
	wait_farewell(p);
	if (!deal_hopeless(p))
		return p->expired ? POOL_DEADLINE : POOL_DONE;
	errno = p->no_worker;
	return POOL_NO_WORKER;
}

static enum pool_end
run(struct pool *p)
{
	for (;;) {
		uint32_t alarm = atomic_load(signals_alarm());
		bool moved = false;
		enum pool_end end = step(p, &moved);

		if (end != POOL_DONE)
			return end;
		if (signals_ended() != 0)
			return POOL_SIGNAL;
		if (p->source_ended && p->next == p->dealt)
			return finish(p);
		if (moved)
			p->patience_ms = WAIT_PATIENCE_MS;
		else if (!p->dry || p->next != p->dealt)
			wait_for_news(p, alarm);
		else if (p->client->wait(p->client->ctx, alarm) == -1)
			return POOL_WRITE_FAILED;
	}
}

enum pool_end
pool_run(const struct pool_options *options, const struct pool_client *client,
    struct pool_stats *stats)
{
	struct pool p = { .options = options, .client = client, .stats = stats,
		.patience_ms = WAIT_PATIENCE_MS, .watched = supervise_now() };
	enum pool_end end;
	int saved;

	end = open_pool(&p) == 0 ? run(&p) : POOL_NO_WORKER;
	saved = errno;
	close_pool(&p);
	errno = saved;
	return end;
}
