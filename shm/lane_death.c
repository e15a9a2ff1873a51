#include "lane_death.h"

#include <stdlib.h>
#include <string.h>

#include "lane_private.h"

/* The worker is dead: what it counted is kept, and the next one starts from nothing. */
static void
keep_totals(struct lane_parent *l)
{
	struct lane_totals sum = { 0 };

	lane_parent_totals(l, &sum);
	l->totals = sum;
	for (size_t i = 0; i < LANE_TOTALS; i++)
		atomic_store_explicit(&lane_results_words(l)->totals[i], 0, memory_order_relaxed);
}

static void
lose(struct lane_parent *l, struct lane_loss *loss, struct lane_batch *b, uint32_t first,
    uint32_t end)
{
	*loss = (struct lane_loss){ b, first, end - first };
	lane_set_done(l, b, end);
}

/* Frames of the front batch made no sense: drops the unread ones. */
static size_t
lose_torn(struct lane_parent *l, struct lane_loss *loss)
{
	struct lane_batch *b = lane_batch_of(l, l->front);
	uint32_t first = b->next;

	l->torn = false;
	l->reader.pos = l->front < l->work ? b->end : l->reader.end;
	if (first == b->files)
		return 0;
	b->next = b->done > first ? b->done : first + 1;
	lose(l, loss, b, first, b->next);
	return 1;
}

/* A dead worker's last words on a batch. Returns whether a file is lost. */
static bool
last_words(struct lane_parent *l, struct lane_batch *b, struct lane_slot *slot)
{
	uint32_t started;

	if (lane_load_progress(l, b, slot) == -1)
		return true;
	return lane_load_tagged(&slot->started, b, &started) && started > b->done;
}

/*
 * Leaves in the slots nothing of a dead worker, which may have claimed batches
 * that it was never dealt.  What was believed of it is in private memory.
 */
static void
clear_slots(struct lane_parent *l)
{
	struct lane_slot *slots = lane_results_words(l)->slots;

	for (size_t i = 0; i < LANE_SLOTS; i++) {
		atomic_store_explicit(&slots[i].end, l->reader.end, memory_order_relaxed);
		atomic_store_explicit(&slots[i].started, 0, memory_order_relaxed);
		atomic_store_explicit(&slots[i].committed, 0, memory_order_relaxed);
		atomic_store_explicit(&slots[i].counted, 0, memory_order_relaxed);
	}
}

size_t
lane_death_settle(struct lane_parent *l, struct lane_loss losses[LANE_LOSSES_MAX])
{
	struct lane_batch *b;
	size_t count = 0;
	bool lost = false;

	atomic_store_explicit(&lane_results_words(l)->waiting, LANE_AWAKE, memory_order_relaxed);
	/* Batches that it completed since the last look. */
	if (lane_parent_update(l) == -1)
		lost = true;
	if (l->torn)
		count = lose_torn(l, losses);
	if (l->work < l->back) {
		b = lane_batch_of(l, l->work);
		/* A file of which a frame was read is not searched again. */
		if (last_words(l, b, lane_slot_of(l, l->work)) || b->begun > b->done)
			lost |= !l->spared;
		if (lost && b->done < b->files) {
			lose(l, &losses[count], b, b->done, b->done + 1);
			count++;
		}
	}
	l->again = l->spared;
	clear_slots(l);
	keep_totals(l);
	lane_parent_update(l);
	return count;
}

bool
lane_death_spare(struct lane_parent *l)
{
	struct lane_batch *b;

	if (l->again || lane_parent_update(l) == -1 || l->torn || l->work == l->back)
		return false;
	b = lane_batch_of(l, l->work);
	l->spared = last_words(l, b, lane_slot_of(l, l->work)) && b->begun <= b->done &&
	    lane_parent_update(l) == 0;
	return l->spared;
}

size_t
lane_death_forfeit(struct lane_parent *l, struct lane_loss losses[LANE_LOSSES_MAX])
{
	struct lane_batch *b;

	if (l->work == l->back)
		return 0;
	b = lane_batch_of(l, l->work);
	lose(l, losses, b, b->done, b->done + 1);
	lane_parent_update(l);
	return 1;
}

size_t
lane_death_take_over(struct lane_parent *l, struct lane_loss losses[LANE_LOSSES_MAX])
{
	struct lane_batch *b;
	size_t count = 0;

	l->spared = false;
	if (l->work == l->back)
		return 0;
	b = lane_batch_of(l, l->work);
	/* What there is of it would stand before what the next worker finds. */
	if (b->begun > b->done)
		count = lane_death_forfeit(l, losses);
	else
		b->next = b->done;
	return count;
}

int
lane_death_replace(struct lane_parent *l)
{
	const size_t held = (size_t)(l->reader.end - l->reader.drained);
	struct region *retired = reallocarray(l->retired, l->retired_count + 1, sizeof(*retired));
	struct region fresh;

	if (retired == NULL)
		return -1;
	l->retired = retired;
	if (lane_create_results(&fresh, &l->config) == -1)
		return -1;
	memcpy(region_at(&fresh, l->reader.drained), region_at(&l->results, l->reader.drained), held);
	retired[l->retired_count++] = l->results;
	l->results = fresh;
	clear_slots(l);
	return 0;
}
