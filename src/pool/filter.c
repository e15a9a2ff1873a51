#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/sanitized.h"

/* Stand in the list for a worker's process id, and for the size that openat2 must be given. */
static const uint32_t place_of_pid = 0x7e57c0de, place_of_size = 0x7e57f11e;

#ifndef SANITIZED
static const uint64_t name_memory = 0x53564d41; /* PR_SET_VMA of linux/prctl.h */
#endif

/* Of openat's flags, those with which nothing is written, made or merely looked at. */
static const uint64_t open_flags = O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
    O_NOATIME;

static int
allow_plain(scmp_filter_ctx list)
{
	static const int calls[] = { SCMP_SYS(read), SCMP_SYS(lseek), SCMP_SYS(close),
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
	return result;
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
		result = seccomp_rule_add(list, SCMP_ACT_ALLOW, SCMP_SYS(openat2), 1,
		    SCMP_A3(SCMP_CMP_EQ, place_of_size, 0));
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 1,
		    SCMP_A3(SCMP_CMP_NE, place_of_size, 0));
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
	    SCMP_A0(SCMP_CMP_EQ, place_of_pid, 0), SCMP_A1(SCMP_CMP_EQ, place_of_pid, 0),
	    SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0));

#ifndef SANITIZED
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(write), 0);
	if (result == 0)
		result = seccomp_rule_add(list, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(writev), 0);
#endif
	return result;
}

/* libseccomp exports to a file only. */
static int
read_code(struct filter *f, int fd)
{
	struct stat st;
	size_t size;

	if (fstat(fd, &st) == -1)
		return -1;
	size = (size_t)st.st_size;
	f->code = malloc(size);
	if (f->code == NULL || pread(fd, f->code, size, 0) != (ssize_t)size)
		return -1;
	f->length = (unsigned short)(size / sizeof(*f->code));
	return 0;
}

static int
export(struct filter *f, scmp_filter_ctx list)
{
	int fd = memfd_create("pgrep-r filter", MFD_CLOEXEC), result, saved;

	if (fd == -1)
		return -1;
	result = seccomp_export_bpf(list, fd);
	if (result == 0)
		result = read_code(f, fd);
	else
		errno = -result;
	saved = errno;
	close(fd);
	errno = saved;
	return result == 0 ? 0 : -1;
}

int
filter_open(struct filter *f)
{
	scmp_filter_ctx list = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int result;

	*f = (struct filter){ 0 };
	if (list == NULL) {
		errno = ENOMEM;
		return -1;
	}
	result = allow_plain(list);
	if (result == 0)
		result = allow_memory(list);
	if (result == 0)
		result = allow_open(list);
	if (result == 0)
		result = allow_futex(list);
	if (result == 0)
		result = allow_abort(list);
	errno = -result;
	if (result == 0)
		result = export(f, list);
	seccomp_release(list);
	if (result != 0)
		filter_close(f);
	return result == 0 ? 0 : -1;
}

void
filter_close(struct filter *f)
{
	free(f->code);
	*f = (struct filter){ 0 };
}

/* Puts a worker's own number where one stands for it. */
static void
replace(struct filter *f, uint32_t place, uint32_t number)
{
	for (size_t i = 0; i < f->length; i++)
		if (BPF_CLASS(f->code[i].code) == BPF_JMP && f->code[i].k == place)
			f->code[i].k = number;
}

int
filter_enter(struct filter *f, bool in_jail)
{
	const struct sock_fprog program = { .len = f->length, .filter = f->code };

	replace(f, place_of_pid, (uint32_t)getpid());
	replace(f, place_of_size, in_jail ? (uint32_t)sizeof(struct open_how) : 0);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
