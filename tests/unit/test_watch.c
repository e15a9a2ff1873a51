/*
 * A watch without workers: the test deals what it is given to itself, answers
 * as a worker would, and as one would that lies.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shm/ring.h"
#include "tests/unit/tap.h"
#include "walk/batch.h"
#include "watch/state.h"

static struct watch *watch;
static struct walk *walk;
static struct report report;
static char directory[] = "/tmp/test_watch.XXXXXX";
static char *operands[] = { directory };

static void
write_file(const char *name, const char *text, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
	if (fd == -1 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

static void
rename_file(const char *from, const char *to)
{
	char a[128], b[128];

	snprintf(a, sizeof(a), "%s/%s", directory, from);
	snprintf(b, sizeof(b), "%s/%s", directory, to);
	if (rename(a, b) == -1)
		abort();
}

static void
remove_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	unlink(path);
}

static void
open_watch(void)
{
	const struct walk_options options = { .max_depth = UINT64_MAX };
	struct watch_options o = { .paths = operands, .path_count = 1, .report = &report,
		.output = -1 };

	walk = walk_open(&options, operands, 1);
	o.walk = walk;
	report.silent = true;
	watch = watch_open(&o);
}

static void
close_watch(void)
{
	watch_close(watch);
	walk_close(walk);
}

static struct pool_batch batch;
static struct batch_item item;
static struct batch_piece piece;

/* The next batch is one piece of that file, of these bytes. */
static bool
deals(const char *name, uint64_t offset, uint64_t end)
{
	struct batch_reader reader;

	if (watch_next(watch, 64, &batch) != POOL_BATCH || batch.files != 1)
		return false;
	batch_reader_init(&reader, batch.bytes);
	batch_reader_next(&reader, &item);
	piece = *batch_item_piece(&item);
	if (strcmp(item.name, name) == 0 && piece.offset == offset && piece.end == end)
		return true;
	tap_note("%s %ju-%ju", item.name, (uintmax_t)piece.offset, (uintmax_t)piece.end);
	return false;
}

static bool
is_dry(void)
{
	return watch_next(watch, 64, &batch) == POOL_DRY;
}

/* The worker's frames of one file, and that it is told. */
static void
answer(uint64_t reached, uint64_t lines, enum piece_state state)
{
	const struct piece_reply reply = { .reached = reached, .lines = lines, .state = state };
	const struct frame frame = { .length = sizeof(reply), .flags = FRAME_PIECE | LANE_MORE };
	const struct frame last = { .kind = STATUS_SEARCHED };

	tap_ok(watch_frame(watch, &frame, (const char *)&reply), "a reply is no text");
	tap_ok(!watch_frame(watch, &last, ""), "the last frame is not one");
	watch_finished(watch, 1);
}

static void
test_pieces(void)
{
	write_file("old", "one\n", 0);
	open_watch();
	tap_ok(is_dry(), "what was there is not dealt");
	write_file("old", "two\nthr", O_APPEND);
	tap_ok(deals("old", 4, 11), "what is appended is");
	tap_ok(piece.start == BATCH_IN_LINE && piece.uncounted == 1, "from the line that it is in");
	tap_ok(is_dry(), "not twice");
	answer(8, 2, PIECE_SEARCHED);
	tap_ok(is_dry(), "what is not whole waits");
	write_file("old", "ee\n", O_APPEND);
	tap_ok(deals("old", 8, 14) && piece.scanned == 11 && piece.lines == 2 &&
	    piece.start == BATCH_AT_LINE && piece.uncounted == 0, "it goes on where it was");
	write_file("old", "four\n", O_APPEND);
	tap_ok(is_dry(), "one piece of a file at a time");
	answer(14, 3, PIECE_SEARCHED);
	tap_ok(deals("old", 14, 19), "then what came meanwhile");
	answer(19, 4, PIECE_SEARCHED);
	tap_ok(is_dry(), "all is searched");
}

static void
test_rotation(void)
{
	write_file("old", "five\n", O_APPEND);
	rename_file("old", "old.1");
	write_file("old", "six\n", 0);
	tap_ok(watch_next(watch, 64, &batch) == POOL_BATCH && batch.files == 2, "two files");
	tap_ok(watch->flights[watch->flight_first % watch->flight_capacity].from == 19,
	    "what was renamed comes first, from where it was");
	watch_lost(watch, 0);
	watch_finished(watch, 2);
	write_file("old.1", "x\n", O_APPEND);
	tap_ok(deals("old.1", 24, 26) && piece.start == BATCH_PAST_LINE && piece.uncounted == 1,
	    "a lost piece is passed over");
	answer(26, 6, PIECE_SEARCHED);
}

static void
test_lies(void)
{
	static const struct {
		uint64_t reached;
		uint32_t state;
		const char *name;
	} lies[] = {
		{ 0, PIECE_SEARCHED, "before it" },
		{ 1000, PIECE_SEARCHED, "behind it" },
		{ UINT64_MAX, 77, "anywhere" },
	};
	uint64_t size = 26;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		write_file("old.1", "lie\n", O_APPEND);
		tap_ok(deals("old.1", size, size + 4), "a piece");
		answer(lies[i].reached, UINT64_MAX, (enum piece_state)lies[i].state);
		size += 4;
		tap_ok(is_dry(), "a worker that claims to be %s gets nothing again", lies[i].name);
	}
	write_file("old.1", "lie\n", O_APPEND);
	tap_ok(deals("old.1", size, size + 4) && piece.start == BATCH_PAST_LINE, "it goes on");
	watch_finished(watch, 1);
	size += 4;
	write_file("old.1", "lie\n", O_APPEND);
	tap_ok(deals("old.1", size, size + 4) && piece.start == BATCH_PAST_LINE,
	    "one that says nothing is passed over");
	answer(size, 1, PIECE_CHANGED);
	tap_ok(deals("old.1", 0, size + 4) && piece.start == BATCH_AT_LINE && piece.lines == 0,
	    "what has changed is searched from its beginning");
	answer(size + 4, 9, PIECE_IN_LINE);
	write_file("old.1", "y\n", O_APPEND);
	tap_ok(deals("old.1", size + 4, size + 6) && piece.start == BATCH_PAST_LINE &&
	    piece.lines == 9, "a line that was cut goes on");
	answer(size + 6, 10, PIECE_SEARCHED);
	tap_ok(!watch_frame(watch, &(struct frame){ .item = 5, .flags = FRAME_PIECE }, ""),
	    "a frame of no piece is none");
}

static void
test_truncation(void)
{
	write_file("old.1", "new\n", O_TRUNC);
	tap_ok(deals("old.1", 0, 4) && piece.start == BATCH_AT_LINE && piece.lines == 0,
	    "a shorter file is searched from its beginning");
	remove_file("old.1");
	write_file("old.1", "newer\n", 0);
	tap_ok(deals("old.1", 0, 6), "another file of the name, too");
	watch_finished(watch, 2);
	tap_ok(is_dry(), "and each once");
}

static void
test_overflow(void)
{
	write_file("old.1", "more\n", O_APPEND);
	rename_file("old.1", "old.2");
	write_file("old.1", "another\n", 0);
	/* Nobody has heard of that. */
	close(watch->inotify);
	watch->inotify = notify_open();
	tap_ok(is_dry(), "events that were lost tell nothing");
	watch->overflow = true;
	tap_ok(watch_next(watch, 64, &batch) == POOL_BATCH && batch.files == 2, "a rescan finds both");
	tap_ok(watch->flights[watch->flight_first % watch->flight_capacity].from == 6,
	    "what was known comes first, from where it was");
	watch_finished(watch, 2);
	tap_ok(is_dry(), "and each once");
}

int
main(void)
{
	char command[128];

	if (mkdtemp(directory) == NULL)
		return 1;
	test_pieces();
	test_rotation();
	test_lies();
	test_truncation();
	test_overflow();
	close_watch();
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) == 0 ? tap_done() : 1;
}
