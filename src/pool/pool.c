#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pool/signals.h"
#include "pool/supervise.h"

enum {
	/* Files in a lane: dealt up to the one, asked for again at half of it. */
	BACKLOG_FULL = 1024,
	BATCH_FILES_MIN = 4,
	BATCH_FILES_MAX = 64,
	/* How long results may lie before they are looked for, unasked. */
	PATIENCE_MIN_MS = 10,
	PATIENCE_MAX_MS = 250,
	/* At the end, how long workers get to exit by themselves. */
	FAREWELL_MS = 200,

	OTHER_DESCRIPTORS = 128,
	JOBS_BUDGET = 2 * 1024 * 1024, /* all lanes together; per lane within: */
	JOBS_MIN = 64 * 1024,
	JOBS_MAX = 512 * 1024,
	RESULTS_BUDGET = 8 * 1024 * 1024,
	RESULTS_MAX = 2 * 1024 * 1024,
};

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
	bool has_batch; /* taken from the source, not yet dealt */
	struct pool_batch batch;
	int64_t patience_ms;
	uint32_t reaped; /* the alarm word when the dead were last looked for */
	bool reap;       /* look for them in any case */
	int no_worker;   /* errno of a lane that was given up */
};

static size_t
share(size_t budget, unsigned int lanes, size_t least, size_t most)
{
	size_t size = least;

	while (size * 2 <= budget / lanes && size < most)
		size *= 2;
	return size;
}

static struct pool_lane *
owner(const struct pool *p, uint32_t sequence)
{
	return &p->lanes[p->owners[sequence & p->owners_mask]];
}

static int
open_lane(struct pool *p, struct pool_lane *l)
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
	if (lane_parent_open(&l->shared, &config) == -1)
		return -1;
	l->opened = true;
	l->process = (struct process_options){ .number = (unsigned int)(l - p->lanes),
		.keep = p->options->keep, .keep_count = p->options->keep_count,
		.work = p->client->work, .ctx = p->client->ctx };
	return 0;
}

static void
close_pool(struct pool *p)
{
	for (unsigned int i = 0; p->lanes != NULL && i < p->options->lanes; i++) {
		supervise_kill(&p->lanes[i]);
		lane_parent_close(&p->lanes[i].shared);
		free(p->lanes[i].losses);
	}
	free(p->lanes);
	free(p->owners);
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

static int
open_pool(struct pool *p)
{
	size_t inflight = (size_t)p->options->lanes * LANE_SLOTS, owners = 1;

	while (owners < inflight)
		owners *= 2;
	p->owners_mask = (uint32_t)owners - 1;
	p->owners = reallocarray(NULL, owners, sizeof(*p->owners));
	p->lanes = calloc(p->options->lanes, sizeof(*p->lanes));
	p->bell = mmap(NULL, sizeof(*p->bell), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->bell == MAP_FAILED)
		p->bell = NULL;
	raise_descriptor_limit(p->options->lanes);
	if (p->owners == NULL || p->lanes == NULL || p->bell == NULL)
		return -1;
	signals_catch(p->bell);
	return 0;
}

/* Emitting. */

static void
tell_losses(struct pool *p, struct pool_lane *l, const struct lane_batch *batch, uint32_t below)
{
	struct loss loss;

	while (supervise_take_loss(l, batch->sequence, below, &loss))
		p->client->lost(p->client->ctx, batch, loss.file, loss.status, loss.value);
}

static int
flush(struct pool *p)
{
	if (p->client->flush(p->client->ctx) == -1)
		return -1;
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].opened)
			lane_parent_release(&p->lanes[i].shared);
	return 0;
}

/* Tells what there is of the front batch. Returns 1 when it is finished, 0, or -1: flush. */
static int
collect_front(struct pool *p, struct pool_lane *l, bool *moved)
{
	struct lane_batch *batch = lane_parent_front(&l->shared);
	struct frame frame;
	const char *text;
	int got;

	if (lane_parent_update(&l->shared) == -1)
		supervise_violation(l);
	for (;;) {
		if (p->client->full(p->client->ctx))
			return -1;
		got = lane_parent_read(&l->shared, &frame, &text);
		if (got == -1) {
			supervise_violation(l);
			continue;
		}
		if (got == 0)
			break;
		*moved = true;
		tell_losses(p, l, batch, frame.item);
		p->client->frame(p->client->ctx, batch, &frame, text);
	}
	if (!lane_parent_finished(&l->shared))
		return 0;
	tell_losses(p, l, batch, batch->files);
	p->client->finished(p->client->ctx, batch);
	lane_parent_finish(&l->shared);
	p->next++;
	*moved = true;
	return 1;
}

/* Emits what is ready, in order. Returns 0, or -1 with errno. */
static int
collect(struct pool *p, bool *moved)
{
	while (p->next != p->dealt) {
		int got = collect_front(p, owner(p, p->next), moved);

		if (got == 0)
			break;
		if (got == -1 && flush(p) == -1)
			return -1;
	}
	return flush(p);
}

/* Dealing. */

static void
start_worker(struct pool *p, struct pool_lane *l)
{
	if (supervise_start(l) == -1)
		p->no_worker = errno;
}

/* The lane with the least to do, if that is less than enough, with a free slot. */
static struct pool_lane *
least_loaded(struct pool *p)
{
	struct pool_lane *least = NULL;
	uint64_t backlog = BACKLOG_FULL;

	for (unsigned int i = 0; i < p->options->lanes && backlog > 0; i++) {
		struct pool_lane *l = &p->lanes[i];
		uint64_t files = lane_parent_backlog(&l->shared);

		if (files >= backlog || l->abandoned)
			continue;
		if (l->opened && !lane_parent_fits(&l->shared, p->has_batch ? p->batch.size : 0))
			continue;
		least = l;
		backlog = files;
	}
	return least;
}

/* Small while a lane has little to do, so that all have work soon. */
static uint32_t
batch_files(uint64_t backlog)
{
	if (backlog / 2 < BATCH_FILES_MIN)
		return BATCH_FILES_MIN;
	return backlog / 2 < BATCH_FILES_MAX ? (uint32_t)(backlog / 2) : BATCH_FILES_MAX;
}

static int
take_batch(struct pool *p, uint32_t files)
{
	int got;

	if (p->has_batch)
		return 1;
	got = p->client->next_batch(p->client->ctx, files, &p->batch);
	p->has_batch = got == 1;
	p->source_ended = got == 0;
	return got;
}

/* Deals until every lane has enough. Returns POOL_DONE, or what went wrong. */
static enum pool_end
deal(struct pool *p, bool *moved)
{
	struct pool_lane *l;

	while (!p->source_ended && (l = least_loaded(p)) != NULL) {
		int got = take_batch(p, batch_files(lane_parent_backlog(&l->shared)));

		if (got == -1)
			return POOL_SOURCE_FAILED;
		if (got == 0)
			break;
		if (open_lane(p, l) == -1) {
			if (l == p->lanes)
				return POOL_NO_WORKER;
			/* Fewer lanes will do. */
			l->abandoned = true;
			continue;
		}
		if (!lane_parent_fits(&l->shared, p->batch.size))
			continue;
		lane_parent_deal(&l->shared, p->dealt, p->batch.bytes, p->batch.size,
		    p->batch.files);
		p->owners[p->dealt & p->owners_mask] = (uint16_t)(l - p->lanes);
		p->dealt++;
		p->has_batch = false;
		*moved = true;
		start_worker(p, l);
	}
	return POOL_DONE;
}

/* No lane is left, and all that was dealt is told: tells the rest of the source as lost. */
static enum pool_end
refuse_rest(struct pool *p)
{
	int got;

	while ((got = take_batch(p, BATCH_FILES_MAX)) == 1) {
		const struct lane_batch batch = { .bytes = p->batch.bytes,
			.size = (uint32_t)p->batch.size, .files = p->batch.files };

		for (uint32_t file = 0; file < batch.files; file++)
			p->client->lost(p->client->ctx, &batch, file, STATUS_UNDONE, 0);
		p->client->finished(p->client->ctx, &batch);
		p->has_batch = false;
	}
	errno = got == -1 ? errno : p->no_worker;
	return got == -1 ? POOL_SOURCE_FAILED : POOL_NO_WORKER;
}

static bool
all_abandoned(const struct pool *p)
{
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (!p->lanes[i].abandoned)
			return false;
	return true;
}

/* Supervising. */

static void
look_after(struct pool *p, bool *moved)
{
	uint32_t alarm = atomic_load(signals_alarm());
	bool reap = p->reap || alarm != p->reaped;

	p->reaped = alarm;
	p->reap = false;
	for (unsigned int i = 0; i < p->options->lanes; i++) {
		struct pool_lane *l = &p->lanes[i];

		if (!l->opened)
			continue;
		if (reap && supervise_reap(l))
			*moved = true;
		else if (lane_parent_update(&l->shared) == -1)
			supervise_violation(l);
		start_worker(p, l);
	}
}

static bool
hit(const struct pool *p)
{
	if (!p->options->until_hit)
		return false;
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].opened && lane_parent_hit(&p->lanes[i].shared))
			return true;
	return false;
}

/* Waiting. */

/* Whether the front of the line holds others up: then its next batch is wanted at once. */
static bool
is_urgent(const struct pool *p)
{
	for (unsigned int i = 0; i < p->options->lanes; i++) {
		const struct pool_lane *l = &p->lanes[i];

		if (!l->opened || l->abandoned)
			continue;
		if (lane_parent_waiting(&l->shared) == LANE_WANTS_ROOM)
			return true;
		if (!p->source_ended && lane_parent_backlog(&l->shared) < BACKLOG_FULL / 2 &&
		    !lane_parent_fits(&l->shared, p->has_batch ? p->batch.size : 0))
			return true;
	}
	return false;
}

/* Tells each worker when to ring. */
static void
set_notify(struct pool *p)
{
	const struct pool_lane *front = p->next != p->dealt ? owner(p, p->next) : NULL;
	bool urgent = is_urgent(p);

	for (unsigned int i = 0; i < p->options->lanes; i++) {
		struct lane_parent *l = &p->lanes[i].shared;
		uint64_t inflight = l->back - l->work;

		if (!p->lanes[i].opened || inflight == 0)
			continue;
		if (urgent && &p->lanes[i] == front)
			lane_parent_notify(l, inflight - 1);
		else
			lane_parent_notify(l, p->source_ended ? 0 : inflight / 2);
	}
}

/* Whether there is something to do that no ring will tell of any more. */
static bool
is_ready(struct pool *p)
{
	bool hungry = false;

	for (unsigned int i = 0; i < p->options->lanes; i++) {
		struct pool_lane *l = &p->lanes[i];

		if (!l->opened || l->abandoned)
			continue;
		if (lane_parent_update(&l->shared) == -1)
			return true;
		if (lane_parent_backlog(&l->shared) < BACKLOG_FULL / 2 &&
		    lane_parent_fits(&l->shared, p->has_batch ? p->batch.size : 0))
			hungry = true;
	}
	if (hungry && !p->source_ended)
		return true;
	return p->next != p->dealt && (lane_parent_finished(&owner(p, p->next)->shared) ||
	    lane_parent_readable(&owner(p, p->next)->shared));
}

static struct timespec
deadline_in(int64_t ms)
{
	int64_t at = supervise_now() + ms * 1000000;

	return (struct timespec){ .tv_sec = at / 1000000000, .tv_nsec = at % 1000000000 };
}

/* Sleeps until something happens; alarm is the word as it was before the last look. */
static void
wait_for_news(struct pool *p, uint32_t alarm)
{
	struct timespec deadline = deadline_in(p->patience_ms);
	uint32_t armed;

	set_notify(p);
	armed = doorbell_arm(p->bell);
	if (!is_ready(p) && !hit(p) && signals_ended() == 0 &&
	    doorbell_wait(p->bell, armed, signals_alarm(), alarm, &deadline, futex_kernel()) == -1 &&
	    errno == ETIMEDOUT) {
		p->patience_ms = p->patience_ms * 2 < PATIENCE_MAX_MS ? p->patience_ms * 2
		    : PATIENCE_MAX_MS;
		p->reap = true;
		p->client->idle(p->client->ctx);
	}
	doorbell_disarm(p->bell);
}

/* One look at everything. Returns POOL_DONE to go on, or how it ended. */
static enum pool_end
step(struct pool *p, bool *moved)
{
	enum pool_end end;

	if (hit(p))
		return POOL_HIT;
	if (collect(p, moved) == -1 && (errno != EINTR || signals_ended() == 0))
		return errno == EINTR ? POOL_DONE : POOL_WRITE_FAILED;
	if (signals_ended() != 0)
		return POOL_SIGNAL;
	look_after(p, moved);
	end = deal(p, moved);
	if (end == POOL_DONE && p->no_worker != 0 && p->next == p->dealt && all_abandoned(p))
		return refuse_rest(p);
	return end;
}

/* All is told: lets the workers go, and sees that they went. */
static void
say_farewell(struct pool *p)
{
	int64_t until = supervise_now() + (int64_t)FAREWELL_MS * 1000000;
	bool some = true;

	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].pid != 0)
			lane_parent_end(&p->lanes[i].shared);
	while (some && supervise_now() < until) {
		const struct timespec deadline = deadline_in(FAREWELL_MS);
		uint32_t alarm = atomic_load(signals_alarm()), armed = doorbell_arm(p->bell);

		some = false;
		for (unsigned int i = 0; i < p->options->lanes; i++)
			some |= p->lanes[i].pid != 0 && !supervise_reap(&p->lanes[i]);
		if (some)
			doorbell_wait(p->bell, armed, signals_alarm(), alarm, &deadline,
			    futex_kernel());
		doorbell_disarm(p->bell);
	}
}

enum pool_end
pool_run(const struct pool_options *options, const struct pool_client *client)
{
	struct pool p = { .options = options, .client = client, .patience_ms = PATIENCE_MIN_MS };
	enum pool_end end = POOL_NO_WORKER;
	int saved;

	if (open_pool(&p) == 0) {
		do {
			uint32_t alarm = atomic_load(signals_alarm());
			bool moved = false;

			end = step(&p, &moved);
			if (end != POOL_DONE || (p.source_ended && p.next == p.dealt))
				break;
			if (moved)
				p.patience_ms = PATIENCE_MIN_MS;
			else
				wait_for_news(&p, alarm);
		} while (true);
		if (end == POOL_DONE)
			say_farewell(&p);
	}
	saved = errno;
	close_pool(&p);
	errno = saved;
	return end;
}
