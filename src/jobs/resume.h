/*
 * --resume: checkpoints while the run goes on, and going on from one.
 *
 *   sink ──► marks, at files' ends ──► written: output, ledger on the disk,
 *                                      then the checkpoint (jobs/checkpoint.h)
 *
 * Before the first byte of output there is a checkpoint, and from then on
 * always: whatever ends the run, what is behind the checkpoint is taken back, if
 * it is a regular file, and done again.  Of what is none, a pipe, nothing can be
 * taken back: a run that stops in an orderly way says how much was written
 * behind the mark, and the next leaves that out; one that was killed cannot.
 *
 * Parent only.
 */
#ifndef JOBS_RESUME_H
#define JOBS_RESUME_H

#include "emit/sink.h"
#include "jobs/checkpoint.h"

struct options;

struct resume {
	const char *path;
	bool goes_on; /* there was a checkpoint */
	struct checkpoint checkpoint; /* that one; then what each has in common */
	struct marks marks;
	struct atomic_file file;
	struct ledger *ledger; /* or NULL */
	int fd;       /* of the output */
	off_t base;   /* where in its file the first byte of this run would be */
	int64_t due;  /* CLOCK_MONOTONIC, ns: when the next checkpoint is */
	uint64_t kept; /* marks that were set when the last one was made */
	bool failed;  /* it was said that one could not be written */
};

/*
 * Looks for a checkpoint of what the options ask for.  Returns an exit status:
 * 0, or what was said to be wrong.
 */
int resume_open(struct resume *r, const struct options *o);

/* Makes sure that standard output is what it was, and cuts it. As resume_open. */
int resume_standard_output(struct resume *r);

/* What of that output was written already, of what will be. */
uint64_t resume_beyond(const struct resume *r);

/*
 * The output and the ledger are open: writes the first checkpoint.  Returns 0,
 * or -1 with errno.
 */
int resume_begin(struct resume *r, int fd, struct ledger *ledger);

/* All that was added to the output is written: perhaps writes a checkpoint. */
void resume_flushed(struct resume *r, const struct output *output);

/* The run stops: writes the last checkpoint, and takes back what is behind it. */
void resume_stop(struct resume *r, const struct output *output);

/* All is told and written: says so in a checkpoint. Returns 0, or -1 with errno. */
int resume_end(struct resume *r, const struct sink *s);

/* All files are in their places: no checkpoint is needed any more. Returns 0, or -1 with errno. */
int resume_remove(struct resume *r);

/* Nothing after resume_remove, or of zeros. Keeps errno. */
void resume_close(struct resume *r);

#endif
