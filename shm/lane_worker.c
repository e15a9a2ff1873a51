#include "lane_worker.h"

#include <string.h>

/* Why the worker sleeps, and when it need not. */
typedef bool (*ready_fn)(struct lane_worker *w);

static const struct lane_jobs *
jobs_words(const struct lane_worker *w)
{
	return (const void *)w->jobs.base;
}

static struct lane_results *
results_words(const struct lane_worker *w)
{
	return (void *)w->results.base;
}

static struct lane_slot *
slot(const struct lane_worker *w)
{
	return &results_words(w)->slots[w->batch % LANE_SLOTS];
}

int
lane_worker_open(struct lane_worker *w, const struct lane_parent *lane)
{
	memset(w, 0, sizeof(*w));
	w->jobs.fd = w->results.fd = -1;
	if (region_attach(&w->jobs, &lane->jobs, REGION_READ) == -1 ||
	    region_attach(&w->results, &lane->results, REGION_WRITE) == -1)
		return -1;
	w->bell = lane->config.bell;
	w->ops = lane->config.ops;
	w->batch = lane->work;
	w->at = lane->jobs_end;
	if (lane->work < lane->back) {
		const struct lane_batch *b = &lane->batches[lane->work % LANE_SLOTS];

		w->at = b->at;
		w->resume = b->done;
	}
	ring_writer_init(&w->writer, &w->results, lane->reader.end);
	w->writer.drained = lane->reader.drained;
	w->published = lane->reader.end;
	w->again = lane->again;
	return 0;
}

static void
wait_for(struct lane_worker *w, uint32_t why, ready_fn ready)
{
	/* FUTEX_WAIT only reads the word: a read-only mapping will do. */
	_Atomic uint32_t *bell = (_Atomic uint32_t *)(uintptr_t)&jobs_words(w)->bell;
	_Atomic uint32_t *waiting = &results_words(w)->waiting;
	struct futex_watch watch = { .word = bell };

	if (ready(w))
		return;
	if (why != LANE_WANTS_BATCH) {
		/* So that the parent, once awake, sees who is held up. */
		atomic_store_explicit(waiting, why, memory_order_relaxed);
		atomic_thread_fence(memory_order_seq_cst);
		doorbell_ring(w->bell, w->ops);
	}
	while (!ready(w)) {
		watch.value = atomic_load_explicit(bell, memory_order_acquire);
		atomic_store_explicit(waiting, why, memory_order_relaxed);
		atomic_thread_fence(memory_order_seq_cst);
		if (!ready(w))
			w->ops->wait_any(w->ops->ctx, &watch, 1, NULL);
	}
	atomic_store_explicit(waiting, LANE_AWAKE, memory_order_relaxed);
}

static bool
dealt_or_closed(struct lane_worker *w)
{
	const struct lane_jobs *jobs = jobs_words(w);

	return atomic_load_explicit(&jobs->dealt, memory_order_acquire) > w->batch ||
	    atomic_load_explicit(&jobs->closed, memory_order_acquire) != 0;
}

/* Says that the batch is begun, and from which file on. */
static void
begin(struct lane_worker *w, uint32_t first)
{
	uint64_t word = lane_tagged(w->sequence, first);

	w->file = first;
	atomic_store_explicit(&slot(w)->end, w->writer.pos, memory_order_relaxed);
	atomic_store_explicit(&slot(w)->started, word, memory_order_relaxed);
	atomic_store_explicit(&slot(w)->committed, word, memory_order_release);
}

const void *
lane_worker_next(struct lane_worker *w, uint32_t *first)
{
	const struct lane_batch_head *head;
	const char *body;

	wait_for(w, LANE_WANTS_BATCH, dealt_or_closed);
	if (atomic_load_explicit(&jobs_words(w)->dealt, memory_order_acquire) <= w->batch)
		return NULL;
	head = (const void *)region_at(&w->jobs, w->at);
	w->at += sizeof(*head);
	if (head->bulk) {
		body = w->jobs.base + sizeof(struct lane_jobs);
	} else {
		body = (const char *)(head + 1);
		w->at += (head->size + RING_ALIGN - 1) & ~(uint64_t)(RING_ALIGN - 1);
	}
	w->files = head->files;
	w->sequence = head->sequence;
	*first = w->resume;
	w->resume = 0;
	begin(w, *first);
	return body;
}

void
lane_worker_start(struct lane_worker *w)
{
	atomic_store_explicit(&slot(w)->started, lane_tagged(w->sequence, w->file + 1),
	    memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
}

static void
publish(struct lane_worker *w, uint16_t kind, uint16_t flags, uint32_t value)
{
	w->handed += w->writer.length;
	w->published = ring_writer_close(&w->writer, w->file, kind, flags | w->flags,
	    value);
	atomic_store_explicit(&slot(w)->end, w->published, memory_order_release);
}

static bool
fits(struct lane_worker *w, size_t room)
{
	if (ring_writer_fits(&w->writer, w->writer.drained, room))
		return true;
	w->writer.drained = atomic_load_explicit(&jobs_words(w)->drained, memory_order_acquire);
	return ring_writer_fits(&w->writer, w->writer.drained, room);
}

/* Sleeping until half the ring is free spares a wake-up for every frame. */
static bool
half_free(struct lane_worker *w)
{
	return fits(w, w->results.ring / 2);
}

static void
open_frame(struct lane_worker *w)
{
	if (!fits(w, RING_FRAME_MAX))
		wait_for(w, LANE_WANTS_ROOM, half_free);
	ring_writer_open(&w->writer);
}

char *
lane_worker_reserve(struct lane_worker *w, size_t size)
{
	if (w->writer.open && ring_writer_left(&w->writer) < size)
		publish(w, 0, LANE_MORE, 0);
	if (!w->writer.open)
		open_frame(w);
	return ring_writer_text(&w->writer);
}

void
lane_worker_advance(struct lane_worker *w, size_t size)
{
	w->writer.length += (uint32_t)size;
}

void
lane_worker_write(struct lane_worker *w, const void *text, size_t size)
{
	const char *from = text;

	while (size > 0) {
		size_t part = size;
		char *to;

		if (w->writer.open && ring_writer_left(&w->writer) == 0)
			publish(w, 0, LANE_MORE, 0);
		if (!w->writer.open)
			open_frame(w);
		to = ring_writer_text(&w->writer);
		if (part > ring_writer_left(&w->writer))
			part = ring_writer_left(&w->writer);
		memcpy(to, from, part);
		lane_worker_advance(w, part);
		from += part;
		size -= part;
	}
}

void
lane_worker_flag(struct lane_worker *w, uint16_t flags)
{
	w->flags |= flags;
}

void
lane_worker_close_frame(struct lane_worker *w)
{
	if (w->writer.open)
		publish(w, 0, LANE_MORE, 0);
}

void
lane_worker_flush(struct lane_worker *w)
{
	if (w->writer.open)
		lane_worker_announce(w);
}

void
lane_worker_announce(struct lane_worker *w)
{
	if (!w->writer.open)
		open_frame(w);
	publish(w, 0, LANE_MORE, 0);
	atomic_thread_fence(memory_order_seq_cst);
	doorbell_ring(w->bell, w->ops);
}

void
lane_worker_remark(struct lane_worker *w, uint16_t flags, const void *words, size_t size)
{
	if (w->writer.open)
		publish(w, 0, LANE_MORE, 0);
	open_frame(w);
	memcpy(ring_writer_text(&w->writer), words, size);
	lane_worker_advance(w, size);
	publish(w, 0, LANE_MORE | flags, 0);
}

void
lane_worker_beat(struct lane_worker *w)
{
	_Atomic uint64_t *beat = &results_words(w)->beat;

	atomic_store_explicit(beat, atomic_load_explicit(beat, memory_order_relaxed) + 1,
	    memory_order_relaxed);
}

void
lane_worker_hit(struct lane_worker *w)
{
	atomic_store_explicit(&results_words(w)->hit, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	doorbell_ring(w->bell, w->ops);
}

void
lane_worker_count(struct lane_worker *w, uint64_t count)
{
	atomic_store_explicit(&slot(w)->count, count, memory_order_relaxed);
	atomic_store_explicit(&slot(w)->counted, lane_tagged(w->sequence, 1), memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&jobs_words(w)->asked, memory_order_relaxed) != 0)
		doorbell_ring(w->bell, w->ops);
}

static bool
is_based(struct lane_worker *w)
{
	return atomic_load_explicit(&jobs_words(w)->based, memory_order_acquire) > w->batch;
}

uint64_t
lane_worker_base(struct lane_worker *w)
{
	wait_for(w, LANE_WANTS_BASE, is_based);
	return atomic_load_explicit(&jobs_words(w)->bases[w->batch % LANE_SLOTS],
	    memory_order_relaxed);
}

static void
publish_totals(struct lane_worker *w)
{
	uint64_t words[LANE_TOTALS];

	memcpy(words, &w->totals, sizeof(words));
	for (size_t i = 0; i < LANE_TOTALS; i++)
		atomic_store_explicit(&results_words(w)->totals[i], words[i], memory_order_relaxed);
}

void
lane_worker_commit(struct lane_worker *w, uint16_t kind, uint16_t flags, uint32_t value)
{
	if (!w->writer.open && (kind != 0 || (flags | w->flags) != 0))
		open_frame(w);
	if (w->writer.open)
		publish(w, kind, flags, value);
	w->flags = 0;
	w->file++;
	publish_totals(w);
	atomic_store_explicit(&slot(w)->committed, lane_tagged(w->sequence, w->file),
	    memory_order_release);
	if (w->file < w->files)
		return;
	w->batch++;
	atomic_thread_fence(memory_order_seq_cst);
	if (w->batch >= atomic_load_explicit(&jobs_words(w)->notify, memory_order_relaxed))
		doorbell_ring(w->bell, w->ops);
}
