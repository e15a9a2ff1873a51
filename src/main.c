/*
 * pgrep-r: grep -r made parallel out of processes.
 *
 * A map of the source, in the order in which a search passes through it:
 *
 *   parent                                   worker (one per lane, disposable)
 *   ------                                   ------
 *   cli/table     every option, once
 *   cli/options   command line -> struct
 *   cli/help      --help
 *   match/analysis  what a pattern can touch
 *   match/pattern   patterns -> code, before the first fork
 *   walk/names    sorted names               pool/process  how a worker starts
 *   walk/walk     directories -> files       scan/scan     batches -> files
 *   walk/batch    files -> batches           scan/opener   names -> descriptors
 *   walk/source   of about the right size    scan/reader   files -> windows
 *   pool/pool     the loop: state.h          scan/search   windows -> selected lines
 *   pool/deal     batches -> lanes             match/text    what kind of bytes
 *   pool/tend     dead workers                 match/matcher next line, next match
 *   pool/supervise  what they lose           emit/format   lines -> output bytes
 *   pool/collect  results, in order
 *   pool/wait     until there is news
 *   emit/sink     results -> text, statuses
 *   emit/guard    fit for a terminal
 *   emit/output   writev
 *   emit/listing  --files
 *   emit/report   messages, exit status
 *   emit/ledger   --ledger, in an
 *   emit/atomic_file  all or nothing
 *
 *   both: emit/escape, text fit to print; emit/color, our own sequences
 *
 * Between the two columns lies shm/: lane.h draws the protocol, lane_parent
 * and lane_worker are its two ends, on ring (frames), doorbell and futex
 * (waking), region (sealed memory).
 *
 * This file wires them and knows nothing else.  It alone ends the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"
#include "emit/listing.h"
#include "emit/sink.h"
#include "emit/stats.h"
#include "match/pattern.h"
#include "pool/pool.h"
#include "pool/processors.h"
#include "pool/signals.h"
#include "pool/supervise.h"
#include "scan/reader.h"
#include "scan/scan.h"
#include "walk/source.h"

enum { INPUT_PATIENCE_NS = 2000000000 };

static const char input_name[] = "(standard input)";

/* One search; the context of all that the pool calls. */
struct run {
	const struct options *options;
	struct pattern *pattern;
	struct scan_options scan;
	struct source source;
	struct ledger ledger;
	struct sink sink;
	struct pool_stats pool;
	bool unnamed_input; /* standard input is read, and nobody said so */
	bool heard;         /* something came of it, or it was said that nothing does */
	int64_t started;
};

static int
next_batch(void *ctx, uint32_t files, struct pool_batch *batch)
{
	struct run *r = ctx;
	int got = source_next(&r->source, files);

	*batch = (struct pool_batch){ r->source.builder.bytes, r->source.builder.size,
		r->source.builder.items };
	return got;
}

/* In the worker, whose copy of the run is its own. */
static int
work(void *ctx, struct lane_worker *lane, enum sandbox_view view)
{
	struct run *r = ctx;

	r->scan.view = (struct opener_view){ .plain = view == SANDBOX_BY_LANDLOCK,
		.numbered = view == SANDBOX_IN_JAIL };
	return scan_run(&r->scan, r->pattern, lane);
}

static void
frame(void *ctx, const struct lane_batch *batch, const struct frame *f, const char *text)
{
	struct run *r = ctx;

	r->heard = true;
	sink_frame(&r->sink, batch->bytes, f, text);
}

static void
lost(void *ctx, const struct lane_batch *batch, uint32_t file, enum file_status status,
    uint32_t value)
{
	struct run *r = ctx;

	sink_lost(&r->sink, batch->bytes, file, status, value);
}

static void
finished(void *ctx, const struct lane_batch *batch)
{
	struct run *r = ctx;

	sink_finished(&r->sink, batch->bytes, batch->files);
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

static int
flush(void *ctx)
{
	return sink_flush(&((struct run *)ctx)->sink);
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
	if (poll(&input, 1, 0) == 0)
		report_message("reading standard input; give a PATH, or -r, to search files");
}

static enum search_output
search_output(const struct options *o)
{
	if (o->quiet)
		return OUTPUT_NOTHING;
	if (o->list != OPTION_LIST_NONE)
		return o->list == OPTION_LIST_SELECTED ? OUTPUT_SELECTED : OUTPUT_UNSELECTED;
	if (o->count)
		return OUTPUT_COUNT;
	return o->only_matching ? OUTPUT_MATCHES : OUTPUT_LINES;
}

static bool
wants_color(const struct options *o)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (o->color != OPTION_COLOR_AUTO)
		return o->color == OPTION_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0 &&
	    (no_color == NULL || *no_color == '\0');
}

static bool
wants_escape(const struct options *o)
{
	if (o->escape != OPTION_ESCAPE_AUTO)
		return o->escape == OPTION_ESCAPE_ALWAYS;
	return isatty(STDOUT_FILENO);
}

/* Names are printed when more than one file could be searched. */
static bool
wants_names(const struct options *o)
{
	struct stat st;

	if (o->names != OPTION_NAMES_AUTO)
		return o->names == OPTION_NAMES_ALWAYS;
	if (o->path_count == 1 && strcmp(o->paths[0], "-") == 0)
		return false;
	return o->path_count != 1 || stat(o->paths[0], &st) == -1 || S_ISDIR(st.st_mode);
}

static void
set_scan_options(struct scan_options *s, const struct options *o)
{
	struct stat st;

	*s = (struct scan_options){
		.search = { .output = search_output(o), .binary = (enum search_binary)o->binary,
			.invert = o->invert, .max_count = o->max_count,
			.window = READER_WINDOW, .max_line = o->max_line },
		.format = { .names = wants_names(o), .color = wants_color(o),
			.escape = wants_escape(o) },
		.max_filesize = o->max_filesize,
		.input_name = input_name,
	};
	s->format.numbers = o->numbers;
	s->search.color = s->format.color;
	/* Numbers cost a count of all newlines: only where lines are printed. */
	s->search.numbers = o->numbers && (s->search.output == OUTPUT_LINES ||
	    s->search.output == OUTPUT_MATCHES);
	if (s->search.output < OUTPUT_SELECTED && fstat(STDOUT_FILENO, &st) == 0)
		scan_add_own(s, &st);
}

/* Without a path: standard input if something was put there for us, else the directory. */
static bool
reads_input(const struct options *o)
{
	struct stat st;

	return o->path_count == 0 && !o->recursive && o->mode == MODE_SEARCH &&
	    o->ledger == NULL && fstat(STDIN_FILENO, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISREG(st.st_mode));
}

/* Descriptors that operands name, as <(command) of a shell does, ascending. */
static int *
named_descriptors(const struct options *o, size_t *count)
{
	int *fds = reallocarray(NULL, o->path_count + 1, sizeof(*fds));

	*count = 0;
	for (size_t i = 0; fds != NULL && i < o->path_count; i++) {
		size_t at = *count;
		int fd;

		if (strcmp(o->paths[i], "/dev/stdin") == 0)
			fd = STDIN_FILENO;
		else if (sscanf(o->paths[i], "/dev/fd/%d", &fd) != 1 &&
		    sscanf(o->paths[i], "/proc/self/fd/%d", &fd) != 1)
			continue;
		if (fcntl(fd, F_GETFD) == -1)
			continue;
		for (; at > 0 && fds[at - 1] > fd; at--)
			fds[at] = fds[at - 1];
		fds[at] = fd;
		++*count;
	}
	return fds;
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
		report_message("standard output: %s", strerror(error));
		return EXIT_WRITE;
	case POOL_SOURCE_FAILED:
		report_message("cannot go on with the walk: %s", strerror(error));
		return EXIT_SYSTEM;
	case POOL_NO_WORKER:
		report_summary(&r->sink.report);
		report_message("cannot start a worker: %s", strerror(error));
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

/* Opens the ledger, if one is wanted. Returns an exit status: 0, or what was said to be wrong. */
static int
open_ledger(struct run *r)
{
	const struct options *o = r->options;
	struct stat st;

	if (o->ledger == NULL)
		return 0;
	if (ledger_open(&r->ledger, o->ledger, o->ledger_all) == -1) {
		if (signals_ended() == 0)
			report_message("%s: %s", o->ledger, errno == EWOULDBLOCK
			    ? "another process is writing it" : strerror(errno));
		return EXIT_CANNOT_CREATE;
	}
	if (fstat(r->ledger.file.fd, &st) == 0)
		scan_add_own(&r->scan, &st);
	/* The one that it replaces. */
	if (stat(r->ledger.file.target, &st) == 0)
		scan_add_own(&r->scan, &st);
	return 0;
}

/* Ends the ledger as the run ended. Returns an exit status, as open_ledger. Keeps errno. */
static int
close_ledger(struct run *r, enum pool_end end)
{
	const struct report *report = &r->sink.report;
	/* With -q the first selected line ends it, or could have. */
	bool ended = (end == POOL_DONE || end == POOL_DEADLINE) && !r->pool.cut && !(r->options->quiet && report->selected);
	int saved = errno, status = 0;

	if (r->options->ledger == NULL)
		return 0;
	if (end == POOL_SIGNAL || end == POOL_WRITE_FAILED || end == POOL_NO_SANDBOX ||
	    signals_ended() != 0) {
		ledger_discard(&r->ledger);
	} else if (ledger_commit(&r->ledger, report, ended) == -1) {
		report_message("%s: %s", r->options->ledger, strerror(errno));
		status = EXIT_WRITE;
	}
	errno = saved;
	return status;
}

static struct walk *
start_walk(const struct options *o)
{
	static char *const input[] = { (char *)"-" };
	const struct walk_options walk = { .hidden = o->hidden };

	return reads_input(o) ? walk_open(&walk, input, 1)
	    : walk_open(&walk, o->paths, o->path_count);
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

static void
print_stats(const struct run *r)
{
	const struct pool_stats *p = &r->pool;
	const struct stats stats = {
		.report = &r->sink.report,
		.seconds = (double)(supervise_now() - r->started) / 1e9,
		.workers_started = p->started,
		.workers_lost = p->lost,
		.workers_abandoned = p->abandoned,
		.view = view_name(p),
		.filtered = p->filtered > 0 && p->filtered == p->views[SANDBOX_OPEN] +
		    p->views[SANDBOX_BY_LANDLOCK] + p->views[SANDBOX_IN_JAIL],
		.missed = p->sandbox_error != 0 ? sandbox_step_name(p->sandbox_step) : NULL,
		.reason = strerror(p->sandbox_error),
	};

	stats_print(&stats, r->options->stats == OPTION_STATS_JSON);
}

/* The search itself, all being ready. Returns the exit status. */
static int
run(struct run *r, const struct pool_options *pool, const struct pool_client *client)
{
	int status = open_ledger(r), failed;
	enum pool_end end;

	if (status != 0)
		return status;
	end = pool_run(pool, client, &r->pool);
	failed = close_ledger(r, end);
	status = exit_status(r, end);
	if (r->options->stats != OPTION_STATS_NONE)
		print_stats(r);
	return failed != 0 ? failed : status;
}

static struct pool_options
pool_options(const struct options *o)
{
	/* In the order of enum options_sandbox. */
	static const enum sandbox_mode modes[] = { SANDBOX_AUTO, SANDBOX_JAIL, SANDBOX_LANDLOCK,
		SANDBOX_REQUIRE, SANDBOX_OFF };
	static char *input[] = { (char *)"-" };
	struct pool_options pool = { .lanes = o->jobs > 0 ? o->jobs : processors_available(),
		.until_hit = o->quiet, .batch_max = SOURCE_BATCH_MAX, .input = reads_input(o),
		.worker_memory = o->worker_memory, .file_timeout = o->file_timeout,
		.deadline = o->deadline > 0 ? supervise_now() + o->deadline : 0,
		.sandbox = { .mode = modes[o->sandbox], .roots = o->paths,
			.root_count = o->path_count } };

	if (pool.input)
		pool.sandbox.roots = input, pool.sandbox.root_count = 1;
	for (size_t i = 0; i < o->path_count; i++)
		pool.input |= strcmp(o->paths[i], "-") == 0;
	return pool;
}

static int
search(const struct options *o)
{
	struct run r = { .options = o, .unnamed_input = reads_input(o),
		.started = supervise_now() };
	const struct pattern_options how = { .fixed = o->fixed, .ignore_case = o->ignore_case,
		.word = o->word, .line = o->line };
	const struct pool_client client = { .ctx = &r, .next_batch = next_batch, .work = work,
		.frame = frame, .lost = lost, .finished = finished, .full = full,
		.flush = flush, .is_patient = is_patient, .idle = idle };
	const struct sink_options sink = { .fd = STDOUT_FILENO, .stop = ended,
		.silent = o->silent, .input_name = input_name,
		.guard = wants_escape(o), .color = wants_color(o),
		.ledger = o->ledger != NULL ? &r.ledger : NULL };
	struct pool_options pool = pool_options(o);
	struct walk *walk = start_walk(o);
	int *keep = named_descriptors(o, &pool.keep_count);
	int status = EXIT_SYSTEM;
	char *error;

	pool.keep = keep;
	pool.input |= pool.keep_count > 0 && keep[0] == STDIN_FILENO;
	r.pattern = pattern_compile(&how, o->patterns, o->pattern_count, &error);
	if (r.pattern == NULL && error != NULL) {
		report_message("%s", error);
		status = EXIT_BAD_USAGE;
	} else if (r.pattern == NULL || walk == NULL || keep == NULL ||
	    sink_init(&r.sink, &sink) == -1) {
		report_message("%s", strerror(ENOMEM));
	} else {
		set_scan_options(&r.scan, o);
		if (r.unnamed_input)
			r.scan.format.names = o->names == OPTION_NAMES_ALWAYS;
		source_init(&r.source, walk);
		signals_catch();
		status = run(&r, &pool, &client);
		source_fini(&r.source);
		sink_fini(&r.sink);
	}
	free(error);
	free(keep);
	walk_close(walk);
	pattern_free(r.pattern);
	if (signals_ended() != 0)
		signals_die(signals_ended());
	return status;
}

/* --files: the walk itself, no worker. */
static int
list_files(const struct options *o)
{
	struct report report = { .silent = o->silent };
	struct walk *walk = start_walk(o);
	enum listing_end end = walk ? listing_print(walk, STDOUT_FILENO, wants_escape(o), &report)
	    : LISTING_WALK_FAILED;
	int error = errno;

	walk_close(walk);
	if (end == LISTING_WRITE_FAILED) {
		report_message("standard output: %s", strerror(error));
		return EXIT_WRITE;
	}
	if (end == LISTING_WALK_FAILED) {
		report_message("cannot go on with the walk: %s", strerror(error));
		return EXIT_SYSTEM;
	}
	report_summary(&report);
	if (!report_complete(&report))
		return EXIT_INCOMPLETE;
	return report.selected ? EXIT_SELECTED : EXIT_NONE_SELECTED;
}

/* A closed standard stream must not become some file: then its use shall fail. */
static void
occupy_standard_streams(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_WRONLY };

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", modes[fd]) == -1)
			_Exit(EXIT_SYSTEM);
}

int
main(int argc, char **argv, char **envp)
{
	struct options options;
	char *message = NULL;
	int status = EXIT_SELECTED;

	setproctitle_init(argc, argv, envp);
	occupy_standard_streams();
	if (options_parse(&options, argc, argv, &message) == -1) {
		report_message("%s", message != NULL ? message : strerror(ENOMEM));
		status = message != NULL ? EXIT_BAD_USAGE : EXIT_SYSTEM;
	} else if (options.mode == MODE_HELP || options.mode == MODE_VERSION) {
		bool printed = options.mode == MODE_HELP ? options_print_help()
		    : puts("pgrep-r " VERSION) != EOF && fflush(stdout) == 0;

		if (!printed)
			report_message("standard output: %s", strerror(errno));
		status = printed ? EXIT_SELECTED : EXIT_WRITE;
	} else {
		status = options.mode == MODE_FILES ? list_files(&options) : search(&options);
	}
	free(message);
	options_free(&options);
	return status;
}
