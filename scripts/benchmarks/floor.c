/*
 * floor [-j N] DIRECTORY|FILE: what a search costs at least on this machine.
 *
 * Of a directory it walks the tree alone (getdents64 and sorting, one process), then reads
 * every file with N processes (2), which only openat relative to the directory, fstat, read
 * and close.  Of a file they read 512 KiB in turn.  It prints
 *
 *   walk read files directories bytes
 *
 * with both times in nanoseconds; the time of the walk is not part of the time of reading.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * On a page, and no larger than caches are: into a buffer that lies otherwise the kernel copies
 * up to four times as slowly, and it would be no floor.
 */
#define BUFFER (1 << 19)
#define PAGE 4096
#define MANY 64

/* A directory: its path, and the names of its files, one NUL after each. */
struct directory {
	char *path, *names;
	size_t length, files;
};

struct tree {
	struct directory *directories;
	size_t number, room, files;
};

/* What the processes share: the next directory or piece of the file, and what was read. */
struct shared {
	_Atomic uint64_t next, bytes;
};

struct name {
	const char *text;
	bool is_directory;
};

static void
fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(71);
}

static void *
must(void *memory)
{
	if (memory == NULL)
		fail("memory");
	return memory;
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* All entries of the directory as getdents64 gives them; they are the caller's. */
static char *
entries(int fd, size_t *length)
{
	size_t room = 1 << 16;
	char *all = must(malloc(room));
	ssize_t n;

	*length = 0;
	while ((n = getdents64(fd, all + *length, room - *length)) > 0) {
		*length += (size_t)n;
		if (room - *length < 1 << 15)
			all = must(realloc(all, room *= 2));
	}
	if (n == -1)
		fail("getdents64");
	return all;
}

/* The files and directories among entries, sorted. */
static struct name *
sorted(const char *all, size_t length, size_t *number)
{
	struct name *names = must(malloc((length / 24 + 1) * sizeof(*names)));

	*number = 0;
	for (size_t at = 0; at < length; ) {
		const struct dirent64 *entry = (const void *)(all + at);
		const char *text = entry->d_name;

		at += entry->d_reclen;
		if ((entry->d_type != DT_REG && entry->d_type != DT_DIR) || strcmp(text, ".") == 0
		    || strcmp(text, "..") == 0)
			continue;
		names[*number].text = text;
		names[(*number)++].is_directory = entry->d_type == DT_DIR;
	}
	qsort(names, *number, sizeof(*names), compare);
	return names;
}

static void
keep(struct tree *tree, const char *path, const struct name *names, size_t number)
{
	struct directory *d;
	size_t room = 1;

	for (size_t i = 0; i < number; i++)
		room += strlen(names[i].text) + 1;
	if (tree->number == tree->room) {
		tree->room = tree->room != 0 ? tree->room * 2 : 1024;
		tree->directories = must(realloc(tree->directories,
		    tree->room * sizeof(*tree->directories)));
	}
	d = &tree->directories[tree->number++];
	*d = (struct directory){ .path = must(strdup(path)), .names = must(malloc(room)) };
	for (size_t i = 0; i < number; i++)
		if (!names[i].is_directory) {
			strcpy(d->names + d->length, names[i].text);
			d->length += strlen(names[i].text) + 1;
			d->files++;
		}
	tree->files += d->files;
}

static void
walk(struct tree *tree, int above, const char *name, const char *path)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t length, number;
	struct name *names;
	char *all, *inner;

	if (fd == -1)
		fail(path);
	all = entries(fd, &length);
	names = sorted(all, length, &number);
	keep(tree, path, names, number);
	for (size_t i = 0; i < number; i++)
		if (names[i].is_directory) {
			if (asprintf(&inner, "%s/%s", path, names[i].text) == -1)
				fail("memory");
			walk(tree, fd, names[i].text, inner);
			free(inner);
		}
	free(names);
	free(all);
	close(fd);
}

static void
read_file(int fd, char *buffer, uint64_t *bytes)
{
	struct stat st;
	ssize_t n = 0;

	if (fstat(fd, &st) == -1)
		fail("fstat");
	for (off_t left = st.st_size; left > 0; left -= n) {
		n = read(fd, buffer, BUFFER);
		if (n <= 0)
			break;
		*bytes += (uint64_t)n;
	}
}

static void
read_directory(int root, const struct directory *d, char *buffer, uint64_t *bytes)
{
	int directory = openat(root, d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (directory == -1)
		fail(d->path);
	for (size_t at = 0; at < d->length; at += strlen(d->names + at) + 1) {
		fd = openat(directory, d->names + at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd == -1)
			continue;
		read_file(fd, buffer, bytes);
		close(fd);
	}
	close(directory);
}

static void
read_tree(int root, const struct tree *tree, struct shared *shared)
{
	char *buffer = must(aligned_alloc(PAGE, BUFFER));
	uint64_t i, bytes = 0;

	while ((i = atomic_fetch_add(&shared->next, 1)) < tree->number)
		if (tree->directories[i].files > 0)
			read_directory(root, &tree->directories[i], buffer, &bytes);
	atomic_fetch_add(&shared->bytes, bytes);
}

static void
read_pieces(int fd, struct shared *shared)
{
	char *buffer = must(aligned_alloc(PAGE, BUFFER));
	uint64_t bytes = 0;
	ssize_t n;

	while ((n = pread(fd, buffer, BUFFER,
	    (off_t)(atomic_fetch_add(&shared->next, 1) * BUFFER))) > 0)
		bytes += (uint64_t)n;
	if (n == -1)
		fail("read");
	atomic_fetch_add(&shared->bytes, bytes);
}

static int64_t
read_all(int fd, const struct tree *tree, bool is_directory, int processes,
    struct shared *shared)
{
	int64_t began = now();
	int status;

	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid == -1)
			fail("fork");
		if (pid != 0)
			continue;
		if (is_directory)
			read_tree(fd, tree, shared);
		else
			read_pieces(fd, shared);
		_exit(0);
	}
	for (int i = 0; i < processes; i++)
		if (wait(&status) == -1 || status != 0) {
			errno = ECHILD;
			fail("a process that read");
		}
	return now() - began;
}

int
main(int argc, char **argv)
{
	struct tree tree = { 0 };
	struct shared *shared;
	struct stat st;
	int64_t began, walked = 0, took;
	int option, fd, processes = 2;

	while ((option = getopt(argc, argv, "j:")) != -1)
		if (option != 'j' || (processes = atoi(optarg)) < 1 || processes > MANY)
			return 64;
	if (optind != argc - 1)
		return 64;
	fd = open(argv[optind], O_RDONLY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		fail(argv[optind]);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		fail("memory");
	if (S_ISDIR(st.st_mode)) {
		began = now();
		walk(&tree, fd, ".", ".");
		walked = now() - began;
	}
	took = read_all(fd, &tree, S_ISDIR(st.st_mode), processes, shared);
	printf("%" PRId64 " %" PRId64 " %zu %zu %" PRIu64 "\n", walked, took, tree.files, tree.number,
	    (uint64_t)shared->bytes);
	return 0;
}
