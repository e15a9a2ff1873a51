#include "state.h"

/* Sums stay far from where they would wrap, whatever workers claim. */
static const uint64_t most = UINT64_MAX / 4;

static uint64_t
clamped(uint64_t count)
{
	return count < most ? count : most;
}

/* Goes past one batch. Returns whether that could be done. */
static bool
pass_one(struct pool *p)
{
	const struct owner *o = &p->owners[p->summed & p->owners_mask];
	struct lane_parent *l = &p->lanes[o->lane].shared;
	uint64_t count = 0;

	if (p->summed == p->dealt)
		return false;
	if (o->chain == POOL_FIRST)
		p->sum = 0;
	if (o->chain != POOL_ALONE && !p->given) {
		lane_parent_give_base(l, o->number, p->sum);
		p->given = true;
	}
	if (o->chain != POOL_ALONE && !lane_parent_counted(l, o->number, &count))
		return false;
	p->sum = clamped(p->sum + clamped(count));
	p->given = false;
	p->summed++;
	return true;
}

void
relay_sums(struct pool *p)
{
	while (pass_one(p))
		continue;
}

static bool
is_wanted(const struct pool *p)
{
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].opened && lane_parent_wants_base(&p->lanes[i].shared))
			return true;
	return false;
}

void
relay_ask(struct pool *p)
{
	struct pool_lane *l = p->summed != p->dealt && is_wanted(p) ? state_owner(p, p->summed)
	    : NULL;

	if (p->asked == l)
		return;
	if (p->asked != NULL)
		lane_parent_ask_count(&p->asked->shared, false);
	if (l != NULL)
		lane_parent_ask_count(&l->shared, true);
	p->asked = l;
}

bool
relay_is_ready(const struct pool *p)
{
	const struct owner *o = &p->owners[p->summed & p->owners_mask];
	uint64_t count;

	if (p->summed == p->dealt || !is_wanted(p))
		return false;
	return p->asked != &p->lanes[o->lane] ||
	    lane_parent_counted(&p->asked->shared, o->number, &count);
}
