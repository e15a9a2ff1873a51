/*
 * Reading a small file whole: ignore files and git's configuration, the only
 * contents that the parent reads.  Whoever owns the tree may have made them:
 * only regular files, no more than a given size; FIFOs and the like are not
 * waited for.  They can name others anywhere, on a dead mount, too.
 *
 * Source: open(2).
 */
#ifndef WALK_CONTENT_H
#define WALK_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

struct content {
	char *text; /* with a NUL behind it; to be freed */
	size_t length;
};

/*
 * Reads a file, beneath the directory at as openat(2) has it.  follow: a
 * symbolic link is followed.  Returns 0, or -1 with errno: EFBIG if it is
 * larger than max bytes, ENXIO if it is no regular file.
 */
int content_read(struct content *c, int at, const char *path, bool follow, size_t max);

#endif
