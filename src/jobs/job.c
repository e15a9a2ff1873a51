#include "job.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs/command.h"
#include "pool/signals.h"

const char *
job_output_name(const struct options *o)
{
	return o->output != NULL ? o->output : "standard output";
}

static void
told(void *ctx, uint64_t files, enum file_status status, uint32_t value)
{
	since_told(&((struct job *)ctx)->since, files, status, value);
}

void
job_init(struct job *j, const struct options *o, struct sink_options *sink)
{
	*j = (struct job){ .options = o, .fd = STDOUT_FILENO };
	sink->ledger = o->ledger != NULL ? &j->ledger : NULL;
	sink->marks = o->resume != NULL ? &j->resume.marks : NULL;
	sink->told = o->since_state != NULL ? told : NULL;
	sink->ctx = j;
}

static int
say_cannot_create(const char *path)
{
	if (signals_ended() == 0)
		report_message("%s: %s", path, errno == EWOULDBLOCK
		    ? "another process is writing it" : strerror(errno));
	return EXIT_CANNOT_CREATE;
}

/* What a checkpoint goes on with is not there, or not as it was. */
static int
say_gone(const struct job *j, const char *path)
{
	report_message("%s: goes on with %s.pgrep-r~, which is gone or another; "
	    "remove it to start anew", j->options->resume, path);
	return EXIT_BAD_USAGE;
}

/*
 * Where a file is to be gone on with, or NULL.  It may be in its place already
 * only when all was told.
 */
static const struct atomic_file_place *
place_of(const struct job *j, const struct checkpoint_file *f)
{
	return j->options->resume != NULL && j->resume.goes_on && f->regular ? &f->place : NULL;
}

static bool
is_gone(const struct job *j, int opened)
{
	return (opened == 1 && !j->resume.checkpoint.ended) ||
	    (opened == -1 && (errno == ENOENT || errno == ESTALE));
}

/* The program's own files are not searched: a file that is written, and what it replaces. */
static void
add_own(struct scan_options *scan, const struct atomic_file *a)
{
	struct stat st;

	if (scan == NULL)
		return;
	if (a->fd != -1 && fstat(a->fd, &st) == 0)
		scan_add_own(scan, &st);
	if (a->target != NULL && stat(a->target, &st) == 0)
		scan_add_own(scan, &st);
}

static int
open_output(struct job *j, struct scan_options *scan)
{
	const char *path = j->options->output;
	const struct atomic_file_place *place = place_of(j, &j->resume.checkpoint.output);
	int opened;

	if (path == NULL)
		return j->options->resume != NULL ? resume_standard_output(&j->resume) : 0;
	opened = place != NULL ? atomic_file_reopen(&j->output, path, place)
	    : atomic_file_open(&j->output, path);
	if (place != NULL && is_gone(j, opened))
		return say_gone(j, path);
	if (opened == -1)
		return say_cannot_create(path);
	j->fd = j->output.fd;
	add_own(scan, &j->output);
	return 0;
}

static int
open_ledger(struct job *j, struct scan_options *scan)
{
	const char *path = j->options->ledger;
	const struct atomic_file_place *place = place_of(j, &j->resume.checkpoint.ledger);
	int opened;

	if (path == NULL)
		return 0;
	opened = ledger_open(&j->ledger, path, j->options->ledger_all, place);
	if (place != NULL && is_gone(j, opened))
		return say_gone(j, path);
	if (opened == -1)
		return say_cannot_create(path);
	j->ledgers = opened == 0;
	add_own(scan, &j->ledger.file);
	return 0;
}

static int
open_since(struct job *j)
{
	const struct options *o = j->options;
	int refused;

	if (o->since_state == NULL)
		return 0;
	if (since_open(&j->since, o->since_state, command_search(o), o->follow, &refused) == -1) {
		if (errno != EINVAL)
			return say_cannot_create(o->since_state);
		report_message("%s: is something else than a state, and would be lost", o->since_state);
		return EXIT_BAD_USAGE;
	}
	if (refused != 0)
		report_message("%s: %s: all files are searched", o->since_state,
		    refused == EBADMSG ? "is damaged"
		    : refused == EPROTONOSUPPORT ? "is of another version"
		    : refused == ESRCH ? "is of another search" : strerror(refused));
	return 0;
}

/* A checkpoint is there before anything is written. */
static int
begin_resume(struct job *j)
{
	if (j->options->resume == NULL || j->resume.checkpoint.ended)
		return 0;
	if (resume_begin(&j->resume, j->fd, j->ledgers ? &j->ledger : NULL) == -1)
		return say_cannot_create(j->options->resume);
	return 0;
}

static bool
pass(void *ctx, int directory, const struct walk_entry *entry)
{
	struct job *j = ctx;

	if (entry->kind == WALK_FILE && (atomic_file_is(&j->resume.file, directory, entry->name) ||
	    atomic_file_is(&j->since.file, directory, entry->name)))
		return true;
	return j->options->since_state != NULL && since_pass(&j->since, directory, entry);
}

static void
go_on(const struct job *j, struct source *source, struct sink *sink)
{
	const struct checkpoint *c = &j->resume.checkpoint;

	if (!j->resume.goes_on)
		return;
	sink_go_on(sink, &j->resume.marks.written);
	sink->output.skip = resume_beyond(&j->resume);
	if (c->mark.placed)
		walk_go_on(source->walk, c->mark.operand, c->mark.path);
	if (c->has_newer)
		walk_set_newer(source->walk, c->newer);
}

/* Nothing was done: what was there stays. */
static void
give_up(struct job *j)
{
	const bool kept = j->options->resume != NULL && j->resume.goes_on;

	if (j->output.target != NULL)
		(kept ? atomic_file_keep : atomic_file_discard)(&j->output);
	if (j->options->ledger != NULL)
		(kept ? ledger_keep : ledger_discard)(&j->ledger);
	if (j->options->resume != NULL && !kept && j->resume.file.target != NULL)
		resume_remove(&j->resume);
	resume_close(&j->resume);
	since_discard(&j->since);
}

int
job_open(struct job *j, struct scan_options *scan, struct source *source, struct sink *sink)
{
	const struct options *o = j->options;
	int status = o->resume != NULL ? resume_open(&j->resume, o) : 0;

	if (status == 0)
		status = open_output(j, scan);
	if (status == 0)
		status = open_ledger(j, scan);
	if (status == 0)
		status = open_since(j);
	if (status == 0)
		status = begin_resume(j);
	if (status != 0) {
		give_up(j);
		return status;
	}
	sink->output.fd = j->fd;
	go_on(j, source, sink);
	if (o->resume != NULL || o->since_state != NULL) {
		source->pass = pass;
		source->ctx = j;
	}
	return 0;
}

bool
job_ended(const struct job *j)
{
	return j->resume.checkpoint.ended;
}

void
job_flushed(struct job *j, const struct sink *sink)
{
	if (j->options->resume != NULL)
		resume_flushed(&j->resume, &sink->output);
}

/* Whether a signal leaves it at that, and the run came to an end that it was to come to. */
static bool
is_regular_end(enum pool_end end)
{
	return (end == POOL_DONE || end == POOL_DEADLINE || end == POOL_HIT) && signals_ended() == 0;
}

/* How a run ended: looked at once, since a signal can come at any time. */
struct ending {
	enum pool_end end;
	bool cut;     /* the walk did not come to its end */
	bool regular;
	bool stopped; /* it is to be gone on with */
	bool signal;
};

static struct ending
ending_of(const struct job *j, enum pool_end end, bool cut)
{
	const bool regular = is_regular_end(end);

	return (struct ending){ .end = end, .cut = cut, .regular = regular,
		.signal = end == POOL_SIGNAL || (!regular && signals_ended() != 0),
		.stopped = j->options->resume != NULL &&
		    (!regular || cut || j->resume.marks.frozen) };
}

bool
job_stopped(const struct job *j, enum pool_end end, bool cut)
{
	return ending_of(j, end, cut).stopped;
}

static int
say_cannot_write(const char *path)
{
	report_message("%s: %s", path, strerror(errno));
	return EXIT_WRITE;
}

/* Puts the output in its place, or takes it away. */
static int
close_output(struct job *j, bool whole)
{
	int status = 0;

	if (j->output.target == NULL)
		return 0;
	if (whole && atomic_file_put(&j->output) == -1)
		status = say_cannot_write(j->options->output);
	/* A later run may have better luck with it. */
	if (status != 0 && j->options->resume != NULL)
		atomic_file_keep(&j->output);
	else
		atomic_file_discard(&j->output);
	return status;
}

static int
close_ledger(struct job *j, const struct sink *sink, const struct ending *e)
{
	/* With -q the first selected line ends it, or could have. */
	bool whole = e->regular && e->end != POOL_HIT && !e->cut &&
	    !(j->options->quiet && sink->report.selected);

	if (!j->ledgers)
		return 0;
	if (e->signal || e->end == POOL_WRITE_FAILED || e->end == POOL_NO_SANDBOX)
		ledger_discard(&j->ledger);
	else if (ledger_commit(&j->ledger, &sink->report, whole) == -1)
		return say_cannot_write(j->options->ledger);
	return 0;
}

static int
close_since(struct job *j, const struct ending *e)
{
	const char *path = j->options->since_state;

	if (path == NULL)
		return 0;
	if (!e->regular || e->end == POOL_HIT)
		since_discard(&j->since);
	else if (since_commit(&j->since, e->cut) == -1)
		return say_cannot_write(path);
	return 0;
}

/* The run will be gone on with: all stays as the checkpoint says. */
static int
stop(struct job *j, const struct sink *sink, const struct ending *e)
{
	if (e->end == POOL_NO_SANDBOX) {
		give_up(j);
		return 0;
	}
	resume_stop(&j->resume, &sink->output);
	if (j->output.target != NULL)
		atomic_file_keep(&j->output);
	if (j->ledgers)
		ledger_keep(&j->ledger);
	resume_close(&j->resume);
	return 0;
}

/* All is told: the files get their places, then nothing is to be known any more. */
static int
close_files(struct job *j, const struct sink *sink, const struct ending *e)
{
	const char *checkpoint = j->options->resume;
	int status = 0;

	if (checkpoint != NULL && !job_ended(j) && resume_end(&j->resume, sink) == -1)
		status = say_cannot_write(checkpoint);
	if (status == 0)
		status = close_output(j, e->regular);
	/* A ledger of results that are not there would mislead. */
	if (status == 0)
		status = close_ledger(j, sink, e);
	else if (j->ledgers)
		(checkpoint != NULL ? ledger_keep : ledger_discard)(&j->ledger);
	if (status == 0)
		status = close_since(j, e);
	else
		since_discard(&j->since);
	if (status == 0 && checkpoint != NULL && resume_remove(&j->resume) == -1)
		status = say_cannot_write(checkpoint);
	if (checkpoint != NULL && j->output.target != NULL)
		atomic_file_keep(&j->output);
	resume_close(&j->resume);
	return status;
}

int
job_close(struct job *j, const struct sink *sink, enum pool_end end, bool cut)
{
	const struct ending e = ending_of(j, end, cut);
	int saved = errno, status;

	status = e.stopped ? stop(j, sink, &e) : close_files(j, sink, &e);
	j->settled = e.regular && (j->options->output != NULL || j->options->ledger != NULL ||
	    j->options->resume != NULL || j->options->since_state != NULL);
	errno = saved;
	return status;
}

int
job_open_output(struct job *j, const struct options *o)
{
	*j = (struct job){ .options = o, .fd = STDOUT_FILENO };
	return open_output(j, NULL);
}

int
job_close_output(struct job *j, bool whole)
{
	return close_output(j, whole);
}

int
job_take_lock(struct lock *l, const char *path)
{
	int error;

	if (path == NULL || lock_take(l, path) == 0)
		return 0;
	error = errno;
	if (error == EEXIST && l->holder > 0)
		report_message("%s: locked by process %d", path, (int)l->holder);
	else
		report_message("%s: %s", path, error == EEXIST ? "locked by another process"
		    : error == EINVAL ? "is there, and is no lock" : strerror(error));
	return error == EEXIST ? EXIT_LOCKED : EXIT_CANNOT_CREATE;
}
