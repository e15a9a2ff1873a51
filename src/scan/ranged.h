/*
 * A file that is dealt in ranges, in the worker: opened once for all ranges that come to it.
 *
 * All workers look at its first bytes and for holes, and see the same: a file that is to be
 * decoded, or has holes to be passed over, is searched whole by who has the first
 * range, and there is nothing in the others.
 */
#ifndef SCAN_RANGED_H
#define SCAN_RANGED_H

#include <stdbool.h>
#include <sys/stat.h>

#include "scan/opener.h"

struct ranged {
	bool open;
	bool whole;       /* the first range is all of it */
	uint32_t operand;
	struct opener *opener;
	int fd;
	struct stat st;
};

/*
 * Opens the item's file, unless that is open already.  marks: a byte order mark makes it one
 * to be decoded.  Returns 0, or -1 with errno as opener_file; ESTALE: it is another file
 * than the parent saw.
 */
int ranged_open(struct ranged *r, struct opener *o, const struct batch_item *item, bool marks);

/* Closes it, if it is not the item's; NULL: in any case. */
void ranged_close(struct ranged *r, const struct batch_item *item);

#endif
