/*
 * takeover PROGRAM MODE DIRECTORY [OPTION]...: what a worker that is taken over can do.
 *
 * For each attempt in the table a search of DIRECTORY is started whose output nobody
 * reads, so that its one worker comes to rest; a debugger attaches to the worker and has it make
 * the system call.  It must be killed for it, or be refused.  TAP on standard output.
 * In the mode "off", where they would succeed, only harmless ones are made.
 *
 * Source: ptrace(2); the registers are those of x86-64.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Arguments that stand for what is known only when the worker is there. */
enum place {
	PLACE_FIRST = 0x70000000,
	TEXT = PLACE_FIRST, /* address of the attempt's text */
	BUFFER,             /* address of room to write to, zeroed */
	HOW_READ,           /* address of a struct open_how: O_PATH */
	HOW_WRITE,          /* O_WRONLY|O_CREAT */
	INSIDE,             /* address of the name of a file in the tree */
	PARENT,             /* process id of the parent */
	SELF,
	JOBS,               /* address of the lane's jobs, which are the parent's to write */
	RESULTS,
	CODE,               /* address of the program's code */
	JIT,                /* address of the pattern's code */
	PLACE_LAST = JIT,
};

struct attempt {
	const char *name;
	long number;
	long arguments[6];
	const char *text;
	bool harmless; /* even where it succeeds */
};

static const char outside[] = "/etc/passwd";

static const struct attempt attempts[] = {
	{ "open a file outside", SYS_openat, { AT_FDCWD, TEXT, O_RDONLY }, outside, true },
	{ "open a file outside by ..", SYS_openat, { AT_FDCWD, TEXT, O_RDONLY },
		"../../../../../../../../../../etc/passwd" },
	{ "open the root directory's parent", SYS_openat, { AT_FDCWD, TEXT, O_RDONLY },
		"/proc/1/root/etc/passwd" },
	{ "open a file outside with openat2", SYS_openat2,
		{ AT_FDCWD, TEXT, HOW_READ, sizeof(struct open_how) }, outside },
	{ "open with open(2)", SYS_open, { TEXT, O_RDONLY }, outside },
	{ "open a file of the tree for writing", SYS_openat, { AT_FDCWD, INSIDE, O_WRONLY }, NULL },
	{ "open a file of the tree for reading and writing", SYS_openat,
		{ AT_FDCWD, INSIDE, O_RDWR }, NULL },
	{ "truncate a file of the tree while opening it", SYS_openat,
		{ AT_FDCWD, INSIDE, O_RDONLY | O_TRUNC }, NULL },
	{ "open a file of the tree for writing with openat2", SYS_openat2,
		{ AT_FDCWD, INSIDE, HOW_WRITE, sizeof(struct open_how) }, NULL },
	{ "make a file", SYS_openat, { AT_FDCWD, TEXT, O_RDONLY | O_CREAT, 0600 }, "new" },
	{ "make a file with creat", SYS_creat, { TEXT, 0600 }, "new" },
	{ "truncate a file", SYS_truncate, { INSIDE, 0 }, NULL },
	{ "remove a file", SYS_unlink, { INSIDE }, NULL },
	{ "rename a file", SYS_rename, { INSIDE, TEXT }, "new" },
	{ "link a file", SYS_link, { INSIDE, TEXT }, "new" },
	{ "make a symbolic link", SYS_symlink, { TEXT, INSIDE }, outside },
	{ "change a file's mode", SYS_chmod, { INSIDE, 0777 }, NULL },
	{ "make a directory", SYS_mkdir, { TEXT, 0700 }, "new" },
	{ "stat a file outside", SYS_newfstatat, { AT_FDCWD, TEXT, BUFFER, 0 }, outside },
	{ "stat with stat(2)", SYS_stat, { TEXT, BUFFER }, outside },
	{ "stat with statx", SYS_statx, { AT_FDCWD, TEXT, 0, 0x7ff, BUFFER }, outside, true },
	{ "ask for access to a file outside", SYS_access, { TEXT, R_OK }, outside },
	{ "open a path without rights to it", SYS_openat, { AT_FDCWD, TEXT, O_PATH }, outside, true },
	{ "read a symbolic link outside", SYS_readlink, { TEXT, BUFFER, 100 }, "/proc/self/exe", true },
	{ "list a directory", SYS_getdents64, { 0, BUFFER, 1000 }, NULL },
	{ "change the directory", SYS_chdir, { TEXT }, "/" },
	{ "open by handle", SYS_open_by_handle_at, { AT_FDCWD, BUFFER, O_RDONLY }, NULL },
	{ "connect to a socket", SYS_connect, { 0, BUFFER, sizeof(struct sockaddr_un) }, NULL },
	{ "make a local socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, NULL, true },
	{ "make a network socket", SYS_socket, { AF_INET, SOCK_DGRAM, 0 }, NULL },
	{ "make a pair of sockets", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, BUFFER }, NULL },
	{ "fork", SYS_fork, { 0 }, NULL },
	{ "vfork", SYS_vfork, { 0 }, NULL },
	{ "clone", SYS_clone, { SIGCHLD }, NULL },
	{ "clone3", SYS_clone3, { BUFFER, 64 }, NULL },
	{ "execute a program", SYS_execve, { TEXT, 0, 0 }, "/bin/true" },
	{ "execute a program with execveat", SYS_execveat, { AT_FDCWD, TEXT, 0, 0, 0 }, "/bin/true" },
	{ "write to standard output", SYS_write, { 1, TEXT, 3 }, "boo" },
	{ "write to standard error", SYS_write, { 2, TEXT, 3 }, "boo" },
	{ "write to standard error with writev", SYS_writev, { 2, BUFFER, 1 }, NULL },
	{ "write with pwrite", SYS_pwrite64, { 2, TEXT, 3, 0 }, "boo" },
	{ "write with sendfile", SYS_sendfile, { 2, 0, 0, 3 }, NULL },
	{ "signal the parent", SYS_kill, { PARENT, SIGTERM }, NULL },
	{ "signal the parent's thread", SYS_tgkill, { PARENT, PARENT, SIGTERM }, NULL },
	{ "signal itself", SYS_tgkill, { SELF, SELF, SIGSTOP }, NULL },
	{ "trace the parent", SYS_ptrace, { PTRACE_ATTACH, PARENT, 0, 0 }, NULL },
	{ "read the parent's memory", SYS_process_vm_readv, { PARENT, BUFFER, 1, BUFFER, 1, 0 }, NULL },
	{ "write the parent's memory", SYS_process_vm_writev, { PARENT, BUFFER, 1, BUFFER, 1, 0 }, NULL },
	{ "take a descriptor of the parent's", SYS_pidfd_open, { PARENT, 0 }, NULL },
	{ "map memory to be executed", SYS_mmap,
		{ 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 }, NULL, true },
	{ "map a file", SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0 }, NULL },
	{ "make its code writable", SYS_mprotect,
		{ CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC }, NULL },
	{ "make the jobs writable", SYS_mprotect, { JOBS, 4096, PROT_READ | PROT_WRITE }, NULL },
	{ "write into the jobs", SYS_rt_sigprocmask, { SIG_SETMASK, 0, JOBS, 8 }, NULL },
	{ "write into the pattern's code", SYS_rt_sigprocmask, { SIG_SETMASK, 0, JIT, 8 }, NULL },
	{ "punch a hole into the results", SYS_madvise, { RESULTS, 4096, MADV_REMOVE }, NULL },
	{ "lock memory", SYS_mlock, { RESULTS, 4096 }, NULL },
	{ "make a memory file", SYS_memfd_create, { TEXT, 0 }, "new" },
	{ "shrink what is open", SYS_ftruncate, { 0, 0 }, NULL },
	{ "raise a limit", SYS_prlimit64, { 0, RLIMIT_DATA, 0, BUFFER }, NULL },
	{ "change what it is allowed", SYS_prctl, { PR_SET_DUMPABLE, 1, 0, 0, 0 }, NULL },
	{ "change its user", SYS_setuid, { 1 }, NULL },
	{ "change its capabilities", SYS_capset, { BUFFER, BUFFER }, NULL },
	{ "leave its namespaces", SYS_setns, { 0, 0 }, NULL },
	{ "make namespaces", SYS_unshare, { 0x10000000 }, NULL },
	{ "mount", SYS_mount, { TEXT, TEXT, TEXT, 0, 0 }, "tmpfs" },
	{ "unmount", SYS_umount2, { TEXT, 2 }, "/" },
	{ "change the root", SYS_chroot, { TEXT }, "/" },
	{ "type into the terminal", SYS_ioctl, { 2, 0x5412, TEXT }, "x" },
	{ "change a descriptor", SYS_fcntl, { 0, F_SETFL, O_NONBLOCK }, NULL },
	{ "copy a descriptor", SYS_dup2, { 2, 1 }, NULL },
	{ "make a pipe", SYS_pipe2, { BUFFER, 0 }, NULL, true },
	{ "queue input and output", SYS_io_uring_setup, { 1, BUFFER }, NULL },
	{ "load a program into the kernel", SYS_bpf, { 0, BUFFER, 64 }, NULL },
	{ "count events", SYS_perf_event_open, { BUFFER, 0, -1, -1, 0 }, NULL },
	{ "handle page faults", SYS_userfaultfd, { 1 }, NULL },
	{ "use keys", SYS_keyctl, { 0, -3, 0 }, NULL },
	{ "make a timer", SYS_setitimer, { 0, BUFFER, 0 }, NULL },
};

struct victim {
	pid_t parent, worker;
	int output; /* of the search, not read */
	const char *inside;
};

static _Noreturn void
fail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
doze(void)
{
	const struct timespec t = { .tv_nsec = 1000000 };

	nanosleep(&t, NULL);
}

/* The first line of /proc/PID/NAME, or an empty string. */
static void
read_proc(pid_t pid, const char *name, char *line, int size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	*line = '\0';
	f = fopen(path, "r");
	if (f == NULL)
		return;
	if (fgets(line, size, f) == NULL)
		*line = '\0';
	fclose(f);
}

/* The system call that a process sleeps in, or -1. */
static long
sleeps_in(pid_t pid)
{
	char line[256];
	long number;

	read_proc(pid, "syscall", line, sizeof(line));
	return sscanf(line, "%ld", &number) == 1 ? number : -1;
}

static pid_t
child_of(pid_t parent)
{
	char name[64], line[256];
	int child = 0;

	snprintf(name, sizeof(name), "task/%d/children", (int)parent);
	read_proc(parent, name, line, sizeof(line));
	return sscanf(line, "%d", &child) == 1 ? child : 0;
}

/* Starts a search, and waits until the parent and its worker sleep. */
static void
start(struct victim *v, char **command)
{
	int ends[2];

	if (pipe(ends) == -1)
		fail("pipe");
	v->parent = fork();
	if (v->parent == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(command[0], command);
		_exit(127);
	}
	close(ends[1]);
	v->output = ends[0];
	for (int rest = 0, i = 0; rest < 5; i++) {
		if (i > 10000)
			fail("the worker does not come to rest");
		v->worker = child_of(v->parent);
		rest = v->worker != 0 && sleeps_in(v->parent) == SYS_writev &&
		    sleeps_in(v->worker) == SYS_futex ? rest + 1 : 0;
		doze();
	}
}

static void
stop(struct victim *v)
{
	kill(v->parent, SIGKILL);
	kill(v->worker, SIGKILL);
	while (waitpid(v->worker, NULL, __WALL) > 0)
		continue;
	waitpid(v->parent, NULL, 0);
	close(v->output);
}

/* The start of a mapping of the worker's: of a name, with these rights. */
static long
mapping(pid_t pid, const char *name, const char *rights)
{
	char path[64], line[512], r[5];
	unsigned long start;
	long found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "r");
	while (f != NULL && found == 0 && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%lx-%*x %4s", &start, r) == 2 && strcmp(r, rights) == 0 &&
		    (*name == '\0' ? strchr(line, '/') == NULL && strchr(line, '[') == NULL
		    : strstr(line, name) != NULL))
			found = (long)start;
	if (f != NULL)
		fclose(f);
	return found;
}

/* What is put into the worker's memory below its stack. */
struct scratch {
	char text[128], inside[256];
	struct open_how read, write;
	char buffer[512];
};

static long
resolve(const struct victim *v, long value, long scratch)
{
	switch (value) {
	case TEXT: return scratch + (long)offsetof(struct scratch, text);
	case BUFFER: return scratch + (long)offsetof(struct scratch, buffer);
	case HOW_READ: return scratch + (long)offsetof(struct scratch, read);
	case HOW_WRITE: return scratch + (long)offsetof(struct scratch, write);
	case INSIDE: return scratch + (long)offsetof(struct scratch, inside);
	case PARENT: return v->parent;
	case SELF: return v->worker;
	case JOBS: return mapping(v->worker, "pgrep-r jobs", "r--s");
	case RESULTS: return mapping(v->worker, "pgrep-r results", "rw-s");
	case CODE: return mapping(v->worker, "/pgrep-r", "r-xp");
	case JIT: return mapping(v->worker, "", "r-xp");
	default: return value;
	}
}

static void
put_scratch(const struct victim *v, const struct attempt *a, long at)
{
	struct scratch s = { .read = { .flags = O_PATH },
		.write = { .flags = O_WRONLY | O_CREAT, .mode = 0600 } };
	struct iovec local = { &s, sizeof(s) }, remote = { (void *)at, sizeof(s) };

	snprintf(s.text, sizeof(s.text), "%s", a->text != NULL ? a->text : "");
	snprintf(s.inside, sizeof(s.inside), "%s", v->inside);
	if (process_vm_writev(v->worker, &local, 1, &remote, 1, 0) != (ssize_t)sizeof(s))
		fail("process_vm_writev");
}

/*
 * Has the worker make the call.  Returns true with its result, or false with the signal
 * that killed it.
 */
static bool
attempt(const struct victim *v, const struct attempt *a, long *result)
{
	struct user_regs_struct r;
	long scratch;
	int status;

	if (ptrace(PTRACE_SEIZE, v->worker, 0, 0) == -1 ||
	    ptrace(PTRACE_INTERRUPT, v->worker, 0, 0) == -1 || waitpid(v->worker, &status, 0) == -1 ||
	    ptrace(PTRACE_GETREGS, v->worker, 0, &r) == -1)
		fail("ptrace");
	scratch = ((long)r.rsp - 8192) & ~15L;
	put_scratch(v, a, scratch);
	r.rip -= 2; /* back to the instruction that sleeps */
	r.orig_rax = (unsigned long long)-1;
	r.rax = (unsigned long long)a->number;
	r.rdi = (unsigned long long)resolve(v, a->arguments[0], scratch);
	r.rsi = (unsigned long long)resolve(v, a->arguments[1], scratch);
	r.rdx = (unsigned long long)resolve(v, a->arguments[2], scratch);
	r.r10 = (unsigned long long)resolve(v, a->arguments[3], scratch);
	r.r8 = (unsigned long long)resolve(v, a->arguments[4], scratch);
	r.r9 = (unsigned long long)resolve(v, a->arguments[5], scratch);
	if (ptrace(PTRACE_SETREGS, v->worker, 0, &r) == -1 ||
	    ptrace(PTRACE_SINGLESTEP, v->worker, 0, 0) == -1)
		fail("ptrace");
	if (waitpid(v->worker, &status, __WALL) == -1)
		fail("waitpid");
	if (WIFSIGNALED(status) || WIFEXITED(status)) {
		*result = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		return false;
	}
	if (ptrace(PTRACE_GETREGS, v->worker, 0, &r) == -1)
		fail("ptrace");
	*result = (long)r.rax;
	return true;
}

static void
judge(int number, const struct attempt *a, bool returned, long result)
{
	if (!returned)
		printf("%sok %d - %s: killed by SIG%s\n", result == SIGSYS ? "" : "not ", number,
		    a->name, result > 0 ? sigabbrev_np((int)result) : "nothing");
	else if (result < 0 && result > -4096)
		printf("ok %d - %s: refused, %s\n", number, a->name, strerrorname_np((int)-result));
	else
		printf("not ok %d - %s: done, %ld\n", number, a->name, result);
}

int
main(int argc, char **argv)
{
	const size_t count = sizeof(attempts) / sizeof(attempts[0]);
	char sandbox[64], inside[256], *command[32] = { argv[1], (char *)"-j", (char *)"1", sandbox };
	struct victim v = { .inside = inside };
	int words = 4, made = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 4 || argc > 20)
		return 2;
	snprintf(sandbox, sizeof(sandbox), "--sandbox=%s", argv[2]);
	snprintf(inside, sizeof(inside), "%s/1", strcmp(argv[2], "jail") == 0 ? "/0" : argv[3]);
	for (int i = 4; i < argc; i++)
		command[words++] = argv[i];
	command[words++] = (char *)"needle";
	command[words++] = argv[3];
	command[words] = NULL;
	for (size_t i = 0; i < count; i++) {
		bool returned;
		long result;

		if (strcmp(argv[2], "off") == 0 && !attempts[i].harmless)
			continue;
		start(&v, command);
		returned = attempt(&v, &attempts[i], &result);
		judge(++made, &attempts[i], returned, result);
		stop(&v);
	}
	printf("1..%d\n", made);
	return 0;
}
