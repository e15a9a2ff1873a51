/*
 * Context: which lines around the selected ones are shown, and when a group
 * of lines is separated from the one before, as in grep.
 *
 *        window before                 window
 *   ------------------------+---------------------------+
 *            |    saved     |      ...   | selected | due ...
 *   ---------+--------------+------------+----------+---+
 *          shown                                  shown
 *
 * Lines before a selected one may lie in windows that are gone: what may
 * still be wanted of them is saved, at most so many lines, and at most so
 * many bytes as one line may have.  Lines that were let go because of the
 * latter and are missed when a line is selected make the file cut short.
 *
 * In the worker.
 */
#ifndef SCAN_CONTEXT_H
#define SCAN_CONTEXT_H

#include "scan/window.h"

struct show;

struct context_options {
	bool groups;      /* they are told apart */
	bool passthru;    /* all lines are shown */
	uint64_t before, after;
	size_t max_saved; /* bytes */
};

struct context {
	struct context_options options;
	struct show *show;
	/* Of the current file. */
	uint64_t due;     /* lines to be shown as they come */
	bool any;         /* there was a group */
	bool missed;      /* saved lines were let go, and then wanted */
	size_t shown;     /* offset in the window up to which lines were shown; 0: none was */
	/* Lines of earlier windows, each with a terminator, that were not shown. */
	char *saved;
	size_t saved_start, saved_end, saved_capacity;
	uint64_t saved_lines;
	uint64_t saved_offset; /* in the file, of their end */
	bool joined;      /* the last line that was shown stands right before them */
	bool let_go;      /* there were more, and no room for them */
};

void context_init(struct context *c, const struct context_options *options, struct show *show);
void context_fini(struct context *c);

/* The next file. nothing: it will not be searched at all. */
void context_file(struct context *c, bool nothing);

/* A line of the window is selected: shows it, with its number, and what is to be shown before it. */
void context_select(struct context *c, struct window *w, struct line *line);

/*
 * The window ends: shows what is due, and saves what may be wanted, unless it
 * was the file's last.  Without memory for it that is missed.
 */
void context_end_window(struct context *c, struct window *w, bool last);

/* Whether lines are due though none may be selected any more. */
static inline bool
context_is_due(const struct context *c)
{
	return c->due > 0;
}

/* Nothing more is shown. */
static inline void
context_stop(struct context *c)
{
	c->due = 0;
}

#endif
