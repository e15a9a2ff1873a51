/*
 * What a directory holds that the walk is to go to.
 *
 * All decisions about names fall here, while the directory is open: by type,
 * by options, and by ignore files, those in the directory among them.
 */
#ifndef WALK_MEET_H
#define WALK_MEET_H

#include "walk/state.h"

/*
 * Puts the names in the directory of a level, whose path is set, on the stack:
 * those that are taken, sorted.  Returns 0; 1 with errno if it could not be
 * read to its end; or -1: ENOMEM, or EINTR, to be entered again.
 */
int meet_directory(struct walk *w, struct level *l);

/* Whether an operand that is a regular file is new enough. */
bool meet_is_new(const struct walk *w, const struct stat *st);

#endif
