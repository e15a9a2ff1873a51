/*
 * The sink: what stands between the texts of files, what ends a line that a
 * worker left without, and the message behind all others.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emit/sink.h"
#include "tap.h"

enum { WRITTEN_MAX = 4096, FILES = 4 };

static struct sink sink;
static struct sink_options options;
static struct batch_builder batch;
static char written[WRITTEN_MAX];

static void
make_batch(void)
{
	static const char *const names[FILES] = { "a", "b", "c", "d" };

	for (size_t i = 0; i < FILES; i++)
		batch_builder_add(&batch, &(struct walk_entry){ .kind = WALK_FILE, .directory = 1,
			.path = "t/", .path_length = 2, .name = names[i], .name_length = 1 });
}

static bool
stopped(void)
{
	return false;
}

/* Options are set before. */
static void
open_sink(void)
{
	options.fd = memfd_create("written", MFD_CLOEXEC);
	options.stop = stopped;
	options.silent = true;
	options.input_name = "input";
	if (options.fd == -1 || sink_init(&sink, &options) == -1)
		_exit(1);
}

static void
text(uint32_t item, const char *bytes, uint16_t flags)
{
	const struct frame frame = { .length = (uint32_t)strlen(bytes), .item = item,
		.flags = flags };

	sink_frame(&sink, batch.bytes, &frame, bytes);
}

/* Whether all that was written is this, length bytes of it. */
static bool
wrote(const char *expected, size_t length)
{
	ssize_t got;

	sink_flush(&sink);
	got = pread(options.fd, written, sizeof(written), 0);
	if (got == (ssize_t)length && memcmp(written, expected, length) == 0)
		return true;
	tap_note("%zd bytes: %.*s", got, (int)got, written);
	return false;
}

static void
close_sink(void)
{
	close(options.fd);
	sink_fini(&sink);
	options = (struct sink_options){ .terminator = '\n' };
}

/* Whether that was written, and that is the end. */
static bool
ends_with(const char *expected)
{
	bool good = wrote(expected, strlen(expected));

	close_sink();
	return good;
}

static void
test_separators(void)
{
	static struct color_scheme colors;

	options.separator = "--";
	open_sink();
	text(0, "one\n", FRAME_GROUP | LANE_MORE);
	text(0, "more\n", FRAME_GROUP | LANE_MORE);
	text(0, "", FRAME_GROUP);
	text(2, "two\n", FRAME_GROUP);
	text(3, "", FRAME_GROUP);
	tap_ok(ends_with("one\nmore\n--\ntwo\n"), "a line between files that print, and nowhere else");

	options.separator = "--";
	open_sink();
	text(0, "one\n", 0);
	text(1, "two\n", FRAME_GROUP);
	text(2, "three\n", 0);
	text(3, "four\n", FRAME_GROUP);
	tap_ok(ends_with("one\ntwo\nthree\n--\nfour\n"), "only files that ask for it are told apart");

	options.separator = NULL;
	open_sink();
	text(0, "one\n", FRAME_GROUP);
	text(1, "two\n", FRAME_GROUP);
	tap_ok(ends_with("one\ntwo\n"), "there may be no separator");

	color_scheme_init(&colors, NULL);
	options.separator = "--";
	options.colors = &colors;
	open_sink();
	text(0, "one\n", FRAME_GROUP);
	text(1, "two\n", FRAME_GROUP);
	tap_ok(ends_with("one\n\33[36m\33[K--\33[m\33[K\ntwo\n"), "it has a colour");

	color_scheme_init(&colors, "se=");
	options.separator = "--";
	options.colors = &colors;
	open_sink();
	text(0, "one\n", FRAME_GROUP);
	text(1, "two\n", FRAME_GROUP);
	tap_ok(ends_with("one\n--\ntwo\n"), "if separators have one");

	color_scheme_init(&colors, NULL);
	options.separator = "";
	options.colors = &colors;
	options.guard = true;
	open_sink();
	text(0, "o\1ne", FRAME_GROUP);
	text(1, "two\n", FRAME_GROUP);
	tap_ok(ends_with("o\\001ne\n\ntwo\n"), "an empty one is an empty line, behind what a guard held");
}

static void
test_ends(void)
{
	open_sink();
	text(0, "torn", LANE_MORE);
	text(1, "torn too", LANE_MORE);
	sink_lost(&sink, batch.bytes, 1, STATUS_CRASHED, 9);
	text(2, "whole\n", 0);
	tap_ok(ends_with("torn\ntorn too\nwhole\n"), "a line that is torn is ended");

	options.terminator = '\0';
	open_sink();
	text(0, "torn", 0);
	text(1, "a line\n", 0);
	tap_ok(wrote("torn\0a line\n\0", 13), "with NUL where lines end so");
	close_sink();
}

static void
test_line_buffered(void)
{
	open_sink();
	text(0, "one\n", LANE_MORE);
	tap_ok(!sink_full(&sink), "more than a line may wait");
	close_sink();
	options.line_buffered = true;
	open_sink();
	tap_ok(!sink_full(&sink), "nothing is nothing to write");
	text(0, "one\n", LANE_MORE);
	tap_ok(sink_full(&sink), "line by line, none waits");
	sink_flush(&sink);
	tap_ok(!sink_full(&sink), "for longer than it takes to write it");
	close_sink();
}

static void
test_summary(void)
{
	const struct lane_totals totals = { .searches = 3, .searches_with_match = 2,
		.bytes_searched = UINT64_MAX, .bytes_printed = UINT64_MAX, .matched_lines = 5,
		.matches = 6 };

	options.json = true;
	open_sink();
	text(0, "{\"type\":", LANE_MORE);
	sink_lost(&sink, batch.bytes, 0, STATUS_CRASHED, 9);
	sink_finished(&sink, batch.bytes, FILES);
	sink_flush(&sink);
	tap_ok(sink_summary(&sink, &totals) == 0 && ends_with("{\"type\":\n"
	    "{\"data\":{\"elapsed_total\":{\"human\":\"0.000000s\",\"nanos\":0,\"secs\":0},"
	    "\"stats\":{\"bytes_printed\":18446744073709551615,"
	    "\"bytes_searched\":18446744073709551615,"
	    "\"elapsed\":{\"human\":\"0.000000s\",\"nanos\":0,\"secs\":0},"
	    "\"matched_lines\":5,\"matches\":6,\"searches\":3,\"searches_with_match\":2}},"
	    "\"type\":\"summary\"}\n"), "the summary is a line of its own, behind a file that is lost");
}

/* Statuses are counted once, however they are told. */
static void
test_counts(void)
{
	uint64_t *files = sink.report.files;

	open_sink();
	sink_frame(&sink, batch.bytes, &(struct frame){ .item = 1, .kind = STATUS_SKIPPED }, "");
	tap_ok(files[STATUS_SEARCHED] == 1 && files[STATUS_SKIPPED] == 1, "files before one are searched");
	sink_frame(&sink, batch.bytes, &(struct frame){ .item = 1, .kind = STATUS_SKIPPED }, "");
	sink_frame(&sink, batch.bytes, &(struct frame){ .item = 0, .kind = STATUS_SKIPPED }, "");
	tap_ok(files[STATUS_SEARCHED] == 1 && files[STATUS_SKIPPED] == 1, "no file has two statuses");
	sink_lost(&sink, batch.bytes, 3, STATUS_CRASHED, 9);
	sink_finished(&sink, batch.bytes, FILES);
	tap_ok(files[STATUS_SEARCHED] == 2 && files[STATUS_CRASHED] == 1, "and each has one");
	close_sink();
}

int
main(void)
{
	options.terminator = '\n';
	make_batch();
	test_separators();
	test_ends();
	test_line_buffered();
	test_summary();
	test_counts();
	batch_builder_free(&batch);
	return tap_done();
}
