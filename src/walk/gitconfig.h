/*
 * What git's configuration says of ignoring files, read from its files
 * without running git: the system's, the user's, the repository's, and the
 * environment.
 *
 * Source: git-config(1): Files, Environment, Syntax, Includes.  Conditions of
 * includes other than gitdir do not hold; "~user/" is not expanded.  Of a
 * repository's files, which may be an enemy's, a bounded number of bytes,
 * includes and conditions is looked at.
 */
#ifndef WALK_GITCONFIG_H
#define WALK_GITCONFIG_H

#include <stdbool.h>

struct gitconfig {
	char *excludes; /* core.excludesFile or what it is by default; NULL: none. To be freed */
	bool fold;      /* core.ignoreCase */
};

/* Where a repository's configuration is; all NULL: there is no repository. */
struct gitconfig_place {
	int at;             /* a directory that paths are relative to */
	const char *git;    /* path of the git directory */
	const char *common; /* the same, but of a linked worktree its main one's */
	const char *absolute; /* real path of the git directory, for conditions */
};

/* Returns 0, or -1 with errno ENOMEM. What cannot be read or understood is passed over. */
int gitconfig_read(struct gitconfig *c, const struct gitconfig_place *place);

#endif
