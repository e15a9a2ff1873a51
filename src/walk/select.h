/*
 * Which names are taken, by the options that name globs and types.
 *
 *   --include, --exclude, --exclude-dir   as GNU grep: what they leave out is
 *                                         out, operands too
 *   -g, --iglob                           as ripgrep: what they take is taken,
 *                                         hidden and ignored or not
 *   ignore files                          (ignore.h)
 *   -t, --type-not                        what they take may be hidden
 *   hidden names
 *
 * Source: grep(1), "File and Directory Selection"; ripgrep's manual.
 */
#ifndef WALK_SELECT_H
#define WALK_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "walk/rules.h"

struct select;

/*
 * NULL: message is what is wrong, to be freed, or NULL: no memory.  --ignore-file
 * is left to ignore.h.
 */
struct select *select_open(const struct options_filter *filters, size_t count, char **message);
void select_close(struct select *s);

/* Whether there is anything that it can leave out. */
bool select_needed(const struct select *s);

/* Whether an operand is taken. */
bool select_operand(const struct select *s, const char *operand, bool directory);

/* How many bytes of a path stand before what globs are relative to: the working directory. */
size_t select_shown(const struct select *s, const char *path);

/* A name that the walk met. */
struct select_name {
	const char *path; /* with the directory, from where globs are relative to */
	size_t path_length;
	const char *name; /* its end */
	size_t length;
	bool directory;
};

/* By name: KEEP, it is taken whatever else is said; NONE: others decide. */
enum rules_verdict select_glob(const struct select *s, const struct select_name *n);

/* By type, of files. */
enum rules_verdict select_type(struct select *s, const struct select_name *n);

#endif
