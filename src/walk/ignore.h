/*
 * Ignore files: which of them are in force where the walk is, and what they
 * say of a name.  Follows the walk from directory to directory.
 *
 *   .ignore          of the directory, then of those that it lies in
 *   .gitignore       the same, up to the top of the repository
 *   info/exclude     of the repository
 *   core.excludesFile  of git's configuration
 *   --ignore-file    the last one first
 *
 * The first of these that says something of a name decides; within a file it
 * is the last line that matches.  Beneath a directory that is ignored nothing
 * is looked at.  A nested repository is one of its own.
 *
 * An ignore file in the tree may be an enemy's: only regular ones of bounded
 * size are read; those in force take a bounded amount of memory together, and
 * what is too much is not used, and told.
 *
 * Source: gitignore(5); ripgrep's documentation for the order.
 */
#ifndef WALK_IGNORE_H
#define WALK_IGNORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "walk/rules.h"

enum { IGNORE_MEMORY_MAX = 128 * 1024 * 1024 };

struct ignore_options {
	bool git;         /* .gitignore */
	bool dot;         /* .ignore */
	bool exclude;     /* info/exclude */
	bool global;      /* core.excludesFile */
	bool parents;     /* those above the operands, too */
	bool require_git; /* the first, third and fourth only in a repository */
	const char *const *files; /* --ignore-file, as given; must outlive the ignoring */
	size_t file_count;
};

/* What was seen in a directory. */
enum { IGNORE_SAW_GIT = 1, IGNORE_SAW_GITIGNORE = 2, IGNORE_SAW_IGNORE = 4 };

/* Its bit, of a name that starts with '.'; 0: none of them. */
unsigned int ignore_saw(const char *name);

struct ignore;

/* NULL: errno; with ENOMEM or where a file that was named cannot be read, file set to it. */
struct ignore *ignore_open(const struct ignore_options *options, const char **file);
void ignore_close(struct ignore *i);

/*
 * Goes to a directory: name is that of a subdirectory of the present one, or
 * how an operand was given if there is none.  fd: open on it; saw: what it
 * holds.  Returns 0, or -1 with errno ENOMEM.
 */
int ignore_enter(struct ignore *i, int fd, const char *name, unsigned int saw,
    struct rules_work *work);

/* Goes back. */
void ignore_leave(struct ignore *i);

/* Whether any rule is in force in the directory that was entered last. */
bool ignore_active(const struct ignore *i);

/* What the rules say of a name in the directory that was entered last. */
enum rules_verdict ignore_test(struct ignore *i, const char *name, size_t length,
    bool directory, struct rules_work *work);

/*
 * A file that could not be used: its errno, and its name in the directory that
 * was entered last or, starting with a slash, its path.  Each is told once.
 * Returns false when there is no more.
 */
bool ignore_trouble(struct ignore *i, const char **name, int *error);

#endif
