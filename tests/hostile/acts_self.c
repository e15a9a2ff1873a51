/* What an evil worker does with its memory, its descriptors and its life. */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "evil.h"

/* A mapping that it was given; whole pages. */
struct given {
	char *at;
	size_t size;
};

static struct given
any_mapping(struct evil *e)
{
	const struct region *jobs = &e->lane->jobs, *results = &e->lane->results;

	switch (evil_below(e, 3)) {
	case 0: return (struct given){ jobs->base, jobs->head + 2 * jobs->ring };
	case 1: return (struct given){ results->base, results->head + 2 * results->ring };
	default: return (struct given){ (void *)e->lane->bell, 4096 };
	}
}

static void
write_to_jobs(struct evil *e)
{
	struct lane_jobs *jobs = (void *)e->lane->jobs.base;

	/* It ends here, if it cannot write there. */
	atomic_store(&jobs->drained, UINT64_MAX);
	atomic_store(&jobs->dealt, UINT64_MAX);
}

static void
unprotect_jobs(struct evil *e)
{
	const struct region *jobs = &e->lane->jobs;

	if (mprotect(jobs->base, jobs->head + 2 * jobs->ring, PROT_READ | PROT_WRITE) == 0)
		evil_garble(e, jobs->base, jobs->head + jobs->ring);
}

static void
unmap(struct evil *e)
{
	struct given m = any_mapping(e);

	munmap(m.at, m.size);
}

static void
remap(struct evil *e)
{
	struct given m = any_mapping(e);
	size_t size = 4096 * (1 + evil_below(e, 600));

	(void)!mremap(m.at, 4096, size, evil_below(e, 2) ? MREMAP_MAYMOVE : 0);
}

static void
protect(struct evil *e)
{
	struct given m = any_mapping(e);

	mprotect(m.at, m.size, evil_below(e, 2) ? PROT_NONE : PROT_READ | PROT_EXEC);
}

static void
advise(struct evil *e)
{
	static const int advice[] = { MADV_REMOVE, MADV_DONTNEED, MADV_DOFORK, MADV_PAGEOUT,
		MADV_DONTDUMP, MADV_COLD };
	struct given m = any_mapping(e);

	madvise(m.at, m.size, advice[evil_below(e, 6)]);
}

/* Standard input and error are whatever the user made them. */
static void
truncate_all(struct evil *e)
{
	(void)e;
	for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
		(void)!ftruncate(fd, 0);
}

/* The code that it runs. */
static void
unmap_itself(struct evil *e)
{
	uintptr_t here = (uintptr_t)unmap_itself & ~(uintptr_t)4095;

	(void)e;
	munmap((void *)here, 4096);
}

static void
exit_with_0(struct evil *e)
{
	(void)e;
	_exit(0);
}

static void
exit_with_any(struct evil *e)
{
	_exit((int)evil_below(e, 256));
}

static void
call_abort(struct evil *e)
{
	(void)e;
	abort();
}

/* Those that stop are apart; not all of the others end it. */
static void
kill_itself(struct evil *e)
{
	int number = 1 + (int)evil_below(e, 64);

	if (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU)
		number = SIGKILL;
	raise(number);
}

static void
stop_itself(struct evil *e)
{
	(void)e;
	raise(SIGSTOP);
}

static void
loop_for_ever(struct evil *e)
{
	for (;;)
		evil_random(e);
}

static void
ring_for_ever(struct evil *e)
{
	for (;;) {
		atomic_fetch_add(&e->lane->bell->word, 2);
		e->lane->ops->wake(e->lane->ops->ctx, &e->lane->bell->word);
	}
}

static void
silence_for_ever(struct evil *e)
{
	for (;;)
		atomic_store(&e->lane->bell->word, 0);
}

static void
sleep_for_ever(struct evil *e)
{
	struct futex_watch watch = { .word = &evil_words(e)->hit, .value = 0 };

	atomic_store(&evil_words(e)->hit, 0);
	for (;;)
		e->lane->ops->wait_any(e->lane->ops->ctx, &watch, 1, NULL);
}

const struct act *
acts_on_self(size_t *count)
{
	static const struct act acts[] = {
		{ "write-to-jobs", write_to_jobs, false },
		{ "unprotect-jobs", unprotect_jobs, false },
		{ "unmap", unmap, false },
		{ "remap", remap, false },
		{ "protect", protect, false },
		{ "advise", advise, false },
		{ "truncate-all", truncate_all, false },
		{ "unmap-itself", unmap_itself, false },
		{ "exit-with-0", exit_with_0, false },
		{ "exit-with-any", exit_with_any, false },
		{ "abort", call_abort, false },
		{ "kill-itself", kill_itself, false },
		{ "stop-itself", stop_itself, true },
		{ "loop-for-ever", loop_for_ever, false },
		{ "ring-for-ever", ring_for_ever, false },
		{ "silence-for-ever", silence_for_ever, false },
		{ "sleep-for-ever", sleep_for_ever, false },
	};

	*count = sizeof(acts) / sizeof(acts[0]);
	return acts;
}
