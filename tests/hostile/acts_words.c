/* What an evil worker does with its slots, its hints and the doorbell. */
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "evil.h"

enum { PAGE = 4096 };

/* What of the results region lies before the second view of the ring. */
static size_t
mapping_size(const struct evil *e)
{
	return e->lane->results.head + e->lane->results.ring;
}

static uint64_t
tag(const struct evil *e, uint32_t count)
{
	return lane_tagged(e->lane->sequence, count);
}

static void
ring(struct evil *e)
{
	doorbell_ring(e->lane->bell, e->lane->ops);
}

static void
commit(struct evil *e, uint64_t word)
{
	atomic_store(&evil_slot(e)->committed, word);
	ring(e);
}

static void
garble_all(struct evil *e)
{
	evil_garble(e, e->lane->results.base, mapping_size(e));
	ring(e);
}

static void
garble_slots(struct evil *e)
{
	evil_garble(e, evil_words(e), sizeof(struct lane_results));
	ring(e);
}

static void
garble_ring(struct evil *e)
{
	evil_garble(e, region_ring(&e->lane->results), e->lane->results.ring);
	ring(e);
}

/* Single words of what the parent has not yet read. */
static void
garble_frames(struct evil *e)
{
	const struct lane_worker *w = e->lane;
	const struct lane_jobs *jobs = (const void *)w->jobs.base;
	uint64_t from = atomic_load(&jobs->drained), size = w->writer.pos - from;

	for (uint64_t n = 1 + evil_below(e, 8); size >= 8 && n > 0; n--)
		evil_garble(e, region_at(&w->results, from + evil_below(e, size / 8) * 8), 8);
}

/* Again and again, while the parent reads. */
static void
garble_on_and_on(struct evil *e)
{
	int64_t start = 0;

	while (!evil_enough(&start, 8)) {
		garble_slots(e);
		evil_garble(e, region_at(&e->lane->results, e->lane->writer.pos - PAGE), 2 * PAGE);
	}
}

static void
fill_with_zeros(struct evil *e)
{
	memset(e->lane->results.base, 0, mapping_size(e));
	ring(e);
}

static void
fill_with_ones(struct evil *e)
{
	memset(e->lane->results.base, 0xff, mapping_size(e));
	ring(e);
}

static void
commit_too_many(struct evil *e)
{
	commit(e, tag(e, evil_below(e, 2) ? e->lane->files + 1 + (uint32_t)evil_below(e, 3)
	    : (uint32_t)evil_random(e) | 1U << 31));
}

static void
commit_to_the_last(struct evil *e)
{
	commit(e, tag(e, e->lane->files));
}

static void
commit_ahead(struct evil *e)
{
	commit(e, tag(e, e->lane->file + 1 + (uint32_t)evil_below(e, 3)));
}

static void
commit_back(struct evil *e)
{
	commit(e, tag(e, (uint32_t)evil_below(e, e->lane->file + 1)));
}

static void
wrong_sequence(struct evil *e)
{
	uint32_t off = (uint32_t)(1 + evil_below(e, 4)), files = e->lane->files;

	commit(e, lane_tagged(e->lane->sequence + (evil_below(e, 2) ? off : 0U - off), files));
	atomic_store(&evil_slot(e)->started, evil_random(e));
}

static void
start_far_ahead(struct evil *e)
{
	atomic_store(&evil_slot(e)->started, evil_below(e, 2) ? tag(e, UINT32_MAX) : UINT64_MAX);
	ring(e);
}

static void
commit_race(struct evil *e)
{
	int64_t start = 0;

	while (!evil_enough(&start, 3)) {
		atomic_store(&evil_slot(e)->committed, tag(e, 0));
		ring(e);
		atomic_store(&evil_slot(e)->committed, tag(e, e->lane->file));
		atomic_store(&evil_slot(e)->committed, tag(e, UINT32_MAX));
		atomic_store(&evil_slot(e)->started, evil_random(e));
	}
}

static void
set_slot(struct evil *e, uint64_t batch, uint32_t sequence, uint32_t started, uint32_t committed)
{
	struct lane_slot *s = &evil_words(e)->slots[batch % LANE_SLOTS];

	atomic_store(&s->end, e->lane->writer.pos);
	atomic_store(&s->started, lane_tagged(sequence, started));
	atomic_store(&s->committed, lane_tagged(sequence, committed));
}

/* Batches that lie in its queue and that it has not taken. */
static void
claim_the_queue(struct evil *e)
{
	struct lane_worker *w = e->lane;
	const struct lane_jobs *jobs = (const void *)w->jobs.base;
	uint64_t dealt = atomic_load(&jobs->dealt), b = w->batch, at = w->at;

	/* In the middle of a batch, w->at is behind it already. */
	b += w->files > 0 && w->file < w->files;
	log_queue(e, UINT64_MAX);
	for (; b < dealt && b < e->logged; b++) {
		const struct lane_batch_head *head = (const void *)region_at(&w->jobs, at);

		set_slot(e, b, head->sequence, head->files - (uint32_t)evil_below(e, 2),
		    head->files - (uint32_t)evil_below(e, 2));
		at += sizeof(*head) + ((head->size + RING_ALIGN - 1) & ~(uint64_t)(RING_ALIGN - 1));
	}
	if (evil_below(e, 2))
		commit_to_the_last(e);
	ring(e);
}

/* Batches that nobody has dealt to it yet, by numbers that they might get. */
static void
claim_the_undealt(struct evil *e)
{
	const struct lane_jobs *jobs = (const void *)e->lane->jobs.base;
	uint64_t dealt = atomic_load(&jobs->dealt);

	for (uint32_t i = 0; i < 16; i++)
		set_slot(e, dealt + i, e->lane->sequence + 1 + i + (uint32_t)evil_below(e, 4), 64,
		    (uint32_t)evil_below(e, 65));
	ring(e);
}

static void
storm_of_rings(struct evil *e)
{
	int64_t start = 0;

	while (!evil_enough(&start, 4)) {
		ring(e);
		e->lane->ops->wake(e->lane->ops->ctx, &e->lane->bell->word);
	}
}

static void
doorbell_word(struct evil *e)
{
	static const uint32_t words[] = { 0, 1, UINT32_MAX, UINT32_MAX - 1, 1U << 31 };
	int64_t start = 0;

	while (!evil_enough(&start, (int64_t)evil_below(e, 3)))
		atomic_store(&e->lane->bell->word, words[evil_below(e, 5)]);
	atomic_store(&e->lane->bell->word, words[evil_below(e, 5)]);
}

/* Has the kernel take the parent from the doorbell's queue to another word's. */
static void
requeue_the_waiter(struct evil *e)
{
	for (int i = 0; i < 100; i++)
		syscall(SYS_futex, &e->lane->bell->word, FUTEX_REQUEUE, 0, (void *)1,
		    &evil_words(e)->hit, 0);
}

static void
wrong_waiting(struct evil *e)
{
	atomic_store(&evil_words(e)->waiting, (uint32_t)(evil_below(e, 2) ? evil_random(e)
	    : evil_below(e, 8)));
	ring(e);
}

/* Of a batch that may be no link of a chain, or is counted already. */
static void
wrong_count(struct evil *e)
{
	static const uint64_t counts[] = { 0, 1, UINT64_MAX, UINT64_MAX / 2, (uint64_t)1 << 62 };

	atomic_store(&evil_slot(e)->count, evil_below(e, 2) ? counts[evil_below(e, 5)] : evil_random(e));
	atomic_store(&evil_slot(e)->counted, evil_below(e, 4) ? tag(e, 1) : evil_random(e));
	ring(e);
}

/* As if it had not got what it was given, or will never be. */
static void
wait_for_a_base(struct evil *e)
{
	struct futex_watch watch = { .word = &evil_words(e)->hit, .value = 0 };

	atomic_store(&evil_words(e)->hit, 0);
	atomic_store(&evil_words(e)->waiting, LANE_WANTS_BASE);
	ring(e);
	for (;;)
		e->lane->ops->wait_any(e->lane->ops->ctx, &watch, 1, NULL);
}

static void
wrong_hit(struct evil *e)
{
	atomic_store(&evil_words(e)->hit, (uint32_t)evil_random(e));
	ring(e);
}

/* They are only added up, and only for what is said at the end. */
static void
wrong_totals(struct evil *e)
{
	for (size_t i = 0; i < LANE_TOTALS; i++)
		atomic_store(&evil_words(e)->totals[i], evil_below(e, 2) ? UINT64_MAX : evil_random(e));
	lane_worker_totals(e->lane)->matches = evil_random(e);
}

const struct act *
acts_on_words(size_t *count)
{
	static const struct act acts[] = {
		{ "garble-all", garble_all, false },
		{ "garble-slots", garble_slots, false },
		{ "garble-ring", garble_ring, false },
		{ "garble-frames", garble_frames, false },
		{ "garble-on-and-on", garble_on_and_on, false },
		{ "fill-with-zeros", fill_with_zeros, false },
		{ "fill-with-ones", fill_with_ones, false },
		{ "commit-too-many", commit_too_many, false },
		{ "commit-to-the-last", commit_to_the_last, false },
		{ "commit-ahead", commit_ahead, false },
		{ "commit-back", commit_back, false },
		{ "wrong-sequence", wrong_sequence, false },
		{ "start-far-ahead", start_far_ahead, false },
		{ "commit-race", commit_race, false },
		{ "claim-the-queue", claim_the_queue, false },
		{ "claim-the-undealt", claim_the_undealt, false },
		{ "storm-of-rings", storm_of_rings, false },
		{ "doorbell-word", doorbell_word, false },
		{ "requeue-the-waiter", requeue_the_waiter, false },
		{ "wrong-waiting", wrong_waiting, false },
		{ "wrong-count", wrong_count, false },
		{ "wait-for-a-base", wait_for_a_base, false },
		{ "wrong-totals", wrong_totals, false },
		{ "wrong-hit", wrong_hit, false },
	};

	*count = sizeof(acts) / sizeof(acts[0]);
	return acts;
}
