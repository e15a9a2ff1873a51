#include "state.h"

#include <signal.h>

enum {
	/* Looks in a time-out, at least: a longer time between two was spent elsewhere. */
	LOOKS = 4,
	/*
	 * A worker says itself that a long file gets on.  One that an attacker
	 * owns may say so for ever: so many times the time-out are the end.
	 */
	BUSY_TIMEOUTS = 100,
};

/*
 * Whether the worker has had its time.  passed is what has passed since the
 * last look, in ns; it counts where nothing has changed in between.
 */
static bool
is_overdue(struct pool_lane *l, int64_t passed, int64_t timeout)
{
	const struct lane_parent *shared = &l->shared;
	const uint64_t progress = lane_parent_progress(shared);
	const bool blocked = lane_parent_blocked(shared) || lane_parent_wants_base(shared);
	const bool begun = !l->watched || shared->files_done != l->files_done ||
	    lane_parent_backlog(shared) == 0;

	if (begun)
		l->busy = 0;
	else if (!blocked)
		l->busy += passed;
	if (begun || blocked || progress != l->progress)
		l->quiet = 0;
	else
		l->quiet += passed;
	l->watched = true;
	l->progress = progress;
	l->files_done = shared->files_done;
	return l->quiet >= timeout || l->busy / BUSY_TIMEOUTS >= timeout;
}

static void
watch_lane(struct pool *p, struct pool_lane *l, int64_t passed, bool *moved)
{
	const struct lane_batch *batch;

	if (!l->opened || l->pid == 0 || !is_overdue(l, passed, p->options->file_timeout))
		return;
	batch = lane_parent_work(&l->shared);
	l->quiet = l->busy = 0;
	if (batch == NULL || p->client->is_patient(p->client->ctx, batch, batch->done))
		return;
	supervise_time_out(l, TIMEOUT_FILE);
	*moved = true;
}

/* The run has had its time: what is being searched has timed out, the rest is not reached. */
static void
expire(struct pool *p)
{
	p->expired = true;
	p->stats->cut = !p->source_ended;
	/* All at once, and only then each: some may take their time to die. */
	for (unsigned int i = 0; i < p->options->lanes; i++)
		if (p->lanes[i].pid != 0 && lane_parent_backlog(&p->lanes[i].shared) > 0)
			kill(p->lanes[i].pid, SIGKILL);
	for (unsigned int i = 0; i < p->options->lanes; i++) {
		struct pool_lane *l = &p->lanes[i];

		if (!l->opened)
			continue;
		if (l->pid != 0 && lane_parent_backlog(&l->shared) > 0)
			supervise_time_out(l, TIMEOUT_DEADLINE);
		supervise_forfeit(l, UNDONE_DEADLINE);
	}
}

void
watch_lanes(struct pool *p, bool *moved)
{
	const int64_t now = supervise_now(), longest = p->options->file_timeout / LOOKS;
	const int64_t passed = now - p->watched < longest ? now - p->watched : longest;

	p->watched = now;
	if (p->options->deadline != 0 && now >= p->options->deadline && !p->expired) {
		expire(p);
		*moved = true;
	}
	if (p->options->file_timeout == 0)
		return;
	for (unsigned int i = 0; i < p->options->lanes; i++)
		watch_lane(p, &p->lanes[i], passed, moved);
}
