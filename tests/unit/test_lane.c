/*
 * A lane: what a worker does comes out once and in order, whatever it dies
 * of, and whatever a hostile one writes.
 *
 * Most tests hold both ends in this one process, where nothing may block.
 * The last forks real workers, which die at random.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many hostile lanes are tried.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"
#include "shm/lane_death.h"
#include "shm/lane_worker.h"
#include "tap.h"

enum {
	JOBS_RING = 1 << 13,
	JOBS_BULK = 3 << 12,
	RESULTS_RING = RING_SIZE_MIN,
	GUARD_S = 240,
	CASES = 2000,
	TEXT_MAX = 80 * 1024,
	FILES_MAX = 6,
	BATCHES_MAX = 1 << 12,
};

/* A lane with both ends here. */
static struct lane_parent parent;
static struct lane_worker worker;
static struct doorbell bell;
static unsigned int bell_wakes, worker_wakes;

/* A worker that would sleep here would sleep for ever. */
static int
wait_here(void *ctx, const struct futex_watch *watch, size_t count, const struct timespec *deadline)
{
	(void)ctx, (void)watch, (void)count, (void)deadline;
	tap_ok(false, "a worker waits with nobody to wake it");
	_exit(1);
}

static void
wake_here(void *ctx, _Atomic uint32_t *word)
{
	(void)ctx;
	if (word == &bell.word)
		bell_wakes++;
	else
		worker_wakes++;
}

static const struct futex_ops here = { .wait_any = wait_here, .wake = wake_here };

static const struct lane_config config_here = { .jobs_ring = JOBS_RING, .jobs_bulk = JOBS_BULK,
	.results_ring = RESULTS_RING, .bell = &bell, .ops = &here };

/* The worker is gone. Its descriptors are the parent's. */
static void
detach(void)
{
	worker.jobs.fd = worker.results.fd = -1;
	region_close(&worker.jobs);
	region_close(&worker.results);
}

static void
attach(void)
{
	if (lane_worker_open(&worker, &parent) == -1) {
		perror("lane_worker_open");
		_exit(1);
	}
}

static void
open_parent(const struct lane_config *config)
{
	atomic_store(&bell.word, 0);
	bell_wakes = worker_wakes = 0;
	if (lane_parent_open(&parent, config) == -1) {
		perror("lane_parent_open");
		_exit(1);
	}
}

static void
open_lane(void)
{
	open_parent(&config_here);
	attach();
}

static void
close_lane(void)
{
	detach();
	lane_parent_close(&parent);
}

static void
deal(uint32_t sequence, const char *bytes, uint32_t files)
{
	lane_parent_deal(&parent, sequence, bytes, strlen(bytes) + 1, files);
}

/* The worker takes the next batch, which is there. Returns its bytes. */
static const char *
next(uint32_t *first)
{
	return lane_worker_next(&worker, first);
}

/* The worker searches a file, and finds this; NULL: nothing at all. */
static void
search(const char *text)
{
	lane_worker_start(&worker);
	if (text != NULL)
		lane_worker_write(&worker, text, strlen(text));
	lane_worker_commit(&worker, text != NULL, 0, 0);
}

/* Whether the next frame is of this file, with this text and these flags. */
static bool
reads(uint32_t item, const char *text, uint16_t flags)
{
	struct frame f;
	const char *got;

	return lane_parent_read(&parent, &f, &got) == 1 && f.item == item && f.flags == flags &&
	    f.length == strlen(text) && memcmp(got, text, f.length) == 0;
}

/* What a read gives that gives no frame. */
static int
reads_none(void)
{
	struct frame f;
	const char *text;
	int got;

	errno = 0;
	got = lane_parent_read(&parent, &f, &text);
	return got == -1 && errno != EBADMSG ? -2 : got;
}

static bool
updates(void)
{
	return lane_parent_update(&parent) == 0;
}

static bool
refuses_update(void)
{
	errno = 0;
	return lane_parent_update(&parent) == -1 && errno == EBADMSG;
}

static bool
finishes(void)
{
	if (!lane_parent_finished(&parent) || lane_parent_readable(&parent))
		return false;
	lane_parent_finish(&parent);
	return true;
}

/* Whether settling the dead worker loses just these files of one batch; count 0: none. */
static bool
settles(uint32_t sequence, uint32_t first, uint32_t count)
{
	struct lane_loss losses[LANE_LOSSES_MAX];
	size_t got = lane_death_settle(&parent, losses);

	if (got != 1 || losses[0].batch->sequence != sequence || losses[0].first != first ||
	    losses[0].count != count) {
		for (size_t i = 0; i < got; i++)
			tap_note("lost: %u files from %u of batch %u", losses[i].count,
			    losses[i].first, losses[i].batch->sequence);
		return count == 0 && got == 0;
	}
	return true;
}

static void
test_round_trip(void)
{
	struct frame f;
	const char *text;
	uint32_t first = 9;

	open_lane();
	tap_ok(lane_parent_front(&parent) == NULL && reads_none() == 0 && updates() &&
	    !lane_parent_readable(&parent) && !lane_parent_finished(&parent), "an empty lane has nothing");
	deal(10, "one", 3);
	deal(13, "two", 1);
	tap_ok(lane_parent_backlog(&parent) == 4 && lane_parent_front(&parent)->sequence == 10 &&
	    strcmp(lane_parent_front(&parent)->bytes, "one") == 0, "two batches are dealt");
	tap_ok(strcmp(next(&first), "one") == 0 && first == 0 && worker.files == 3,
	    "the worker has the first, from its first file on");
	tap_ok(updates() && reads_none() == 0 && lane_parent_backlog(&parent) == 4, "nothing is done yet");
	search("alpha");
	tap_ok(updates() && lane_parent_backlog(&parent) == 3 && lane_parent_readable(&parent) &&
	    reads(0, "alpha", 0) && reads_none() == 0, "the first file comes through");
	search(NULL);
	lane_worker_start(&worker);
	lane_worker_commit(&worker, 5, 1, 42);
	tap_ok(updates() && lane_parent_read(&parent, &f, &text) == 1 && f.item == 2 && f.length == 0 &&
	    f.kind == 5 && f.flags == 1 && f.value == 42,
	    "a file without anything has no frame, one without text has one");
	tap_ok(finishes() && lane_parent_front(&parent)->sequence == 13, "the batch is finished");
	tap_ok(!lane_parent_finished(&parent), "the next is not");
	tap_ok(strcmp(next(&first), "two") == 0 && first == 0, "the worker has the second");
	search(NULL);
	tap_ok(updates() && finishes() && lane_parent_front(&parent) == NULL &&
	    lane_parent_backlog(&parent) == 0, "a batch without frames is finished as well");
	close_lane();
}

static void
test_stream(void)
{
	uint32_t first;

	open_lane();
	deal(1, "", 2);
	next(&first);
	search("a");
	lane_worker_start(&worker);
	lane_worker_flush(&worker);
	doorbell_arm(&bell);
	lane_worker_write(&worker, "some", 4);
	lane_worker_flush(&worker);
	tap_ok(bell_wakes == 1, "a flush rings");
	lane_worker_flush(&worker);
	tap_ok(bell_wakes == 1, "one of nothing does not");
	tap_ok(updates() && reads(0, "a", 0) && reads(1, "some", LANE_MORE) && reads_none() == 0,
	    "what is flushed is read before the file is done");
	tap_ok(lane_parent_backlog(&parent) == 1 && !lane_parent_finished(&parent), "which it is not");
	memcpy(lane_worker_reserve(&worker, 5), " more", 5);
	lane_worker_advance(&worker, 5);
	lane_worker_commit(&worker, 0, 0, 0);
	tap_ok(updates() && reads(1, " more", 0) && finishes(), "the rest follows");
	bell_wakes = 0;
	lane_worker_hit(&worker);
	tap_ok(lane_parent_hit(&parent) && bell_wakes == 1, "a hit is told and rings");
	close_lane();
}

/* A text that takes several frames. */
static void
test_long_text(void)
{
	static char text[2 * RING_TEXT_MAX + 100], got[sizeof(text)];
	size_t length = 0;
	unsigned int frames = 0, more = 0;
	uint32_t first;
	struct frame f;
	const char *part;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 31 + (i >> 10));
	open_lane();
	deal(1, "", 1);
	next(&first);
	lane_worker_start(&worker);
	lane_worker_write(&worker, text, sizeof(text));
	lane_worker_commit(&worker, 3, 0, 0);
	updates();
	for (; lane_parent_read(&parent, &f, &part) == 1 && length + f.length <= sizeof(got); frames++) {
		memcpy(got + length, part, f.length);
		length += f.length;
		more += (f.flags & LANE_MORE) != 0;
		if (!(f.flags & LANE_MORE) && f.kind != 3)
			more = 99;
	}
	tap_ok(length == sizeof(text) && memcmp(got, text, length) == 0, "a long text is read as written");
	tap_ok(frames == 3 && more == 2 && finishes(), "in frames of which the last says so");
	close_lane();
}

/* Room in one piece, for which the frame that is open has not enough left. */
static void
test_reserve(void)
{
	uint32_t first;
	char *at;

	open_lane();
	deal(1, "", 1);
	next(&first);
	lane_worker_start(&worker);
	lane_worker_write(&worker, "ab", 2);
	at = lane_worker_reserve(&worker, RING_TEXT_MAX - 2);
	lane_worker_advance(&worker, 0);
	tap_ok(worker.writer.open && worker.writer.length == 2, "what fits in the open frame goes there");
	at = lane_worker_reserve(&worker, RING_TEXT_MAX);
	memset(at, 'x', RING_TEXT_MAX);
	lane_worker_advance(&worker, 1);
	lane_worker_commit(&worker, 1, 0, 0);
	tap_ok(updates() && reads(0, "ab", LANE_MORE) && reads(0, "x", 0) && finishes(),
	    "what does not goes in the next");
	close_lane();
}

static void
test_notify(void)
{
	uint32_t first;

	open_lane();
	for (uint32_t s = 0; s < 4; s++)
		deal(s, "", 1);
	lane_parent_notify(&parent, 1);
	doorbell_arm(&bell);
	for (int i = 0; i < 2; i++) {
		next(&first);
		search(NULL);
	}
	tap_ok(bell_wakes == 0, "with two batches to do, the worker does not ring for one");
	next(&first);
	search(NULL);
	tap_ok(bell_wakes == 1, "with one it does");
	updates();
	lane_parent_notify(&parent, 1);
	next(&first);
	search(NULL);
	tap_ok(bell_wakes == 2, "a wish that holds already asks for the next batch");
	updates();
	deal(9, "", 2);
	lane_parent_notify(&parent, 0);
	next(&first);
	search(NULL);
	tap_ok(bell_wakes == 2, "a file is no batch");
	search(NULL);
	tap_ok(bell_wakes == 3, "none to do is told at the last file");
	close_lane();
}

static void
test_release(void)
{
	_Atomic uint32_t *waiting;
	uint32_t first;

	open_lane();
	waiting = (void *)parent.results.base;
	deal(1, "", 1);
	next(&first);
	search("text");
	updates();
	reads(0, "text", 0);
	atomic_store(waiting, LANE_WANTS_BATCH);
	lane_parent_release(&parent);
	tap_ok(worker_wakes == 0, "room wakes nobody who waits for a batch");
	lane_parent_release(&parent);
	deal(2, "", 1);
	tap_ok(worker_wakes == 1, "a batch does");
	atomic_store(waiting, LANE_WANTS_ROOM);
	lane_parent_release(&parent);
	tap_ok(worker_wakes == 1, "no room is given twice");
	next(&first);
	search("text");
	tap_ok(finishes() && updates() && reads(0, "text", 0), "the next text is read");
	lane_parent_release(&parent);
	tap_ok(worker_wakes == 2, "new room wakes who waits for it");
	atomic_store(waiting, LANE_AWAKE);
	lane_parent_end(&parent);
	tap_ok(worker_wakes == 2 && lane_worker_next(&worker, &first) == NULL, "the end comes to a worker that is awake");
	close_lane();
}

/* Fills the lane with batches of this size. Returns how many fit. */
static unsigned int
fill(size_t size)
{
	static const char bytes[JOBS_BULK];
	unsigned int count = 0;

	for (; lane_parent_fits(&parent, size); count++)
		lane_parent_deal(&parent, count, bytes, size, 1);
	return count;
}

static void
test_fits(void)
{
	uint32_t first;

	open_lane();
	tap_ok(fill(8) == LANE_SLOTS, "as many small batches fit as there are slots");
	next(&first);
	search(NULL);
	updates();
	tap_ok(!lane_parent_fits(&parent, 1), "one that is done and not emitted has its slot");
	lane_parent_finish(&parent);
	tap_ok(lane_parent_fits(&parent, 1), "one that is emitted has not");
	close_lane();

	open_lane();
	tap_ok(fill(JOBS_RING / 4) == 3, "three batches of a quarter fit in the ring, with their heads");
	tap_ok(lane_parent_fits(&parent, JOBS_RING / 4 - 4 * sizeof(struct lane_batch_head)),
	    "and then what is left to the byte");
	tap_ok(!lane_parent_fits(&parent, JOBS_RING / 4 - 4 * sizeof(struct lane_batch_head) + 1),
	    "not one more");
	close_lane();
}

static void
test_bulk(void)
{
	static char big[JOBS_BULK];
	const char *got;
	uint32_t first;

	memset(big, 'b', sizeof(big));
	open_lane();
	tap_ok(!lane_parent_fits(&parent, JOBS_BULK + 1), "a batch beyond the bulk area never fits");
	tap_ok(lane_parent_fits(&parent, JOBS_BULK), "one as large as it does");
	deal(0, "before", 1);
	lane_parent_deal(&parent, 1, big, sizeof(big), 1);
	deal(2, "after", 1);
	tap_ok(!lane_parent_fits(&parent, JOBS_RING / 4 + 1), "a second one does not");
	tap_ok(lane_parent_fits(&parent, JOBS_RING / 4), "what goes in the ring does");
	tap_ok(strcmp(next(&first), "before") == 0, "the batch before is read");
	search(NULL);
	got = next(&first);
	tap_ok(memcmp(got, big, sizeof(big)) == 0, "the large one is");
	search(NULL);
	tap_ok(strcmp(next(&first), "after") == 0, "the batch after is");
	search("x");
	tap_ok(updates() && finishes() && memcmp(lane_parent_front(&parent)->bytes, big, sizeof(big)) == 0,
	    "the parent still has its bytes");
	tap_ok(finishes() && lane_parent_fits(&parent, JOBS_BULK), "emitted, it makes place for the next");
	close_lane();
}

/* How far a worker gets in its batch of three files before it dies. */
enum death { DEALT, TAKEN, FIRST_DONE, STARTED, WRITTEN, FLUSHED, LAST_FLUSHED, ALL_DONE };

static void
live_until(enum death death)
{
	uint32_t first;

	if (death < TAKEN)
		return;
	next(&first);
	if (death >= FIRST_DONE)
		search("first");
	if (death >= LAST_FLUSHED)
		search(NULL);
	if (death == ALL_DONE)
		search("third");
	if (death >= STARTED && death < ALL_DONE)
		lane_worker_start(&worker);
	if (death >= WRITTEN && death < ALL_DONE)
		lane_worker_write(&worker, "partial", 7);
	if (death >= FLUSHED && death < ALL_DONE)
		lane_worker_flush(&worker);
}

/* A new worker does what is left. Returns whether it began at this file. */
static bool
take_over(uint32_t file)
{
	static const char *const texts[] = { "first", NULL, "third" };
	uint32_t first = 9;

	attach();
	if (file < 3) {
		if (strcmp(next(&first), "one") != 0 || first != file)
			return false;
		for (uint32_t i = first; i < 3; i++)
			search(texts[i]);
	}
	if (strcmp(next(&first), "two") != 0 || first != 0)
		return false;
	search("last");
	return true;
}

/* A worker takes a lane over, begins its file, and dies. */
static void
live_again(void)
{
	struct lane_loss losses[LANE_LOSSES_MAX];
	uint32_t first;

	lane_death_take_over(&parent, losses);
	attach();
	next(&first);
	lane_worker_start(&worker);
	detach();
}

static void
test_death(const char *name, enum death death, bool looks_before, uint32_t lost, uint32_t resumed)
{
	bool first_read = false, flushed = death == FLUSHED || death == LAST_FLUSHED;

	open_lane();
	deal(20, "one", 3);
	deal(21, "two", 1);
	live_until(death);
	if (looks_before) {
		updates();
		first_read = reads(0, "first", 0);
	}
	detach();
	tap_ok(settles(20, lost, lost < 3), "died %s: loses that file alone", name);
	tap_ok(lane_parent_backlog(&parent) == 4 - resumed, "died %s: what is left is known", name);
	tap_ok(take_over(resumed), "died %s: the next worker goes on where it should", name);
	updates();
	tap_ok((lost == 0 || first_read || reads(0, "first", 0)) &&
	    (!flushed || reads(lost, "partial", LANE_MORE)) &&
	    (lost == 2 || reads(2, "third", 0)) && finishes(),
	    "died %s: the batch comes out in order", name);
	tap_ok(reads(0, "last", 0) && finishes() && lane_parent_backlog(&parent) == 0,
	    "died %s: so does the next", name);
	close_lane();
}

static void
test_deaths(void)
{
	test_death("before it took a batch", DEALT, false, 3, 0);
	test_death("before it began a file", TAKEN, false, 3, 0);
	test_death("between files", FIRST_DONE, false, 3, 1);
	test_death("between files that were read", FIRST_DONE, true, 3, 1);
	test_death("on a file", STARTED, false, 1, 2);
	test_death("on a file, with the one before read", STARTED, true, 1, 2);
	test_death("on a file with text of its own", WRITTEN, false, 1, 2);
	test_death("on a file with text of its own, known before", WRITTEN, true, 1, 2);
	test_death("on a file with published text", FLUSHED, false, 1, 2);
	test_death("on a file with published text, known before", FLUSHED, true, 1, 2);
	test_death("on the last file", LAST_FLUSHED, false, 2, 3);
	test_death("after the last file", ALL_DONE, false, 3, 3);
}

/* A file that is spared comes again, once, and nothing of it twice. */
static void
test_spare(const char *name, enum death death, bool looks_before, uint32_t file)
{
	struct lane_loss losses[LANE_LOSSES_MAX];

	open_lane();
	deal(20, "one", 3);
	deal(21, "two", 1);
	live_until(death);
	tap_ok(!worker.again, "died %s: its worker was told nothing", name);
	if (looks_before)
		updates();
	detach();
	tap_ok(lane_death_spare(&parent) && settles(20, 0, 0), "died %s: the file is spared", name);
	tap_ok(lane_parent_backlog(&parent) == 4 - file, "died %s: it is still to be done", name);
	tap_ok(reads(0, "first", 0) && reads_none() == 0, "died %s: what there was of it is not read", name);
	tap_ok(lane_death_take_over(&parent, losses) == 0 && take_over(file) && worker.again,
	    "died %s: the next worker takes it up, and is told", name);
	updates();
	tap_ok(reads(2, "third", 0) && finishes() && reads(0, "last", 0) && finishes(),
	    "died %s: all comes out once", name);
	detach();
	attach();
	settles(20, 0, 0);
	detach();
	attach();
	tap_ok(!worker.again, "died %s: who comes later is told nothing", name);
	close_lane();
}

static void
test_spares(void)
{
	open_lane();
	deal(20, "one", 3);
	deal(21, "two", 1);
	live_until(FLUSHED);
	updates();
	tap_ok(reads(0, "first", 0) && reads(1, "partial", LANE_MORE), "a part of a file is read");
	detach();
	tap_ok(!lane_death_spare(&parent) && settles(20, 1, 1), "then it is not spared");
	close_lane();

	open_lane();
	deal(20, "one", 3);
	live_until(FIRST_DONE);
	detach();
	tap_ok(!lane_death_spare(&parent) && settles(20, 0, 0), "between files there is none to spare");
	attach();
	tap_ok(!worker.again, "and nothing to tell");
	close_lane();

	open_lane();
	deal(20, "one", 3);
	live_until(STARTED);
	detach();
	lane_death_spare(&parent);
	settles(20, 0, 0);
	live_again();
	tap_ok(!lane_death_spare(&parent) && settles(20, 1, 1), "what kills a second time is lost");
	close_lane();
}

/* The last frame is published, and the file is not yet counted. */
static void
test_death_in_commit(bool looks_before)
{
	const char *when = looks_before ? "after the parent read it" : "before the parent looks";
	_Atomic uint64_t *end;
	bool read = false;
	uint32_t first;

	open_lane();
	deal(20, "one", 3);
	deal(21, "two", 1);
	next(&first);
	search("first");
	lane_worker_start(&worker);
	lane_worker_write(&worker, "whole", 5);
	end = &((struct lane_results *)(void *)worker.results.base)->slots[0].end;
	atomic_store(end, ring_writer_close(&worker.writer, 1, 1, 0, 0));
	if (looks_before) {
		updates();
		read = reads(0, "first", 0) && reads(1, "whole", 0);
	}
	detach();
	/* The file may be told as lost: nobody has said that it was done. */
	settles(20, 1, 1);
	tap_ok(take_over(2) && updates(), "died in a commit, %s: the next worker goes on", when);
	tap_ok((read || (reads(0, "first", 0) && reads(1, "whole", 0))) && reads(2, "third", 0) &&
	    finishes() && reads(0, "last", 0) && finishes(),
	    "died in a commit, %s: what is published comes out once", when);
	close_lane();
}

/* Batches that nobody has looked at since they were done count. */
static void
test_settle_all(void)
{
	uint32_t first;

	open_lane();
	for (uint32_t s = 0; s < 5; s++)
		deal(s, "", 2);
	for (int i = 0; i < 3; i++) {
		next(&first);
		search("a");
		search("b");
	}
	next(&first);
	search("a");
	lane_worker_start(&worker);
	atomic_store((_Atomic uint32_t *)(void *)worker.results.base, LANE_WANTS_ROOM);
	detach();
	tap_ok(settles(3, 1, 1) && lane_parent_backlog(&parent) == 2, "settling counts whole batches");
	tap_ok(lane_parent_waiting(&parent) == LANE_AWAKE, "and forgets that it waited");
	attach();
	next(&first);
	search("a");
	search("b");
	updates();
	for (uint32_t s = 0; s < 5; s++)
		tap_ok(lane_parent_front(&parent)->sequence == s && reads(0, "a", 0) &&
		    (s == 3 || reads(1, "b", 0)) && finishes(), "batch %u comes out", s);
	close_lane();
}

static void
test_forfeit(void)
{
	struct lane_loss loss[LANE_LOSSES_MAX];
	static const uint32_t sequences[] = { 4, 4, 6 }, files[] = { 1, 2, 0 };
	uint32_t first;
	bool good = true;

	open_lane();
	tap_ok(lane_death_forfeit(&parent, loss) == 0, "an empty lane has nothing to lose");
	deal(4, "", 3);
	deal(6, "", 1);
	next(&first);
	search("a");
	detach();
	settles(4, 0, 0);
	for (int i = 0; i < 3; i++)
		good &= lane_death_forfeit(&parent, loss) == 1 && loss[0].count == 1 &&
		    loss[0].batch->sequence == sequences[i] && loss[0].first == files[i];
	tap_ok(good && lane_death_forfeit(&parent, loss) == 0, "files are lost one by one");
	tap_ok(lane_parent_backlog(&parent) == 0 && reads(0, "a", 0) && finishes() && finishes(),
	    "and what was done before comes out");
	attach();
	deal(7, "again", 1);
	tap_ok(strcmp(next(&first), "again") == 0, "the lane goes on after that");
	search("b");
	tap_ok(updates() && reads(0, "b", 0) && finishes(), "with a new worker");
	close_lane();
}

/* Whether all that was counted is so much of each: once, twice, three times ... */
static bool
totals_are(uint64_t each)
{
	struct lane_totals sum = { .matches = 1 };

	lane_parent_totals(&parent, &sum);
	return sum.searches == each && sum.searches_with_match == 2 * each &&
	    sum.bytes_searched == 3 * each && sum.bytes_printed == 4 * each &&
	    sum.matched_lines == 5 * each && sum.matches == 6 * each + 1;
}

static void
count(uint64_t each)
{
	struct lane_totals *t = lane_worker_totals(&worker);

	t->searches += each;
	t->searches_with_match += 2 * each;
	t->bytes_searched += 3 * each;
	t->bytes_printed += 4 * each;
	t->matched_lines += 5 * each;
	t->matches += 6 * each;
}

static void
deal_link(uint32_t sequence)
{
	deal(sequence, "link", 1);
	lane_parent_chain(&parent, true);
}

static void
test_chain(void)
{
	struct lane_loss losses[LANE_LOSSES_MAX];
	uint32_t first;
	uint64_t count;

	open_lane();
	deal_link(7);
	deal_link(9);
	next(&first);
	lane_parent_update(&parent);
	tap_ok(!lane_parent_counted(&parent, 0, &count), "a link is not counted before it is");
	lane_worker_start(&worker);
	bell_wakes = 0;
	lane_parent_ask_count(&parent, false);
	doorbell_arm(&bell);
	lane_worker_count(&worker, 42);
	tap_ok(bell_wakes == 0, "nobody is told of a count who has not asked");
	tap_ok(lane_parent_update(&parent) == 0 && lane_parent_counted(&parent, 0, &count) && count == 42,
	    "but it is there");
	lane_worker_commit(&worker, 0, 0, 0);
	next(&first);
	lane_parent_ask_count(&parent, true);
	bell_wakes = 0;
	lane_worker_count(&worker, 1);
	tap_ok(bell_wakes == 1, "who has asked is");
	doorbell_disarm(&bell);

	atomic_store(&((struct lane_results *)(void *)worker.results.base)->waiting, LANE_WANTS_BASE);
	lane_parent_update(&parent);
	tap_ok(lane_parent_wants_base(&parent), "a link may wait for its base");
	lane_parent_give_base(&parent, 0, 0);
	tap_ok(lane_parent_wants_base(&parent), "another's is not its own");
	lane_parent_give_base(&parent, 1, 42);
	tap_ok(!lane_parent_wants_base(&parent) && lane_worker_base(&worker) == 42,
	    "when it has got it, it may not");
	lane_worker_start(&worker);
	lane_worker_commit(&worker, 0, 0, 0);

	deal_link(11);
	next(&first);
	lane_worker_start(&worker);
	lane_worker_count(&worker, 5);
	detach();
	lane_death_settle(&parent, losses);
	tap_ok(lane_parent_counted(&parent, 2, &count) && count == 5, "what a dead worker has counted stands");
	deal_link(13);
	attach();
	next(&first);
	lane_worker_start(&worker);
	lane_worker_commit(&worker, 0, 0, 0);
	lane_parent_update(&parent);
	tap_ok(lane_parent_counted(&parent, 3, &count) && count == 0,
	    "what is complete and was not counted is nothing");
	deal(15, "alone", 1);
	next(&first);
	lane_worker_count(&worker, 5);
	atomic_store(&((struct lane_results *)(void *)worker.results.base)->waiting, LANE_WANTS_BASE);
	lane_parent_update(&parent);
	tap_ok(!lane_parent_counted(&parent, 4, &count) && !lane_parent_wants_base(&parent),
	    "what is no link neither counts nor waits");
	close_lane();
}

static void
test_totals(void)
{
	uint32_t first;

	open_lane();
	deal(1, "", 5);
	next(&first);
	tap_ok(totals_are(0), "nothing is counted at first");
	lane_worker_start(&worker);
	count(10);
	tap_ok(totals_are(0), "a file counts when it is done");
	lane_worker_commit(&worker, 0, 0, 0);
	tap_ok(totals_are(10), "with all that was counted");
	count(1);
	search(NULL);
	tap_ok(totals_are(11), "files add up");
	lane_worker_start(&worker);
	count(1000);
	detach();
	tap_ok(settles(1, 2, 1) && totals_are(11), "one that is lost counts for nothing");
	settles(1, 0, 0);
	tap_ok(totals_are(11), "the dead are counted once");
	attach();
	next(&first);
	count(100);
	search(NULL);
	tap_ok(totals_are(111), "the next worker adds to that");
	detach();
	settles(1, 0, 0);
	tap_ok(lane_death_replace(&parent) == 0 && totals_are(111), "another region changes nothing");
	attach();
	next(&first);
	count(1000);
	search(NULL);
	tap_ok(totals_are(1111), "nor does it for the next worker");
	close_lane();
}

/* Here begins what a hostile worker may do. */

static void
claim_totals(uint64_t number)
{
	struct lane_results *words = (void *)worker.results.base;

	for (size_t i = 0; i < LANE_TOTALS; i++)
		atomic_store(&words->totals[i], number);
}

static void
test_hostile_totals(void)
{
	struct lane_totals sum = { .searches = 5 };
	uint32_t first;

	open_lane();
	deal(1, "", 3);
	next(&first);
	count(7);
	search(NULL);
	detach();
	settles(1, 0, 0);
	attach();
	claim_totals(0);
	tap_ok(totals_are(7), "what others counted cannot be taken back");
	claim_totals(UINT64_MAX - 6);
	lane_parent_totals(&parent, &sum);
	tap_ok(sum.searches == UINT64_MAX && sum.matches == UINT64_MAX, "sums stop at the largest number");
	detach();
	settles(1, 0, 0);
	attach();
	next(&first);
	count(1);
	search(NULL);
	lane_parent_totals(&parent, &sum);
	tap_ok(sum.searches == UINT64_MAX && sum.bytes_printed == UINT64_MAX,
	    "and stay there, whoever comes next");
	close_lane();
}

static struct lane_slot *
hostile_slot(uint64_t number)
{
	return &((struct lane_results *)(void *)worker.results.base)->slots[number % LANE_SLOTS];
}

static void
claim(uint64_t number, uint32_t sequence, uint32_t started, uint32_t committed, uint64_t end)
{
	struct lane_slot *slot = hostile_slot(number);

	atomic_store(&slot->end, end);
	atomic_store(&slot->started, lane_tagged(sequence, started));
	atomic_store(&slot->committed, lane_tagged(sequence, committed));
}

/* A header at a position of the ring. Returns the position after the frame. */
static uint64_t
forge(uint64_t pos, uint32_t length, uint32_t item, uint16_t flags)
{
	const struct frame f = { .length = length, .item = item, .flags = flags };

	memcpy(region_at(&worker.results, pos), &f, sizeof(f));
	return pos + (sizeof(f) + length + RING_ALIGN - 1) / RING_ALIGN * RING_ALIGN;
}

/* A batch of three files, the first done and read; at: the end of its frames. */
static uint64_t
open_hostile(void)
{
	uint32_t first;

	open_lane();
	deal(30, "one", 3);
	deal(31, "two", 1);
	next(&first);
	search("first");
	updates();
	reads(0, "first", 0);
	return parent.reader.end;
}

/* After the settlement: a new worker does the rest, from this file on. */
static bool
recovers(uint32_t file)
{
	return take_over(file) && updates() && (file > 2 || reads(2, "third", 0)) && finishes() &&
	    reads(0, "last", 0) && finishes() && lane_parent_backlog(&parent) == 0;
}

static void
test_hostile_word(const char *name, uint32_t committed, uint64_t end_off)
{
	uint64_t at = open_hostile();

	claim(0, 30, 2, committed, at + end_off);
	tap_ok(refuses_update(), "%s is refused", name);
	tap_ok(refuses_update() && lane_parent_backlog(&parent) == 3, "%s: so it is again", name);
	detach();
	tap_ok(settles(30, 1, 1), "%s: the file it was on is lost", name);
	tap_ok(recovers(2), "%s: the next worker does the rest", name);
	close_lane();
}

static void
test_hostile_words(void)
{
	test_hostile_word("a count beyond the files", 4, 0);
	test_hostile_word("an enormous count", UINT32_MAX, 0);
	test_hostile_word("an end that goes back", 1, (uint64_t)-8);
	test_hostile_word("an end beyond the ring", 1, RESULTS_RING + 8);
	test_hostile_word("an enormous end", 1, (uint64_t)1 << 63);
	test_hostile_word("an unaligned end", 1, 4);
}

/* A frame that is refused: where the file was not done, and where all was. */
static void
test_hostile_frame(const char *name, uint32_t length, uint32_t item, uint64_t room)
{
	uint64_t at = open_hostile();

	forge(at, length, item, 0);
	claim(0, 30, 2, 1, at + room);
	tap_ok(updates() && reads_none() == -1, "%s is refused", name);
	detach();
	tap_ok(settles(30, 1, 1), "%s: the file it was on is lost", name);
	tap_ok(settles(30, 0, 0), "%s: a death after that loses no other", name);
	tap_ok(recovers(2), "%s: the next worker does the rest", name);
	close_lane();

	at = open_hostile();
	forge(at, length, item, 0);
	claim(0, 30, 3, 3, at + room);
	tap_ok(updates() && reads_none() == -1, "%s is refused in a batch that is done", name);
	detach();
	tap_ok(settles(30, 1, 2), "%s: the files whose frames are not read are lost", name);
	tap_ok(recovers(3), "%s: the next worker does the next batch", name);
	close_lane();
}

static void
test_hostile_frames(void)
{
	test_hostile_frame("an item beyond the files", 0, 3, 16);
	test_hostile_frame("an enormous item", 0, UINT32_MAX, 16);
	test_hostile_frame("an item that was done", 0, 0, 16);
	test_hostile_frame("a length beyond the longest", RING_TEXT_MAX + 1, 1, RESULTS_RING / 2);
	test_hostile_frame("an enormous length", UINT32_MAX, 1, RESULTS_RING / 2);
	test_hostile_frame("a text beyond the end", 9, 1, 24);
	test_hostile_frame("a header beyond the end", 0, 1, 8);
}

/* A frame of a file that is not begun, and never will be by this worker. */
static void
test_hostile_early(void)
{
	struct frame f;
	const char *text;
	uint64_t at = open_hostile();
	int got = 0;

	forge(at, 0, 2, 0);
	claim(0, 30, 1, 1, at + 16);
	for (int i = 0; i < 100 && got == 0; i++)
		got = lane_parent_update(&parent) == -1 ? -1 : lane_parent_read(&parent, &f, &text);
	tap_ok(got == -1, "a frame ahead of the count is refused in the end, and does not spin the parent");
	close_lane();
}

/* A worker goes on between the two loads of an update: the end covers more than the count. */
static void
test_between_loads(void)
{
	uint64_t at = open_hostile(), end = forge(at, 0, 1, 0);

	end = forge(end, 0, 2, 0);
	claim(0, 30, 3, 1, end);
	updates();
	claim(0, 30, 3, 2, end);
	tap_ok(reads(1, "", 0) && reads(2, "", 0), "a frame ahead of the count that was loaded is read");
	close_lane();
}

/* The last frame of a file is read, and the file was never begun. */
static void
test_hostile_unbegun(void)
{
	uint64_t at = open_hostile();
	uint32_t first;
	bool good;

	forge(at, 0, 1, 0);
	claim(0, 30, 1, 1, at + 16);
	good = updates() && reads(1, "", 0);
	detach();
	settles(30, 1, 1);
	attach();
	next(&first);
	for (; first < 3; first++)
		search("x");
	tap_ok(good && updates() && reads_none() != -1,
	    "a file read to its end and never begun is not the next worker's fault");
	close_lane();
}

/* What was done before a new process took over is not its to tell of. */
static void
test_hostile_successor(void)
{
	struct lane_loss loss[LANE_LOSSES_MAX];
	uint64_t at = open_hostile();
	bool vacant;

	claim(0, 30, 1, 1, at);
	detach();
	settles(30, 0, 0);
	vacant = lane_death_vacant(&parent);
	lane_parent_release(&parent);
	tap_ok(!vacant && lane_death_vacant(&parent), "a lane is vacant when all is written out");
	tap_ok(lane_death_take_over(&parent, loss) == 0, "taking it over loses nothing");
	attach();
	forge(at, 0, 0, 0);
	claim(0, 30, 1, 1, at + 16);
	tap_ok(updates() && reads_none() == -1, "a file of the worker before is not told of again");
	close_lane();

	for (int more = 0; more < 2; more++) {
		at = open_hostile();
		forge(at, 0, 1, more ? LANE_MORE : 0);
		claim(0, 30, 1, 1, at + 16);
		updates();
		detach();
		settles(30, 0, 0);
		reads(1, "", more ? LANE_MORE : 0);
		lane_parent_release(&parent);
		tap_ok(lane_death_take_over(&parent, loss) == 1 && loss[0].first == 1 &&
		    loss[0].count == 1, "a file never begun is lost when %s frame of it was read",
		    more ? "a" : "the last");
		tap_ok(recovers(2), "and the next worker does the rest");
		close_lane();
	}
}

/* Claims on batches that are not in hand do not outlive who makes them. */
static void
test_hostile_legacy(const char *name, uint32_t committed, bool dealt_before)
{
	uint64_t at = open_hostile();
	uint32_t first;
	bool good;

	if (dealt_before)
		deal(32, "three", 2);
	claim(2, 32, committed, committed, at);
	detach();
	settles(30, 0, 0);
	if (!take_over(1)) {
		tap_ok(false, "%s: the next worker goes on", name);
		close_lane();
		return;
	}
	if (!dealt_before)
		deal(32, "three", 2);
	good = updates() && reads(2, "third", 0) && finishes() && reads(0, "last", 0) && finishes();
	tap_ok(good && lane_parent_backlog(&parent) == 2, "%s: a claim is not believed when its maker is dead",
	    name);
	next(&first);
	search("honest");
	search("work");
	tap_ok(updates() && reads(0, "honest", 0) && reads(1, "work", 0) && finishes(),
	    "%s: the next worker's frames are what comes out", name);
	close_lane();
}

/* The batches as dealt, and what came of their files. */
struct record {
	uint32_t sequence, files;
	size_t length[FILES_MAX]; /* of the text so far */
	bool ended[FILES_MAX];
	bool lost[FILES_MAX];
};

static struct record records[BATCHES_MAX];
static uint32_t dealt, emitted; /* batches */
static unsigned int lost_files, cut_files;
static const char *wrong; /* the first thing that was wrong */

static void
blame(const char *what)
{
	if (wrong == NULL)
		wrong = what;
}

static void
forget_records(void)
{
	memset(records, 0, sizeof(records[0]) * dealt);
	dealt = emitted = 0;
	lost_files = cut_files = 0;
	wrong = NULL;
}

static struct record *
record_of(uint32_t sequence)
{
	for (uint32_t i = emitted; i < dealt; i++)
		if (records[i].sequence == sequence)
			return &records[i];
	return NULL;
}

static void
record_losses(const struct lane_loss *losses, size_t count)
{
	if (count > LANE_LOSSES_MAX)
		blame("too many losses");
	for (size_t i = 0; i < count; i++) {
		struct record *r = record_of(losses[i].batch->sequence);

		if (r == NULL || losses[i].count == 0 || losses[i].first + losses[i].count > r->files) {
			blame("a loss is of no file that was dealt");
			return;
		}
		for (uint32_t n = 0; n < losses[i].count; n++) {
			lost_files += !r->lost[losses[i].first + n];
			r->lost[losses[i].first + n] = true;
		}
	}
}

/* Whether a text lies in the ring, and can be read. */
static bool
in_ring(const char *text, size_t length)
{
	const char *ring = region_ring(&parent.results);
	volatile char sum = 0;

	if (text < ring || length > RING_TEXT_MAX || text + length > ring + 2 * RESULTS_RING)
		return false;
	for (size_t i = 0; i < length; i++)
		sum = (char)(sum + text[i]);
	return true;
}

/* What is made of a frame, beyond what is recorded for all. */
typedef void (*frame_fn)(struct record *r, const struct frame *f, const char *text);

static void
record_frame(const struct frame *f, const char *text, frame_fn more)
{
	struct record *r = &records[emitted];

	if (f->item >= r->files || !in_ring(text, f->length)) {
		blame("a frame lies outside");
		return;
	}
	if (r->ended[f->item])
		blame("a file has frames after its last");
	for (uint32_t i = f->item + 1; i < r->files; i++)
		if (r->ended[i] || r->length[i] > 0)
			blame("files come out of order");
	if (more != NULL)
		more(r, f, text);
	r->length[f->item] += f->length;
	r->ended[f->item] = (f->flags & LANE_MORE) == 0;
}

/* Takes all there is. Returns 1 when something moved, 0, or -1. */
static int
collect(frame_fn frame, void (*finished)(const struct record *))
{
	int got, moved = 0;

	if (lane_parent_update(&parent) == -1)
		return -1;
	while (lane_parent_front(&parent) != NULL) {
		struct frame f;
		const char *text;

		while ((got = lane_parent_read(&parent, &f, &text)) == 1) {
			record_frame(&f, text, frame);
			moved = 1;
		}
		if (got == -1)
			return -1;
		if (!lane_parent_finished(&parent))
			break;
		if (lane_parent_front(&parent)->sequence != records[emitted].sequence)
			blame("batches come out of order");
		if (finished != NULL)
			finished(&records[emitted]);
		emitted++;
		lane_parent_finish(&parent);
		moved = 1;
	}
	lane_parent_release(&parent);
	return moved;
}

/* Kills the worker here, and gives the lane a new one. */
static void
replace_worker(void)
{
	struct lane_loss losses[LANE_LOSSES_MAX];

	detach();
	record_losses(losses, lane_death_settle(&parent, losses));
	attach();
}

static void
deal_record(uint32_t sequence, const void *bytes, size_t size, uint32_t files)
{
	records[dealt++] = (struct record){ .sequence = sequence, .files = files };
	lane_parent_deal(&parent, sequence, bytes, size, files);
}

static void
deal_random(struct random *r)
{
	static const char bytes[64];
	uint32_t last = dealt > 0 ? records[dealt - 1].sequence : (uint32_t)random_below(r, 4);

	if (lane_parent_fits(&parent, sizeof(bytes)))
		deal_record(last + 1 + (uint32_t)random_below(r, 2), bytes, random_below(r, sizeof(bytes)),
		    1 + (uint32_t)random_below(r, FILES_MAX));
}

/* Whether the worker here holds a batch that it has not finished. */
static bool in_hand;

/* The worker does a little, honestly; nothing when it would have to wait. */
static bool
work_honestly(void)
{
	uint32_t first;
	uint64_t room = parent.results.ring - (worker.writer.pos - parent.reader.drained);

	if (!in_hand) {
		if (worker.batch >= parent.back)
			return false;
		next(&first);
		in_hand = true;
	}
	if (room < RING_FRAME_MAX)
		return false;
	search(worker.file % 3 == 2 ? NULL : "honest");
	in_hand = worker.file < worker.files;
	return true;
}

/* Replaces the worker, which then holds nothing. */
static void
replace_here(void)
{
	replace_worker();
	in_hand = false;
}

/* A position near those that matter. */
static uint64_t
random_position(struct random *r)
{
	const uint64_t from[] = { parent.reader.end, parent.reader.pos, parent.reader.drained,
		parent.reader.drained + RESULTS_RING, random_next(r) };

	return from[random_below(r, 5)] + 8 * random_below(r, 12) - 8 * random_below(r, 3) +
	    (random_once_in(r, 16) ? 1 : 0);
}

/* Some frames in a row from pos on, that make more or less sense. */
static uint64_t
forge_frames(struct random *r, uint64_t pos)
{
	for (size_t n = random_below(r, 6); n > 0; n--) {
		uint32_t length = (uint32_t)random_below(r, random_once_in(r, 4) ? 50000 : 40);

		pos = forge(pos, random_once_in(r, 20) ? (uint32_t)random_next(r) : length,
		    (uint32_t)random_below(r, FILES_MAX + 1), random_once_in(r, 3) ? LANE_MORE : 0);
		if (pos - parent.reader.drained > RESULTS_RING)
			break;
	}
	return pos;
}

/* Words for a batch in flight, or one that may come. */
static void
claim_random(struct random *r)
{
	uint64_t number = parent.work + random_below(r, 4);
	uint32_t files = FILES_MAX, sequence = dealt > 0 ? records[dealt - 1].sequence + 1 : 1;
	uint64_t end = random_once_in(r, 2) ? random_position(r) : forge_frames(r, parent.reader.end);

	if (number < parent.back) {
		files = parent.batches[number % LANE_SLOTS].files;
		sequence = parent.batches[number % LANE_SLOTS].sequence;
	}
	claim(number, sequence + (uint32_t)random_once_in(r, 8),
	    (uint32_t)random_below(r, files + 2), (uint32_t)random_below(r, files + 2), end);
}

static void
scribble(struct random *r, char *to, size_t size)
{
	for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), to += sizeof(uint64_t)) {
		uint64_t word = random_next(r);

		memcpy(to, &word, sizeof(word));
	}
}

static void
do_harm(struct random *r)
{
	switch (random_below(r, 8)) {
	case 0:
		scribble(r, region_at(&worker.results, random_next(r)), random_below(r, 4096));
		break;
	case 1:
		forge_frames(r, random_position(r));
		break;
	case 2:
		if (random_once_in(r, 20))
			scribble(r, worker.results.base, worker.results.head + worker.results.ring);
		break;
	default:
		claim_random(r);
		break;
	}
}

/* What the parent calls at any time, for what it may do to memory. */
static void
look_around(void)
{
	lane_parent_readable(&parent);
	lane_parent_finished(&parent);
	lane_parent_waiting(&parent);
	lane_parent_hit(&parent);
	lane_parent_notify(&parent, 1);
	if (lane_parent_backlog(&parent) > (uint64_t)dealt * FILES_MAX)
		blame("the backlog is more than was dealt");
}

/* Honest workers do the rest. */
static void
finish_honestly(struct random *r)
{
	unsigned int replaced = 0;

	while (lane_parent_front(&parent) != NULL && wrong == NULL) {
		bool worked = random_once_in(r, 3) ? work_honestly() : false;
		int moved = collect(NULL, NULL);

		if (moved == 1 || worked || (moved == 0 && work_honestly()))
			continue;
		if (moved == 0) {
			blame("honest worker and parent wait for each other");
			return;
		}
		replace_here();
		if (++replaced > dealt * FILES_MAX)
			blame("one honest worker after the other is refused");
	}
}

/* The next file in turn comes with its text; the third of each batch with none. */
static void
check_honest(struct record *r, const struct frame *f, const char *text)
{
	(void)r;
	if (f->length != 6 || memcmp(text, "honest", 6) != 0 || f->item % 3 == 2)
		blame("an honest worker's text is another");
}

static void
check_honest_files(const struct record *r)
{
	for (uint32_t i = 0; i < r->files; i++)
		if (r->lost[i] || r->ended[i] != (i % 3 != 2))
			blame("an honest worker's file is missing");
}

/* With all that was the hostile worker's told, its words have no force. */
static void
check_aftermath(struct random *r)
{
	for (int i = 0; i < 4; i++)
		deal_random(r);
	while (wrong == NULL && emitted < dealt) {
		int moved = collect(check_honest, check_honest_files);

		if (moved == -1)
			blame("an honest worker is refused after the hostile one's batches");
		else if (moved == 0 && emitted < dealt && !work_honestly())
			blame("an honest worker hangs after the hostile one's batches");
	}
}

static bool
survives_hostile(struct random *r)
{
	forget_records();
	open_lane();
	in_hand = false;
	/* A worker is started for a batch. */
	deal_random(r);
	for (size_t n = 5 + random_below(r, 25); n > 0 && wrong == NULL; n--) {
		if (random_once_in(r, 3))
			deal_random(r);
		if (random_once_in(r, 2))
			work_honestly();
		if (random_once_in(r, 2))
			do_harm(r);
		if (random_once_in(r, 3) && collect(NULL, NULL) == -1)
			replace_here();
		look_around();
	}
	replace_here();
	finish_honestly(r);
	if (wrong == NULL && (lane_parent_backlog(&parent) != 0 || emitted != dealt ||
	    parent.files_done != parent.files_dealt))
		blame("files are left over");
	check_aftermath(r);
	close_lane();
	return wrong == NULL;
}

static unsigned long
cases(void)
{
	const char *given = getenv("TEST_CASES");

	return given != NULL ? strtoul(given, NULL, 0) : CASES;
}

static void
test_hostile_random(uint64_t seed)
{
	unsigned long failures = 0, lost = 0, count = cases();

	for (unsigned long i = 0; i < count; i++) {
		struct random r = { seed + i * 1000003 };

		if (!survives_hostile(&r) && failures++ < 5)
			tap_note("lane %lu: %s", i, wrong);
		lost += lost_files;
	}
	tap_ok(failures == 0, "%lu lanes survive hostile workers", count);
	tap_note("%lu lost files, %lu lanes failed", lost, failures);
}

/* From here on, real workers. */

enum { BAD_BATCH = 99 };

static _Atomic uint32_t alarm_word;
static struct doorbell *shared_bell;

static uint32_t
mix(uint32_t a, uint32_t b)
{
	uint32_t h = (a * 2654435761U) ^ (b * 40503U + 77);

	h ^= h >> 15;
	h *= 2246822519U;
	return h ^ h >> 13;
}

/* How long a file's text is: often short, sometimes more than two frames. */
static size_t
text_length(uint32_t sequence, uint32_t file)
{
	uint32_t h = mix(sequence, file);

	if (h % 4 == 0)
		return 0;
	return h % 16 == 1 ? h / 16 % TEXT_MAX : h / 16 % 200;
}

static char
text_byte(uint32_t sequence, uint32_t file, size_t i)
{
	return (char)(mix(sequence, file) + i * 7 + (i >> 8));
}

/* What a file's last frame says beside the text. */
static uint16_t
file_kind(uint32_t sequence, uint32_t file)
{
	return (uint16_t)(mix(file, sequence) % 3);
}

/* Whether what came of a file is all: only one of kind 0 may go without a last frame. */
static bool
is_whole(const struct record *r, uint32_t file)
{
	return r->length[file] == text_length(r->sequence, file) &&
	    (r->ended[file] || file_kind(r->sequence, file) == 0);
}

static void
fill_text(char *text, uint32_t sequence, uint32_t file)
{
	size_t length = text_length(sequence, file);

	for (size_t i = 0; i < length; i++)
		text[i] = text_byte(sequence, file, i);
}

/* A batch's bytes: its sequence, and then bytes that follow from it. */
static size_t
make_batch(char *bytes, uint32_t sequence)
{
	uint32_t h = mix(sequence, 12345);
	size_t size = sizeof(sequence) + (h % 12 == 0 ? h / 16 % (JOBS_BULK - 4) : h / 16 % 100);

	memcpy(bytes, &sequence, sizeof(sequence));
	for (size_t i = sizeof(sequence); i < size; i++)
		bytes[i] = text_byte(sequence, 1, i);
	return size;
}

static bool
is_batch(const char *bytes, uint32_t *sequence)
{
	static char expected[JOBS_BULK];
	size_t size;

	memcpy(sequence, bytes, sizeof(*sequence));
	size = make_batch(expected, *sequence);
	return memcmp(bytes, expected, size) == 0;
}

static void
maybe_die(struct random *r, size_t n)
{
	if (random_once_in(r, n))
		_exit(1);
}

static void
write_in_pieces(struct random *r, const char *text, size_t length)
{
	while (length > 0) {
		size_t part = 1 + random_below(r, length);

		lane_worker_write(&worker, text, part);
		maybe_die(r, 150);
		if (random_once_in(r, 3))
			lane_worker_flush(&worker);
		maybe_die(r, 150);
		text += part;
		length -= part;
	}
}

static void
search_really(struct random *r, uint32_t sequence, uint32_t file)
{
	static char text[TEXT_MAX];

	fill_text(text, sequence, file);
	maybe_die(r, 300);
	lane_worker_start(&worker);
	maybe_die(r, 150);
	write_in_pieces(r, text, text_length(sequence, file));
	maybe_die(r, 150);
	lane_worker_commit(&worker, file_kind(sequence, file), 0, file);
	maybe_die(r, 150);
}

static int
live(struct random *r)
{
	const char *bytes;
	uint32_t first, sequence;

	maybe_die(r, 50);
	if (lane_worker_open(&worker, &parent) == -1)
		return BAD_BATCH;
	maybe_die(r, 50);
	while ((bytes = lane_worker_next(&worker, &first)) != NULL) {
		if (!is_batch(bytes, &sequence))
			return BAD_BATCH;
		for (maybe_die(r, 100); first < worker.files; first++)
			search_really(r, sequence, first);
	}
	return 0;
}

static pid_t
start_worker(struct random *r)
{
	struct random own = { random_next(r) };
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(GUARD_S);
		_exit(live(&own));
	}
	return pid;
}

static void
check_text(struct record *r, const struct frame *f, const char *text)
{
	size_t at = r->length[f->item], length = text_length(r->sequence, f->item);

	if (at + f->length > length) {
		blame("a text is too long");
		return;
	}
	for (size_t i = 0; i < f->length; i++)
		if (text[i] != text_byte(r->sequence, f->item, at + i))
			blame("a text is another");
	if (f->flags & LANE_MORE)
		return;
	if (at + f->length != length || f->kind != file_kind(r->sequence, f->item) || f->value != f->item)
		blame("a file ends wrong");
}

static void
check_files(const struct record *r)
{
	for (uint32_t i = 0; i < r->files; i++) {
		if (!r->lost[i] && !is_whole(r, i))
			blame("a file is neither emitted nor lost");
		cut_files += r->lost[i] && !is_whole(r, i);
	}
}

static void
ring_in_handler(int number)
{
	(void)number;
	atomic_fetch_add(&alarm_word, 1);
	doorbell_ring(shared_bell, futex_kernel());
}

/* The worker's pid is 0 when there is none. Returns whether something changed. */
static bool
reap(pid_t *pid, unsigned int *deaths)
{
	struct lane_loss losses[LANE_LOSSES_MAX];
	unsigned int before = lost_files;
	int status;

	if (*pid == 0 || waitpid(*pid, &status, WNOHANG) != *pid)
		return false;
	*pid = 0;
	++*deaths;
	if (WIFEXITED(status) && WEXITSTATUS(status) == BAD_BATCH)
		blame("a worker saw a batch that was not dealt");
	record_losses(losses, lane_death_settle(&parent, losses));
	if (lost_files > before + 1)
		blame("a death loses more than one file");
	return true;
}

static bool
deal_really(struct random *r, uint32_t batches)
{
	static char bytes[JOBS_BULK];
	uint32_t sequence = dealt > 0 ? records[dealt - 1].sequence + 1 + (uint32_t)random_below(r, 3) : 5;
	size_t size = make_batch(bytes, sequence);

	if (dealt == batches || !lane_parent_fits(&parent, size))
		return false;
	deal_record(sequence, bytes, size, 1 + (uint32_t)random_below(r, FILES_MAX));
	return true;
}

/* Sleeps until the worker has news. There is no deadline: a ring that is lost hangs the test. */
static void
sleep_for_news(pid_t *pid, unsigned int *deaths, uint32_t alarm_value)
{
	uint32_t armed;
	int moved;

	lane_parent_notify(&parent, parent.back - parent.work > 8 ? 4 : 0);
	armed = doorbell_arm(shared_bell);
	moved = collect(check_text, check_files);
	if (moved == -1)
		blame("an honest worker is refused");
	else if (moved == 0 && !reap(pid, deaths))
		doorbell_wait(shared_bell, armed, &alarm_word, alarm_value, NULL, futex_kernel());
	doorbell_disarm(shared_bell);
}

/* Deals, collects and replaces until all is told. Returns how many died. */
static unsigned int
run_really(struct random *r, uint32_t batches, unsigned int *killed)
{
	unsigned int deaths = 0;
	pid_t pid = 0;

	while (wrong == NULL && (emitted < batches || pid != 0)) {
		uint32_t alarm_value = atomic_load(&alarm_word);
		bool moved = reap(&pid, &deaths);

		while (deal_really(r, batches))
			moved = true;
		if (pid == 0 && lane_parent_backlog(&parent) > 0)
			pid = start_worker(r);
		if (pid > 0 && random_once_in(r, 40)) {
			kill(pid, SIGKILL);
			++*killed;
		}
		if (dealt == batches && emitted == batches)
			lane_parent_end(&parent);
		if (!moved)
			sleep_for_news(&pid, &deaths, alarm_value);
	}
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return deaths;
}

static void
test_real_workers(struct random *r)
{
	enum { BATCHES = 400 };
	struct sigaction action = { .sa_handler = ring_in_handler, .sa_flags = SA_RESTART };
	struct lane_config config = config_here;
	unsigned int deaths, killed = 0;

	shared_bell = mmap(NULL, sizeof(*shared_bell), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared_bell == MAP_FAILED) {
		tap_ok(false, "shared memory");
		return;
	}
	sigaction(SIGCHLD, &action, NULL);
	config.bell = shared_bell;
	config.ops = futex_kernel();
	forget_records();
	open_parent(&config);
	deaths = run_really(r, BATCHES, &killed);
	if (!tap_ok(wrong == NULL && emitted == BATCHES && lane_parent_backlog(&parent) == 0,
	    "what workers do that die comes out once, right and in order"))
		tap_note("%s", wrong != NULL ? wrong : "files are left over");
	tap_ok(deaths > 20 && lost_files <= deaths, "no more files are lost than workers have died");
	tap_note("%u died, %u of them killed; %u files lost, %u of them not whole", deaths,
	    killed, lost_files, cut_files);
	lane_parent_close(&parent);
	munmap(shared_bell, sizeof(*shared_bell));
}

int
main(void)
{
	const uint64_t seed = random_seed();
	struct random r = { seed };

	alarm(GUARD_S);
	test_round_trip();
	test_stream();
	test_long_text();
	test_reserve();
	test_notify();
	test_release();
	test_fits();
	test_bulk();
	test_deaths();
	test_spare("on a file", STARTED, false, 1);
	test_spare("on a file with text of its own", WRITTEN, true, 1);
	test_spare("on a file with published text", FLUSHED, false, 1);
	test_spare("on a file with published text, known before", FLUSHED, true, 1);
	test_spare("on the last file", LAST_FLUSHED, true, 2);
	test_spares();
	test_death_in_commit(false);
	test_death_in_commit(true);
	test_settle_all();
	test_forfeit();
	test_chain();
	test_totals();
	test_hostile_totals();
	test_hostile_words();
	test_hostile_frames();
	test_hostile_early();
	test_between_loads();
	test_hostile_unbegun();
	test_hostile_successor();
	test_hostile_legacy("of a batch to come", 2, false);
	test_hostile_legacy("of a batch in the queue", 2, true);
	test_hostile_legacy("of too many files", 3, true);
	test_hostile_random(seed);
	test_real_workers(&r);
	return tap_done();
}
