/*
 * --files: the walk wired to its output, from options to exit status; no worker.
 * Says on standard error what went wrong.
 */
#ifndef LIST_H
#define LIST_H

#include "cli/options.h"

/* Lists. Returns the exit status, or ends the program by a signal that asked for it. */
int list_files(const struct options *o);

#endif
