/*
 * The files that a run writes besides the terminal: what is opened before it,
 * told during it, and put in its place or kept after it.
 *
 *   --output, --ledger   emit/atomic_file: whole or not at all
 *   --resume             jobs/resume: with it what is not whole is kept
 *   --since-state        jobs/since
 *   --lock               jobs/lock
 *
 * Says on standard error what goes wrong.  Parent only.
 */
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include "cli/options.h"
#include "emit/sink.h"
#include "jobs/lock.h"
#include "jobs/resume.h"
#include "jobs/since.h"
#include "pool/pool.h"
#include "scan/scan.h"
#include "walk/source.h"

struct job {
	const struct options *options;
	struct atomic_file output;
	int fd;       /* of the output, whatever it is; -1: it is in its place */
	bool ledgers; /* the ledger is open */
	struct ledger ledger;
	struct resume resume;
	struct since since;
	bool settled; /* files are as they shall be: a signal that comes now comes too late */
};

/* Before the sink is opened: the sink's options about files. */
void job_init(struct job *j, const struct options *o, struct sink_options *sink);

/*
 * Opens all files, and has the walk and the sink go on where another run has
 * stopped.  The program's own are not searched, by the scan's options.  Returns
 * an exit status: 0, or what was said to be wrong; then nothing is left open.
 */
int job_open(struct job *j, struct scan_options *scan, struct source *source, struct sink *sink);

/* Whether an earlier run has done all but the end. */
bool job_ended(const struct job *j);

/* After each flush of the sink. */
void job_flushed(struct job *j, const struct sink *sink);

/*
 * Whether the run is to be gone on with by another, or all has come to its end;
 * a run without --resume never is.
 */
bool job_stopped(const struct job *j, enum pool_end end, bool cut);

/* Ends the files as the run ended. Returns an exit status, as job_open. Keeps errno. */
int job_close(struct job *j, const struct sink *sink, enum pool_end end, bool cut);

/* What the output is called in messages. */
const char *job_output_name(const struct options *o);

/*
 * --lock: takes it, if path is not NULL.  Returns an exit status, as job_open.  It
 * is let go of by lock_release.
 */
int job_take_lock(struct lock *l, const char *path);

/* --files: opens --output, or nothing; and ends it, whole or not. As job_open. */
int job_open_output(struct job *j, const struct options *o);
int job_close_output(struct job *j, bool whole);

#endif
