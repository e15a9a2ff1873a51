/*
 * The sink: what becomes of frames on their way to the output, and that every
 * file of a batch is told once, in order, whichever of them are lost.
 *
 * TEST_SEED replays a run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emit/sink.h"
#include "random.h"
#include "tap.h"

enum { OUTPUT_MAX = 1 << 16, ITEMS_MAX = 64 };

/* A sink that writes to memory, and the batch that it is told of. */
static struct sink sink;
static const struct sink_options usual = { .stream.terminator = '\n', .silent = true, .input_name = "input" };
static struct sink_options options;
static struct batch_builder builder;
static char output[OUTPUT_MAX + 1];

static void
open_sink(void)
{
	options.fd = memfd_create("output", MFD_CLOEXEC);
	if (options.fd == -1 || sink_init(&sink, &options) == -1) {
		perror("sink");
		exit(1);
	}
	batch_builder_clear(&builder);
}

/* Closes it. Returns how many bytes it has written, which are in output. */
static size_t
close_sink(void)
{
	ssize_t length = -1;

	if (sink_flush(&sink) == 0)
		length = pread(options.fd, output, OUTPUT_MAX, 0);
	output[length > 0 ? length : 0] = '\0';
	close(options.fd);
	sink_fini(&sink);
	options = usual;
	return length > 0 ? (size_t)length : 0;
}

static void
item(enum walk_kind kind, uint32_t directory, const char *path, const char *name)
{
	const struct walk_entry e = { .kind = kind, .directory = directory, .path = path,
		.path_length = strlen(path), .name = name, .name_length = strlen(name),
		.error = kind == WALK_ERROR ? EACCES : 0 };

	if (batch_builder_add(&builder, &e) == -1)
		exit(1);
}

/* So many files of one directory. */
static void
files(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		item(WALK_FILE, 1, "d/", "f");
}

static void
frame_of(uint32_t number, const char *text, size_t length, uint16_t flags)
{
	const struct frame f = { .length = (uint32_t)length, .item = number, .flags = flags,
		.kind = STATUS_SEARCHED };

	sink_frame(&sink, builder.bytes, &f, text);
}

static void
frame(uint32_t number, const char *text, uint16_t flags)
{
	frame_of(number, text, strlen(text), flags);
}

static void
finish(void)
{
	sink_finished(&sink, builder.bytes, builder.items);
}

static bool
wrote(const char *expected, size_t length)
{
	size_t got = close_sink();

	if (got == length && memcmp(output, expected, length) == 0)
		return true;
	tap_note("written: %s", output);
	return false;
}

static bool
writes(const char *expected)
{
	finish();
	return wrote(expected, strlen(expected));
}

static void
test_lines(void)
{
	open_sink();
	files(3);
	frame(0, "a\nb", LANE_MORE);
	frame(0, "c\n", 0);
	frame(1, "torn", LANE_MORE);
	sink_lost(&sink, builder.bytes, 1, STATUS_CRASHED, 11);
	sink_lost(&sink, builder.bytes, 0, STATUS_CRASHED, 11);
	tap_ok(sink.report.files[STATUS_CRASHED] == 1, "what was passed is not told again");
	frame(2, "d\n", 0);
	tap_ok(writes("a\nbc\ntorn\nd\n"), "a torn text gets its newline, a whole one does not");

	open_sink();
	files(2);
	frame(0, "torn", LANE_MORE);
	sink_lost(&sink, builder.bytes, 0, STATUS_CRASHED, 11);
	frame(1, "d\n", 0);
	tap_ok(writes("torn\nd\n"), "so does that of a lost file");

	options.stream.terminator = '\0';
	open_sink();
	files(2);
	frame_of(0, "a\n\0b\n", 5, 0);
	frame_of(1, "c\0", 2, 0);
	finish();
	tap_ok(wrote("a\n\0b\n\0c\0", 8), "where lines end in NUL, it gets that");

	options.stream.null_names = options.stream.guard = true;
	open_sink();
	files(1);
	frame_of(0, "name\0001\n\33", 8, 0);
	finish();
	tap_ok(wrote("name\0001\n\\033\n", 12), "a NUL may separate in a line, on a terminal, too");
}

static void
test_separators(void)
{
	struct color_scheme colors;

	options.stream.separator = "--";
	open_sink();
	files(6);
	frame(0, "plain\n", 0);
	frame(1, "a\n", FRAME_GROUP);
	frame(2, "plain\n", 0);
	frame(3, "", FRAME_GROUP | LANE_MORE);
	frame(3, "b", FRAME_GROUP | LANE_MORE);
	frame(3, "b\n", FRAME_GROUP);
	frame(4, "", FRAME_GROUP);
	frame(5, "torn", FRAME_GROUP | LANE_MORE);
	tap_ok(writes("plain\na\nplain\n--\nbb\n--\n--\ntorn\n"),
	    "a separator stands before all files with groups but the first, once, with text or not");

	options.stream.separator = "--";
	open_sink();
	files(2);
	frame(0, "a\n", FRAME_GROUP);
	finish();
	batch_builder_clear(&builder);
	files(1);
	frame(0, "b", FRAME_GROUP | LANE_MORE);
	tap_ok(writes("a\n--\nb\n"), "also in the next batch");

	options.stream.separator = "";
	open_sink();
	files(2);
	frame(0, "torn", FRAME_GROUP | LANE_MORE);
	frame(1, "b\n", FRAME_GROUP);
	tap_ok(writes("torn\n\nb\n"), "an empty one is an empty line");

	open_sink();
	files(2);
	frame(0, "a\n", FRAME_GROUP);
	frame(1, "b\n", FRAME_GROUP);
	tap_ok(writes("a\nb\n"), "none is none");

	color_scheme_init(&colors, "se=1:ne");
	options.stream.colors = &colors;
	options.stream.separator_colored = true;
	options.stream.separator = "-\33-\n-\t";
	options.stream.guard = true;
	open_sink();
	files(2);
	frame(0, "a\n", FRAME_GROUP);
	frame(1, "b\n", FRAME_GROUP);
	tap_ok(writes("a\n\33[1m-\\033-\33[m\n-\t\33[m\nb\n"), "on a terminal it is what a worker's would be");

	color_scheme_init(&colors, "se=");
	options.stream.colors = &colors;
	options.stream.separator_colored = true;
	options.stream.separator = "--";
	open_sink();
	files(2);
	frame(0, "a\n", FRAME_GROUP);
	frame(1, "b\n", FRAME_GROUP);
	tap_ok(writes("a\n--\nb\n"), "a colour that is none ends nothing");
}

/* The message behind all others stands on a line of its own. */
static void
test_summary(void)
{
	const struct lane_totals totals = { .searches = 3, .searches_with_match = 2,
		.bytes_searched = UINT64_MAX, .bytes_printed = UINT64_MAX, .matched_lines = 5,
		.matches = 6 };
	bool good;

	options.stream.json = true;
	open_sink();
	files(2);
	frame(0, "{\"type\":", LANE_MORE);
	sink_lost(&sink, builder.bytes, 0, STATUS_CRASHED, 9);
	finish();
	good = sink_flush(&sink) == 0 && sink_summary(&sink, &totals) == 0;
	tap_ok(good && writes("{\"type\":\n"
	    "{\"data\":{\"elapsed_total\":{\"human\":\"0.000000s\",\"nanos\":0,\"secs\":0},"
	    "\"stats\":{\"bytes_printed\":18446744073709551615,"
	    "\"bytes_searched\":18446744073709551615,"
	    "\"elapsed\":{\"human\":\"0.000000s\",\"nanos\":0,\"secs\":0},"
	    "\"matched_lines\":5,\"matches\":6,\"searches\":3,\"searches_with_match\":2}},"
	    "\"type\":\"summary\"}\n"), "the summary comes last, also where a file is lost");
}

static void
test_eager(void)
{
	open_sink();
	files(1);
	frame(0, "a\n", LANE_MORE);
	tap_ok(!sink_full(&sink), "a line may wait for others");
	close_sink();
	options.line_buffered = true;
	open_sink();
	files(2);
	frame(0, "", LANE_MORE);
	tap_ok(!sink_full(&sink), "nothing is no text to be written at once");
	frame(0, "a\n", LANE_MORE);
	tap_ok(sink_full(&sink), "a line is");
	sink_flush(&sink);
	tap_ok(!sink_full(&sink), "then it is written");
	close_sink();
}

/* All that one frame can add, again and again, up to where the sink says that it is full. */
static void
test_room(void)
{
	unsigned int rounds = 0;

	options.stream.separator = "--";
	options.stream.guard = true;
	open_sink();
	files(2);
	for (; !sink_full(&sink) && rounds < 4 * OUTPUT_PIECES; rounds++)
		/* Held back, torn, and followed by another file with a separator. */
		frame(rounds % 2, "x\303", FRAME_GROUP | LANE_MORE);
	tap_ok(sink_full(&sink) && sink.output.count <= OUTPUT_PIECES, "%u frames, and there was room", rounds);
	close_sink();
}

/* ---- every file is told once ---- */

struct fate {
	enum walk_kind kind;
	enum file_status status;
};

/* What is told of one item in the end. */
static enum file_status
expected_status(const struct fate *f)
{
	if (f->kind == WALK_ERROR)
		return STATUS_UNREADABLE;
	return f->kind == WALK_VANISHED ? STATUS_VANISHED : f->status;
}

static void
make_batch(struct random *r, struct fate *fates, uint32_t count)
{
	uint32_t directory = 1;

	batch_builder_clear(&builder);
	for (uint32_t i = 0; i < count; i++) {
		static const enum file_status statuses[] = { STATUS_SEARCHED, STATUS_SKIPPED,
			STATUS_UNREADABLE, STATUS_CUT_SHORT, STATUS_CRASHED, STATUS_TIMED_OUT, STATUS_UNDONE };
		bool plain = !random_once_in(r, 5);

		fates[i].kind = plain ? WALK_FILE : (enum walk_kind)random_below(r, WALK_VANISHED + 1);
		fates[i].status = random_once_in(r, 4) ? statuses[random_below(r, 7)] : STATUS_SEARCHED;
		directory += (uint32_t)random_once_in(r, 6);
		item(fates[i].kind, directory, "d/", random_once_in(r, 2) ? "name" : "n");
	}
}

/* Tells of a batch as the pool does; a file that was searched may go without a frame. */
static void
tell_batch(struct random *r, const struct fate *fates, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct frame f = { .item = i, .kind = (uint16_t)fates[i].status, .value = 1 };

		/* A worker may say of the walk's errors what it likes. */
		if (fates[i].status >= STATUS_CRASHED)
			sink_lost(&sink, builder.bytes, i, fates[i].status, 0);
		else if (fates[i].status != STATUS_SEARCHED || random_once_in(r, 2))
			sink_frame(&sink, builder.bytes, &f, "");
	}
	finish();
}

/* Whether the sums of some batches are right, with a ledger of all files or without. */
static bool
counts_right(struct random *r, struct ledger *ledger)
{
	uint64_t expected[STATUS_COUNT] = { 0 };
	struct fate fates[ITEMS_MAX];
	bool good = true;

	options.ledger = ledger;
	open_sink();
	for (uint64_t batches = 1 + random_below(r, 4); batches > 0; batches--) {
		uint32_t count = 1 + (uint32_t)random_below(r, ITEMS_MAX);

		make_batch(r, fates, count);
		for (uint32_t i = 0; i < count; i++)
			expected[expected_status(&fates[i])]++;
		tell_batch(r, fates, count);
	}
	for (int i = 0; i < STATUS_COUNT; i++)
		good &= sink.report.files[i] == expected[i];
	close_sink();
	return good;
}

static void
test_counts(struct random *r)
{
	unsigned long cases = random_cases(3000), good = 0;
	char *text = NULL;
	size_t length;
	struct ledger ledger = { .all = true };

	while (good < cases && counts_right(r, NULL))
		good++;
	tap_ok(good == cases, "%lu runs: each file is told once", cases);
	for (good = 0, cases /= 10; good < cases; good++) {
		bool right;

		ledger.all = random_once_in(r, 2);
		ledger.stream = open_memstream(&text, &length);
		right = ledger.stream != NULL && counts_right(r, &ledger);
		fclose(ledger.stream);
		free(text);
		if (!right)
			break;
	}
	tap_ok(good == cases, "%lu runs: so it is with a ledger", cases);
}

/* The names come from the right place also where those before them were passed over. */
static void
test_names(void)
{
	struct ledger ledger = { 0 };
	char *text = NULL;
	size_t length;

	ledger.stream = open_memstream(&text, &length);
	options.ledger = &ledger;
	open_sink();
	item(WALK_FILE, 1, "a/", "1");
	item(WALK_FILE, 1, "a/", "22");
	item(WALK_FILE, 2, "b/", "3");
	item(WALK_FILE, 2, "b/", "44");
	item(WALK_ERROR, 2, "b/c/", "");
	item(WALK_FILE, 3, "d/", "5");
	item(WALK_FILE, 3, "d/", "6");
	frame(0, "x\n", 0);
	sink_lost(&sink, builder.bytes, 3, STATUS_UNDONE, UNDONE_DEADLINE);
	sink_lost(&sink, builder.bytes, 6, STATUS_UNDONE, UNDONE_DEADLINE);
	finish();
	fclose(ledger.stream);
	tap_ok(strcmp(text, "{\"type\":\"file\",\"path\":{\"text\":\"b/44\"},\"status\":\"not reached\",\"reason\":\"deadline\"}\n"
	    "{\"type\":\"file\",\"path\":{\"text\":\"b/c\"},\"status\":\"unreadable\",\"reason\":\"EACCES\"}\n"
	    "{\"type\":\"file\",\"path\":{\"text\":\"d/6\"},\"status\":\"not reached\",\"reason\":\"deadline\"}\n") == 0,
	    "what is told has the right names");
	tap_ok(sink.report.files[STATUS_SEARCHED] == 4, "and the others were searched");
	free(text);
	close_sink();
}

/* A mark says where the run could go on, and what is known there. */
static bool
marked(const struct mark *m, const char *path, uint64_t offset, uint64_t searched)
{
	bool is = m->placed && strcmp(m->path, path) == 0 && m->offset == offset &&
	    m->report.files[STATUS_SEARCHED] == searched;

	if (!is)
		tap_note("%s at %llu, %llu searched", m->placed ? m->path : "nowhere",
		    (unsigned long long)m->offset, (unsigned long long)m->report.files[STATUS_SEARCHED]);
	return is;
}

static void
named(unsigned int count)
{
	static const char letters[] = "abcdefgh";
	char name[2] = "";

	for (unsigned int i = 0; i < count; i++) {
		name[0] = letters[i];
		item(WALK_FILE, 1, "d/", name);
	}
}

static void
test_marks(void)
{
	static struct marks marks;

	options.marks = &marks;
	options.stream.separator = "--";
	open_sink();
	named(6);
	item(WALK_ERROR, 2, "d/z/", "");
	item(WALK_UNRULED, 3, "d/zz/", ".ignore");
	frame(1, "one\n", LANE_MORE | FRAME_GROUP);
	tap_ok(!marks.next.placed, "there is no mark within a file");
	frame(1, "two\n", FRAME_SELECTED);
	tap_ok(marked(&marks.next, "d/b", 8, 2) && marks.next.grouped && marks.next.report.selected,
	    "a mark is behind a file that gives text");
	marks_written(&marks, 7);
	tap_ok(!marks.written.placed, "it does not count before all is written");
	sink_flush(&sink);
	marks_written(&marks, output_written(&sink.output));
	tap_ok(marked(&marks.written, "d/b", 8, 2), "then it does");
	frame(2, "torn", LANE_MORE | FRAME_GROUP);
	sink_lost(&sink, builder.bytes, 2, STATUS_CRASHED, 11);
	frame(4, "five\n", FRAME_GROUP);
	tap_ok(marked(&marks.next, "d/e", 8 + 3 + 5 + 3 + 5, 4), "a lost file's text is before the next mark");
	frame(5, "not all", LANE_MORE | FRAME_GROUP);
	sink_flush(&sink);
	sink_lost(&sink, builder.bytes, 5, STATUS_TIMED_OUT, TIMEOUT_DEADLINE);
	tap_ok(marks.frozen && marked(&marks.next, "d/e", 24, 4),
	    "a file that is left for another run is behind the last mark");
	tap_ok(writes("one\ntwo\n--\ntorn\n--\nfive\n--\nnot all"), "and no text comes any more");
	tap_ok(marked(&marks.next, "d/e", 24, 4), "nor any mark");
	marks_free(&marks);
}

static void
test_places(void)
{
	static struct marks marks;

	options.marks = &marks;
	open_sink();
	item(WALK_UNRULED, 3, "d/", ".ignore");
	sink_lost(&sink, builder.bytes, 1, STATUS_UNDONE, UNDONE_DEADLINE);
	tap_ok(!marks.next.placed, "an ignore file is no place");
	close_sink();
	marks_free(&marks);
	options.marks = &marks;
	open_sink();
	named(2);
	item(WALK_ERROR, 2, "d/z/", "");
	item(WALK_UNRULED, 3, "d/zz/", ".ignore");
	finish();
	tap_ok(marked(&marks.next, "d/z/", 0, 2), "a directory is one, and what is told behind it is not");
	close_sink();
	marks_free(&marks);
}

static void
test_tallies(void)
{
	const struct lane_totals tally = { 1, 1, 10, 4, 1, UINT64_MAX };
	char text[4 + sizeof(tally)] = "one\n";

	memcpy(text + 4, &tally, sizeof(tally));
	options.tallies = true;
	open_sink();
	named(2);
	frame_of(0, text, sizeof(text), FRAME_TALLY);
	frame_of(1, text, sizeof(text), FRAME_TALLY);
	frame_of(1, text, 7, FRAME_TALLY);
	tap_ok(sink.totals.searches == 2 && sink.totals.bytes_searched == 20 &&
	    sink.totals.matches == UINT64_MAX, "what files were counted to have is summed up");
	close_sink();
	open_sink();
	named(1);
	frame_of(0, text, sizeof(text), FRAME_TALLY);
	tap_ok(sink.totals.searches == 0 && close_sink() > sizeof(tally),
	    "unasked for it is text as any other");
}

/* The next range of the operand "f", of so many; with a frame, if text is not NULL. */
static void
range(uint32_t number, uint32_t count, const char *text, uint16_t flags)
{
	const struct batch_range r = { .number = number, .count = count, .from = number, .to = number + 1 };

	if (sink.batch != NULL)
		finish();
	batch_builder_clear(&builder);
	item(WALK_FILE, 0, "", "f");
	batch_builder_set_range(&builder, &r);
	if (text != NULL)
		frame(0, text, flags);
	if (!(flags & LANE_MORE))
		finish();
}

static void
lose_range(uint32_t number, uint32_t count, enum file_status status, uint32_t value)
{
	range(number, count, NULL, LANE_MORE);
	sink_lost(&sink, builder.bytes, 0, status, value);
	finish();
}

static bool
told(enum file_status status)
{
	for (size_t i = 0; i < STATUS_COUNT; i++)
		if (sink.report.files[i] != (i == status))
			return false;
	return true;
}

static bool
settled(void)
{
	uint32_t operand;

	return sink_has_enough(&sink, &operand);
}

static void
test_ranges(void)
{
	struct lane_totals totals = { .searches_with_match = 3 };

	open_sink();
	range(0, 3, "a\n", FRAME_SELECTED);
	range(1, 3, NULL, 0);
	tap_ok(told(STATUS_COUNT) && !settled(), "no range is a file");
	range(2, 3, "c\n", FRAME_SELECTED);
	tap_ok(told(STATUS_SEARCHED), "all of them are one");
	sink_correct(&sink, &totals);
	tap_ok(totals.searches_with_match == 2, "with one match in the totals");
	tap_ok(wrote("a\nc\n", 4), "and with the text of all");

	open_sink();
	range(0, 4, "a\n", 0);
	range(1, 4, "b\n", LANE_MORE);
	sink_lost(&sink, builder.bytes, 0, STATUS_CRASHED, 11);
	finish();
	tap_ok(settled(), "a lost range is the end of a file");
	range(2, 4, "c\n", FRAME_SELECTED);
	lose_range(3, 4, STATUS_TIMED_OUT, TIMEOUT_FILE);
	tap_ok(told(STATUS_CRASHED) && !sink.report.selected, "which is lost once, whatever comes behind");
	tap_ok(wrote("a\nb\n", 4), "and not shown");

	open_sink();
	range(0, 4, "a\n", 0);
	range(1, 4, "b\n", FRAME_NUL);
	tap_ok(!settled(), "a NUL is not the end");
	range(2, 4, "c\n", FRAME_SELECTED);
	tap_ok(settled(), "but a line behind it is");
	range(3, 4, "Binary\n", FRAME_BINARY);
	tap_ok(wrote("a\nb\nBinary\n", 11), "which is told, not shown");

	open_sink();
	range(0, 3, "", FRAME_NUL | FRAME_HIDDEN);
	range(1, 3, "b\n", 0);
	range(2, 3, "Binary\n", FRAME_BINARY);
	tap_ok(wrote("Binary\n", 7), "also when it stands in the same range");

	open_sink();
	range(0, 2, "a\n", FRAME_NUL);
	range(1, 2, "Binary\n", FRAME_BINARY | FRAME_SELECTED);
	tap_ok(wrote("a\nBinary\n", 9), "or in the last one");

	open_sink();
	range(0, 2, "a\n", 0);
	range(1, 2, "Binary\n", FRAME_BINARY | FRAME_SELECTED);
	tap_ok(wrote("a\n", 2), "without a NUL nothing is binary");

	open_sink();
	range(0, 3, "a\n", 0);
	lose_range(1, 3, STATUS_UNDONE, UNDONE_DEADLINE);
	lose_range(2, 3, STATUS_UNDONE, UNDONE_DEADLINE);
	tap_ok(told(STATUS_TIMED_OUT), "a deadline within a file is its time-out");
	close_sink();
	open_sink();
	lose_range(0, 2, STATUS_UNDONE, UNDONE_DEADLINE);
	lose_range(1, 2, STATUS_UNDONE, UNDONE_DEADLINE);
	tap_ok(told(STATUS_UNDONE), "one before it is not");
	close_sink();

	options.one_settles = true;
	open_sink();
	range(0, 3, "", FRAME_SELECTED);
	tap_ok(settled(), "where one line is enough, it is");
	lose_range(1, 3, STATUS_CRASHED, 11);
	range(2, 3, "f\n", FRAME_SELECTED);
	tap_ok(told(STATUS_SEARCHED) && wrote("f\n", 2), "then a lost range is none");
	options.one_settles = true;
	open_sink();
	range(0, 2, "", FRAME_SELECTED);
	lose_range(1, 2, STATUS_CRASHED, 11);
	tap_ok(told(STATUS_CRASHED), "but the last one is, as it has the words");
	close_sink();
}

int
main(void)
{
	struct random r = { random_seed() };

	options = usual;
	test_lines();
	test_separators();
	test_summary();
	test_eager();
	test_room();
	test_counts(&r);
	test_names();
	test_ranges();
	batch_builder_free(&builder);
	test_marks();
	test_places();
	test_tallies();
	return tap_done();
}
