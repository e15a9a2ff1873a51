/*
 * The system calls that a worker may make: a list, with their arguments where
 * these matter.  Anything else kills it.
 *
 *   reading      read, lseek, close, fstat; openat for reading only;
 *                openat2 in a jail, where all is read-only (its arguments
 *                lie in memory, which no filter sees)
 *   waiting      futex (wait and wake), poll, restart_syscall (after Ctrl-Z)
 *   memory       brk, munmap, mremap, madvise(DONTNEED), mmap of anonymous
 *                memory that cannot be executed
 *   ending       exit, exit_group, and abort's signal to itself
 *   refused      write, so that a message on the way to abort does not hide
 *                the reason; openat2 without a jail; other advice on memory
 *
 * Source: seccomp(2), seccomp_rule_add(3), seccomp_export_bpf(3).
 */
#ifndef POOL_FILTER_H
#define POOL_FILTER_H

#include <stdbool.h>
#include <linux/filter.h>

/* The compiled list. Two of its numbers are each worker's own, put in by filter_enter. */
struct filter {
	struct sock_filter *code;
	unsigned short length; /* instructions; 0: there is none */
};

/* Compiles the list, in the parent. Returns 0, or -1 with errno. */
int filter_open(struct filter *f);
void filter_close(struct filter *f);

/*
 * Puts the process, which must have given up new privileges, under the list.
 * Changes the copy of the list that a worker has inherited.  Worker.
 */
int filter_enter(struct filter *f, bool in_jail);

#endif
