/*
 * --since-state: only files that changed since the run that wrote the state.
 *
 *   walk ──► pass: stat, number ──► in the old set? ── yes ──► into the new set
 *                                        │ no
 *                                        ▼
 *                 dealt, its number waits in line ──► told: searched whole?
 *                                                       yes ──► into the new set
 *
 * Every change counts by which two files can be told apart: device, inode, size,
 * and the times of modification and of change, to the nanosecond, are compared
 * for being the same, and the path with them.  What was changed so shortly before
 * the run that it could be changed again without its times telling is searched
 * the next time, too.
 *
 * Parent only.  Source: inode(7); git's Documentation/technical/racy-git.txt.
 */
#ifndef JOBS_SINCE_H
#define JOBS_SINCE_H

#include <sys/stat.h>

#include "emit/atomic_file.h"
#include "emit/status.h"
#include "jobs/state.h"
#include "walk/walk.h"

struct since {
	const char *path;
	bool follow;             /* what a link leads to is the file */
	uint64_t command;
	uint64_t key[2];
	struct state *old;       /* or NULL */
	uint64_t met;            /* numbers of the old set that were met */
	struct state_writer set; /* the new one */
	struct atomic_file file; /* where it will be */
	int64_t racy;            /* ns since the epoch: times from there on do not tell */
	int error;               /* errno of what made the new set useless, or 0 */
	/* Numbers of files that are being searched, in order; 0: not to be kept. */
	uint64_t *line;
	size_t first, count, capacity; /* a ring of a power of two */
};

/* Why there is no old set: errno as state_open, or ESRCH: it is of another search. */
int since_open(struct since *s, const char *path, uint64_t command, bool follow, int *refused);

/* As struct source: whether the file has not changed. */
bool since_pass(struct since *s, int directory, const struct walk_entry *entry);

/* As struct sink_options. */
void since_told(struct since *s, uint64_t files, enum file_status status, uint32_t value);

/*
 * Puts the new set in the place of the old.  cut: the walk did not come to its
 * end, and what the old set knows of the rest stays known.  What it knows of files
 * that are gone cannot be told from that: where there are more numbers that were
 * not met than any run since the last whole one has had of its own, much of it
 * must be, and all of them go.  So the set is at most twice as large as what such a
 * run has had.  Returns 0, or -1 with errno.
 */
int since_commit(struct since *s, bool cut);

/* Leaves the old one. Keeps errno. Nothing after a commit, or of zeros. */
void since_discard(struct since *s);

#endif
