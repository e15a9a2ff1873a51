#include "list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emit/listing.h"
#include "emit/stats.h"
#include "jobs/job.h"
#include "jobs/progress.h"
#include "pool/signals.h"
#include "pool/supervise.h"
#include "settings.h"

static bool
ended(void)
{
	return signals_ended() != 0;
}

/* A file that the run writes, or replaces. */
struct own {
	const char *name; /* without its directory */
	dev_t device;
	ino_t inode;
};

enum { OWN_MAX = 3 }; /* the output, its temporary, the lock */

/* ctx of all that follows: how far it is, and until when it may take. */
struct course {
	struct own own[OWN_MAX];
	size_t own_count;
	int64_t deadline; /* or 0 */
	struct listing_counts counts;
	struct progress progress;
	bool begun;
};

static void
add_own(struct course *c, const char *path)
{
	struct stat st;

	if (path != NULL && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		c->own[c->own_count++] = (struct own){ basename(path), st.st_dev, st.st_ino };
}

/* As in a search the run's own files are left out: another run finds the same names. */
static bool
is_own(void *ctx, const struct walk_entry *e)
{
	const struct course *c = ctx;
	bool own = false;

	for (size_t i = 0; !own && i < c->own_count; i++) {
		char *path;
		struct stat st;

		if (strcmp(e->name, c->own[i].name) != 0)
			continue;
		if (asprintf(&path, "%s%s", e->path, e->name) == -1)
			return false;
		own = lstat(path, &st) == 0 && st.st_ino == c->own[i].inode &&
		    st.st_dev == c->own[i].device;
		free(path);
	}
	return own;
}

/* last: where it is, if that is known. */
static void
show_progress(struct course *c, const struct report_file *last, bool clean)
{
	const bool asked = signals_asked();

	if (asked || progress_due(&c->progress))
		progress_show_listing(&c->progress, last, c->counts.names, asked, clean);
}

/* At each directory, of which there may be many without a name. */
static bool
has_to_end(void *ctx)
{
	struct course *c = ctx;

	if (c->begun)
		show_progress(c, NULL, !c->counts.torn);
	return ended() || (c->deadline != 0 && supervise_now() >= c->deadline);
}

/* What a listing that ended so says, and the exit status; a signal has its own. */
static int
listing_status(const struct options *o, const struct report *report, enum listing_end end)
{
	if (end == LISTING_WRITE_FAILED) {
		report_message("%s: %s", job_output_name(o), strerror(errno));
		return EXIT_WRITE;
	}
	if (end == LISTING_WALK_FAILED) {
		report_message("cannot go on with the walk: %s", strerror(errno));
		return EXIT_SYSTEM;
	}
	report_summary(report);
	if (!report_complete(report) && !(o->quiet && report->selected))
		return EXIT_INCOMPLETE;
	return report->selected ? EXIT_SELECTED : EXIT_NONE_SELECTED;
}

static void
listing_tick(void *ctx, const struct walk_entry *e)
{
	struct course *c = ctx;
	struct report_file last;

	if (e != NULL)
		last = (struct report_file){ .path = e->path, .name = e->name,
			.operand = e->directory == 0 };
	show_progress(c, e != NULL ? &last : NULL, !c->counts.torn);
}

static void
listing_writing(void *ctx, bool writing)
{
	struct progress *p = &((struct course *)ctx)->progress;

	if (writing && p->shared)
		progress_clear(p);
	signals_may_block(writing);
}

static void
print_listing_stats(const struct options *o, const struct walk *walk, const struct report *report,
    const struct listing_counts *counts, int64_t started)
{
	const struct stats_listing stats = { .listed = counts->names,
		.unreadable = report->files[STATUS_UNREADABLE], .bytes = counts->bytes,
		.directories = walk != NULL ? walk_directories(walk) : 0,
		.seconds = (double)(supervise_now() - started) / 1e9 };

	if (o->stats != OPTION_STATS_NONE)
		stats_print_listing(&stats, o->stats == OPTION_STATS_JSON);
}

/* Prints what the walk finds, which may be NULL, to where it is wanted. Returns the exit status. */
static int
print(const struct options *o, struct walk *walk, struct lock *lock, struct course *course)
{
	const int64_t started = supervise_now();
	struct listing_options options = { .escape = settings_escape(o), .null = o->null_names,
		.quiet = o->quiet, .stop = ended, .tick = listing_tick,
		.writing = listing_writing, .ctx = course };
	struct report report = { .silent = o->silent };
	enum listing_end end = LISTING_WALK_FAILED;
	struct job job;
	int status, failed, error;
	bool whole;

	signals_catch();
	status = job_open_output(&job, o);
	if (status != 0 && ended()) {
		lock_release(lock);
		signals_die(signals_ended());
	}
	if (status != 0)
		return status;
	options.fd = job.fd;
	add_own(course, job.output.target);
	add_own(course, job.output.temporary);
	add_own(course, o->lock);
	options.own = course->own_count > 0 ? is_own : NULL;
	progress_start(&course->progress, settings_progress(o), NULL);
	progress_precede(&course->progress, &report);
	course->begun = true;
	if (walk != NULL)
		end = listing_print(walk, &options, &report, &course->counts);
	error = errno;
	progress_end(&course->progress);
	whole = (end == LISTING_DONE || end == LISTING_STOPPED) && !ended();
	failed = job_close_output(&job, whole);
	lock_release(lock);
	if (ended() && !(whole && o->output != NULL))
		signals_die(signals_ended());
	report.unfinished = end == LISTING_STOPPED;
	errno = error;
	status = listing_status(o, &report, end);
	print_listing_stats(o, walk, &report, &course->counts, started);
	return failed != 0 ? failed : status;
}

int
list_files(const struct options *o)
{
	char *problem = NULL;
	struct course course = { .deadline = o->deadline != 0 ? supervise_now() + o->deadline : 0 };
	struct walk *walk = settings_walk(o, has_to_end, &course, &problem);
	struct lock lock = { .file = NULL };
	int status;

	if (problem != NULL) {
		report_message("%s", problem);
		free(problem);
		return EXIT_BAD_USAGE;
	}
	status = job_take_lock(&lock, o->lock);
	if (status == 0)
		status = print(o, walk, &lock, &course);
	walk_close(walk);
	lock_release(&lock);
	return status;
}
