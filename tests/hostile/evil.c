#include "evil.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "scan/scan.h"

/* When a worker turns evil: at the Nth of these. */
enum moment { AT_BIRTH, AT_TAKE, AT_START, AT_TEXT, AT_COMMIT, AT_NEXT, MOMENTS };

/* And what it does after its first acts. */
enum sequel { HONEST_AGAIN, EVIL_NOW_AND_THEN, ENDS, SEQUELS };

/* Of an evil worker, if that is limited. */
enum { LIFE_MS = 30 };

/* How an honest worker ends that dies on its way. */
enum { EXIT_HONEST = 42 };

static struct {
	bool enabled;
	bool mortal;
	uint64_t seed;
	const struct act *first;
} given;

/* Of this process. */
static struct evil self;
static bool honest = true, turned, busy;
static bool dies; /* instead of turning evil */
static enum moment moment;
static uint64_t countdown;
static enum sequel sequel;

uint64_t
evil_random(struct evil *e)
{
	uint64_t z = e->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint64_t
evil_below(struct evil *e, uint64_t bound)
{
	return evil_random(e) % bound;
}

bool
evil_enough(int64_t *start, int64_t ms)
{
	struct timespec t;
	int64_t now;

	/* Read in user space: a sandbox does not mind. */
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (*start == 0)
		*start = now;
	return now - *start >= ms;
}

void
evil_garble(struct evil *e, void *to, size_t size)
{
	/* Volatile: the parent reads it meanwhile, and no store is left out. */
	volatile unsigned char *bytes = to;

	for (size_t i = 0; i < size; i++) {
		uint64_t r = i % 8 == 0 ? evil_random(e) : e->random >> i % 8 * 8;

		bytes[i] = (unsigned char)r;
	}
}

const struct act *
acts_at(size_t i)
{
	static const struct act *(*const groups[])(size_t *) = { acts_on_frames, acts_on_words,
		acts_on_self };

	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		size_t count;
		const struct act *acts = groups[g](&count);

		if (i < count)
			return &acts[i];
		i -= count;
	}
	return NULL;
}

static const struct act *
find(const char *name)
{
	const struct act *a;

	for (size_t i = 0; name != NULL && (a = acts_at(i)) != NULL; i++)
		if (strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

static _Noreturn void
print_acts(void)
{
	const struct act *a;

	for (size_t i = 0; (a = acts_at(i)) != NULL; i++)
		printf("%s%s\n", a->name, a->stops ? " stops" : "");
	exit(0);
}

/* Before main: a process title may be written over the environment. */
__attribute__((constructor)) static void
read_environment(void)
{
	const char *seed = getenv("EVIL_SEED"), *log = getenv("EVIL_LOG");

	if (getenv("EVIL_LIST") != NULL)
		print_acts();
	if (seed == NULL || log == NULL)
		return;
	given.enabled = true;
	given.seed = strtoull(seed, NULL, 10);
	given.first = find(getenv("EVIL_DO"));
	given.mortal = getenv("EVIL_MORTAL") != NULL;
	log_open(log);
}

static void
act(const struct act *a)
{
	log_line("act", self.process, a->name, "");
	busy = true;
	a->run(&self);
	busy = false;
}

static void
act_at_random(void)
{
	const struct act *chosen;
	size_t count = 0;

	while (acts_at(count) != NULL)
		count++;
	do
		chosen = acts_at(evil_below(&self, count));
	while (chosen->stops);
	act(chosen);
}

/* Has it die soon: one that waits for a batch that it has spoilt would wait for ever. */
static void
limit_life(void)
{
	const struct itimerval soon = { .it_value = { .tv_usec = LIFE_MS * 1000 } };

	setitimer(ITIMER_REAL, &soon, NULL);
}

static void
turn(void)
{
	turned = true;
	if (dies) {
		bool on_a_file = moment == AT_START || moment == AT_TEXT || moment == AT_COMMIT;

		log_line("dies", self.process, on_a_file ? "on a file" : "between files", "");
		_exit(EXIT_HONEST);
	}
	/* Before anything else: from now on it may end at any instruction. */
	log_line("evil", self.process, "", "");
	frames_scrub(&self);
	if (given.mortal)
		limit_life();
	if (given.first != NULL && log_first())
		act(given.first);
	else
		act_at_random();
	for (uint64_t more = evil_below(&self, 4); more > 1; more--)
		act_at_random();
	if (sequel == ENDS)
		raise(SIGKILL);
}

static void
at(enum moment now)
{
	if (honest || busy)
		return;
	if (turned) {
		if (sequel == EVIL_NOW_AND_THEN && evil_below(&self, 4) == 0)
			act_at_random();
	} else if (now == moment && countdown-- == 0) {
		turn();
	}
}

/* Of the sanitizers, where they are. */
void __sanitizer_set_report_fd(void *fd) __attribute__((weak));

static void
be_born(struct lane_worker *lane)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };

	/* How this process ends is no matter of the sanitizers, and nothing to tell of. */
	if (__sanitizer_set_report_fd != NULL)
		__sanitizer_set_report_fd((void *)-1);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		signal(fatal[i], SIG_DFL);
	self = (struct evil){ .lane = lane, .process = log_process(), .own = lane->writer.pos,
		.logged = lane->batch, .logged_at = lane->at };
	/* Until it has taken a batch, its words are those of the first one dealt. */
	log_queue(&self, 1);
	self.random = given.seed * 0x2545f4914f6cdd1d + self.process * 0xda942042e4dd58b5;
	honest = self.process > 0 && evil_below(&self, 3) == 0;
	dies = evil_below(&self, 5) == 0;
	moment = (enum moment)evil_below(&self, MOMENTS);
	countdown = moment == AT_BIRTH ? 0 : evil_below(&self, evil_below(&self, 4) ? 2 : 12);
	sequel = (enum sequel)evil_below(&self, SEQUELS);
}

/* What --wrap puts in the place of the real functions. */
int __real_scan_run(const struct scan_options *options, const struct pattern *pattern,
    struct lane_worker *lane);
int __wrap_scan_run(const struct scan_options *options, const struct pattern *pattern,
    struct lane_worker *lane);
const void *__real_lane_worker_next(struct lane_worker *w, uint32_t *first);
const void *__wrap_lane_worker_next(struct lane_worker *w, uint32_t *first);
void __real_lane_worker_start(struct lane_worker *w);
void __wrap_lane_worker_start(struct lane_worker *w);
char *__real_lane_worker_reserve(struct lane_worker *w, size_t size);
char *__wrap_lane_worker_reserve(struct lane_worker *w, size_t size);
void __real_lane_worker_write(struct lane_worker *w, const void *text, size_t size);
void __wrap_lane_worker_write(struct lane_worker *w, const void *text, size_t size);
void __real_lane_worker_commit(struct lane_worker *w, uint16_t kind, uint16_t flags,
    uint32_t value);
void __wrap_lane_worker_commit(struct lane_worker *w, uint16_t kind, uint16_t flags,
    uint32_t value);

int
__wrap_scan_run(const struct scan_options *options, const struct pattern *pattern,
    struct lane_worker *lane)
{
	if (given.enabled) {
		be_born(lane);
		at(AT_BIRTH);
	}
	return __real_scan_run(options, pattern, lane);
}

const void *
__wrap_lane_worker_next(struct lane_worker *w, uint32_t *first)
{
	const void *batch;

	at(AT_NEXT);
	batch = __real_lane_worker_next(w, first);
	if (!given.enabled || batch == NULL)
		return batch;
	log_batch(&self, batch, *first, w->files);
	if (self.logged <= w->batch) {
		self.logged = w->batch + 1;
		self.logged_at = w->at;
	}
	/* One that follows in the middle of a batch may say what it was not given. */
	if (*first > 0 && !honest && !dies && !turned && evil_below(&self, 2) == 0)
		act(find("every-item"));
	at(AT_TAKE);
	return batch;
}

void
__wrap_lane_worker_start(struct lane_worker *w)
{
	__real_lane_worker_start(w);
	at(AT_START);
}

char *
__wrap_lane_worker_reserve(struct lane_worker *w, size_t size)
{
	at(AT_TEXT);
	return __real_lane_worker_reserve(w, size);
}

void
__wrap_lane_worker_write(struct lane_worker *w, const void *text, size_t size)
{
	at(AT_TEXT);
	__real_lane_worker_write(w, text, size);
}

void
__wrap_lane_worker_commit(struct lane_worker *w, uint16_t kind, uint16_t flags, uint32_t value)
{
	at(AT_COMMIT);
	__real_lane_worker_commit(w, kind, flags, value);
}
