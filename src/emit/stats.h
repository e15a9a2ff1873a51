/*
 * --stats: what a run did and how its workers fared, on standard error.
 * Parent only.
 *
 * Matches are counted for --stats and --json, and never in lines that -v
 * selects.  Where a line settles a file (-l, -L, -q, -m) the rest of it is not
 * searched, and does not count.  What is printed is counted before a terminal's
 * escapes; of messages all but the last of each file, as in ripgrep.
 */
#ifndef EMIT_STATS_H
#define EMIT_STATS_H

#include <stdbool.h>

#include "emit/report.h"
#include "shm/lane.h"

struct stats {
	const struct report *report;
	double seconds; /* wall time */
	struct lane_totals totals; /* as far as workers tell the truth */
	uint64_t workers_started, workers_lost, workers_abandoned;
	uint64_t repeated;  /* files that were searched again without the accelerator */
	const char *engine; /* what searched */
	const char *view;   /* how the file system was closed off, for all workers */
	bool filtered;      /* all of them had a filter of system calls */
	const char *missed; /* what could not be had, or NULL */
	const char *reason; /* why */
};

/* Prints it, as lines of text or as one JSON object. */
void stats_print(const struct stats *s, bool json);

/* The same of --files. */
struct stats_listing {
	uint64_t listed, unreadable, directories;
	uint64_t bytes; /* printed */
	double seconds;
};
void stats_print_listing(const struct stats_listing *s, bool json);

#endif
