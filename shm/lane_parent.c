#include "lane_parent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lane_private.h"

static size_t
round_up(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

int
lane_create_results(struct region *r, const struct lane_config *config)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return region_create(r, "pgrep-r results", round_up(sizeof(struct lane_results), page),
	    config->results_ring, REGION_WRITE);
}

int
lane_parent_open(struct lane_parent *l, const struct lane_config *config)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	memset(l, 0, sizeof(*l));
	l->config = *config;
	l->jobs.fd = l->results.fd = -1;
	if (region_create(&l->jobs, "pgrep-r jobs",
	    round_up(sizeof(struct lane_jobs) + config->jobs_bulk, page), config->jobs_ring,
	    REGION_READ) == -1)
		return -1;
	if (lane_create_results(&l->results, config) == -1) {
		lane_parent_close(l);
		return -1;
	}
	l->reader.region = &l->results;
	return 0;
}

void
lane_parent_close(struct lane_parent *l)
{
	region_close(&l->jobs);
	region_close(&l->results);
	for (size_t i = 0; i < l->retired_count; i++)
		region_close(&l->retired[i]);
	free(l->retired);
	l->retired = NULL;
	l->retired_count = 0;
}

/* Wakes the worker if it waits for one of these reasons. Its word is a hint. */
static void
wake(struct lane_parent *l, uint32_t reasons)
{
	struct lane_jobs *jobs = lane_jobs_words(l);

	atomic_fetch_add_explicit(&jobs->bell, 1, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
	if (lane_parent_waiting(l) & reasons)
		l->config.ops->wake(l->config.ops->ctx, &jobs->bell);
}

static bool
wants_bulk(const struct lane_parent *l, size_t size)
{
	return size > l->jobs.ring / 4;
}

/* Bytes that the batch takes in the jobs ring. */
static size_t
ring_bytes(const struct lane_parent *l, size_t size)
{
	return sizeof(struct lane_batch_head) + (wants_bulk(l, size) ? 0 : round_up(size, RING_ALIGN));
}

bool
lane_parent_fits(const struct lane_parent *l, size_t size)
{
	uint64_t used = 0;

	if (l->back - l->front == LANE_SLOTS)
		return false;
	if (wants_bulk(l, size) && (l->bulk_used || size > l->config.jobs_bulk))
		return false;
	if (l->front < l->back)
		used = l->jobs_end - l->batches[l->front % LANE_SLOTS].at;
	return ring_bytes(l, size) <= l->jobs.ring - used;
}

void
lane_parent_deal(struct lane_parent *l, uint32_t sequence, const void *bytes, size_t size,
    uint32_t files)
{
	struct lane_jobs *jobs = lane_jobs_words(l);
	struct lane_batch *b = lane_batch_of(l, l->back);
	char *at = region_at(&l->jobs, l->jobs_end);
	bool bulk = wants_bulk(l, size);
	const struct lane_batch_head head = { .size = (uint32_t)size, .files = files,
		.sequence = sequence, .bulk = bulk };
	char *body = bulk ? l->jobs.base + sizeof(*jobs) : at + sizeof(head);

	memcpy(at, &head, sizeof(head));
	memcpy(body, bytes, size);
	*b = (struct lane_batch){ .bytes = body, .size = head.size, .files = files,
		.sequence = sequence, .bulk = bulk, .at = l->jobs_end };
	l->bulk_used |= bulk;
	l->jobs_end += ring_bytes(l, size);
	l->files_dealt += files;
	l->back++;
	atomic_store_explicit(&jobs->dealt, l->back, memory_order_release);
	wake(l, LANE_WANTS_BATCH);
}

void
lane_parent_chain(struct lane_parent *l, bool goes_on)
{
	struct lane_batch *b = lane_batch_of(l, l->back - 1);

	b->chained = true;
	b->goes_on = goes_on;
}

void
lane_parent_give_base(struct lane_parent *l, uint64_t number, uint64_t base)
{
	struct lane_jobs *jobs = lane_jobs_words(l);

	l->based = number + 1;
	atomic_store_explicit(&jobs->bases[number % LANE_SLOTS], base, memory_order_relaxed);
	atomic_store_explicit(&jobs->based, l->based, memory_order_release);
	wake(l, LANE_WANTS_BASE);
}

bool
lane_parent_counted(const struct lane_parent *l, uint64_t number, uint64_t *count)
{
	const struct lane_batch *b = &l->batches[number % LANE_SLOTS];

	*count = b->counted ? b->count : 0;
	return b->counted || number < l->work;
}

void
lane_parent_ask_count(struct lane_parent *l, bool asked)
{
	atomic_store_explicit(&lane_jobs_words(l)->asked, asked, memory_order_relaxed);
}

bool
lane_parent_wants_base(const struct lane_parent *l)
{
	return l->work < l->back && l->work >= l->based && l->batches[l->work % LANE_SLOTS].chained &&
	    lane_parent_waiting(l) == LANE_WANTS_BASE;
}

void
lane_parent_end(struct lane_parent *l)
{
	atomic_store_explicit(&lane_jobs_words(l)->closed, 1, memory_order_release);
	wake(l, LANE_WANTS_BATCH);
}

bool
lane_load_tagged(_Atomic uint64_t *word, const struct lane_batch *b, uint32_t *count)
{
	uint64_t value = atomic_load_explicit(word, memory_order_acquire);

	*count = (uint32_t)value;
	return value >> 32 == b->sequence;
}

void
lane_set_done(struct lane_parent *l, struct lane_batch *b, uint32_t done)
{
	if (done > b->done) {
		l->files_done += done - b->done;
		l->links_done += b->goes_on ? done - b->done : 0;
		b->done = done;
	}
}

static int
load_end(struct lane_parent *l, struct lane_slot *slot)
{
	return ring_reader_extend(&l->reader,
	    atomic_load_explicit(&slot->end, memory_order_acquire));
}

static void
load_count(struct lane_batch *b, struct lane_slot *slot)
{
	uint32_t counted;

	if (!b->chained || b->counted || !lane_load_tagged(&slot->counted, b, &counted) || counted != 1)
		return;
	b->count = atomic_load_explicit(&slot->count, memory_order_relaxed);
	b->counted = true;
}

int
lane_load_progress(struct lane_parent *l, struct lane_batch *b, struct lane_slot *slot)
{
	uint32_t committed;

	/* committed first, then end, so that end covers it */
	if (!lane_load_tagged(&slot->committed, b, &committed))
		return 0;
	if (committed > b->files) {
		errno = EBADMSG;
		return -1;
	}
	if (load_end(l, slot) == -1)
		return -1;
	load_count(b, slot);
	lane_set_done(l, b, committed);
	return 0;
}

int
lane_parent_update(struct lane_parent *l)
{
	for (; l->work < l->back; l->work++) {
		struct lane_batch *b = lane_batch_of(l, l->work);

		if (lane_load_progress(l, b, lane_slot_of(l, l->work)) == -1)
			return -1;
		if (b->done < b->files)
			break;
		b->end = l->reader.end;
	}
	return 0;
}

struct lane_batch *
lane_parent_front(struct lane_parent *l)
{
	return l->front < l->back ? lane_batch_of(l, l->front) : NULL;
}

const struct lane_batch *
lane_parent_work(const struct lane_parent *l)
{
	return l->work < l->back ? &l->batches[l->work % LANE_SLOTS] : NULL;
}

/* What a dead worker left of a file that was spared is not read. Returns whether this is such. */
static bool
drop_spared(struct lane_parent *l, const struct lane_batch *b, const struct frame *frame)
{
	if (!l->spared || l->front != l->work || frame->item != b->done)
		return false;
	ring_reader_skip(&l->reader, frame);
	return true;
}

int
lane_parent_read(struct lane_parent *l, struct frame *frame, const char **text)
{
	struct lane_batch *b = lane_batch_of(l, l->front);
	int got;

	if (l->front == l->back)
		return 0;
	do {
		got = ring_reader_peek(&l->reader, l->front < l->work ? b->end : l->reader.end,
		    frame, text);
	} while (got == 1 && drop_spared(l, b, frame));
	if (got == 0)
		return 0;
	/* The files before it were committed before the frame was published. */
	if (got == 1 && frame->item > b->done && lane_parent_update(l) == -1)
		got = -1;
	if (got == -1 || frame->item >= b->files || frame->item < b->next ||
	    frame->item > b->done) {
		l->torn = true;
		errno = EBADMSG;
		return -1;
	}
	ring_reader_skip(&l->reader, frame);
	b->begun = frame->item + 1;
	b->next = frame->item + ((frame->flags & LANE_MORE) ? 0 : 1);
	return 1;
}

bool
lane_parent_readable(const struct lane_parent *l)
{
	if (l->front == l->back)
		return false;
	return l->reader.pos <
	    (l->front < l->work ? l->batches[l->front % LANE_SLOTS].end : l->reader.end);
}

bool
lane_parent_finished(const struct lane_parent *l)
{
	return l->front < l->work && l->reader.pos == l->batches[l->front % LANE_SLOTS].end;
}

void
lane_parent_finish(struct lane_parent *l)
{
	if (lane_batch_of(l, l->front)->bulk)
		l->bulk_used = false;
	l->front++;
}

void
lane_parent_release(struct lane_parent *l)
{
	if (l->reader.drained == l->reader.pos)
		return;
	l->reader.drained = l->reader.pos;
	atomic_store_explicit(&lane_jobs_words(l)->drained, l->reader.pos, memory_order_release);
	wake(l, LANE_WANTS_ROOM);
}

void
lane_parent_notify(struct lane_parent *l, uint64_t backlog)
{
	uint64_t inflight = l->back - l->work;

	atomic_store_explicit(&lane_jobs_words(l)->notify,
	    inflight > backlog ? l->back - backlog : l->work + 1, memory_order_relaxed);
}

uint32_t
lane_parent_waiting(const struct lane_parent *l)
{
	return atomic_load_explicit(&lane_results_words(l)->waiting, memory_order_relaxed);
}

bool
lane_parent_hit(const struct lane_parent *l)
{
	return atomic_load_explicit(&lane_results_words(l)->hit, memory_order_relaxed) != 0;
}

uint64_t
lane_parent_progress(const struct lane_parent *l)
{
	return l->files_done + l->reader.end +
	    atomic_load_explicit(&lane_results_words(l)->beat, memory_order_relaxed);
}

static void
add_saturated(uint64_t *sum, uint64_t number)
{
	*sum = number > UINT64_MAX - *sum ? UINT64_MAX : *sum + number;
}

static void
add_totals(struct lane_totals *sum, const struct lane_totals *more)
{
	add_saturated(&sum->searches, more->searches);
	add_saturated(&sum->searches_with_match, more->searches_with_match);
	add_saturated(&sum->bytes_searched, more->bytes_searched);
	add_saturated(&sum->bytes_printed, more->bytes_printed);
	add_saturated(&sum->matched_lines, more->matched_lines);
	add_saturated(&sum->matches, more->matches);
}

void
lane_parent_totals(const struct lane_parent *l, struct lane_totals *sum)
{
	uint64_t words[LANE_TOTALS];
	struct lane_totals living;

	for (size_t i = 0; i < LANE_TOTALS; i++)
		words[i] = atomic_load_explicit(&lane_results_words(l)->totals[i], memory_order_relaxed);
	memcpy(&living, words, sizeof(living));
	add_totals(sum, &l->totals);
	add_totals(sum, &living);
}

bool
lane_parent_blocked(const struct lane_parent *l)
{
	return l->reader.end - l->reader.drained >= l->results.ring / 2;
}

