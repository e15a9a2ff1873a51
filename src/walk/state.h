/*
 * The walk's state, for walk.c, which goes from directory to directory, and
 * meet.c, which decides what of a directory is gone to.
 */
#ifndef WALK_STATE_H
#define WALK_STATE_H

#include <dirent.h>
#include <sys/stat.h>

#include "walk/levels.h"
#include "walk/mounts.h"
#include "walk/names.h"
#include "walk/rules.h"
#include "walk/walk.h"

enum { STATE_BUFFER = 128 * 1024 };

struct walk {
	struct walk_options options;
	char *const *paths;
	size_t path_count;
	size_t path_next, path_end;
	const char *trail; /* from an operand down, to be kept to; or NULL */
	int (*entered)(void *ctx, const struct walk_entry *directory, int fd); /* or NULL */
	void *entered_ctx;
	uint32_t operand; /* that the walk is in */

	struct names names;
	struct levels levels;

	char *path;
	size_t path_capacity;
	size_t root_length;
	size_t shown; /* bytes of path that globs do not see */
	uint32_t directories;
	uint64_t skipped;
	struct rules_work work;
	bool input_named;
	struct stat operand_stat; /* of the last one that is no directory */
	bool filters; /* something can leave out a name */
	bool looks;   /* at each directory, in this operand: where it is mounted, and which it is */
	struct mounts *mounts; /* NULL: not needed, or not yet */
	/* What the walk goes on behind, in the operand that it starts with; or NULL. */
	const char *behind;
	uint32_t behind_operand;
	char *buffer; /* of STATE_BUFFER bytes, for names as they are read */
};

/* Puts name, of so many bytes, behind the first length bytes of the path. */
int walk_set_path(struct walk *w, size_t length, const char *name, size_t name_length);

#endif
