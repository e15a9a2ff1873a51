/*
 * Opening what a batch names, in the worker: directories once and beneath
 * their operand, files relative to them.
 *
 * Whatever the tree controls may have changed since the walk saw it: no
 * symbolic link is followed unless the user wants them all to be, nothing is waited for, only regular files are
 * taken.  Operands were named by the user: links are followed, and a FIFO or
 * a device is read.
 *
 * Source: openat2(2), open(2), symlink(7).
 */
#ifndef SCAN_OPENER_H
#define SCAN_OPENER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "walk/batch.h"

struct opener;

/* What the worker's sandbox (pool/sandbox.h) leaves of the ways to open. */
struct opener_view {
	bool numbered; /* operand I is found as /I */
	bool plain;    /* no openat2, no O_PATH */
	bool follow;   /* links are followed wherever they lead; not those of /proc, unless plain */
};

/* NULL: errno ENOMEM. */
struct opener *opener_open(const struct opener_view *view);
void opener_close(struct opener *o);

/*
 * Opens the item's file and fills st.  Returns a descriptor, or -1 with errno:
 * ENOENT when it is gone, ENXIO when it is no file to be read.
 */
int opener_file(struct opener *o, const struct batch_item *item, struct stat *st);

/* Closes what opener_file gave, now or together with some that follow. */
void opener_done(struct opener *o, int fd);

/* Closes all that is done with: for when none may follow for a while. */
void opener_rest(struct opener *o);

#endif
