#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "emit/report.h"
#include "shm/lane_death.h"

enum {
	STRIKES_MAX = 3,
	REFUSALS_MAX = 40, /* with the pauses, about four seconds */
	PAUSE_MS = 5,
	PAUSE_MAX_MS = 120,
	KILL_PATIENCE_MS = 600,
	KILL_HASTE_MS = 20,
};

int64_t
supervise_now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int
supervise_open(struct pool_lane *l, size_t losses)
{
	const size_t size = losses * sizeof(*l->losses);
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return -1;
	/* If that fails, workers have more page tables than they need. */
	madvise(map, size, MADV_DONTFORK);
	l->losses = map;
	l->loss_bytes = size;
	return 0;
}

void
supervise_close(struct pool_lane *l)
{
	if (l->losses != NULL)
		munmap(l->losses, l->loss_bytes);
	l->losses = NULL;
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

void
supervise_forfeit(struct pool_lane *l, enum undone_reason reason)
{
	struct lane_loss loss[LANE_LOSSES_MAX];
	size_t count;

	l->abandoned = true;
	while ((count = lane_death_forfeit(&l->shared, loss)) > 0)
		add_losses(l, loss, count, STATUS_UNDONE, reason);
}

bool
supervise_startable(const struct pool_lane *l)
{
	return l->opened && !l->abandoned && l->pid == 0 && lane_parent_backlog(&l->shared) > 0 &&
	    lane_death_vacant(&l->shared);
}

int
supervise_start(struct pool_lane *l)
{
	struct lane_loss loss[LANE_LOSSES_MAX];
	int saved;

	if (!supervise_startable(l) || supervise_now() < l->start_after)
		return 0;
	add_losses(l, loss, lane_death_take_over(&l->shared, loss), STATUS_CRASHED,
	    report_violation());
	if (lane_parent_backlog(&l->shared) == 0)
		return 0;
	l->start_done = l->shared.files_done;
	l->pid = process_start(&l->process, &l->shared);
	if (l->pid > 0) {
		l->refusals = 0;
		l->noted = false;
		l->watched = false;
		l->stats->started++;
		return 0;
	}
	saved = errno;
	l->pid = 0;
	pause_lane(l, ++l->refusals);
	if (l->refusals < REFUSALS_MAX)
		return 0;
	supervise_forfeit(l, UNDONE_NO_WORKER);
	errno = saved;
	return -1;
}

void
supervise_note(struct pool_lane *l)
{
	const struct sandbox_report *r = &l->process.reports.list[l->process.number];
	uint32_t state = atomic_load_explicit(&r->state, memory_order_acquire);
	struct pool_stats *stats = l->stats;

	if (l->noted || state == SANDBOX_STARTING)
		return;
	l->noted = true;
	if (r->error != 0) {
		stats->sandbox_error = r->error;
		stats->sandbox_step = (enum sandbox_step)r->step;
		if (r->step == SANDBOX_STEP_JAIL)
			sandbox_give_up_jail(l->process.sandbox);
	}
	if (state == SANDBOX_REFUSED) {
		/* Where others could work, it is one more worker that dies at its start. */
		l->refused = stats->filtered == 0;
		return;
	}
	stats->views[r->view]++;
	stats->filtered += r->filtered;
}

static void
settle(struct pool_lane *l, enum file_status status, uint32_t value)
{
	struct lane_loss losses[LANE_LOSSES_MAX];
	size_t count = lane_death_settle(&l->shared, losses);

	l->pid = 0;
	add_losses(l, losses, count, status, value);
	if (l->shared.files_done != l->start_done) {
		l->strikes = 0;
		return;
	}
	pause_lane(l, ++l->strikes);
	if (l->strikes < STRIKES_MAX)
		return;
	count = lane_death_forfeit(&l->shared, losses);
	add_losses(l, losses, count, status, value);
	l->strikes = 0;
}

/* Whether it died of what its code did. */
static bool
is_fault(const siginfo_t *info)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };

	if (info->si_code != CLD_KILLED && info->si_code != CLD_DUMPED)
		return false;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (info->si_status == faults[i])
			return true;
	return false;
}

bool
supervise_reap(struct pool_lane *l)
{
	siginfo_t info = { .si_pid = 0 };

	if (l->pid == 0 || waitid(P_PID, (id_t)l->pid, &info, WEXITED | WNOHANG) == -1 ||
	    info.si_pid == 0)
		return false;
	supervise_note(l);
	if (l->repeats && is_fault(&info) && lane_death_spare(&l->shared))
		l->stats->repeated++;
	if (info.si_code != CLD_EXITED || info.si_status != 0 || lane_parent_backlog(&l->shared) > 0)
		l->stats->lost++;
	settle(l, STATUS_CRASHED, report_death(info.si_code, info.si_status));
	return true;
}

/*
 * Ends the worker; whether it is dead.  Where one does not die, on a dead
 * mount, others will not: these are not waited for as long.
 */
static bool
end_worker(struct pool_lane *l)
{
	if (process_kill(l->pid, l->stats->abandoned == 0 ? KILL_PATIENCE_MS : KILL_HASTE_MS))
		return true;
	l->stats->abandoned++;
	return false;
}

/* Ends the worker, and settles what it had in hand. */
static void
condemn(struct pool_lane *l, enum file_status status, uint32_t value)
{
	bool dead = l->pid == 0 || end_worker(l);

	supervise_note(l);
	l->stats->lost += l->pid != 0;
	settle(l, status, value);
	if (!dead && lane_death_replace(&l->shared) == -1)
		supervise_forfeit(l, UNDONE_NO_WORKER);
}

void
supervise_violation(struct pool_lane *l)
{
	condemn(l, STATUS_CRASHED, report_violation());
}

void
supervise_time_out(struct pool_lane *l, enum timeout_reason reason)
{
	condemn(l, STATUS_TIMED_OUT, reason);
}

void
supervise_retire(struct pool_lane *l)
{
	bool dead;

	if (l->pid == 0)
		return;
	dead = end_worker(l);
	supervise_note(l);
	settle(l, STATUS_CRASHED, report_violation());
	l->strikes = 0;
	l->start_after = 0;
	if (!dead && lane_death_replace(&l->shared) == -1)
		supervise_forfeit(l, UNDONE_NO_WORKER);
}

void
supervise_kill(struct pool_lane *l)
{
	if (l->pid != 0)
		end_worker(l);
	if (l->opened)
		supervise_note(l);
	l->pid = 0;
}
