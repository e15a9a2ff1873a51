/*
 * The file types that are known from the start, sorted by name.
 *
 * The same names and globs as ripgrep's, so that habits work.
 */
#ifndef WALK_TYPES_TABLE_H
#define WALK_TYPES_TABLE_H

#include <stddef.h>

struct types_entry {
	const char *name;
	const char *globs; /* separated by a space */
};

const struct types_entry *types_table(size_t *count);

#endif
