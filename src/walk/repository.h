/*
 * A git repository, as far as it says which files are ignored: its
 * info/exclude and its configuration.  A linked worktree's are those of the
 * repository that it belongs to.
 *
 * Source: gitrepository-layout(5), git-worktree(1).
 */
#ifndef WALK_REPOSITORY_H
#define WALK_REPOSITORY_H

#include "walk/gitconfig.h"

struct repository {
	char *exclude; /* path of info/exclude, relative to its top; NULL: there is none */
	struct gitconfig config;
};

/* Whether the directory has a ".git" that can be a repository's. */
bool repository_is_top(int directory);

/*
 * top: a directory that has a ".git", and its real path, ending with '/', or
 * empty if not known.  directory -1: no repository, only the user's
 * configuration.  Returns 0, or -1 with errno ENOMEM.
 */
int repository_read(struct repository *r, int directory, const char *path);
void repository_fini(struct repository *r);

#endif
