/*
 * Waiting and waking: every interleaving of one wait and one ring behind a
 * scripted kernel, the worker's wait in lane_worker_next, and the kernel's
 * own futexes between processes.  Nothing here has a deadline that would hide
 * a lost wake-up: alarm(2) ends a test that hangs.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shm/lane_worker.h"
#include "tap.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

enum {
	GUARD_S = 240,
	PING_ROUNDS = 3000,
	RINGERS = 3,
	RINGS = 5000,
	LANE_ROUNDS = 2000,
	SIGNALS = 200,
	JOBS_RING = 1 << 14,
};

/*
 * A scripted kernel.  on_wait runs before the words are compared, as another
 * process might; asleep runs if they are equal, and must wake the waiter.
 */
struct script {
	struct futex_ops ops;
	void (*on_wait)(void);
	void (*asleep)(void);
	unsigned int waits, sleeps, wakes;
	const _Atomic uint32_t *woken;
	uint32_t waiting; /* what the lane's worker said when the bell was rung */
	struct futex_watch watch[FUTEX_ANY_MAX];
	size_t count;
	const struct timespec *deadline;
};

static struct script script;
static struct doorbell bell;
static _Atomic uint32_t alarm_word;

/* A lane whose two ends are here. */
static struct lane_parent parent;
static struct lane_worker worker;

static int
scripted_wait(void *ctx, const struct futex_watch *watch, size_t count,
    const struct timespec *deadline)
{
	(void)ctx;
	script.waits++;
	script.count = count;
	script.deadline = deadline;
	memcpy(script.watch, watch, count * sizeof(*watch));
	if (script.on_wait != NULL)
		script.on_wait();
	for (size_t i = 0; i < count; i++)
		if (atomic_load(watch[i].word) != watch[i].value) {
			errno = EAGAIN;
			return -1;
		}
	script.sleeps++;
	if (script.asleep == NULL) {
		tap_ok(false, "nothing wakes the waiter");
		_exit(1);
	}
	script.asleep();
	return 0;
}

static void
scripted_wake(void *ctx, _Atomic uint32_t *word)
{
	(void)ctx;
	script.wakes++;
	script.woken = word;
	if (word == &bell.word && parent.results.base != NULL)
		script.waiting = lane_parent_waiting(&parent);
}

/* A new script. */
static const struct futex_ops *
scripted(void (*on_wait)(void), void (*asleep)(void))
{
	script = (struct script){ .on_wait = on_wait, .asleep = asleep,
		.ops = { .wait_any = scripted_wait, .wake = scripted_wake } };
	return &script.ops;
}

static void
do_nothing(void)
{
}

static void
test_words(void)
{
	const struct futex_ops *ops = scripted(NULL, do_nothing);
	const struct timespec deadline = { 1, 2 };
	uint32_t armed;

	atomic_store(&bell.word, 0);
	doorbell_ring(&bell, ops);
	doorbell_ring(&bell, ops);
	tap_ok(script.wakes == 0, "a ring enters no kernel while nobody waits");
	armed = doorbell_arm(&bell);
	tap_ok(armed == atomic_load(&bell.word), "arm returns what the word holds");
	tap_ok(doorbell_wait(&bell, armed, &alarm_word, 0, &deadline, ops) == 0 && script.sleeps == 1,
	    "without a ring the waiter sleeps");
	tap_ok(script.count == 2 && script.watch[0].word == &bell.word &&
	    script.watch[0].value == armed && script.watch[1].word == &alarm_word &&
	    script.watch[1].value == 0 && script.deadline == &deadline,
	    "on the bell first, on the alarm, until the deadline");
	doorbell_ring(&bell, ops);
	tap_ok(script.wakes == 1 && script.woken == &bell.word, "a ring wakes an armed waiter");
	tap_ok(atomic_load(&bell.word) != armed, "and changes the word");
	tap_ok(doorbell_wait(&bell, armed, &alarm_word, 0, &deadline, ops) == -1 && errno == EAGAIN,
	    "so that a wait that comes later returns at once");
	doorbell_ring(&bell, ops);
	tap_ok(script.wakes == 2, "a waiter that is not awake yet is woken again");
	doorbell_disarm(&bell);
	doorbell_ring(&bell, ops);
	tap_ok(script.wakes == 2, "one that is awake is not");
	tap_ok(doorbell_arm(&bell) != armed, "each arm after a ring has a value of its own");
	tap_ok(doorbell_wait(&bell, atomic_load(&bell.word), &alarm_word, 1, NULL, ops) == -1 &&
	    errno == EAGAIN, "an alarm that went off ends the wait");
	doorbell_disarm(&bell);
}

/* The count of rings wraps beside the waiter's bit; and a hostile value does no harm. */
static void
test_values(void)
{
	const struct futex_ops *ops = scripted(NULL, do_nothing);
	uint32_t armed;

	atomic_store(&bell.word, UINT32_MAX - 1);
	armed = doorbell_arm(&bell);
	doorbell_ring(&bell, ops);
	tap_ok(script.wakes == 1 && atomic_load(&bell.word) == 1 && armed == UINT32_MAX,
	    "the count wraps and leaves the waiter's bit");
	doorbell_disarm(&bell);
	tap_ok(atomic_load(&bell.word) == 0, "disarm clears that bit alone");
	armed = doorbell_arm(&bell);
	atomic_store(&bell.word, 0);
	tap_ok(doorbell_wait(&bell, armed, &alarm_word, 0, NULL, ops) == -1,
	    "a bit cleared by someone else ends the wait");
	tap_ok(doorbell_arm(&bell) == 1, "and the next arm sets it");
	doorbell_disarm(&bell);
}

/* One wait and one ring, step by step. */
static struct {
	bool published, saw, asleep, done;
	uint32_t armed;
	unsigned int waiter, ringer; /* steps taken */
} race;

static void
fall_asleep(void)
{
	race.asleep = true;
}

static void
waiter_step(const struct futex_ops *ops)
{
	switch (race.waiter++) {
	case 0:
		race.armed = doorbell_arm(&bell);
		break;
	case 1:
		race.saw = race.published;
		break;
	case 2:
		if (!race.saw)
			doorbell_wait(&bell, race.armed, &alarm_word, 0, NULL, ops);
		break;
	default:
		if (!race.asleep)
			doorbell_disarm(&bell);
		break;
	}
}

static void
ringer_step(const struct futex_ops *ops)
{
	unsigned int before = script.wakes;

	if (race.ringer++ == 0) {
		race.published = true;
		return;
	}
	doorbell_ring(&bell, ops);
	if (script.wakes > before)
		race.asleep = false;
}

/* The waiter's four steps and the ringer's two, in the order that bits give. */
static bool
survives(unsigned int bits)
{
	const struct futex_ops *ops = scripted(NULL, fall_asleep);

	memset(&race, 0, sizeof(race));
	for (int step = 0; step < 6; step++, bits >>= 1)
		if (bits & 1)
			ringer_step(ops);
		else
			waiter_step(ops);
	if (race.asleep)
		return false;
	doorbell_disarm(&bell);
	return true;
}

static void
test_interleavings(void)
{
	unsigned int tried = 0, good = 0;

	for (unsigned int bits = 0; bits < 1U << 6; bits++)
		if (__builtin_popcount(bits) == 2) {
			tried++;
			good += survives(bits);
		}
	tap_ok(tried == 15 && good == tried, "no order of arm, look, wait, publish and ring loses a ring");
}

static bool
open_lane(const struct futex_ops *ops)
{
	const struct lane_config config = { .jobs_ring = JOBS_RING, .jobs_bulk = JOBS_RING,
		.results_ring = RING_SIZE_MIN, .bell = &bell, .ops = ops };

	return lane_parent_open(&parent, &config) == 0 && lane_worker_open(&worker, &parent) == 0;
}

static void
close_lane(void)
{
	/* The descriptors are the parent's. */
	worker.jobs.fd = worker.results.fd = -1;
	region_close(&worker.jobs);
	region_close(&worker.results);
	lane_parent_close(&parent);
}

static void
deal_one(void)
{
	lane_parent_deal(&parent, 7, "bytes", 6, 1);
}

static void
end_lane(void)
{
	lane_parent_end(&parent);
}

static unsigned int calls;

/* The first time nothing, then a batch. */
static void
deal_later(void)
{
	if (calls++ > 0)
		deal_one();
}

static bool
next_is_batch(void)
{
	uint32_t first = 9;
	const char *bytes = lane_worker_next(&worker, &first);

	return bytes != NULL && strcmp(bytes, "bytes") == 0 && first == 0;
}

static bool
next_is_none(void)
{
	uint32_t first;

	return lane_worker_next(&worker, &first) == NULL;
}

/* Opens a lane with a script, checks what next gives, and how it waited. */
static void
try_next(const char *name, void (*on_wait)(void), void (*asleep)(void), bool (*next)(void),
    unsigned int waits, unsigned int sleeps, unsigned int wakes)
{
	bool good;

	calls = 0;
	if (!open_lane(scripted(on_wait, asleep))) {
		tap_ok(false, "%s: the lane opens", name);
		return;
	}
	good = next();
	tap_ok(good && script.waits == waits && script.sleeps == sleeps && script.wakes == wakes,
	    "%s", name);
	if (waits > 0)
		tap_ok(script.count == 1 && script.watch[0].value !=
		    atomic_load(script.watch[0].word) && script.deadline == NULL,
		    "%s: the word slept on has changed", name);
	tap_ok(lane_parent_waiting(&parent) == LANE_AWAKE, "%s: the worker is awake", name);
	close_lane();
}

static bool
next_after_deal(void)
{
	deal_one();
	return script.wakes == 0 && next_is_batch() && script.wakes == 0;
}

static bool
next_after_end(void)
{
	end_lane();
	return script.wakes == 0 && next_is_none();
}

/* A lane that is closed with a batch in it gives that first. */
static bool
next_after_both(void)
{
	deal_one();
	end_lane();
	if (!next_is_batch())
		return false;
	lane_worker_start(&worker);
	lane_worker_commit(&worker, 0, 0, 0);
	return next_is_none();
}

static void
test_worker_waits(void)
{
	try_next("a batch that is there is taken without a wait", NULL, NULL, next_after_deal, 0, 0, 0);
	try_next("an end that is there is seen without a wait", NULL, NULL, next_after_end, 0, 0, 0);
	try_next("batches come before the end", NULL, NULL, next_after_both, 0, 0, 0);
	try_next("a deal between last look and sleep", deal_one, NULL, next_is_batch, 1, 0, 1);
	try_next("an end between last look and sleep", end_lane, NULL, next_is_none, 1, 0, 1);
	try_next("a deal during sleep", NULL, deal_one, next_is_batch, 1, 1, 1);
	try_next("an end during sleep", NULL, end_lane, next_is_none, 1, 1, 1);
	try_next("a wake-up for nothing", NULL, deal_later, next_is_batch, 2, 2, 1);
}

/* Takes what is there and gives the room back. */
static void
drain(void)
{
	struct frame f;
	const char *text;

	lane_parent_update(&parent);
	while (lane_parent_read(&parent, &f, &text) == 1)
		continue;
	lane_parent_release(&parent);
}

static unsigned int wakes_before;
static uint32_t waited_for;
static bool deal_woke;

/* A batch is no room, and so no reason to wake; the word changes nevertheless. */
static void
deal_then_drain(void)
{
	waited_for = lane_parent_waiting(&parent);
	wakes_before = script.wakes;
	if (calls++ == 0) {
		deal_one();
		deal_woke = script.wakes != wakes_before;
		return;
	}
	drain();
}

/* The worker fills its ring; returns how often it waited. */
static unsigned int
fill_ring(void)
{
	static const char text[RING_TEXT_MAX];
	uint32_t first;

	lane_worker_next(&worker, &first);
	lane_worker_start(&worker);
	for (int i = 0; i < 5 && script.waits == 0; i++)
		lane_worker_write(&worker, text, sizeof(text));
	return script.waits;
}

static void
test_room(void)
{
	calls = 0;
	if (!tap_ok(open_lane(scripted(deal_then_drain, NULL)), "room: the lane opens"))
		return;
	deal_one();
	atomic_store(&bell.word, 0);
	doorbell_arm(&bell);
	tap_ok(fill_ring() == 2 && script.sleeps == 0, "room: neither a deal nor a release is slept through");
	tap_ok(waited_for == LANE_WANTS_ROOM, "room: the worker says what it waits for");
	tap_ok(script.waiting == LANE_WANTS_ROOM, "room: and says so before it rings");
	tap_ok(!deal_woke, "room: a deal does not wake who waits for room");
	tap_ok(wakes_before == 1 && script.wakes == 2, "room: the parent is rung before, the worker woken after");
	tap_ok(script.woken == script.watch[0].word || script.woken != &bell.word,
	    "room: it is the worker's word that is woken");
	doorbell_disarm(&bell);
	close_lane();
}

/* From here on, the kernel's own futexes. */

struct shared {
	struct doorbell bells[3]; /* the last one is nobody else's */
	_Atomic uint32_t values[2];
	_Atomic uint32_t sum[RINGERS];
	_Atomic uint32_t never; /* an alarm that does not go off */
};

static struct shared *shared;

/* Waits on bell number i until its value is at least wanted. */
static void
wait_for_value(int i, uint32_t wanted)
{
	while (atomic_load_explicit(&shared->values[i], memory_order_acquire) < wanted) {
		uint32_t armed = doorbell_arm(&shared->bells[i]);

		if (atomic_load_explicit(&shared->values[i], memory_order_acquire) < wanted)
			doorbell_wait(&shared->bells[i], armed, &shared->never, 0, NULL, futex_kernel());
		doorbell_disarm(&shared->bells[i]);
	}
}

static void
set_value(int i, uint32_t value)
{
	atomic_store_explicit(&shared->values[i], value, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
	doorbell_ring(&shared->bells[i], futex_kernel());
}

/* A child that dies with its parent. Returns 0 in the child. */
static pid_t
start_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(GUARD_S);
	}
	return pid;
}

static bool
ended_well(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
test_ping(void)
{
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = start_child();
	for (uint32_t round = 1; round <= PING_ROUNDS; round++)
		if (pid == 0) {
			wait_for_value(0, round);
			set_value(1, round);
		} else {
			set_value(0, round);
			wait_for_value(1, round);
		}
	if (pid == 0)
		_exit(0);
	tap_ok(ended_well(pid), "two processes ring each other %d times", PING_ROUNDS);
}

static uint32_t
sum_of_rings(void)
{
	uint32_t sum = 0;

	for (int i = 0; i < RINGERS; i++)
		sum += atomic_load_explicit(&shared->sum[i], memory_order_acquire);
	return sum;
}

static void
ring_often(int i)
{
	for (uint32_t n = 1; n <= RINGS; n++) {
		atomic_store_explicit(&shared->sum[i], n, memory_order_release);
		atomic_thread_fence(memory_order_seq_cst);
		doorbell_ring(&shared->bells[0], futex_kernel());
	}
}

/* Sleeps whenever nothing has come since the last look. */
static void
test_many_ringers(void)
{
	uint32_t seen = 0;
	pid_t pids[RINGERS];
	bool good = true;

	memset(shared, 0, sizeof(*shared));
	for (int i = 0; i < RINGERS; i++)
		if ((pids[i] = start_child()) == 0) {
			ring_often(i);
			_exit(0);
		}
	while (seen < RINGERS * RINGS) {
		uint32_t armed = doorbell_arm(&shared->bells[0]), now = sum_of_rings();

		if (now == seen)
			doorbell_wait(&shared->bells[0], armed, &shared->never, 0, NULL, futex_kernel());
		seen = now;
		doorbell_disarm(&shared->bells[0]);
	}
	for (int i = 0; i < RINGERS; i++)
		good &= ended_well(pids[i]);
	tap_ok(good && seen == RINGERS * RINGS, "%d processes ring one waiter", RINGERS);
}

static int
live_as_worker(void)
{
	const uint32_t *bytes;
	uint32_t first, expected = 0;

	if (lane_worker_open(&worker, &parent) == -1)
		return 1;
	while ((bytes = lane_worker_next(&worker, &first)) != NULL) {
		if (*bytes != expected++)
			return 2;
		lane_worker_start(&worker);
		lane_worker_commit(&worker, 1, 0, *bytes);
	}
	return expected == LANE_ROUNDS ? 0 : 3;
}

/* Sleeps until the front batch is read. Returns its value. */
static uint32_t
await_value(void)
{
	struct frame f = { .value = 0 };
	const char *text;

	for (;;) {
		uint32_t armed;
		bool ready;

		lane_parent_notify(&parent, 0);
		armed = doorbell_arm(&shared->bells[0]);
		ready = lane_parent_update(&parent) == 0 && lane_parent_read(&parent, &f, &text) == 1 &&
		    lane_parent_finished(&parent);
		if (!ready)
			doorbell_wait(&shared->bells[0], armed, &shared->never, 0, NULL, futex_kernel());
		doorbell_disarm(&shared->bells[0]);
		if (ready)
			break;
	}
	lane_parent_finish(&parent);
	lane_parent_release(&parent);
	return f.value;
}

static void
test_lane(void)
{
	const struct lane_config config = { .jobs_ring = JOBS_RING, .jobs_bulk = JOBS_RING,
		.results_ring = RING_SIZE_MIN, .bell = &shared->bells[0], .ops = futex_kernel() };
	bool good = true;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	if (!tap_ok(lane_parent_open(&parent, &config) == 0, "the lane opens"))
		return;
	pid = start_child();
	if (pid == 0)
		_exit(live_as_worker());
	for (uint32_t round = 0; good && round < LANE_ROUNDS; round++) {
		lane_parent_deal(&parent, round, &round, sizeof(round), 1);
		good = await_value() == round;
	}
	lane_parent_end(&parent);
	tap_ok(ended_well(pid) && good, "a worker and its parent wait for each other %d times", LANE_ROUNDS);
	lane_parent_close(&parent);
}

/*
 * A worker waits for its first batch, traced: it goes so many instructions
 * into lane_worker_next, and the parent deals just then.
 */
enum { STEPS_MAX = 5000, EACH_MAX = 250, PATIENCE_MS = 20000, CALLED = 3 };

static int
wait_traced(void)
{
	uint32_t first;

	if (lane_worker_open(&worker, &parent) == -1 ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
		return 1;
	/* The linker has found it when it is stepped through. */
	syscall(SYS_getpid);
	raise(SIGSTOP);
	return lane_worker_next(&worker, &first) != NULL ? CALLED : 2;
}

/* Whether a process sleeps in the kernel. */
static bool
is_asleep(pid_t pid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	if (fscanf(f, "%*d %*s %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'S';
}

/* Goes so many instructions, or until the worker sleeps. Returns how many, or -1. */
static int
step_worker(pid_t pid, int steps)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -1;
	for (int gone = 0; gone < steps; gone++) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1)
			return -1;
		while (waitpid(pid, &status, WNOHANG) == 0)
			if (is_asleep(pid))
				return gone;
		if (!WIFSTOPPED(status))
			return -1;
	}
	return steps;
}

/* Lets the worker run to its end. Returns whether it got there. */
static bool
run_worker(pid_t pid)
{
	const struct timespec pause = { 0, 100000 };
	int status = 0;

	ptrace(PTRACE_CONT, pid, NULL, NULL);
	for (int waits = 0; waits < 10 * PATIENCE_MS; waits++) {
		if (waitpid(pid, &status, WNOHANG) == 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		if (!WIFSTOPPED(status))
			return WIFEXITED(status) && WEXITSTATUS(status) == CALLED;
		ptrace(PTRACE_CONT, pid, NULL, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return false;
}

/* One such wait. Returns how far the worker went, or -1. */
static int
deal_after(int steps, bool *woke)
{
	const struct lane_config config = { .jobs_ring = JOBS_RING, .jobs_bulk = JOBS_RING,
		.results_ring = RING_SIZE_MIN, .bell = &shared->bells[0], .ops = futex_kernel() };
	int gone;
	pid_t pid;

	if (lane_parent_open(&parent, &config) == -1)
		return -1;
	pid = start_child();
	if (pid == 0)
		_exit(wait_traced());
	gone = step_worker(pid, steps);
	deal_one();
	*woke = run_worker(pid);
	lane_parent_close(&parent);
	return gone;
}

static void
test_every_instruction(void)
{
	const char *preload = getenv("LD_PRELOAD");
	bool woke = true;
	int all, stride, steps;

	/* There the instructions would be valgrind's own. */
	if (preload != NULL && strstr(preload, "valgrind") != NULL) {
		tap_ok(true, "a deal after each instruction # SKIP valgrind");
		return;
	}
	all = deal_after(STEPS_MAX, &woke);
	if (all == -1) {
		tap_ok(true, "a deal after each instruction # SKIP no ptrace");
		return;
	}
	/* A sanitizer's code is too much to try it all. */
	stride = all <= EACH_MAX ? 1 : all / 40;
	for (steps = 0; woke && steps < all; steps += stride)
		deal_after(steps, &woke);
	if (!tap_ok(woke && all < STEPS_MAX, "a deal anywhere on the worker's way to sleep wakes it"))
		tap_note("not after %d", steps - stride);
	tap_note("%d instructions, stride %d", all, stride);
}

static void
ring_in_handler(int number)
{
	(void)number;
	atomic_fetch_add(&alarm_word, 1);
	doorbell_ring(&shared->bells[0], futex_kernel());
}

/* The child signals whenever the parent has seen the signal before. */
static void
signal_often(pid_t parent_pid)
{
	for (uint32_t n = 0; n < SIGNALS; n++) {
		while (atomic_load(&shared->values[0]) < n)
			usleep(20);
		kill(parent_pid, SIGUSR1);
	}
}

static void
test_handler(void)
{
	struct sigaction action = { .sa_handler = ring_in_handler, .sa_flags = SA_RESTART };
	uint32_t start = atomic_load(&alarm_word), seen = start;
	pid_t pid, self = getpid();

	memset(shared, 0, sizeof(*shared));
	sigaction(SIGUSR1, &action, NULL);
	pid = start_child();
	if (pid == 0) {
		signal_often(self);
		_exit(0);
	}
	while (seen - start < SIGNALS) {
		uint32_t armed = doorbell_arm(&shared->bells[0]);

		doorbell_wait(&shared->bells[0], armed, &alarm_word, seen, NULL, futex_kernel());
		doorbell_disarm(&shared->bells[0]);
		seen = atomic_load(&alarm_word);
		atomic_store(&shared->values[0], seen - start);
	}
	tap_ok(ended_well(pid), "a signal handler that rings ends the wait, %d times", SIGNALS);
}

/* A monotonic time, ms from now. */
static struct timespec
deadline_in(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += ms * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

static bool
is_past(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > t->tv_sec || (now.tv_sec == t->tv_sec && now.tv_nsec >= t->tv_nsec);
}

/* What a wait of 30 ms at most gives, with words off by so much: 0 or an errno. */
static int
short_wait(uint32_t bell_off, uint32_t alarm_off, bool *late)
{
	const struct timespec deadline = deadline_in(30);
	uint32_t armed = doorbell_arm(&shared->bells[2]);
	int error = doorbell_wait(&shared->bells[2], armed + bell_off, &shared->never,
	    atomic_load(&shared->never) + alarm_off, &deadline, futex_kernel()) == -1 ? errno : 0;

	doorbell_disarm(&shared->bells[2]);
	*late = is_past(&deadline);
	return error;
}

static bool
kernel_has_waitv(void)
{
	return syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) == -1 && errno != ENOSYS && errno != EPERM;
}

static void
test_kernel(void)
{
	bool late, waitv = kernel_has_waitv();

	tap_note("futex_waitv: %s", waitv ? "yes" : "no");
	tap_ok(short_wait(0, 0, &late) == ETIMEDOUT && late, "a wait ends at its deadline");
	tap_ok(short_wait(2, 0, &late) == EAGAIN && !late, "a bell that differs ends it at once");
	if (waitv)
		tap_ok(short_wait(0, 1, &late) == EAGAIN && !late, "so does an alarm that differs");
}

/* From now on futex_waitv fails with this errno in this process. */
static bool
forbid_waitv(unsigned int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex_waitv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
	    syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) == -1 && errno == (int)error;
}

enum { NO_FILTER = 100 };

/* In a child: waits without futex_waitv. Returns 0, or which step went wrong. */
static int
wait_without_waitv(unsigned int error)
{
	bool late;

	if (!forbid_waitv(error))
		return NO_FILTER;
	if (short_wait(0, 0, &late) != ETIMEDOUT || !late)
		return 1;
	if (short_wait(2, 0, &late) != EAGAIN || late)
		return 2;
	/* The alarm is not watched: the deadline is what remains. */
	if (short_wait(0, 1, &late) != ETIMEDOUT || !late)
		return 3;
	for (uint32_t round = 1; round <= PING_ROUNDS / 10; round++) {
		wait_for_value(0, round);
		set_value(1, round);
	}
	return 0;
}

static void
test_fallback(unsigned int error)
{
	int status = -1;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = start_child();
	if (pid == 0) {
		status = wait_without_waitv(error);
		/* Nobody shall wait for who has given up. */
		set_value(1, UINT32_MAX);
		_exit(status);
	}
	for (uint32_t round = 1; round <= PING_ROUNDS / 10; round++) {
		set_value(0, round);
		wait_for_value(1, round);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_FILTER)
		tap_ok(true, "futex_waitv fails with %s # SKIP no seccomp", strerror((int)error));
	else if (!tap_ok(status == 0, "where futex_waitv fails with %s, the bell is waited for",
	    strerror((int)error)))
		tap_note("status %#x", (unsigned int)status);
}

int
main(void)
{
	test_words();
	test_values();
	test_interleavings();
	test_worker_waits();
	test_room();

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	alarm(GUARD_S);
	test_kernel();
	test_fallback(ENOSYS);
	test_fallback(EPERM);
	test_ping();
	test_many_ringers();
	test_lane();
	test_every_instruction();
	test_handler();
	munmap(shared, sizeof(*shared));
	return tap_done();
}
