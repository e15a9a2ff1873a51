#include "state.h"

#include <errno.h>

#include "pool/signals.h"

enum {
	/* How long results may lie before they are looked for, unasked. */
	PATIENCE_MAX_MS = 250,
	/* How long until a source that was dry is asked again. */
	DRY_MS = 20,
	/* At the end, how long workers get to exit by themselves. */
	FAREWELL_MS = 200,
};

bool
wait_hit(const struct pool *p)
{
	if (!p->options->until_hit)
		return false;
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].opened && lane_parent_hit(&p->lanes[i].shared))
			return true;
	return false;
}

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
		if (!p->source_ended && lane_parent_backlog(&l->shared) < state_backlog_low(p) &&
		    !lane_parent_fits(&l->shared, p->has_batch ? p->batch.size : 0))
			return true;
	}
	return false;
}

/* Tells each worker when to ring. */
static void
set_notify(struct pool *p)
{
	const struct pool_lane *front = p->next != p->dealt ? state_owner(p, p->next) : NULL;
	bool urgent = is_urgent(p);

	relay_ask(p);
	for (unsigned int i = 0; i < p->options->lanes; i++) {
		struct lane_parent *l = &p->lanes[i].shared;
		uint64_t inflight = l->back - l->work;

		if (!p->lanes[i].opened || inflight == 0)
			continue;
		/* A source that is dry may have something when a batch is told. */
		if (p->dry || (urgent && &p->lanes[i] == front))
			lane_parent_notify(l, inflight - 1);
		else
			lane_parent_notify(l, p->source_ended ? 0 : inflight / 4);
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
		if (lane_parent_backlog(&l->shared) < state_backlog_low(p) &&
		    lane_parent_fits(&l->shared, p->has_batch ? p->batch.size : 0))
			hungry = true;
	}
	if ((hungry && !p->source_ended && !p->dry) || relay_is_ready(p))
		return true;
	return p->next != p->dealt && (lane_parent_finished(&state_owner(p, p->next)->shared) ||
	    lane_parent_readable(&state_owner(p, p->next)->shared));
}

static struct timespec
deadline_at(int64_t at)
{
	return (struct timespec){ .tv_sec = at / 1000000000, .tv_nsec = at % 1000000000 };
}

/* When to look again in any case: patience ends, or a new worker may be tried. */
static int64_t
next_look(const struct pool *p)
{
	const int64_t now = supervise_now(), timeout = p->options->file_timeout;
	int64_t at = now + p->patience_ms * 1000000;

	/* Nothing else tells that there is news of it. */
	if (p->dry && now + (int64_t)DRY_MS * 1000000 < at)
		at = now + (int64_t)DRY_MS * 1000000;

	if (timeout > 0 && now + timeout / 4 < at)
		at = now + timeout / 4;
	if (p->options->deadline != 0 && !p->expired && p->options->deadline < at)
		at = p->options->deadline;

	for (unsigned int i = 0; i < p->options->lanes; i++) {
		const struct pool_lane *l = &p->lanes[i];

		if (supervise_startable(l) && l->start_after < at)
			at = l->start_after;
	}
	return at;
}

void
wait_for_news(struct pool *p, uint32_t alarm)
{
	struct timespec deadline = deadline_at(next_look(p));
	uint32_t armed;

	set_notify(p);
	armed = doorbell_arm(p->bell);
	if (!is_ready(p) && !wait_hit(p) && signals_ended() == 0 &&
	    doorbell_wait(p->bell, armed, signals_alarm(), alarm, &deadline, futex_kernel()) == -1 &&
	    errno == ETIMEDOUT) {
		p->patience_ms = p->patience_ms * 2 < PATIENCE_MAX_MS ? p->patience_ms * 2
		    : PATIENCE_MAX_MS;
		p->reap = true;
		p->client->idle(p->client->ctx);
	}
	doorbell_disarm(p->bell);
}

void
wait_farewell(struct pool *p)
{
	int64_t until = supervise_now() + (int64_t)FAREWELL_MS * 1000000;
	bool some = true;

	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].pid != 0)
			lane_parent_end(&p->lanes[i].shared);
	while (some && supervise_now() < until) {
		const struct timespec deadline = deadline_at(until);
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
