#include "run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accelerate.h"
#include "cli/config.h"
#include "emit/sink.h"
#include "emit/stats.h"
#include "jobs/job.h"
#include "jobs/progress.h"
#include "match/pattern.h"
#include "match/replacement.h"
#include "pool/pool.h"
#include "pool/signals.h"
#include "pool/supervise.h"
#include "ranges.h"
#include "scan/encoding.h"
#include "scan/scan.h"
#include "settings.h"
#include "walk/source.h"
#include "walk/types.h"
#include "watch/watch.h"

enum { INPUT_PATIENCE_NS = 2000000000 };

/* One search; the context of all that the pool calls. */
struct run {
	const struct options *options;
	struct pattern *pattern;
	struct accelerate accelerate;
	struct replacement *replacement; /* or NULL */
	struct scan_options scan;
	struct encoding encoding; /* of files */
	struct source source;
	struct lock lock;
	struct watch *watch; /* the source in its place, or NULL */
	struct job job;
	struct sink sink;
	struct progress progress;
	struct pool_stats pool;
	bool unnamed_input; /* standard input is read, and nobody said so */
	bool heard;         /* something came of it, or it was said that nothing does */
	int64_t started;
};

static int
next_batch(void *ctx, uint32_t files, struct pool_batch *batch)
{
	struct run *r = ctx;
	const struct batch_range *range;
	int got;

	if (r->watch != NULL)
		return watch_next(r->watch, files, batch);
	got = source_next(&r->source, files);
	*batch = (struct pool_batch){ .bytes = r->source.builder.bytes,
		.size = r->source.builder.size, .files = r->source.builder.items };
	if (got == 1 && (range = batch_range(batch->bytes)) != NULL) {
		batch->chain = range->number == 0 ? POOL_FIRST : POOL_NEXT;
		batch->goes_on = !batch_range_is_last(range);
	}
	return got;
}

static bool
prepare(void *ctx, bool large)
{
	return accelerate_prepare(&((struct run *)ctx)->accelerate, large);
}

/* --watch: until there is something new. */
static int
wait_for_more(void *ctx, uint32_t alarm)
{
	return watch_wait(((struct run *)ctx)->watch, alarm);
}

/* The same: what workers are to see from now on. */
static char *const *
roots(void *ctx, size_t *count)
{
	return watch_roots(((struct run *)ctx)->watch, count);
}

/* In the worker, whose copy of the run is its own. */
static int
work(void *ctx, struct lane_worker *lane, enum sandbox_view view)
{
	struct run *r = ctx;

	r->scan.view = (struct opener_view){ .plain = view == SANDBOX_BY_LANDLOCK,
		.numbered = view == SANDBOX_IN_JAIL && !r->options->follow,
		.follow = r->options->follow };
	return scan_run(&r->scan, r->pattern, lane);
}

static void
frame(void *ctx, const struct lane_batch *batch, const struct frame *f, const char *text)
{
	struct run *r = ctx;

	r->heard = true;
	if (r->watch != NULL && watch_frame(r->watch, f, text))
		return;
	sink_frame(&r->sink, batch->bytes, f, text);
}

static void
lost(void *ctx, const struct lane_batch *batch, uint32_t file, enum file_status status,
    uint32_t value)
{
	struct run *r = ctx;

	if (r->watch != NULL)
		watch_lost(r->watch, file);
	sink_lost(&r->sink, batch->bytes, file, status, value);
}

static void
finished(void *ctx, const struct lane_batch *batch)
{
	struct run *r = ctx;
	uint32_t operand;

	sink_finished(&r->sink, batch->bytes, batch->files);
	if (r->watch != NULL)
		watch_finished(r->watch, batch->files);
	if (sink_has_enough(&r->sink, &operand))
		source_skip(&r->source, operand);
}

/* What waits for its writer may take any time, unless the user has set one. */
static bool
is_patient(void *ctx, const struct lane_batch *batch, uint32_t file)
{
	const struct run *r = ctx;
	struct batch_reader reader;
	struct batch_item item = { 0 };

	batch_reader_init(&reader, batch->bytes);
	while (reader.number <= file)
		batch_reader_next(&reader, &item);
	return !r->options->streams_time_out &&
	    (item.section->kind == WALK_INPUT || item.section->kind == WALK_STREAM);
}

static bool
full(void *ctx)
{
	return sink_full(&((struct run *)ctx)->sink);
}

static bool
ended(void)
{
	return signals_ended() != 0;
}

/* Whether the pool has something to do that cannot wait for the walk to find a file. */
static bool
has_to_pause(void *ctx)
{
	const struct pool_options *pool = ctx;

	return ended() || (pool->deadline != 0 && supervise_now() >= pool->deadline);
}

static int
flush(void *ctx)
{
	struct run *r = ctx;
	int result;

	if (r->progress.shared && r->sink.output.count > 0)
		progress_clear(&r->progress);
	signals_may_block(true);
	result = sink_flush(&r->sink);
	signals_may_block(false);
	if (result == 0)
		job_flushed(&r->job, &r->sink);
	return result;
}

static bool
is_curious(void *ctx)
{
	return progress_due(&((struct run *)ctx)->progress);
}

static void
look(void *ctx, const struct pool_look *look, bool asked)
{
	struct run *r = ctx;

	progress_show(&r->progress, look, asked, !r->sink.stream.torn && r->sink.output.count == 0);
}

/* Someone who forgot the path, and waits, should know what the program waits for. */
static void
idle(void *ctx)
{
	struct run *r = ctx;
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	if (!r->unnamed_input || r->heard || supervise_now() - r->started < INPUT_PATIENCE_NS)
		return;
	r->heard = true;
	if (poll(&input, 1, 0) != 0)
		return;
	progress_clear(&r->progress);
	report_message("reading standard input; give a PATH, or -r, to search files");
}

static int
exit_status(struct run *r, enum pool_end end)
{
	int error = errno;

	switch (end) {
	case POOL_SIGNAL:
		signals_die(signals_ended());
	case POOL_HIT:
		return EXIT_SELECTED;
	case POOL_WRITE_FAILED:
		if (signals_ended() != 0)
			signals_die(signals_ended());
		report_message("%s: %s", job_output_name(r->options), strerror(error));
		return EXIT_WRITE;
	case POOL_SOURCE_FAILED:
		report_message("cannot go on with the walk: %s", strerror(error));
		return EXIT_SYSTEM;
	case POOL_NO_WORKER:
		report_summary(&r->sink.report);
		report_message("cannot start a worker: %s%s", strerror(error),
		    error == EFBIG ? " (the limit of a file's size, ulimit -f, is too low)" : "");
		return EXIT_SYSTEM;
	case POOL_NO_SANDBOX:
		report_message("--sandbox: cannot have %s: %s", sandbox_step_name(r->pool.sandbox_step),
		    strerror(r->pool.sandbox_error));
		return EXIT_SYSTEM;
	case POOL_DEADLINE:
	case POOL_DONE:
		break;
	}
	r->sink.report.unfinished = r->pool.cut;
	report_summary(&r->sink.report);
	if (r->options->quiet && r->sink.report.selected)
		return EXIT_SELECTED;
	if (!report_complete(&r->sink.report))
		return EXIT_INCOMPLETE;
	return r->sink.report.selected ? EXIT_SELECTED : EXIT_NONE_SELECTED;
}

/* Loads what decodes files. Returns an exit status: 0, or what was said to be wrong. */
static int
open_encoding(struct run *r)
{
	const char *name = r->options->encoding;
	char *message;

	r->scan.search.encoding = &r->encoding;
	if (encoding_open(&r->encoding, name) == 0)
		return 0;
	if (errno == EINVAL) {
		if (asprintf(&message, "--encoding: '%s' is not an encoding known here", name) == -1)
			return EXIT_SYSTEM;
		config_blame(r->options, name, &message);
		report_message("%s", message != NULL ? message : strerror(ENOMEM));
		free(message);
		return EXIT_BAD_USAGE;
	}
	report_message("--encoding: %s: %s", name, strerror(errno));
	return EXIT_SYSTEM;
}

/* What all workers saw of the file system. */
static const char *
view_name(const struct pool_stats *p)
{
	/* In the order of enum sandbox_view. */
	static const char *const names[] = { "open file system", "Landlock", "mount jail" };
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (p->views[i] > 0)
			name = name == NULL ? names[i] : "mixed";
	return name == NULL ? "no worker" : name;
}

/* What workers have counted, of earlier runs that this one goes on with, too. */
static const struct lane_totals *
totals(const struct run *r)
{
	return r->sink.options->tallies ? &r->sink.totals : &r->pool.totals;
}

static void
print_stats(const struct run *r)
{
	const struct pool_stats *p = &r->pool;
	char engine[64];
	const struct stats stats = {
		.report = &r->sink.report,
		.totals = *totals(r),
		.seconds = (double)(supervise_now() - r->started) / 1e9,
		.workers_started = p->started,
		.workers_lost = p->lost,
		.workers_abandoned = p->abandoned,
		.engine = accelerate_engine(&r->accelerate, engine, sizeof(engine)),
		.repeated = p->repeated,
		.view = view_name(p),
		.filtered = p->filtered > 0 && p->filtered == p->views[SANDBOX_OPEN] +
		    p->views[SANDBOX_BY_LANDLOCK] + p->views[SANDBOX_IN_JAIL],
		.missed = p->sandbox_error != 0 ? sandbox_step_name(p->sandbox_step) : NULL,
		.reason = strerror(p->sandbox_error),
	};

	stats_print(&stats, r->options->stats == OPTION_STATS_JSON);
}

/* --watch: takes the place of the source. Returns 0, or -1 with errno ENOMEM. */
static int
open_watch(struct run *r, struct walk *walk, struct pool_options *pool)
{
	const struct options *o = r->options;
	const struct watch_options options = { .walk = walk, .paths = o->paths,
		.path_count = o->path_count, .report = &r->sink.report, .deadline = pool->deadline,
		.output = o->quiet ? -1 : STDOUT_FILENO, .once = o->list == OPTION_LIST_SELECTED };

	r->watch = watch_open(&options);
	if (r->watch == NULL)
		return -1;
	pool->sandbox.roots = watch_roots(r->watch, &pool->sandbox.root_count);
	pool->deadline = 0;
	return 0;
}

/* Whether a run that ends so has said all that there is to say of the files. */
static bool
tells_all(enum pool_end end)
{
	return end == POOL_DONE || end == POOL_DEADLINE || end == POOL_NO_WORKER;
}

/* What the search needs but was not opened yet. Returns an exit status, as job_take_lock. */
static int
open_files(struct run *r)
{
	int status = job_take_lock(&r->lock, r->options->lock);
	struct stat st;

	if (status == 0)
		status = open_encoding(r);
	if (status == 0)
		status = job_open(&r->job, &r->scan, &r->source, &r->sink);
	if (r->lock.file != NULL && fstat(lock_descriptor(&r->lock), &st) == 0)
		scan_add_own(&r->scan, &st);
	return status;
}

/* Searches, and says what is to be said behind all files. Returns how it ended, with errno. */
static enum pool_end
search(struct run *r, const struct pool_options *pool, const struct pool_client *client)
{
	enum pool_end end;
	int error;

	/* An earlier run has said all. */
	if (job_ended(&r->job))
		return POOL_DONE;
	progress_start(&r->progress, settings_progress(r->options), r->sink.options->input_name);
	progress_precede(&r->progress, &r->sink.report);
	r->source.options = ranges_wanted(r->options, &r->scan, pool->lanes);
	end = pool_run(pool, client, &r->pool);
	error = errno;
	progress_end(&r->progress);
	sink_correct(&r->sink, &r->pool.totals);
	if (!r->sink.options->stream.json || !tells_all(end) || job_stopped(&r->job, end, r->pool.cut))
		return end;
	if (sink_summary(&r->sink, totals(r)) == -1)
		return POOL_WRITE_FAILED;
	errno = error;
	return end;
}

/* The search itself, all being ready. Returns the exit status. */
static int
run(struct run *r, const struct pool_options *pool, const struct pool_client *client)
{
	int status = open_files(r), failed;
	enum pool_end end;

	if (status != 0)
		return status;
	end = search(r, pool, client);
	failed = job_close(&r->job, &r->sink, end, r->pool.cut);
	lock_release(&r->lock);
	status = exit_status(r, end);
	if (r->options->stats != OPTION_STATS_NONE)
		print_stats(r);
	return failed != 0 ? failed : status;
}

int
run_search(const struct options *o)
{
	struct run r = { .options = o, .unnamed_input = settings_reads_input(o),
		.started = supervise_now() };
	const struct pattern_options how = settings_pattern(o);
	struct pool_client client = { .ctx = &r, .next_batch = next_batch, .work = work,
		.frame = frame, .lost = lost, .finished = finished, .full = full,
		.flush = flush, .is_patient = is_patient, .idle = idle,
		.curious = is_curious, .look = look,
		.wait = o->watch ? wait_for_more : NULL, .roots = o->watch ? roots : NULL };
	struct sink_options sink;
	struct pool_options pool = settings_pool(o);
	char *problem = NULL;
	struct walk *walk = settings_walk(o, has_to_pause, &pool, &problem);
	int *keep = settings_descriptors(o, &pool.keep_count);
	int status = EXIT_SYSTEM;
	struct pattern_text *texts = settings_pattern_texts(o);
	char *error = NULL;

	pool.keep = keep;
	pool.input |= pool.keep_count > 0 && keep[0] == STDIN_FILENO;
	settings_scan(&r.scan, o, pool.lanes);
	sink = settings_sink(o, &r.scan);
	sink.stop = ended;
	job_init(&r.job, o, &sink);
	if (texts != NULL)
		r.pattern = pattern_compile(&how, texts, o->pattern_count, &error);
	if (r.pattern == NULL && error != NULL) {
		report_message("%s", error);
		status = EXIT_BAD_USAGE;
	} else if (problem != NULL) {
		report_message("%s", problem);
		status = EXIT_BAD_USAGE;
	} else if (r.pattern == NULL || walk == NULL || keep == NULL ||
	    (o->replace != NULL && (r.replacement = replacement_parse(o->replace)) == NULL) ||
	    sink_init(&r.sink, &sink) == -1 ||
	    (o->watch && open_watch(&r, walk, &pool) == -1)) {
		report_message("%s", strerror(ENOMEM));
	} else {
		r.scan.search.show.replacement = r.replacement;
		/* Where no match can go over the end of a line, lines will do. */
		r.scan.search.multiline &= pattern_plan(r.pattern) != PLAN_BUFFER;
		if (r.unnamed_input)
			r.scan.format.names = o->names == OPTION_NAMES_ALWAYS;
		if (accelerate_init(&r.accelerate, o, r.pattern, texts))
			client.prepare = prepare;
		source_init(&r.source, walk);
		signals_catch();
		status = run(&r, &pool, &client);
		source_fini(&r.source);
		lock_release(&r.lock);
		watch_close(r.watch);
		sink_fini(&r.sink);
		encoding_close(&r.encoding);
		accelerate_fini(&r.accelerate);
	}
	free(error);
	free(problem);
	free(texts);
	free(keep);
	walk_close(walk);
	pattern_free(r.pattern);
	replacement_free(r.replacement);
	if (signals_ended() != 0 && !r.job.settled)
		signals_die(signals_ended());
	return status;
}

int
run_types(const struct options *o)
{
	char *problem;
	struct types *types = types_open(o->filters, o->filter_count, &problem);
	int status = EXIT_SELECTED;

	if (types == NULL) {
		report_message("%s", problem != NULL ? problem : strerror(ENOMEM));
		status = problem != NULL ? EXIT_BAD_USAGE : EXIT_SYSTEM;
	} else if (!types_print(types, stdout)) {
		report_message("standard output: %s", strerror(errno));
		status = EXIT_WRITE;
	}
	free(problem);
	types_close(types);
	return status;
}
