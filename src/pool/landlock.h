/*
 * Landlock: the kernel lets a worker open what lies beneath the operands, for
 * reading, and nothing else.
 *
 * Source: landlock(7), Documentation/userspace-api/landlock.rst.
 */
#ifndef POOL_LANDLOCK_H
#define POOL_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes the list for all workers: the operands (one that is NULL, or gone, is
 * left out), or everywhere the whole file system.  Returns a descriptor, or -1
 * with errno, EOPNOTSUPP or ENOSYS where the kernel has no Landlock.  Parent.
 */
int landlock_open(const char *const *roots, size_t count, bool everywhere);

/*
 * Puts the process, which must have given up new privileges, under the list.
 * Operands in /proc are added first: /proc/self is each process's own.  Worker.
 */
int landlock_enter(int ruleset, const char *const *roots, size_t count);

#endif
