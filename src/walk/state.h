/*
 * The walk's state, for walk.c, which goes from directory to directory, and
 * meet.c, which decides what of a directory is gone to.
 */
#ifndef WALK_STATE_H
#define WALK_STATE_H

#include <dirent.h>
#include <sys/stat.h>

#include "walk/mounts.h"
#include "walk/names.h"
#include "walk/rules.h"
#include "walk/walk.h"

enum { STATE_BUFFER = 128 * 1024 };

/* A directory on the way from the operand to where the walk is. */
struct level {
	int fd;
	uint32_t number;
	size_t path_length;
	size_t names_from; /* marks of the stack of names */
	size_t bytes_from;
	size_t next;
	bool pinned;       /* its child, entered by a link, would not lead back to it */
	unsigned int saw;  /* bits of ignore.h */
	bool has_hidden;   /* names that only a rule can have taken are among its names */
	bool ruled;        /* ignore files were asked to look at it */
	dev_t device;      /* of an evicted directory, or where links are followed */
	ino_t inode;
	uint64_t mount;    /* its number, where that is looked at */
	uint64_t shard;    /* hash of its path beneath the operand */
};

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
	struct level *levels;
	size_t depth, depth_capacity;
	size_t shallowest_open;
	size_t open_count;

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
	int noatime; /* O_NOATIME while it is permitted, else 0 */
	char *buffer; /* of STATE_BUFFER bytes, for names as they are read */
};

/* Puts name behind the first length bytes of the path. */
int walk_set_path(struct walk *w, size_t length, const char *name);

#endif
