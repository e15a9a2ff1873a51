/*
 * How far a run is: a line on a terminal that is written over and over
 * (--progress), a line of its own for who asks by SIGUSR1, and the title that
 * ps(1) shows of the parent.
 *
 *   12345 files, 1.2G, 38 lines, 310M/s, 1 worker lost, in drivers/net
 *
 * The line is cut to the terminal's width, which is asked for each time.  It
 * is taken away before anything else is written there, and names in it are
 * escaped.  Nothing of it waits for a terminal.
 *
 * Parent only.  Source: wcwidth(3), tty_ioctl(4), setproctitle(3bsd).
 */
#ifndef JOBS_PROGRESS_H
#define JOBS_PROGRESS_H

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>

#include "emit/report.h"
#include "pool/pool.h"

enum { PROGRESS_TITLE_MAX = 1024 };

struct progress {
	bool wanted;   /* lines without being asked */
	bool terminal; /* they are written over */
	bool shared;   /* with the output */
	bool drawn;    /* a line stands there */
	int64_t started, next_line, next_title; /* CLOCK_MONOTONIC, ns */
	locale_t locale; /* for the width of characters; 0: only ASCII is shown */
	const char *input_name;
	char command[PROGRESS_TITLE_MAX]; /* as it was called, for titles; empty: not known yet */
};

/* input_name: what standard input is called. */
void progress_start(struct progress *p, bool wanted, const char *input_name);

/* Whether progress_show has something to do; each time round. */
bool progress_due(const struct progress *p);

/*
 * Shows where the run is, wherever that is due; asked: a line of its own, too.
 * clean: the output stands at the start of a line.
 */
void progress_show(struct progress *p, const struct pool_look *look, bool asked, bool clean);

/* The same of a listing: so many names, the last of them that one; NULL: there are no more. */
void progress_show_listing(struct progress *p, const struct report_file *last, uint64_t names,
    bool asked, bool clean);

/* Takes the line away, before something else comes. */
void progress_clear(struct progress *p);

/* Has a report do so before each message. */
void progress_precede(struct progress *p, struct report *report);

void progress_end(struct progress *p);

#endif
