#include "futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc 2.36 wraps neither call, and its headers may predate futex_waitv. */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* struct futex_waitv of linux/futex.h (Linux 5.16). */
struct waitv_entry {
	uint64_t value;
	uint64_t address;
	uint32_t flags;
	uint32_t reserved;
};
_Static_assert(sizeof(struct waitv_entry) == 24, "kernel ABI");
enum { WAITV_SIZE_U32 = 2 };

static int
wait_one(const struct futex_watch *watch, const struct timespec *deadline)
{
	/* The BITSET form alone takes an absolute deadline. */
	return syscall(SYS_futex, watch->word, FUTEX_WAIT_BITSET, watch->value,
	    deadline, NULL, FUTEX_BITSET_MATCH_ANY) == -1 ? -1 : 0;
}

static int
kernel_wait_any(void *ctx, const struct futex_watch *watch, size_t count,
    const struct timespec *deadline)
{
	struct waitv_entry entries[FUTEX_ANY_MAX];

	(void)ctx;
	if (count == 1)
		return wait_one(watch, deadline);
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct waitv_entry){ .value = watch[i].value,
			.address = (uintptr_t)watch[i].word,
			.flags = WAITV_SIZE_U32 };
	if (syscall(SYS_futex_waitv, entries, (unsigned int)count, 0, deadline,
	    CLOCK_MONOTONIC) >= 0)
		return 0;
	/* A container's filter may say EPERM of calls that it does not know. */
	return errno == ENOSYS || errno == EPERM ? wait_one(watch, deadline) : -1;
}

static void
kernel_wake(void *ctx, _Atomic uint32_t *word)
{
	(void)ctx;
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

const struct futex_ops *
futex_kernel(void)
{
	static const struct futex_ops ops = {
		.wait_any = kernel_wait_any,
		.wake = kernel_wake,
	};
	return &ops;
}
