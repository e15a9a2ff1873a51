#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "emit/report.h"

enum {
	STRIKES_MAX = 3,
	REFUSALS_MAX = 40, /* with the pauses, about four seconds */
	PAUSE_MS = 5,
	PAUSE_MAX_MS = 120,
};

int64_t
supervise_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Longer after each failure in a row. */
static void
pause_lane(struct pool_lane *l, unsigned int failures)
{
	int64_t ms = (int64_t)PAUSE_MS * failures;

	l->start_after = supervise_now() + (ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS) * 1000000;
}

/* Keeps the list in order; a file that is listed already stays as it is. */
static void
add_loss(struct pool_lane *l, const struct loss *loss)
{
	size_t at = l->loss_count;

	while (at > 0 && ((int32_t)(l->losses[at - 1].sequence - loss->sequence) > 0 ||
	    (l->losses[at - 1].sequence == loss->sequence && l->losses[at - 1].file >= loss->file)))
		at--;
	if (at < l->loss_count && l->losses[at].sequence == loss->sequence &&
	    l->losses[at].file == loss->file)
		return;
	if (l->loss_count == l->loss_capacity) {
		size_t capacity = l->loss_capacity ? 2 * l->loss_capacity : 16;
		struct loss *bigger = reallocarray(l->losses, capacity, sizeof(*bigger));

		/* A loss that cannot be noted must not pass for a searched file. */
		if (bigger == NULL)
			abort();
		l->losses = bigger;
		l->loss_capacity = capacity;
	}
	memmove(l->losses + at + 1, l->losses + at, (l->loss_count - at) * sizeof(*l->losses));
	l->losses[at] = *loss;
	l->loss_count++;
}

static void
add_losses(struct pool_lane *l, const struct lane_loss *losses, size_t count,
    enum file_status status, uint32_t value)
{
	for (size_t i = 0; i < count; i++)
		for (uint32_t n = 0; n < losses[i].count; n++) {
			struct loss loss = { losses[i].batch->sequence, losses[i].first + n,
				status, value };

			add_loss(l, &loss);
		}
}

bool
supervise_take_loss(struct pool_lane *l, uint32_t sequence, uint32_t below, struct loss *loss)
{
	if (l->loss_count == 0 || l->losses[0].sequence != sequence || l->losses[0].file >= below)
		return false;
	*loss = l->losses[0];
	l->loss_count--;
	memmove(l->losses, l->losses + 1, l->loss_count * sizeof(*l->losses));
	return true;
}

/* No process can be had: all that the lane was dealt is lost. */
static void
abandon(struct pool_lane *l)
{
	struct lane_loss loss[LANE_LOSSES_MAX];
	size_t count;

	l->abandoned = true;
	while ((count = lane_parent_forfeit(&l->shared, loss)) > 0)
		add_losses(l, loss, count, STATUS_UNDONE, UNDONE_NO_WORKER);
}

int
supervise_start(struct pool_lane *l)
{
	int saved;

	if (l->pid != 0 || l->abandoned || lane_parent_backlog(&l->shared) == 0 ||
	    supervise_now() < l->start_after)
		return 0;
	l->start_done = l->shared.files_done;
	l->pid = process_start(&l->process, &l->shared);
	if (l->pid > 0) {
		l->refusals = 0;
		return 0;
	}
	saved = errno;
	l->pid = 0;
	pause_lane(l, ++l->refusals);
	if (l->refusals < REFUSALS_MAX)
		return 0;
	abandon(l);
	errno = saved;
	return -1;
}

static void
settle(struct pool_lane *l, uint32_t death)
{
	struct lane_loss losses[LANE_LOSSES_MAX];
	size_t count = lane_parent_settle(&l->shared, losses);

	l->pid = 0;
	add_losses(l, losses, count, STATUS_CRASHED, death);
	if (l->shared.files_done != l->start_done) {
		l->strikes = 0;
		return;
	}
	pause_lane(l, ++l->strikes);
	if (l->strikes < STRIKES_MAX)
		return;
	count = lane_parent_forfeit(&l->shared, losses);
	add_losses(l, losses, count, STATUS_CRASHED, death);
	l->strikes = 0;
}

bool
supervise_reap(struct pool_lane *l)
{
	siginfo_t info = { .si_pid = 0 };

	if (l->pid == 0 || waitid(P_PID, (id_t)l->pid, &info, WEXITED | WNOHANG) == -1 ||
	    info.si_pid == 0)
		return false;
	settle(l, report_death(info.si_code, info.si_status));
	return true;
}

static void
kill_and_wait(pid_t pid)
{
	siginfo_t info;

	kill(pid, SIGKILL);
	while (waitid(P_PID, (id_t)pid, &info, WEXITED) == -1 && errno == EINTR)
		continue;
}

void
supervise_violation(struct pool_lane *l)
{
	if (l->pid != 0)
		kill_and_wait(l->pid);
	settle(l, report_violation());
}

void
supervise_kill(struct pool_lane *l)
{
	if (l->pid != 0)
		kill_and_wait(l->pid);
	l->pid = 0;
}
