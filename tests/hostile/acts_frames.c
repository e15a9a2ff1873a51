/* What an evil worker does with frames, their text and the end of its ring. */
#include <signal.h>
#include <string.h>

#include "emit/status.h"
#include "evil.h"

/* Divides all rings. */
enum { LAP_FRAME = 1024 };

enum { RACE_FRAMES = 400 };

static const char evil_text[] = "\033[31mEVIL\007 \377\302 says\n";

/* Bytes of the ring that this process may write now. */
static uint64_t
room(const struct evil *e)
{
	const struct lane_worker *w = e->lane;
	const struct lane_jobs *jobs = (const void *)w->jobs.base;

	return w->results.ring - (w->writer.pos - atomic_load(&jobs->drained));
}

/* Waits a moment for room; the parent may have better to do. */
static bool
has_room(struct evil *e, uint64_t size)
{
	int64_t start = 0;

	while (room(e) < size)
		if (evil_enough(&start, 5))
			return false;
	return true;
}

/* Writes a frame behind the last, of so much text, whatever the header says. */
static void
put(struct evil *e, const struct frame *frame, size_t text)
{
	struct lane_worker *w = e->lane;
	size_t size = (sizeof(*frame) + text + RING_ALIGN - 1) & ~(size_t)(RING_ALIGN - 1);
	char *at = region_at(&w->results, w->writer.pos);

	if (!has_room(e, size))
		return;
	for (size_t i = 0; i < text; i++)
		at[sizeof(*frame) + i] = evil_text[i % (sizeof(evil_text) - 1)];
	memcpy(at, frame, sizeof(*frame));
	w->writer.pos += size;
	w->writer.open = false;
	w->writer.length = 0;
}

static void
publish(struct evil *e)
{
	atomic_store_explicit(&evil_slot(e)->end, e->lane->writer.pos, memory_order_release);
}

/* A frame as an honest worker could write it of the file in hand. */
static struct frame
plain(struct evil *e, uint32_t length, uint16_t flags)
{
	return (struct frame){ .length = length, .item = e->lane->file, .flags = flags,
		.kind = STATUS_SEARCHED, .value = (uint32_t)evil_random(e) };
}

void
frames_scrub(struct evil *e)
{
	struct lane_worker *w = e->lane;
	uint64_t at = w->writer.pos, size;
	const struct frame f = plain(e, 40, evil_below(e, 2) ? LANE_MORE : 0);
	bool alike = evil_below(e, 2);

	if (w->writer.open)
		at += (sizeof(f) + w->writer.length + RING_ALIGN - 1) & ~(uint64_t)(RING_ALIGN - 1);
	if (room(e) < RING_FRAME_MAX)
		return;
	size = room(e) - (at - w->writer.pos);
	evil_garble(e, region_at(&w->results, at), size);
	for (uint64_t i = 0; alike && i + 56 <= size; i += 56)
		memcpy(region_at(&w->results, at + i), &f, sizeof(f));
}

static void
impossible_length(struct evil *e)
{
	static const uint32_t lengths[] = { UINT32_MAX, UINT32_MAX - 15, UINT32_MAX - 22, 1U << 31,
		RING_TEXT_MAX + 1, RING_TEXT_MAX, 41, 48, 1 };
	struct frame f = plain(e, lengths[evil_below(e, 9)], LANE_MORE);

	put(e, &f, evil_below(e, 2) * 40);
	publish(e);
}

static void
strange_kind(struct evil *e)
{
	struct frame f = plain(e, 24, 0);

	f.kind = (uint16_t)(evil_below(e, 2) ? evil_random(e) : evil_below(e, STATUS_COUNT + 2));
	f.value = (uint32_t)(evil_below(e, 2) ? evil_random(e) : evil_below(e, 8));
	put(e, &f, 24);
	publish(e);
}

static void
strange_flags(struct evil *e)
{
	for (int i = 0; i < 4; i++) {
		const struct frame f = plain(e, 24, (uint16_t)evil_random(e));

		put(e, &f, 24);
	}
	publish(e);
}

/* All that is written of a file, and nothing as well, begins a group. */
static void
group_everywhere(struct evil *e)
{
	for (int i = 0; i < 6; i++) {
		uint32_t length = evil_below(e, 2) ? 24 : 0;
		const struct frame f = plain(e, length, FRAME_GROUP | LANE_MORE);

		put(e, &f, length);
	}
	publish(e);
	lane_worker_flag(e->lane, FRAME_GROUP);
}

/* Of a file before, behind or far from the one in hand. */
static void
other_item(struct evil *e)
{
	struct lane_worker *w = e->lane;

	for (uint64_t n = 1 + evil_below(e, 3); n > 0; n--) {
		struct frame f = plain(e, 24, evil_below(e, 2) ? LANE_MORE : 0);

		switch (evil_below(e, 4)) {
		case 0: f.item = (uint32_t)evil_random(e); break;
		case 1: f.item = w->files + (uint32_t)evil_below(e, 2); break;
		case 2: f.item = (uint32_t)evil_below(e, w->files + 1); break;
		default: f.item = w->file + 1 + (uint32_t)evil_below(e, 2); break;
		}
		f.kind = (uint16_t)evil_below(e, STATUS_COUNT);
		put(e, &f, 24);
	}
	publish(e);
}

/* Of every file of the batch, the ones before it took over first. */
static void
every_item(struct evil *e)
{
	for (uint32_t i = 0; i < e->lane->files; i++) {
		struct frame f = plain(e, 24, 0);

		f.item = i;
		f.kind = (uint16_t)evil_below(e, STATUS_COUNT);
		f.value = (uint32_t)evil_below(e, 3);
		put(e, &f, 24);
	}
	publish(e);
}

static void
replay(struct evil *e)
{
	struct lane_worker *w = e->lane;
	uint64_t written = w->writer.pos - e->own, size;

	if (written == 0 || written > w->results.ring / 2 || !has_room(e, written))
		return;
	size = evil_below(e, 2) ? written : (1 + evil_below(e, written)) & ~(uint64_t)7;
	memmove(region_at(&w->results, w->writer.pos), region_at(&w->results, w->writer.pos - size),
	    size);
	w->writer.pos += size;
	w->writer.open = false;
	w->writer.length = 0;
	publish(e);
}

static void
flood_of_more(struct evil *e)
{
	const struct frame f = plain(e, 0, LANE_MORE);

	for (int i = 0; i < 20000; i++) {
		put(e, &f, 0);
		publish(e);
	}
}

static void
endless_text(struct evil *e)
{
	const struct frame f = plain(e, 8000, LANE_MORE);

	for (int i = 0; i < 300; i++) {
		put(e, &f, 8000);
		publish(e);
		doorbell_ring(e->lane->bell, e->lane->ops);
	}
}

static void
torn_text(struct evil *e)
{
	const struct frame f = plain(e, 20, evil_below(e, 2) ? LANE_MORE : 0);

	put(e, &f, 20);
	publish(e);
}

/* The last frame of a file, again and again. */
static void
many_lasts(struct evil *e)
{
	for (uint64_t n = 2 + evil_below(e, 3); n > 0; n--) {
		struct frame f = plain(e, 24, FRAME_SELECTED);

		f.kind = (uint16_t)evil_below(e, STATUS_COUNT);
		put(e, &f, 24);
	}
	publish(e);
}

/* The file's last frame, as if it had never been begun; then it is begun anew. */
static void
last_unbegun(struct evil *e)
{
	const struct frame f = plain(e, 24, 0);

	put(e, &f, 24);
	atomic_store(&evil_slot(e)->started, lane_tagged(e->lane->sequence, e->lane->file));
	publish(e);
	if (evil_below(e, 2))
		raise(SIGKILL);
}

/* Committed first, its frames later. */
static void
commit_before_frames(struct evil *e)
{
	struct frame f = plain(e, 24, 0);

	atomic_store(&evil_slot(e)->committed, lane_tagged(e->lane->sequence, e->lane->file + 1));
	doorbell_ring(e->lane->bell, e->lane->ops);
	for (int64_t start = 0; !evil_enough(&start, (int64_t)evil_below(e, 3));)
		continue;
	put(e, &f, 24);
	publish(e);
}

static void
set_end(struct evil *e, uint64_t end)
{
	atomic_store_explicit(&evil_slot(e)->end, end, memory_order_release);
	doorbell_ring(e->lane->bell, e->lane->ops);
}

static void
end_beyond(struct evil *e)
{
	uint64_t beyond = room(e) + 8 + evil_below(e, 4) * 8;

	set_end(e, evil_below(e, 2) ? e->lane->writer.pos + beyond : evil_random(e) & ~(uint64_t)7);
}

/* Makes the whole ring frames of one file, which could be read round and round. */
static void
fill_with_frames(struct evil *e)
{
	struct lane_worker *w = e->lane;
	const struct frame f = plain(e, LAP_FRAME - sizeof(f), LANE_MORE);

	for (uint64_t at = 0; at < w->results.ring; at += LAP_FRAME) {
		memset(region_at(&w->results, w->writer.pos + at), '\n', LAP_FRAME);
		memcpy(region_at(&w->results, w->writer.pos + at), &f, sizeof(f));
	}
}

static void
end_many_laps(struct evil *e)
{
	fill_with_frames(e);
	set_end(e, e->lane->writer.pos + ((uint64_t)1 << 40));
}

/*
 * The batch in hand is whole, the next one too, and ends before it: where the
 * parent has read already, and has not given back.
 */
static void
end_back_in_queue(struct evil *e)
{
	struct lane_worker *w = e->lane;
	const struct lane_jobs *jobs = (const void *)w->jobs.base;
	struct lane_slot *next = &evil_words(e)->slots[(w->batch + 1) % LANE_SLOTS];
	const struct lane_batch_head *head = (const void *)region_at(&w->jobs, w->at);

	if (w->file >= w->files || atomic_load(&jobs->dealt) <= w->batch + 1 ||
	    !has_room(e, w->results.ring))
		return;
	log_queue(e, e->logged == w->batch + 1);
	fill_with_frames(e);
	w->writer.pos += 4 * LAP_FRAME;
	atomic_store(&next->end, w->writer.pos - 2 * LAP_FRAME);
	atomic_store(&next->committed, lane_tagged(head->sequence, head->files));
	publish(e);
	atomic_store(&evil_slot(e)->committed, lane_tagged(w->sequence, w->files));
	doorbell_ring(w->bell, w->ops);
}

static void
end_back(struct evil *e)
{
	set_end(e, evil_below(e, 3) ? e->lane->writer.pos - 8 * (1 + evil_below(e, 8)) : 0);
}

static void
end_unaligned(struct evil *e)
{
	set_end(e, e->lane->writer.pos + 1 + evil_below(e, 7));
}

static void
end_ahead(struct evil *e)
{
	if (room(e) >= RING_FRAME_MAX)
		set_end(e, e->lane->writer.pos + 8 + evil_below(e, room(e) / 8) * 8);
}

/* Ends that come and go while the parent looks. */
static void
end_race(struct evil *e)
{
	const struct frame f = plain(e, 24, LANE_MORE);
	uint64_t end = e->lane->writer.pos;
	int64_t start = 0;

	put(e, &f, 24);
	while (!evil_enough(&start, 3)) {
		atomic_store(&evil_slot(e)->end, e->lane->writer.pos);
		doorbell_ring(e->lane->bell, e->lane->ops);
		atomic_store(&evil_slot(e)->end, evil_random(e) % 64 + end);
		atomic_store(&evil_slot(e)->end, UINT64_MAX - 7);
	}
	publish(e);
}

/* Frames whose headers are other ones for an instant, now and again, while they are read. */
static void
header_race(struct evil *e)
{
	const struct region *ring = &e->lane->results;
	const struct frame f = plain(e, 24, LANE_MORE);
	uint64_t from = e->lane->writer.pos;
	volatile struct frame *before = NULL;
	int64_t start = 0;

	for (int i = 0; i < RACE_FRAMES; i++)
		put(e, &f, 24);
	publish(e);
	doorbell_ring(e->lane->bell, e->lane->ops);
	while (!evil_enough(&start, 12))
		for (uint64_t at = from; at < e->lane->writer.pos; at += sizeof(f) + 24) {
			volatile struct frame *now = (void *)region_at(ring, at);

			if (before != NULL)
				before->length = 24;
			now->length = UINT32_MAX - 100;
			before = now;
		}
}

/* The last text of the batch, which loses its newline after it was looked at. */
static void
text_race(struct evil *e)
{
	struct frame f = plain(e, 16, 0);
	volatile char *last = region_at(&e->lane->results, e->lane->writer.pos) + sizeof(f) + 15;
	int64_t start = 0;

	if (e->lane->files == 0)
		return;
	f.item = e->lane->files - 1;
	put(e, &f, 16);
	*last = '\n';
	publish(e);
	atomic_store(&evil_slot(e)->committed, lane_tagged(e->lane->sequence, e->lane->files));
	doorbell_ring(e->lane->bell, e->lane->ops);
	while (!evil_enough(&start, 12))
		for (int i = 0; i < 50; i++) {
			*last = 'x';
			*last = '\n';
		}
}

const struct act *
acts_on_frames(size_t *count)
{
	static const struct act acts[] = {
		{ "impossible-length", impossible_length, false },
		{ "strange-kind", strange_kind, false },
		{ "strange-flags", strange_flags, false },
		{ "group-everywhere", group_everywhere, false },
		{ "other-item", other_item, false },
		{ "every-item", every_item, false },
		{ "replay", replay, false },
		{ "flood-of-more", flood_of_more, false },
		{ "endless-text", endless_text, false },
		{ "torn-text", torn_text, false },
		{ "many-lasts", many_lasts, false },
		{ "last-unbegun", last_unbegun, false },
		{ "commit-before-frames", commit_before_frames, false },
		{ "end-beyond", end_beyond, false },
		{ "end-many-laps", end_many_laps, false },
		{ "end-back-in-queue", end_back_in_queue, false },
		{ "end-back", end_back, false },
		{ "end-unaligned", end_unaligned, false },
		{ "end-ahead", end_ahead, false },
		{ "end-race", end_race, false },
		{ "header-race", header_race, false },
		{ "text-race", text_race, false },
	};

	*count = sizeof(acts) / sizeof(acts[0]);
	return acts;
}
