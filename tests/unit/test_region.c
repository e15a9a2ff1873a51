/*
 * Regions: what the seals forbid, what aliases what, and what a child has.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shm/region.h"
#include "tap.h"

enum { RING = 1 << 16 };

static size_t page;

/* What a child does: returns its exit status. */
typedef int (*child_fn)(const struct region *theirs);

/* Runs it in a child, and returns what waitpid says. */
static int
in_child(child_fn child, const struct region *theirs)
{
	static const struct rlimit no_core = { 0, 0 };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		/* A sanitizer would turn the signal into an exit. */
		signal(SIGSEGV, SIG_DFL);
		setrlimit(RLIMIT_CORE, &no_core);
		_exit(child(theirs));
	}
	while (pid > 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return status;
}

static bool
died_of_segv(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static bool
exited_with(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

/* Whether a call failed, with this errno. */
static bool
failed(int result, int error)
{
	bool right = result == -1 && errno == error;

	if (result == -1 && !right)
		tap_note("%s", strerror(errno));
	return right;
}

/* Unmaps a mapping of this process's own, whose descriptor is another's. */
static void
detach(struct region *mine)
{
	mine->fd = -1;
	region_close(mine);
}

/* -1 or 0, as the other calls. */
static int
map_fd(int fd, int protection, int flags)
{
	void *at = mmap(NULL, page, protection, flags, fd, 0);

	if (at == MAP_FAILED)
		return -1;
	munmap(at, page);
	return 0;
}

static int
reopen_writable(int fd)
{
	char path[64];
	int again, result;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	if (again == -1)
		return -1;
	result = map_fd(again, PROT_READ | PROT_WRITE, MAP_SHARED);
	close(again);
	return result;
}

static void
test_aliases(const struct region *r, const char *what)
{
	char *ring = region_ring(r);

	memset(r->base, 0, r->head + r->ring);
	memcpy(ring + RING - 4, "abcdefgh", 8);
	tap_ok(memcmp(ring, "efgh", 4) == 0, "%s: bytes beyond the ring are its first ones", what);
	ring[8] = 'x';
	tap_ok(ring[RING + 8] == 'x', "%s: and the other way round", what);
	tap_ok(r->base[r->head - 1] == 0 && ring[2 * RING - 1] == 'd',
	    "%s: the last byte of the second view is not the head's", what);
	tap_ok(region_at(r, 5 * (uint64_t)RING + 3) == ring + 3, "%s: a position is taken modulo the ring",
	    what);
}

static void
test_sizes(const struct region *r, const char *what)
{
	off_t size = (off_t)(r->head + r->ring);

	tap_ok(failed(ftruncate(r->fd, 0), EPERM), "%s: cannot shrink", what);
	tap_ok(failed(ftruncate(r->fd, size - (off_t)page), EPERM), "%s: by a page neither", what);
	tap_ok(failed(ftruncate(r->fd, size + (off_t)page), EPERM), "%s: cannot grow", what);
	tap_ok(failed(fallocate(r->fd, 0, 0, size + (off_t)page), EPERM), "%s: by fallocate neither",
	    what);
	tap_ok(failed(fcntl(r->fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM), "%s: takes no further seal",
	    what);
	tap_ok((fcntl(r->fd, F_GETFD) & FD_CLOEXEC) != 0, "%s: is closed on exec", what);
}

/* What an attached reader of a read-only region cannot do. */
static void
test_read_only(const struct region *theirs)
{
	const int writable = PROT_READ | PROT_WRITE;
	struct region mine;

	if (!tap_ok(region_attach(&mine, theirs, REGION_READ) == 0, "read-only: attaches"))
		return;
	strcpy(region_ring(theirs), "told");
	tap_ok(strcmp(region_ring(&mine), "told") == 0, "read-only: shows what the creator writes");
	tap_ok(strcmp(region_ring(&mine) + RING, "told") == 0, "read-only: in the second view too");
	tap_ok(failed(mprotect(mine.base, page, writable), EACCES),
	    "read-only: the head cannot be made writable");
	tap_ok(failed(mprotect(region_ring(&mine), RING, writable), EACCES),
	    "read-only: nor the ring");
	tap_ok(failed(mprotect(region_ring(&mine) + RING, RING, writable), EACCES),
	    "read-only: nor its second view");
	detach(&mine);
	tap_ok(region_attach(&mine, theirs, REGION_WRITE) == -1, "read-only: cannot be attached for writing");
	tap_ok(failed(map_fd(theirs->fd, writable, MAP_SHARED), EPERM),
	    "read-only: no new mapping is writable");
	tap_ok(failed(reopen_writable(theirs->fd), EPERM), "read-only: reopened neither");
	tap_ok(failed((int)pwrite(theirs->fd, "no", 2, 0), EPERM), "read-only: cannot be written to");
	tap_ok(failed(fallocate(theirs->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)page),
	    EPERM), "read-only: cannot be punched");
	tap_ok(strcmp(region_ring(theirs), "told") == 0, "read-only: is as it was");
}

static void
test_writable(const struct region *theirs)
{
	struct region mine;

	if (!tap_ok(region_attach(&mine, theirs, REGION_WRITE) == 0, "writable: attaches"))
		return;
	strcpy(region_at(&mine, RING - 2), "said");
	tap_ok(strcmp(region_at(theirs, RING - 2), "said") == 0, "writable: the creator sees what is written");
	detach(&mine);
}

static int
read_base(const struct region *theirs)
{
	return *(volatile char *)theirs->base & 1;
}

static int
read_second_view(const struct region *theirs)
{
	return *(volatile char *)(region_ring(theirs) + RING) & 1;
}

static int
write_ring(const struct region *theirs)
{
	*(volatile char *)region_ring(theirs) = 1;
	return 0;
}

/* Attaches, and reads what the parent wrote before the fork. */
static int
attach_and_read(const struct region *theirs)
{
	struct region mine;

	if (region_attach(&mine, theirs, REGION_READ) == -1)
		return 1;
	return strcmp(region_ring(&mine), "before") == 0 ? 0 : 2;
}

static int
attach_and_write(const struct region *theirs)
{
	struct region mine;

	if (region_attach(&mine, theirs, REGION_READ) == -1)
		return 1;
	*(volatile char *)region_ring(&mine) = 1;
	return 0;
}

/* An attached region is not for the worker's own children either. */
static int
attach_and_fork(const struct region *theirs)
{
	struct region mine;

	if (region_attach(&mine, theirs, REGION_READ) == -1)
		return 1;
	return died_of_segv(in_child(read_base, &mine)) ? 0 : 2;
}

static void
test_fork(const struct region *theirs)
{
	strcpy(region_ring(theirs), "before");
	tap_ok(died_of_segv(in_child(read_base, theirs)), "a child that reads its parent's head dies");
	tap_ok(died_of_segv(in_child(read_second_view, theirs)), "the second view is not there either");
	tap_ok(died_of_segv(in_child(write_ring, theirs)), "nor can it write");
	tap_ok(exited_with(in_child(attach_and_read, theirs), 0), "a child that attaches reads");
	tap_ok(died_of_segv(in_child(attach_and_write, theirs)), "a child that writes to what it reads dies");
	tap_ok(exited_with(in_child(attach_and_fork, theirs), 0), "what is attached is not inherited");
	tap_ok(strcmp(region_ring(theirs), "before") == 0, "the region is as it was");
}

static void
test_close(struct region *r)
{
	struct region zeroed;
	int zero = fcntl(STDIN_FILENO, F_GETFD), fd = r->fd, other;

	memset(&zeroed, 0, sizeof(zeroed));
	region_close(&zeroed);
	tap_ok(fcntl(STDIN_FILENO, F_GETFD) == zero, "closing a zeroed region leaves descriptor 0");
	tap_ok(zeroed.base == NULL && zeroed.fd == -1, "and leaves it closed");
	errno = ENOTTY;
	region_close(r);
	tap_ok(errno == ENOTTY, "closing keeps errno");
	tap_ok(r->base == NULL && fcntl(fd, F_GETFD) == -1, "the descriptor is closed");
	other = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, fd);
	region_close(r);
	tap_ok(other == fd && fcntl(other, F_GETFD) != -1, "closing again does not close who came after");
	close(other);
}

/* The lowest free descriptor: the same as before if none leaked. */
static int
lowest_free(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);

	close(fd);
	return fd;
}

static void
test_failure(void)
{
	struct rlimit limit, none;
	struct region r;
	int free_fd = lowest_free();

	tap_ok(failed(region_create(&r, "test", page, (size_t)1 << 47, REGION_WRITE), ENOMEM) ||
	    errno == EINVAL || errno == EFBIG, "a ring beyond the address space fails");
	tap_ok(r.base == NULL && r.fd == -1 && lowest_free() == free_fd, "and leaves nothing behind");
	region_close(&r);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = (rlim_t)free_fd;
	setrlimit(RLIMIT_NOFILE, &none);
	tap_ok(failed(region_create(&r, "test", page, RING, REGION_WRITE), EMFILE),
	    "without a descriptor it fails");
	setrlimit(RLIMIT_NOFILE, &limit);
	region_close(&r);
	tap_ok(r.base == NULL && lowest_free() == free_fd, "closing what was never open is harmless");
}

int
main(void)
{
	struct region jobs, results;

	page = (size_t)sysconf(_SC_PAGESIZE);
	if (!tap_ok(region_create(&jobs, "test jobs", page, RING, REGION_READ) == 0 &&
	    region_create(&results, "test results", 2 * page, RING, REGION_WRITE) == 0,
	    "regions are created"))
		return tap_done();
	test_aliases(&jobs, "read-only");
	test_aliases(&results, "writable");
	test_sizes(&jobs, "read-only");
	test_sizes(&results, "writable");
	test_read_only(&jobs);
	test_writable(&results);
	test_fork(&jobs);
	test_close(&jobs);
	region_close(&results);
	test_failure();
	return tap_done();
}
