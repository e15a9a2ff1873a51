/*
 * The worker's work: batches in, frames out.  The only part of a worker's
 * life that knows files; process control is the pool's.
 */
#ifndef SCAN_SCAN_H
#define SCAN_SCAN_H

#include "scan/opener.h"
#include "scan/search.h"

struct lane_worker;

enum { SCAN_OWN_MAX = 8 };

struct scan_options {
	struct search_options search;
	struct format_options format;
	struct color_scheme colors; /* that the format uses, if any */
	struct opener_view view; /* set in the worker */
	uint64_t max_filesize;  /* bytes; larger files are skipped */
	const char *input_name; /* what standard input is called */
	bool tallies;           /* what was counted of each file goes with it, as FRAME_TALLY */
	/* Files that the program itself writes: they are not searched. */
	size_t own_count;
	struct scan_own {
		dev_t device;
		ino_t inode;
	} own[SCAN_OWN_MAX];
};

/* Adds a file to own, if it is a regular one and there is room. Before scan_run, in the parent. */
void scan_add_own(struct scan_options *options, const struct stat *st);

/*
 * Takes batches from the lane until no more will follow.  Runs in the worker.
 * Returns 0, or -1 with errno when it could not start.
 */
int scan_run(const struct scan_options *options, const struct pattern *pattern,
    struct lane_worker *lane);

#endif
