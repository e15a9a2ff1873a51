/*
 * meter [-s] [-p BYTES] [-w SECONDS] [-t SECONDS] COMMAND ARG...: runs the command, reads its output
 * from a pipe, and prints one line:
 *
 *   wall user system own status bytes lines sum
 *
 * Times are in nanoseconds; wall is from before the process is made until after its
 * output has ended and it was waited for.  own is the processor time of its main thread
 * without that of its children (0 if the kernel does not tell).  The status is a shell's.
 *
 *   -s  also number of lines, and a sum over them that does not depend on their order and
 *       leaves out a "./" before them
 *   -p  a slow reader: takes at most so many bytes in a second
 *   -w  takes nothing before so many seconds have passed
 *   -t  kills the command after so many seconds; the status is then 137
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BILLION INT64_C(1000000000)

struct lines {
	bool wanted, started;
	uint64_t number, sum;
	/* Of the line that is being read: its hash, and how many of its first bytes are held. */
	uint64_t hash;
	unsigned held;
};

static pid_t command = -1;

static void
fail(const char *what)
{
	fprintf(stderr, "meter: %s: %s\n", what, strerror(errno));
	exit(71);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * BILLION + t.tv_nsec;
}

static void
on_alarm(int signal)
{
	(void)signal;
	if (command > 0)
		kill(command, SIGKILL);
}

/* FNV-1a, then the last steps of MurmurHash3, so that sums of hashes tell lines apart. */
static uint64_t
finish(uint64_t hash)
{
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

static void
begin_line(struct lines *l)
{
	l->hash = UINT64_C(0xcbf29ce484222325);
	l->held = 0;
	l->started = false;
}

static void
mix(struct lines *l, unsigned char c)
{
	l->hash = (l->hash ^ c) * UINT64_C(0x100000001b3);
}

static void
end_line(struct lines *l)
{
	l->number++;
	l->sum += finish(l->hash);
	begin_line(l);
}

static void
add(struct lines *l, const unsigned char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c == '\n') {
			end_line(l);
			continue;
		}
		l->started = true;
		/* "./" at the start: held back until it is known what it is. */
		if (l->held == 0 && c == '.') {
			l->held = 1;
			continue;
		}
		if (l->held == 1) {
			l->held = 2;
			if (c == '/')
				continue;
			mix(l, '.');
		}
		l->held = 2;
		mix(l, c);
	}
}

static void
pace(int64_t start, uint64_t bytes, uint64_t rate)
{
	int64_t due = start + (int64_t)(bytes / rate) * BILLION
	    + (int64_t)(bytes % rate) * BILLION / (int64_t)rate;
	struct timespec until = { .tv_sec = due / BILLION, .tv_nsec = due % BILLION };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static pid_t
start(char **argv, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (error != 0) {
		errno = error;
		fail(argv[0]);
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Of the process, which has ended and was not yet waited for. */
static int64_t
own_time(pid_t pid)
{
	char path[64];
	int64_t time = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%" SCNd64, &time) != 1)
		time = 0;
	fclose(file);
	return time;
}

static uint64_t
drain(int input, struct lines *l, uint64_t rate, uint64_t pause)
{
	static unsigned char buffer[1 << 18];
	uint64_t bytes = 0;
	int64_t began;
	ssize_t n;

	pace(now(), pause, 1);
	began = now();
	while ((n = read(input, buffer, rate != 0 ? 1 << 16 : sizeof(buffer))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			fail("read");
		bytes += (uint64_t)n;
		if (l->wanted)
			add(l, buffer, (size_t)n);
		if (rate != 0)
			pace(began, bytes, rate);
	}
	if (l->started)
		end_line(l);
	return bytes;
}

static int64_t
nanoseconds(struct timeval t)
{
	return t.tv_sec * BILLION + t.tv_usec * 1000;
}

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0') {
		errno = EINVAL;
		fail(text);
	}
	return value;
}

int
main(int argc, char **argv)
{
	struct lines l = { 0 };
	struct rusage used;
	siginfo_t ended;
	uint64_t bytes, rate = 0, pause = 0;
	int64_t began, wall, own;
	int option, status, ends[2];

	while ((option = getopt(argc, argv, "+sp:w:t:")) != -1)
		switch (option) {
		case 's':
			l.wanted = true;
			break;
		case 'p':
			rate = number(optarg);
			break;
		case 'w':
			pause = number(optarg);
			break;
		case 't':
			signal(SIGALRM, on_alarm);
			alarm((unsigned)number(optarg));
			break;
		default:
			return 64;
		}
	if (optind == argc)
		return 64;
	begin_line(&l);
	if (pipe2(ends, O_CLOEXEC) == -1)
		fail("pipe");
	began = now();
	command = start(argv + optind, ends[1]);
	close(ends[1]);
	bytes = drain(ends[0], &l, rate, pause);
	while (waitid(P_PID, (id_t)command, &ended, WEXITED | WNOWAIT) == -1 && errno == EINTR)
		;
	wall = now() - began;
	own = own_time(command);
	alarm(0);
	if (wait4(command, &status, 0, &used) == -1)
		fail("wait");
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %d %" PRIu64 " %" PRIu64
	    " %016" PRIx64 "\n", wall, nanoseconds(used.ru_utime), nanoseconds(used.ru_stime), own,
	    status, bytes, l.number, l.sum);
	return 0;
}
