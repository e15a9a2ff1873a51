/*
 * A run: the parts wired together for one search, from options to exit
 * status.  Says on standard error what went wrong.  Parent only.
 */
#ifndef RUN_H
#define RUN_H

#include "cli/options.h"

/* Searches. Returns the exit status, or ends the program by a signal that asked for it. */
int run_search(const struct options *o);

/* --type-list. Returns the exit status. */
int run_types(const struct options *o);

#endif
