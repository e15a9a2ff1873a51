#include "state.h"

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

/* Tells what there is of the front batch, as far as output takes it. Returns 1 when it is finished. */
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
		if (p->client->full(p->client->ctx)) {
			*moved = true;
			return 0;
		}
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
	/* While its count can be had. */
	if (p->summed == p->next)
		relay_sums(p);
	lane_parent_finish(&l->shared);
	p->next++;
	*moved = true;
	return 1;
}

int
collect_ready(struct pool *p, bool *moved)
{
	/* One flush and no more: whoever fills the ring as fast as it drains must not rule the loop. */
	while (p->next != p->dealt && collect_front(p, state_owner(p, p->next), moved) == 1)
		continue;
	return flush(p);
}
