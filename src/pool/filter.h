/*
 * The system calls that a worker may make: a list, with their arguments where
 * these matter.  Anything else kills it.
 *
 *   reading      read, pread64, lseek, close, close_range, fstat; openat for
 *                reading only, or, with openat2, in a jail, where all is read-only
 *   waiting      futex (wait and wake), poll, restart_syscall (after Ctrl-Z)
 *   memory       brk, munmap, mremap, madvise(DONTNEED), mmap of anonymous
 *                memory that cannot be executed
 *   ending       exit, exit_group, and abort's signal to itself
 *   refused      write, so that a message on the way to abort does not hide
 *                the reason; openat2 without a jail; other advice on memory
 *
 * The programs are compiled while pgrep-r is built (filter_make.c), one for a
 * jail and one for elsewhere.  In a jail openat's flags are not looked at, as
 * openat2's cannot be: a call that is always allowed costs next to nothing.
 *
 * Source: seccomp(2).
 */
#ifndef POOL_FILTER_H
#define POOL_FILTER_H

#include <stdbool.h>
#include <linux/filter.h>

/* Stands in a program for the worker's own process id. */
enum { FILTER_PID = 0x7e57c0de };

/*
 * Puts the process, which must have given up new privileges, under the list.
 * Returns 0, or -1 with errno.  Worker.
 */
int filter_enter(bool jail);

#endif
