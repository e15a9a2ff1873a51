#include "state.h"

#include "pool/signals.h"

/* A look at one lane. */
static void
look_at(const struct pool_lane *l, struct pool_look *look)
{
	/* A file in ranges is one, and done with the last of them. */
	look->files += l->shared.files_done - l->shared.links_done;
	lane_parent_totals(&l->shared, &look->totals);
	if (l->pid == 0 || l->busy <= look->slow_for || lane_parent_work(&l->shared) == NULL)
		return;
	look->slow = lane_parent_work(&l->shared);
	look->slow_for = l->busy;
}

void
look_around(const struct pool *p)
{
	struct pool_look look = { .lost = p->stats->lost };
	bool asked = signals_asked();

	if (!asked && !p->client->curious(p->client->ctx))
		return;
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].opened)
			look_at(&p->lanes[i], &look);
	if (p->next != p->dealt)
		look.front = lane_parent_front(&state_owner(p, p->next)->shared);
	p->client->look(p->client->ctx, &look, asked);
}
