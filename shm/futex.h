/*
 * Waiting and waking on words in shared memory.
 *
 * All of shm/ waits and wakes through this table, so that a test can put a
 * scripted kernel behind it and force each interleaving.  Words are shared
 * between processes: FUTEX_PRIVATE_FLAG is never used.
 *
 * Source: futex(2), Documentation/userspace-api/futex2.rst.
 */
#ifndef SHM_FUTEX_H
#define SHM_FUTEX_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* The longest array that wait_any accepts. */
enum { FUTEX_ANY_MAX = 2 };

/* Sleep only while *word holds value. */
struct futex_watch {
	_Atomic uint32_t *word;
	uint32_t value;
};

struct futex_ops {
	/*
	 * Sleeps until one of the words is woken, or differs from its value,
	 * or the absolute CLOCK_MONOTONIC deadline passes (NULL: none).
	 * Returns 0, or -1 with errno EAGAIN (a word differed), EINTR or
	 * ETIMEDOUT.  A return of 0 may be spurious.  Where the kernel has
	 * no futex_waitv only the first word is watched: keep a deadline.
	 */
	int (*wait_any)(void *ctx, const struct futex_watch *watch, size_t count,
	    const struct timespec *deadline);
	/* Wakes whoever waits on the word. Never blocks. */
	void (*wake)(void *ctx, _Atomic uint32_t *word);
	void *ctx;
};

/* The kernel's futexes. Any process may call it and use the table. */
const struct futex_ops *futex_kernel(void);

#endif
