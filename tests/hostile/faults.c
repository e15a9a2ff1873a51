/*
 * Makes calls of the parent fail that hardly ever do.  Linked with the program
 * into build/faults/pgrep-r, whose calls of a function that a WRAP line names
 * come here first (ld's --wrap; GNUmakefile reads these lines).
 *
 *   FAULT=NAME:EFFECT[:NTH[:COUNT]][,...]
 *       The NTH call of NAME (1) and those that follow, COUNT in all (1; 0: for
 *       ever), have the effect: fail with an errno, as ENOMEM, or "short": do
 *       what they should in part.
 *   FAULT_LOG=FILE
 *       Gets a line for each name that was called: NAME CALLS HITS.  It is right
 *       at each moment, however the program ends.
 *   FAULT_UNTYPED=1
 *       Directories do not tell the types of their entries.
 *   FAULT_DEADLY=WORD
 *       A worker that has read this dies by SIGILL.
 *
 * Only the parent's calls fail or count.  malloc, calloc and realloc are those of
 * the libraries, too.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

enum { SHORT = -1, CHOSEN_MAX = 4, LINE = 48, LINES_MAX = 128 };

/* A function whose calls can fail. */
struct fault {
	const char *name;
	unsigned long calls, hits;
	char *line; /* in the log */
	bool known;
};

static struct {
	char name[32];
	int effect;
	unsigned long first, count;
} chosen[CHOSEN_MAX];
static size_t chosen_count, lines;
static char *log_lines;
static char deadly[64];
static bool untyped;
static bool in_parent; /* not before main, nor in a child */

int __real_openat(int at, const char *path, int flags, mode_t mode);
int __real_close(int fd);
int __real_ftruncate(int fd, off_t size);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);

static int
effect_of(const char *text)
{
	if (strcmp(text, "short") == 0)
		return SHORT;
	for (int number = 1; number < 134; number++) {
		const char *name = strerrorname_np(number);

		if (name != NULL && strcmp(name, text) == 0)
			return number;
	}
	dprintf(STDERR_FILENO, "FAULT: what is %s?\n", text);
	_exit(125);
}

static void
choose(const char *text)
{
	char effect[32];

	for (; text != NULL && chosen_count < CHOSEN_MAX; chosen_count++) {
		chosen[chosen_count].first = chosen[chosen_count].count = 1;
		if (sscanf(text, "%31[^:,]:%31[^:,]:%lu:%lu", chosen[chosen_count].name, effect,
		    &chosen[chosen_count].first, &chosen[chosen_count].count) < 2)
			return;
		chosen[chosen_count].effect = effect_of(effect);
		text = strchr(text, ',');
		text = text ? text + 1 : NULL;
	}
}

/* The environment is not there for long: setproctitle writes over it. */
__attribute__((constructor)) static void
start(void)
{
	const char *file = getenv("FAULT_LOG"), *word = getenv("FAULT_DEADLY");
	int fd = file ? (int)__real_openat(AT_FDCWD, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
	    : -1;
	void *map;

	if (word != NULL)
		strncpy(deadly, word, sizeof(deadly) - 1);
	untyped = getenv("FAULT_UNTYPED") != NULL;
	choose(getenv("FAULT"));
	if (fd != -1 && __real_ftruncate(fd, LINE * LINES_MAX) == 0) {
		map = __real_mmap(NULL, LINE * LINES_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		log_lines = map == MAP_FAILED ? NULL : map;
	}
	if (fd != -1)
		__real_close(fd);
	in_parent = true;
}

/* A number, eight digits wide, without any function that could fail here. */
static void
put_number(char *to, unsigned long number)
{
	for (int i = 7; i >= 0; i--, number /= 10)
		to[i] = (char)('0' + number % 10);
}

static void
note(struct fault *f)
{
	if (!f->known && log_lines != NULL && lines < LINES_MAX) {
		f->line = log_lines + LINE * lines++;
		memset(f->line, ' ', LINE - 1);
		memcpy(f->line, f->name, strlen(f->name));
		f->line[LINE - 1] = '\n';
	}
	f->known = true;
	if (f->line == NULL)
		return;
	put_number(f->line + 28, f->calls);
	put_number(f->line + 37, f->hits);
}

/* Counts a call. Returns the effect that it shall have, or 0; with errno set. */
static int
hit(struct fault *f)
{
	int effect = 0;

	if (!in_parent)
		return 0;
	f->calls++;
	for (size_t i = 0; i < chosen_count; i++)
		if (strcmp(chosen[i].name, f->name) == 0 && f->calls >= chosen[i].first &&
		    (chosen[i].count == 0 || f->calls < chosen[i].first + chosen[i].count))
			effect = chosen[i].effect;
	if (effect != 0)
		f->hits++;
	note(f);
	if (effect > 0)
		errno = effect;
	return effect;
}

/* Whether this call of the function shall fail; each function has its own count. */
#define HIT(function) __extension__({ static struct fault f_ = { .name = #function }; hit(&f_); })

#define WRAP(type, name, failed, parameters, arguments) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters \
	{ \
		if (HIT(name) != 0) \
			return failed; \
		return __real_##name arguments; \
	}

/* clang-format off */
WRAP(int, memfd_create, -1, (const char *n, unsigned int f), (n, f))
WRAP(int, ftruncate, -1, (int fd, off_t size), (fd, size))
WRAP(void *, mmap, MAP_FAILED, (void *a, size_t s, int p, int f, int fd, off_t o), (a, s, p, f, fd, o))
WRAP(void *, mremap, MAP_FAILED, (void *a, size_t s, size_t n, int f, void *t), (a, s, n, f, t))
WRAP(int, mprotect, -1, (void *a, size_t s, int p), (a, s, p))
WRAP(int, madvise, -1, (void *a, size_t s, int advice), (a, s, advice))
WRAP(int, fcntl, -1, (int fd, int command, long argument), (fd, command, argument))
WRAP(int, ioctl, -1, (int fd, unsigned long request, void *argument), (fd, request, argument))
WRAP(int, open, -1, (const char *path, int flags, mode_t mode), (path, flags, mode))
WRAP(int, openat, -1, (int at, const char *path, int flags, mode_t mode), (at, path, flags, mode))
WRAP(int, dup, -1, (int fd), (fd))
WRAP(int, dup2, -1, (int fd, int to), (fd, to))
WRAP(int, dup3, -1, (int fd, int to, int flags), (fd, to, flags))
WRAP(int, pipe2, -1, (int fds[2], int flags), (fds, flags))
WRAP(int, mkostemp, -1, (char *name, int flags), (name, flags))
WRAP(int, fsync, -1, (int fd), (fd))
WRAP(int, fdatasync, -1, (int fd), (fd))
WRAP(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
WRAP(int, fchown, -1, (int fd, uid_t user, gid_t group), (fd, user, group))
WRAP(int, flopen, -1, (const char *path, int flags, mode_t mode), (path, flags, mode))
WRAP(void *, pidfile_open, NULL, (const char *path, mode_t mode, pid_t *pid), (path, mode, pid))
WRAP(int, pidfile_write, -1, (void *file), (file))
WRAP(int, flock, -1, (int fd, int operation), (fd, operation))
WRAP(int, rename, -1, (const char *from, const char *to), (from, to))
WRAP(int, renameat, -1, (int a, const char *from, int b, const char *to), (a, from, b, to))
WRAP(int, linkat, -1, (int a, const char *from, int b, const char *to, int f), (a, from, b, to, f))
WRAP(int, unlink, -1, (const char *path), (path))
WRAP(int, unlinkat, -1, (int at, const char *path, int flags), (at, path, flags))
WRAP(int, fstat, -1, (int fd, struct stat *st), (fd, st))
WRAP(int, stat, -1, (const char *path, struct stat *st), (path, st))
WRAP(int, lstat, -1, (const char *path, struct stat *st), (path, st))
WRAP(int, fstatat, -1, (int at, const char *path, struct stat *st, int f), (at, path, st, f))
WRAP(int, statx, -1, (int at, const char *path, int f, unsigned int mask, struct statx *st), (at, path, f, mask, st))
WRAP(int, access, -1, (const char *path, int mode), (path, mode))
WRAP(char *, realpath, NULL, (const char *path, char *to), (path, to))
WRAP(ssize_t, readlink, -1, (const char *path, char *to, size_t size), (path, to, size))
WRAP(ssize_t, readlinkat, -1, (int at, const char *path, char *to, size_t size), (at, path, to, size))
WRAP(char *, getcwd, NULL, (char *to, size_t size), (to, size))
WRAP(off_t, lseek, -1, (int fd, off_t offset, int whence), (fd, offset, whence))
WRAP(int, waitid, -1, (idtype_t type, id_t id, siginfo_t *info, int options), (type, id, info, options))
WRAP(pid_t, waitpid, -1, (pid_t pid, int *status, int options), (pid, status, options))
WRAP(int, kill, -1, (pid_t pid, int number), (pid, number))
WRAP(int, sigaction, -1, (int n, const struct sigaction *a, struct sigaction *o), (n, a, o))
WRAP(int, sigprocmask, -1, (int how, const sigset_t *set, sigset_t *old), (how, set, old))
WRAP(int, prctl, -1, (int option, long a, long b, long c, long d), (option, a, b, c, d))
WRAP(int, getrlimit, -1, (int what, struct rlimit *limit), (what, limit))
WRAP(int, setrlimit, -1, (int what, const struct rlimit *limit), (what, limit))
WRAP(int, sched_getaffinity, -1, (pid_t pid, size_t size, cpu_set_t *set), (pid, size, set))
WRAP(int, clock_gettime, -1, (clockid_t clock, struct timespec *t), (clock, t))
WRAP(int, poll, -1, (struct pollfd *fds, nfds_t count, int timeout), (fds, count, timeout))
WRAP(int, ppoll, -1, (struct pollfd *fds, nfds_t count, const struct timespec *t, const sigset_t *s), (fds, count, t, s))
WRAP(int, inotify_init1, -1, (int flags), (flags))
WRAP(int, inotify_add_watch, -1, (int fd, const char *path, uint32_t mask), (fd, path, mask))
WRAP(ssize_t, getrandom, -1, (void *to, size_t size, unsigned int flags), (to, size, flags))
WRAP(off_t, ftello, -1, (FILE *f), (f))
WRAP(FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode))
WRAP(FILE *, fdopen, NULL, (int fd, const char *mode), (fd, mode))
WRAP(FILE *, open_memstream, NULL, (char **to, size_t *size), (to, size))
WRAP(int, fflush, EOF, (FILE *f), (f))
WRAP(char *, fparseln, NULL, (FILE *f, size_t *size, size_t *line, const char *marks, int flags), (f, size, line, marks, flags))
WRAP(ssize_t, getline, -1, (char **to, size_t *size, FILE *f), (to, size, f))
WRAP(ssize_t, __getdelim, -1, (char **to, size_t *size, int end, FILE *f), (to, size, end, f))
WRAP(ssize_t, getdelim, -1, (char **to, size_t *size, int end, FILE *f), (to, size, end, f))
WRAP(void *, dlopen, NULL, (const char *name, int flags), (name, flags))
WRAP(void *, dlsym, NULL, (void *handle, const char *name), (handle, name))
WRAP(iconv_t, iconv_open, (iconv_t)-1, (const char *to, const char *from), (to, from))
WRAP(char *, strdup, NULL, (const char *text), (text))
WRAP(char *, strndup, NULL, (const char *text, size_t size), (text, size))
WRAP(void *, reallocarray, NULL, (void *old, size_t count, size_t size), (old, count, size))
WRAP(void *, aligned_alloc, NULL, (size_t alignment, size_t size), (alignment, size))
/* Its own words for what it did. */
WRAP(void *, pcre2_compile_context_create_8, NULL, (pcre2_general_context_8 *general), (general))
WRAP(int, pcre2_jit_compile_8, PCRE2_ERROR_NOMEMORY, (pcre2_code_8 *code, uint32_t options), (code, options))
/* clang-format on */

/* The rest are wrapped by hand: "WRAP_BY_HAND(NAME)" is for the GNUmakefile. */
#define WRAP_BY_HAND(name) _Static_assert(sizeof(#name) < 28, "a name in the log")

WRAP_BY_HAND(fork);
pid_t __real_fork(void);

pid_t
__wrap_fork(void)
{
	pid_t child;

	if (HIT(fork) != 0)
		return -1;
	child = __real_fork();
	in_parent = in_parent && child != 0;
	return child;
}

WRAP_BY_HAND(close);
int __real_close(int fd);

/* What fails has closed it. */
int
__wrap_close(int fd)
{
	int effect = HIT(close), saved = errno, got = __real_close(fd);

	if (effect != 0)
		errno = saved;
	return effect != 0 ? -1 : got;
}

WRAP_BY_HAND(fclose);
int __real_fclose(FILE *f);

int
__wrap_fclose(FILE *f)
{
	int effect = HIT(fclose), saved = errno, got = __real_fclose(f);

	if (effect != 0)
		errno = saved;
	return effect != 0 ? EOF : got;
}

WRAP_BY_HAND(writev);
ssize_t __real_writev(int fd, const struct iovec *pieces, int count);

ssize_t
__wrap_writev(int fd, const struct iovec *pieces, int count)
{
	int effect = HIT(writev);
	struct iovec one = { 0 };

	if (effect > 0)
		return -1;
	if (effect == 0 || count == 0)
		return __real_writev(fd, pieces, count);
	one = pieces[0];
	one.iov_len = one.iov_len > 0;
	return __real_writev(fd, &one, 1);
}

WRAP_BY_HAND(write);
ssize_t __real_write(int fd, const void *bytes, size_t size);

ssize_t
__wrap_write(int fd, const void *bytes, size_t size)
{
	int effect = HIT(write);

	if (effect > 0)
		return -1;
	return __real_write(fd, bytes, effect == SHORT && size > 0 ? 1 : size);
}

WRAP_BY_HAND(read);
ssize_t __real_read(int fd, void *to, size_t size);

ssize_t
__wrap_read(int fd, void *to, size_t size)
{
	int effect = HIT(read);
	ssize_t got;

	if (effect > 0)
		return -1;
	got = __real_read(fd, to, effect == SHORT && size > 0 ? 1 : size);
	if (got > 0 && deadly[0] != '\0' && !in_parent &&
	    memmem(to, (size_t)got, deadly, strlen(deadly)) != NULL)
		__builtin_trap();
	return got;
}

WRAP_BY_HAND(getdents64);
ssize_t __real_getdents64(int fd, void *to, size_t size);

/* "short": so that a directory takes many calls. */
ssize_t
__wrap_getdents64(int fd, void *to, size_t size)
{
	int effect = HIT(getdents64);
	ssize_t got;

	if (effect > 0)
		return -1;
	got = __real_getdents64(fd, to, effect == SHORT && size > 300 ? 300 : size);
	for (ssize_t at = 0; untyped && at < got;) {
		struct dirent64 *d = (void *)((char *)to + at);

		d->d_type = DT_UNKNOWN;
		at += d->d_reclen;
	}
	return got;
}

WRAP_BY_HAND(syscall);
long __real_syscall(long number, long a, long b, long c, long d, long e, long f);

/* Futexes by what is done with them; all other calls by number are one name. */
long
__wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	int effect;

	if (number == SYS_futex_waitv)
		effect = HIT(futex_waitv);
	else if (number == SYS_futex && (b & FUTEX_CMD_MASK) == FUTEX_WAKE)
		effect = HIT(futex_wake);
	else if (number == SYS_futex)
		effect = HIT(futex_wait);
	else
		effect = HIT(syscall);
	return effect != 0 ? -1 : __real_syscall(number, a, b, c, d, e, f);
}

WRAP_BY_HAND(vasprintf);
int __real_vasprintf(char **to, const char *format, va_list arguments);

/* What a failed call leaves in *to is anything: here, what must not be used. */
int
__wrap_vasprintf(char **to, const char *format, va_list arguments)
{
	*to = (char *)16;
	return HIT(vasprintf) != 0 ? -1 : __real_vasprintf(to, format, arguments);
}

WRAP_BY_HAND(asprintf);

int
__wrap_asprintf(char **to, const char *format, ...)
{
	va_list arguments;
	int length = -1;

	*to = (char *)16;
	va_start(arguments, format);
	if (HIT(asprintf) == 0)
		length = __real_vasprintf(to, format, arguments);
	va_end(arguments);
	return length;
}

/* What ferror looks at, in glibc. */
enum { ERROR_SEEN = 0x20 };

WRAP_BY_HAND(fputs);
int __real_fputs(const char *text, FILE *f);

int
__wrap_fputs(const char *text, FILE *f)
{
	if (HIT(fputs) == 0)
		return __real_fputs(text, f);
	f->_flags |= ERROR_SEEN;
	return EOF;
}

WRAP_BY_HAND(fwrite);
size_t __real_fwrite(const void *from, size_t size, size_t count, FILE *f);

size_t
__wrap_fwrite(const void *from, size_t size, size_t count, FILE *f)
{
	if (HIT(fwrite) == 0)
		return __real_fwrite(from, size, count, f);
	f->_flags |= ERROR_SEEN;
	return 0;
}

WRAP_BY_HAND(fprintf);

int
__wrap_fprintf(FILE *f, const char *format, ...)
{
	va_list arguments;
	int length = -1;

	va_start(arguments, format);
	if (HIT(fprintf) == 0)
		length = vfprintf(f, format, arguments);
	else
		f->_flags |= ERROR_SEEN;
	va_end(arguments);
	return length;
}

WRAP_BY_HAND(pcre2_compile_8);
pcre2_code_8 *__real_pcre2_compile_8(PCRE2_SPTR8 text, PCRE2_SIZE length, uint32_t options,
    int *error, PCRE2_SIZE *offset, pcre2_compile_context_8 *context);

pcre2_code_8 *
__wrap_pcre2_compile_8(PCRE2_SPTR8 text, PCRE2_SIZE length, uint32_t options, int *error,
    PCRE2_SIZE *offset, pcre2_compile_context_8 *context)
{
	if (HIT(pcre2_compile_8) == 0)
		return __real_pcre2_compile_8(text, length, options, error, offset, context);
	*error = PCRE2_ERROR_HEAP_FAILED;
	*offset = 0;
	return NULL;
}

/* The allocator, of AddressSanitizer or of the C library: for the libraries' calls, too. */
void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *old, size_t size) __attribute__((weak));
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
	if (HIT(malloc) != 0)
		return NULL;
	return __interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	if (HIT(calloc) != 0)
		return NULL;
	return __interceptor_calloc ? __interceptor_calloc(count, size) : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	if (HIT(realloc) != 0)
		return NULL;
	return __interceptor_realloc ? __interceptor_realloc(old, size) : __libc_realloc(old, size);
}
