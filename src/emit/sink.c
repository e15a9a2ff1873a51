#include "sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int
sink_init(struct sink *s, const struct sink_options *options)
{
	*s = (struct sink){ .options = options, .report = { .silent = options->silent } };
	output_init(&s->output, options->fd, options->stop);
	return stream_init(&s->stream, &options->stream, &s->output);
}

void
sink_fini(struct sink *s)
{
	stream_fini(&s->stream);
}

bool
sink_full(const struct sink *s)
{
	return (s->options->line_buffered && s->output.count > 0) || stream_full(&s->stream);
}

int
sink_flush(struct sink *s)
{
	return stream_flush(&s->stream);
}

/* No more files are told, and their text is not wanted. */
static bool
is_frozen(const struct sink *s)
{
	return s->options->marks != NULL && s->options->marks->frozen;
}

/* Whether it is standard input, or what could not be had of it: no file has that name. */
static bool
is_input(const struct batch_item *item)
{
	return item->section->directory == 0 && *item->path == '\0' && strcmp(item->name, "-") == 0;
}

static struct report_file
file_of(const struct sink *s, const struct batch_item *item)
{
	return (struct report_file){
		.path = item->path,
		.name = is_input(item) ? s->options->input_name : item->name,
		.operand = item->section->directory == 0,
	};
}

static void
tell(struct sink *s, const struct batch_item *item, enum file_status status, uint32_t value)
{
	const struct report_file file = file_of(s, item);

	report_file(&s->report, &file, status, value);
	if (s->options->ledger != NULL)
		ledger_file(s->options->ledger, &file, status, value);
	if (s->options->told != NULL && item->section->kind < WALK_ERROR)
		s->options->told(s->options->ctx, 1, status, value);
}

/* A file, or a range of one, is told. */
static void
tell_part(struct sink *s, const struct batch_item *item, enum file_status status, uint32_t value)
{
	const struct batch_range *range = &item->section->range;
	struct fold_rules rules = { .one_settles = s->options->one_settles };

	if (range->count == 0) {
		tell(s, item, status, value);
		return;
	}
	rules.last = batch_range_is_last(range);
	fold_status(&s->fold, &rules, status, value);
	s->operand = item->section->operand;
	if (!rules.last)
		return;
	tell(s, item, s->fold.status, s->fold.value);
	s->more_ranges += s->fold.selected > 0 ? s->fold.selected - 1 : 0;
	s->fold = (struct fold){ 0 };
}

bool
sink_has_enough(const struct sink *s, uint32_t *operand)
{
	*operand = s->operand;
	return s->fold.settled;
}

void
sink_correct(const struct sink *s, struct lane_totals *totals)
{
	totals->searches_with_match -= s->more_ranges < totals->searches_with_match ? s->more_ranges
	    : totals->searches_with_match;
}

/* What the walk has to say. Returns false if it is nothing, but a file. */
static bool
tell_walk(struct sink *s, const struct batch_item *item)
{
	const struct report_file file = file_of(s, item);

	if (item->section->kind < WALK_ERROR)
		return false;
	if (item->section->kind == WALK_ERROR)
		tell(s, item, STATUS_UNREADABLE, (uint32_t)item->section->error);
	else if (item->section->kind == WALK_VANISHED)
		tell(s, item, STATUS_VANISHED, 0);
	else if (item->section->kind == WALK_LOOP)
		report_note(&s->report, &file, REPORT_LOOP);
	else
		report_unruled(&s->report, &file, item->section->error);
	return true;
}

/* Tells of the next item: a file is one that was searched. */
static void
tell_next(struct sink *s)
{
	batch_reader_next(&s->reader, &s->last);
	if (!tell_walk(s, &s->last))
		tell_part(s, &s->last, STATUS_SEARCHED, 0);
}

/*
 * Goes on in the batch up to an item.  On the way it tells of the walk's own
 * errors, and of the files that were searched: those that nothing else was
 * said of.  Nobody may want to know their names.
 */
static void
tell_before(struct sink *s, const void *batch, uint32_t below)
{
	bool named = s->options->ledger != NULL && s->options->ledger->all;

	if (s->batch != batch) {
		s->batch = batch;
		s->last = (struct batch_item){ 0 };
		batch_reader_init(&s->reader, batch);
	}
	while (s->reader.number < below) {
		uint32_t passed = named ? 0 : batch_reader_pass(&s->reader, below);

		s->report.files[STATUS_SEARCHED] += passed;
		if (passed > 0 && s->options->told != NULL)
			s->options->told(s->options->ctx, passed, STATUS_SEARCHED, 0);
		if (passed == 0)
			tell_next(s);
	}
}

/* The same, and takes the item. Returns false when there is no such file ahead. */
static bool
advance(struct sink *s, const void *batch, uint32_t number, struct batch_item *item)
{
	tell_before(s, batch, number);
	if (s->reader.number != number)
		return false;
	batch_reader_next(&s->reader, &s->last);
	*item = s->last;
	return !tell_walk(s, item);
}

static void
settle(struct sink *s)
{
	s->settled = (struct sink_settled){ .offset = s->output.added, .grouped = s->stream.grouped,
		.selected = s->report.selected, .totals = s->totals };
}

/* Sets a mark behind so many items of the batch, with what was settled then. */
static void
set_mark(struct sink *s, const void *batch, uint32_t files)
{
	struct mark *m = &s->options->marks->next;

	if (files > 0)
		tell_before(s, batch, files - 1);
	if (files > 0 && s->reader.number < files)
		tell_next(s);
	/* Most often it is at hand. */
	if (mark_place(m, batch, files, &s->last) == -1)
		return;
	m->offset = s->settled.offset;
	m->ledger = s->options->ledger != NULL ? ledger_offset(s->options->ledger) : 0;
	m->grouped = s->settled.grouped;
	m->report = s->report;
	m->report.selected = s->settled.selected;
	m->totals = s->settled.totals;
	s->options->marks->set++;
}

/* A file has ended. Returns whether that is something to marks. */
static bool
settle_file(struct sink *s)
{
	if (s->options->marks == NULL || is_frozen(s))
		return false;
	settle(s);
	return true;
}

/* The file is left for another run, and all that follow. */
static void
freeze(struct sink *s, const void *batch, uint32_t file)
{
	if (is_frozen(s))
		return;
	set_mark(s, batch, file);
	s->options->marks->frozen = s->stream.muted = true;
}

static void
add_word(uint64_t *sum, uint64_t word)
{
	*sum = *sum + word < *sum ? UINT64_MAX : *sum + word;
}

/* Takes what a worker has counted of a file from the end of its text. Returns the text's length. */
static uint32_t
take_tally(struct sink *s, const struct frame *frame, const char *text)
{
	struct lane_totals tally;

	if (!s->options->tallies || !(frame->flags & FRAME_TALLY) || frame->length < sizeof(tally))
		return frame->length;
	memcpy(&tally, text + frame->length - sizeof(tally), sizeof(tally));
	add_word(&s->totals.searches, tally.searches);
	add_word(&s->totals.searches_with_match, tally.searches_with_match);
	add_word(&s->totals.bytes_searched, tally.bytes_searched);
	add_word(&s->totals.bytes_printed, tally.bytes_printed);
	add_word(&s->totals.matched_lines, tally.matched_lines);
	add_word(&s->totals.matches, tally.matches);
	return frame->length - (uint32_t)sizeof(tally);
}

/*
 * Whether a file that a worker did not find is there after all, in a file
 * system that may have been mounted when the worker's view was made already.
 */
static bool
is_hidden(const struct batch_item *item)
{
	char *path, *root;
	struct stat st, root_st;
	bool hidden;

	if (asprintf(&path, "%s%s", item->path, item->name) == -1)
		path = NULL;
	if (asprintf(&root, "%.*s", (int)item->section->root_length, item->path) == -1)
		root = NULL;
	hidden = path != NULL && root != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    stat(*root != '\0' ? root : ".", &root_st) == 0 && st.st_dev != root_st.st_dev;
	free(path);
	free(root);
	return hidden;
}

/* What a worker may say; anything else it could only say by mistake or malice. */
static enum file_status
status_from_worker(uint16_t kind, uint32_t *value)
{
	switch (kind) {
	case STATUS_SEARCHED:
	case STATUS_VANISHED:
		return (enum file_status)kind;
	case STATUS_SKIPPED:
		if (*value < SKIP_COUNT)
			return STATUS_SKIPPED;
		break;
	case STATUS_CUT_SHORT:
		if (*value < CUT_COUNT)
			return STATUS_CUT_SHORT;
		break;
	case STATUS_UNREADABLE:
		if (*value > 0 && *value < 4096)
			return STATUS_UNREADABLE;
		break;
	}
	*value = EBADMSG;
	return STATUS_UNREADABLE;
}

/* Tells the status with which a worker ended a file. */
static void
tell_end(struct sink *s, const void *batch, const struct frame *frame)
{
	uint32_t value = frame->value;
	enum file_status status = status_from_worker(frame->kind, &value);
	struct batch_item item;

	if (status == STATUS_SEARCHED || !advance(s, batch, frame->item, &item))
		return;
	if (status == STATUS_VANISHED && is_hidden(&item)) {
		status = STATUS_UNREADABLE;
		value = ESTALE;
	}
	tell_part(s, &item, status, value);
}

static void
add_text(struct sink *s, const struct frame *frame, const char *text, uint32_t length)
{
	/* As in grep, also before a group of which nothing is shown. */
	if (!s->stream.in_text && (frame->flags & FRAME_GROUP))
		stream_begin_group(&s->stream, frame->item);
	if (length == 0)
		return;
	stream_begin(&s->stream, frame->item);
	stream_add(&s->stream, text, length);
}

void
sink_frame(struct sink *s, const void *batch, const struct frame *frame, const char *text)
{
	const bool shown = batch_range(batch) == NULL || fold_frame(&s->fold, frame);
	uint32_t length = frame->flags & LANE_MORE ? frame->length : take_tally(s, frame, text);

	if (s->stream.item != frame->item)
		stream_end(&s->stream);
	add_text(s, frame, text, shown ? length : 0);
	if ((frame->flags & FRAME_SELECTED) && !s->fold.failed)
		s->report.selected = true;
	if (frame->flags & LANE_MORE)
		return;
	stream_end(&s->stream);
	tell_end(s, batch, frame);
	if (settle_file(s))
		set_mark(s, batch, frame->item + 1);
}

void
sink_lost(struct sink *s, const void *batch, uint32_t file, enum file_status status,
    uint32_t value)
{
	struct batch_item item;

	if (s->options->marks != NULL && mark_is_left(status, value))
		freeze(s, batch, file);
	stream_end(&s->stream);
	if (advance(s, batch, file, &item))
		tell_part(s, &item, status, value);
	settle_file(s);
}

void
sink_finished(struct sink *s, const void *batch, uint32_t files)
{
	stream_end(&s->stream);
	tell_before(s, batch, files);
	if (settle_file(s))
		set_mark(s, batch, files);
	s->batch = NULL;
}

void
sink_go_on(struct sink *s, const struct mark *mark)
{
	const bool silent = s->report.silent;

	s->report = mark->report;
	s->report.silent = silent;
	s->stream.grouped = mark->grouped;
	s->totals = mark->totals;
	settle(s);
}

int
sink_summary(struct sink *s, const struct lane_totals *t)
{
	/* In a run of the same tree the same: no time. */
	static const char no_time[] = "{\"human\":\"0.000000s\",\"nanos\":0,\"secs\":0}";
	char text[512];
	int length = snprintf(text, sizeof(text), "{\"data\":{\"elapsed_total\":%s,\"stats\":"
	    "{\"bytes_printed\":%" PRIu64 ",\"bytes_searched\":%" PRIu64 ",\"elapsed\":%s,"
	    "\"matched_lines\":%" PRIu64 ",\"matches\":%" PRIu64 ",\"searches\":%" PRIu64
	    ",\"searches_with_match\":%" PRIu64 "}},\"type\":\"summary\"}\n", no_time,
	    t->bytes_printed, t->bytes_searched, no_time, t->matched_lines, t->matches,
	    t->searches, t->searches_with_match);

	output_add(&s->output, text, (size_t)length);
	while (output_flush(&s->output) == -1)
		if (errno != EINTR || (s->options->stop != NULL && s->options->stop()))
			return -1;
	return 0;
}
