/*
 * What a run is asked for, as a number: two runs with the same one look for the
 * same, in the same files, and print it alike.
 *
 * It is made of the options as they were given, but for those that change none
 * of that, of the patterns (also of those that -f reads) and of the operands'
 * names.  A file that --ignore-file or --exclude-from names is known by its
 * name alone.
 *
 * Parent only.
 */
#ifndef JOBS_COMMAND_H
#define JOBS_COMMAND_H

#include "cli/options.h"

/* For --resume: what is printed is the same, byte for byte, and goes to the same files. */
uint64_t command_output(const struct options *o);

/* For --since-state: what is looked for is the same, wherever that goes. */
uint64_t command_search(const struct options *o);

/* Which files and directories the operands are now. */
uint64_t command_roots(const struct options *o);

#endif
