/*
 * Mounted file systems that are not walked into: those that hold no files, but
 * what the kernel shows as files.
 *
 * Source: proc(5), /proc/PID/mountinfo; statx(2), stx_mnt_id.
 */
#ifndef WALK_MOUNTS_H
#define WALK_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mounts;

/*
 * What is mounted now. types: names of types of file systems, separated by
 * commas; NULL: the usual ones.  NULL: errno ENOMEM.
 */
struct mounts *mounts_open(const char *types);
void mounts_close(struct mounts *m);

/* Whether one of these types lies beneath an operand, so that it must be looked out for. */
bool mounts_beneath(const struct mounts *m, const char *operand);

/* Whether a mount, by its number, is of one of these types. */
bool mounts_skipped(const struct mounts *m, uint64_t number);

#endif
