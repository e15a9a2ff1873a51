#include "scan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "scan/piece.h"
#include "scan/ranged.h"
#include "scan/reader.h"
#include "scan/title.h"
#include "shm/lane_worker.h"
#include "walk/batch.h"

struct scan {
	const struct scan_options *options;
	struct lane_worker *lane;
	struct opener *opener;
	struct ranged ranged;
	struct search *search;
	const void *batch; /* in hand */
	struct format format;
	struct piece_options piece;
};

/* A file that was not opened. What is gone needs no search; an operand should be there. */
static struct search_result
not_opened(const struct batch_item *item, int error)
{
	if (error == ENXIO)
		return (struct search_result){ STATUS_SKIPPED, SKIP_NOT_REGULAR, false };
	if (error == ENOENT && item->section->directory != 0)
		return (struct search_result){ STATUS_VANISHED, 0, false };
	return (struct search_result){ STATUS_UNREADABLE, (uint32_t)error, false };
}

void
scan_add_own(struct scan_options *options, const struct stat *st)
{
	if (S_ISREG(st->st_mode) && options->own_count < SCAN_OWN_MAX)
		options->own[options->own_count++] = (struct scan_own){ st->st_dev, st->st_ino };
}

static bool
is_own(const struct scan_options *o, const struct stat *st)
{
	for (size_t i = 0; i < o->own_count; i++)
		if (st->st_ino == o->own[i].inode && st->st_dev == o->own[i].device)
			return true;
	return false;
}

/* One that may take long is named in the worker's title meanwhile. */
static struct search_result
search(struct scan *s, const struct batch_item *item, int fd, const struct stat *st)
{
	bool titled = !S_ISREG(st->st_mode) || st->st_size >= TITLE_SIZE_LEAST;
	struct search_result result;

	if (titled)
		title_file(s->lane->number, item, s->options->input_name);
	result = search_file(s->search, fd, st);
	if (titled)
		title_batch(s->lane->number, s->batch, s->lane->files);
	return result;
}

/* A file that is not searched, whatever it holds. */
static bool
is_skipped(const struct scan *s, const struct stat *st, struct search_result *result)
{
	if (is_own(s->options, st))
		*result = (struct search_result){ STATUS_SKIPPED, SKIP_IS_OUTPUT, false };
	else if (S_ISREG(st->st_mode) && (uint64_t)st->st_size > s->options->max_filesize)
		*result = (struct search_result){ STATUS_SKIPPED, SKIP_TOO_LARGE, false };
	else
		return false;
	return true;
}

/* A range, of which the format knows the file's name. */
static struct search_result
scan_range(struct scan *s, const struct batch_item *item)
{
	const struct encoding *encoding = s->options->search.encoding;
	const struct batch_range *range = &item->section->range;
	const struct reader_part part = { range->origin, range->from, range->to };
	struct search_link link = { .first = range->number == 0, .last = batch_range_is_last(range) };
	struct ranged *r = &s->ranged;
	struct search_result result;

	if (!r->open)
		title_file(s->lane->number, item, s->options->input_name);
	if (ranged_open(r, s->opener, item, encoding == NULL || encoding->marks) == -1)
		return not_opened(item, errno);
	if (is_skipped(s, &r->st, &result))
		return result;
	if (r->whole)
		lane_worker_flag(s->lane, FRAME_WHOLE);
	if (range->from == range->to || (r->whole && !link.first))
		return search_range(s->search, -1, &r->st, &link);
	if (!r->whole)
		link.part = &part;
	result = search_range(s->search, r->fd, &r->st, &link);
	/* For whoever reads it next. */
	if (link.last && !r->whole && r->fd == STDIN_FILENO)
		lseek(r->fd, (off_t)(range->origin + search_reached(s->search).offset), SEEK_SET);
	return result;
}

static struct search_result
scan_item(struct scan *s, const struct batch_item *item)
{
	const char *name = item->section->kind == WALK_INPUT ? s->options->input_name : item->name;
	struct search_result result;
	struct stat st = { .st_mode = S_IFREG };
	int fd = -1;

	/* The walk's own troubles: the parent tells of them. */
	if (item->section->kind >= WALK_ERROR)
		return (struct search_result){ STATUS_SEARCHED, 0, false };
	ranged_close(&s->ranged, item);
	if (item->section->range.count > 0) {
		format_file(&s->format, item->path, name);
		return scan_range(s, item);
	}
	/* Named a second time input is at its end, whoever reads it the first time, and when. */
	if (item->section->kind != WALK_INPUT || item->section->error == 0) {
		fd = opener_file(s->opener, item, &st);
		if (fd == -1)
			return not_opened(item, errno);
	}
	format_file(&s->format, item->path, name);
	if (is_skipped(s, &st, &result))
		;
	else if (item->section->kind == WALK_PIECE)
		result = piece_search(s->search, &s->piece, batch_item_piece(item), s->lane, fd, &st);
	else
		result = search(s, item, fd, &st);
	if (fd != -1)
		opener_done(s->opener, fd);
	return result;
}

/* What was counted since before goes behind the file's text. */
static uint16_t
put_tally(struct scan *s, const struct lane_totals *before)
{
	const struct lane_totals *now = lane_worker_totals(s->lane);
	const struct lane_totals tally = {
		.searches = now->searches - before->searches,
		.searches_with_match = now->searches_with_match - before->searches_with_match,
		.bytes_searched = now->bytes_searched - before->bytes_searched,
		.bytes_printed = now->bytes_printed - before->bytes_printed,
		.matched_lines = now->matched_lines - before->matched_lines,
		.matches = now->matches - before->matches,
	};

	/* In one piece, so that it is in the last frame. */
	memcpy(lane_worker_reserve(s->lane, sizeof(tally)), &tally, sizeof(tally));
	lane_worker_advance(s->lane, sizeof(tally));
	return FRAME_TALLY;
}

static void
scan_batch(struct scan *s, const void *batch, uint32_t first)
{
	struct batch_reader reader;
	struct batch_item item;

	s->batch = batch;
	if (batch_range(batch) == NULL)
		title_batch(s->lane->number, batch, s->lane->files);
	batch_reader_init(&reader, batch);
	while (reader.number < s->lane->files) {
		struct lane_totals before;
		struct search_result result;
		uint16_t flags;

		batch_reader_next(&reader, &item);
		if (item.number < first)
			continue;
		lane_worker_start(s->lane);
		before = *lane_worker_totals(s->lane);
		result = scan_item(s, &item);
		if (result.selected && s->options->search.output == OUTPUT_NOTHING)
			lane_worker_hit(s->lane);
		flags = s->options->tallies ? put_tally(s, &before) : 0;
		if (result.selected)
			flags |= FRAME_SELECTED;
		lane_worker_commit(s->lane, (uint16_t)result.status, flags, result.value);
	}
	opener_rest(s->opener);
}

int
scan_run(const struct scan_options *options, const struct pattern *pattern,
    struct lane_worker *lane)
{
	struct scan s = { .options = options, .lane = lane,
		.piece = { .terminator = options->search.terminator,
		    .numbers = options->search.numbers, .max_line = options->search.max_line } };
	const void *batch;
	uint32_t first;
	int result = -1;

	format_init(&s.format, &options->format, lane);
	s.opener = opener_open(&options->view);
	s.search = search_open(&options->search, pattern, &s.format);
	/* What a worker died of may have been the accelerator. */
	if (s.search != NULL && lane->again)
		search_unaided(s.search);
	if (s.opener != NULL && s.search != NULL) {
		while ((batch = lane_worker_next(lane, &first)) != NULL)
			scan_batch(&s, batch, first);
		result = 0;
	}
	ranged_close(&s.ranged, NULL);
	search_close(s.search);
	opener_close(s.opener);
	format_fini(&s.format);
	return result;
}
