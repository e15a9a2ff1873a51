/*
 * --resume's file: where a run can be taken up again, and what is to be known
 * there of what was done.
 *
 *   "pgrep-r checkpoint 1\n", 64-bit words (little-endian), the path, a
 *   checksum of all that (siphash_sum)
 *
 * A file with any byte of it changed, cut or added is refused.
 *
 * Parent only.
 */
#ifndef JOBS_CHECKPOINT_H
#define JOBS_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "emit/atomic_file.h"
#include "emit/mark.h"

/* Where a file that was being written stood. */
struct checkpoint_file {
	bool regular; /* else nothing of what follows is known */
	struct atomic_file_place place;
};

struct checkpoint {
	uint64_t command; /* what was asked for */
	uint64_t roots;   /* and of what: which files and directories the operands are */
	bool ended;       /* all is told: only the files are to be put in their places */
	bool has_newer;
	int64_t newer;    /* as struct walk_options, of the first run */
	struct mark mark; /* its offset and ledger are not kept: see below. path is owned */
	uint64_t beyond;  /* bytes behind the mark that were written, to what is no regular file */
	struct checkpoint_file output, ledger;
};

/* Fills in a file that is open, with an offset. Returns 0, or -1 with errno. */
int checkpoint_file_of(struct checkpoint_file *f, int fd, off_t offset);

/* Returns *size bytes, to be freed, or NULL: no memory. */
void *checkpoint_encode(const struct checkpoint *c, size_t *size);

/* Returns 0, or -1 with errno: EBADMSG, it is none; EPROTONOSUPPORT, of another version; ENOMEM. */
int checkpoint_decode(struct checkpoint *c, const void *bytes, size_t size);

void checkpoint_free(struct checkpoint *c);

/*
 * Reads the file.  Returns 0; 1 if there is none; or -1 with errno: as
 * checkpoint_decode, EWOULDBLOCK when a run has it in use, else as open(2).
 */
int checkpoint_read(struct checkpoint *c, const char *path);

/*
 * Puts a checkpoint at path, for good, in the place of any other.  a: zeros, or
 * what the last call has left: while it is open the checkpoint is in use.
 * Returns 0, or -1 with errno: then the old one is still there.
 */
int checkpoint_write(const struct checkpoint *c, const char *path, struct atomic_file *a);

#endif
