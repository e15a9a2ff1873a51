/*
 * Prints, as C, the programs of filter.h for filter.c to include: run while the
 * program is built, so that no search pays for libseccomp.
 *
 * Source: seccomp(2), seccomp_rule_add(3), seccomp_attr_set(3),
 * seccomp_export_bpf(3).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool/filter.h"
#include "pool/sanitized.h"

/* A search in a tree: which of many calls it is takes few steps, at each call and at the start. */
enum { AS_TREE = 2 };

#ifndef SANITIZED
static const uint64_t name_memory = 0x53564d41; /* PR_SET_VMA of linux/prctl.h */
#endif

/* Of openat's flags, those with which nothing is written, made or merely looked at. */
static const uint64_t open_flags = O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
    O_NOATIME;

static int
allow_plain(scmp_filter_ctx list)
{
	static const int calls[] = { SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close),
		SCMP_SYS(fstat), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(clock_gettime),
		SCMP_SYS(restart_syscall), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(getpid), SCMP_SYS(gettid),
#ifdef SANITIZED
		/* What their own runtime needs, to work and to tell. */
		SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(mprotect), SCMP_SYS(madvise),
		SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(prctl),
		SCMP_SYS(readlink), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(ioctl),
		SCMP_SYS(sched_yield), SCMP_SYS(prlimit64), SCMP_SYS(sysinfo), SCMP_SYS(access),
#endif
	};
	int result = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && result == 0; i++)
		result = seccomp_rule_add(list, SCMP_ACT_ALLOW, calls[i], 0);
	return result == 0 ? seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(close_range), 1,
	    SCMP_A2(SCMP_CMP_EQ, 0, 0)) : result;
}

static int
allow_memory(scmp_filter_ctx list)
{
	int result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
	    SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));

#ifndef SANITIZED
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(madvise), 1,
		    SCMP_A2(SCMP_CMP_EQ, MADV_DONTNEED, 0));
	/* Settings of the C library have it ask for huge pages, and name its memory. */
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(madvise), 1,
		    SCMP_A2(SCMP_CMP_NE, MADV_DONTNEED, 0));
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
		    SCMP_A0(SCMP_CMP_EQ, name_memory, 0));
#endif
	return result;
}

static int
allow_open(scmp_filter_ctx list)
{
	int result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, 0xffffffff & ~open_flags, O_RDONLY));

	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
	return result;
}

/*
 * A call that is allowed whatever its arguments are costs no run of the filter:
 * the kernel has a list of these.  What openat is asked, openat2 could be asked, too.
 */
static int
allow_open_in_jail(scmp_filter_ctx list)
{
	int result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(openat), 0);

	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(openat2), 1,
		    SCMP_A3(SCMP_CMP_EQ, sizeof(struct open_how), 0));
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 1,
		    SCMP_A3(SCMP_CMP_NE, sizeof(struct open_how), 0));
	return result;
}

static int
allow_futex(scmp_filter_ctx list)
{
	static const unsigned int operations[] = { FUTEX_WAIT_BITSET, FUTEX_WAKE };
	int result = 0;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]) && result == 0; i++)
		result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(futex), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, 0x7f, operations[i]));
	return result;
}

/* The way of abort(3): it may fail to speak, and signals itself. */
static int
allow_abort(scmp_filter_ctx list)
{
	int result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 3,
	    SCMP_A0(SCMP_CMP_EQ, FILTER_PID, 0), SCMP_A1(SCMP_CMP_EQ, FILTER_PID, 0),
	    SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0));

#ifndef SANITIZED
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(write), 0);
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(writev), 0);
#endif
	return result;
}

static int
allow_all(scmp_filter_ctx list, int (*allow)(scmp_filter_ctx list))
{
	int result = seccomp_attr_set(list, SCMP_FLTATR_CTL_OPTIMIZE, AS_TREE);

	if (result == 0)
		result = allow_plain(list);
	if (result == 0)
		result = allow_memory(list);
	if (result == 0)
		result = allow(list);
	if (result == 0)
		result = allow_futex(list);
	return result == 0 ? allow_abort(list) : result;
}

/* Prints the instructions that a file holds. */
static int
print(FILE *program, const char *name)
{
	struct sock_filter one;

	rewind(program);
	printf("static const struct sock_filter %s[] = {\n", name);
	while (fread(&one, sizeof(one), 1, program) == 1)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", one.code, one.jt, one.jf, one.k);
	printf("};\n");
	return ferror(program) ? -EIO : 0;
}

/* Makes one program, and prints it. */
static int
make(const char *name, int (*allow)(scmp_filter_ctx list))
{
	scmp_filter_ctx list = seccomp_init(SCMP_ACT_KILL_PROCESS);
	/* libseccomp exports to a file only. */
	FILE *program = tmpfile();
	int result = list == NULL || program == NULL ? -ENOMEM : allow_all(list, allow);

	if (result == 0)
		result = seccomp_export_bpf(list, fileno(program));
	if (result == 0)
		result = print(program, name);
	if (program != NULL)
		fclose(program);
	if (list != NULL)
		seccomp_release(list);
	return result;
}

int
main(void)
{
	int result = make("in_jail", allow_open_in_jail);

	if (result == 0)
		result = make("elsewhere", allow_open);
	if (result == 0 && fflush(stdout) == EOF)
		result = -errno;
	if (result != 0)
		fprintf(stderr, "filter_make: %s\n", strerror(-result));
	return result != 0;
}
