#include "state.h"

#include <errno.h>

#include "pool/signals.h"

enum { BATCH_FILES_MIN = 4 };

/* The lane with the least to do, if that is less than enough, with a free slot. */
static struct pool_lane *
least_loaded(struct pool *p)
{
	struct pool_lane *least = NULL;
	uint64_t backlog = state_backlog_full(p);

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
	return backlog / 2 < STATE_BATCH_FILES ? (uint32_t)(backlog / 2) : STATE_BATCH_FILES;
}

static int
take_batch(struct pool *p, uint32_t files)
{
	int got;

	if (p->has_batch)
		return 1;
	got = p->client->next_batch(p->client->ctx, files, &p->batch);
	p->has_batch = got == POOL_BATCH;
	p->source_ended = got == POOL_END;
	p->dry = got == POOL_DRY;
	p->goes_on = got == POOL_BATCH && p->batch.goes_on;
	return got;
}

/* Tells the batch in hand as lost. */
static void
refuse_batch(struct pool *p, enum undone_reason reason)
{
	const struct lane_batch batch = { .bytes = p->batch.bytes,
		.size = (uint32_t)p->batch.size, .files = p->batch.files };

	for (uint32_t file = 0; file < batch.files; file++)
		p->client->lost(p->client->ctx, &batch, file, STATUS_UNDONE, reason);
	p->client->finished(p->client->ctx, &batch);
	p->has_batch = false;
}

/* No lane is left, and all that was dealt is told: tells the rest of the source as lost. */
static enum pool_end
refuse_rest(struct pool *p)
{
	int got = 0;

	while (signals_ended() == 0 && (got = take_batch(p, STATE_BATCH_FILES)) == 1)
		refuse_batch(p, UNDONE_NO_WORKER);
	if (signals_ended() != 0)
		return POOL_SIGNAL;
	if (got == -1 && errno == EINTR)
		return POOL_DONE;
	errno = got == -1 ? errno : p->no_worker;
	return got == -1 ? POOL_SOURCE_FAILED : POOL_NO_WORKER;
}

bool
deal_hopeless(const struct pool *p)
{
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (!p->lanes[i].abandoned)
			return false;
	return p->no_worker != 0;
}

/* Whether it is known by now how large the search is. */
static bool
is_time_to_begin(const struct pool *p)
{
	return p->client->prepare == NULL || p->files_dealt >= STATE_LARGE_FILES;
}

/* Deals the batch in hand. */
static void
deal(struct pool *p, struct pool_lane *l)
{
	const struct pool_batch *b = &p->batch;

	p->owners[p->dealt & p->owners_mask] = (struct owner){ .lane = (uint16_t)(l - p->lanes),
		.chain = (uint8_t)b->chain, .number = l->shared.back };
	lane_parent_deal(&l->shared, p->dealt, b->bytes, b->size, b->files);
	if (b->chain != POOL_ALONE)
		lane_parent_chain(&l->shared, b->goes_on);
	p->dealt++;
	p->files_dealt += b->files;
	p->has_batch = false;
}

enum pool_end
deal_batches(struct pool *p, bool *moved)
{
	struct pool_lane *l;

	if (p->expired && p->next == p->dealt) {
		/* What was begun is told to its end. */
		while (p->has_batch || (p->goes_on && take_batch(p, 1) == 1))
			refuse_batch(p, UNDONE_DEADLINE);
		p->source_ended = true;
	}
	while (!p->expired && !p->source_ended && signals_ended() == 0 &&
	    (l = least_loaded(p)) != NULL) {
		int got = take_batch(p, batch_files(lane_parent_backlog(&l->shared)));

		if (got == -1 && errno != EINTR)
			return POOL_SOURCE_FAILED;
		*moved |= got == -1;
		if (got != 1)
			break;
		if (tend_open(p, l) == -1) {
			if (l == p->lanes)
				return POOL_NO_WORKER;
			/* Fewer lanes will do. */
			l->abandoned = true;
			continue;
		}
		if (!lane_parent_fits(&l->shared, p->batch.size) ||
		    lane_parent_backlog(&l->shared) >= state_backlog_full(p))
			continue;
		if (p->batch.renews)
			tend_renew(p);
		deal(p, l);
		*moved = true;
		if (p->begun)
			tend_start(p, l);
		else if (is_time_to_begin(p))
			tend_begin(p);
	}
	if (!p->begun && p->files_dealt > 0)
		tend_begin(p);
	if (!p->source_ended && p->next == p->dealt && deal_hopeless(p))
		return refuse_rest(p);
	return POOL_DONE;
}
