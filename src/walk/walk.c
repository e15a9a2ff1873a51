#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"

enum {
	OPEN_DIRECTORIES = 64,
	DIRENT_BUFFER = 128 * 1024,
	EVICTED = -1, /* closed to save descriptors; its child can lead back to it */
	LOST = -2,    /* its child no longer led back to it */
};

/* A directory on the way from the operand to where the walk is. */
struct level {
	int fd;
	uint32_t number;
	size_t path_length;
	size_t names_from; /* marks of the stack of names */
	size_t bytes_from;
	size_t next;
	dev_t device; /* of an evicted directory */
	ino_t inode;
};

struct walk {
	struct walk_options options;
	char *const *paths;
	size_t path_count;
	size_t path_next;
	uint32_t operand; /* that the walk is in */

	struct names names;
	struct level *levels;
	size_t depth, depth_capacity;
	size_t shallowest_open;
	size_t open_count;

	char *path;
	size_t path_capacity;
	size_t root_length;
	uint32_t directories;
	uint64_t skipped;
	bool input_named;
	int noatime; /* O_NOATIME while it is permitted, else 0 */
	char *buffer;
};

static char *const current_directory[] = { (char *)"" };

struct walk *
walk_open(const struct walk_options *options, char *const *paths, size_t count)
{
	struct walk *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->options = *options;
	if (w->options.directories < 2)
		w->options.directories = OPEN_DIRECTORIES;
	w->paths = count == 0 ? current_directory : paths;
	w->path_count = count == 0 ? 1 : count;
	w->noatime = O_NOATIME;
	w->buffer = malloc(DIRENT_BUFFER);
	if (w->buffer == NULL) {
		walk_close(w);
		return NULL;
	}
	return w;
}

void
walk_close(struct walk *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->depth; i++)
		if (w->levels[i].fd >= 0)
			close(w->levels[i].fd);
	names_free(&w->names);
	free(w->levels);
	free(w->path);
	free(w->buffer);
	free(w);
}

uint64_t
walk_skipped(const struct walk *w)
{
	return w->skipped;
}

static int
reserve_path(struct walk *w, size_t needed)
{
	size_t capacity = w->path_capacity ? w->path_capacity : 4096;
	char *bigger;

	while (capacity < needed)
		capacity *= 2;
	if (capacity == w->path_capacity)
		return 0;
	bigger = realloc(w->path, capacity);
	if (bigger == NULL)
		return -1;
	w->path = bigger;
	w->path_capacity = capacity;
	return 0;
}

/* Puts name behind the first length bytes of the path. */
static int
set_path(struct walk *w, size_t length, const char *name)
{
	size_t size = strlen(name) + 1;

	if (reserve_path(w, length + size + 1) == -1)
		return -1;
	memcpy(w->path + length, name, size);
	return 0;
}

static int
open_directory(struct walk *w, int at, const char *name, int flags)
{
	const int always = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = openat(at, name, always | flags | w->noatime);

	if (fd == -1 && errno == EPERM && w->noatime != 0) {
		w->noatime = 0;
		fd = openat(at, name, always | flags);
	}
	return fd;
}

/* Closes the shallowest open directory but the deepest one, remembering which it was. */
static void
evict(struct walk *w)
{
	struct stat st;

	for (; w->shallowest_open + 1 < w->depth; w->shallowest_open++) {
		struct level *l = &w->levels[w->shallowest_open];

		if (l->fd < 0 || fstat(l->fd, &st) == -1)
			continue;
		l->device = st.st_dev;
		l->inode = st.st_ino;
		close(l->fd);
		l->fd = EVICTED;
		w->open_count--;
		w->shallowest_open++;
		return;
	}
}

/* Opens an evicted directory again from its child, and makes sure that it is the same. */
static void
restore(struct walk *w, size_t index, int child)
{
	struct level *l = &w->levels[index];
	struct stat st;

	l->fd = openat(child, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->fd >= 0 && (fstat(l->fd, &st) == -1 || st.st_dev != l->device ||
	    st.st_ino != l->inode)) {
		close(l->fd);
		l->fd = -1;
	}
	if (l->fd < 0) {
		l->fd = LOST;
		return;
	}
	w->open_count++;
	if (index < w->shallowest_open)
		w->shallowest_open = index;
}

static void
leave(struct walk *w)
{
	struct level *l = &w->levels[w->depth - 1];

	if (w->depth >= 2 && w->levels[w->depth - 2].fd == EVICTED)
		restore(w, w->depth - 2, l->fd);
	if (l->fd >= 0) {
		close(l->fd);
		w->open_count--;
	}
	names_drop(&w->names, l->names_from, l->bytes_from);
	w->depth--;
	if (w->shallowest_open > w->depth)
		w->shallowest_open = w->depth;
}

static unsigned char
type_of(int fd, const struct dirent64 *d)
{
	struct stat st;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type;
	if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return DT_UNKNOWN;
	return (unsigned char)IFTODT(st.st_mode);
}

static int
push_entry(struct walk *w, int fd, const struct dirent64 *d)
{
	const char *name = d->d_name;
	unsigned char type;

	if (name[0] == '.' && (!w->options.hidden || name[1] == '\0' ||
	    (name[1] == '.' && name[2] == '\0')))
		return 0;
	type = type_of(fd, d);
	/* Why an entry cannot be looked at, whoever tries to open it will find out. */
	if (type == DT_REG || type == DT_DIR || type == DT_UNKNOWN)
		return names_push(&w->names, name, type == DT_DIR);
	w->skipped++;
	return 0;
}

/* Reads all names of a directory. Returns 0, or -1 with errno (ENOMEM: fatal). */
static int
read_names(struct walk *w, int fd)
{
	for (;;) {
		ssize_t got = getdents64(fd, w->buffer, DIRENT_BUFFER);

		if (got <= 0)
			return (int)got;
		for (char *at = w->buffer; at < w->buffer + got;) {
			const struct dirent64 *d = (const void *)at;

			if (push_entry(w, fd, d) == -1)
				return -1;
			at += d->d_reclen;
		}
	}
}

static bool
has_directory(const struct walk *w, size_t first)
{
	for (size_t i = first; i < w->names.count; i++) {
		const char *name = names_get(&w->names, i);

		if (name[strlen(name) - 1] == '/')
			return true;
	}
	return false;
}

static int
reserve_level(struct walk *w)
{
	size_t capacity = w->depth_capacity ? 2 * w->depth_capacity : 64;
	struct level *bigger;

	if (w->depth < w->depth_capacity)
		return 0;
	bigger = reallocarray(w->levels, capacity, sizeof(*bigger));
	if (bigger == NULL)
		return -1;
	w->levels = bigger;
	w->depth_capacity = capacity;
	return 0;
}

/*
 * Goes into the directory whose path is set. Returns 0; 1 with errno if it
 * could not be read to its end (what was read is walked); or -1, ENOMEM.
 */
static int
enter(struct walk *w, int fd, size_t path_length)
{
	struct level *l;
	int result = 0, error = 0;
	bool parent_evicted;

	if (reserve_level(w) == -1) {
		close(fd);
		return -1;
	}
	l = &w->levels[w->depth++];
	*l = (struct level){ .fd = fd, .number = ++w->directories, .path_length = path_length,
		.names_from = w->names.count, .bytes_from = w->names.used };
	l->next = l->names_from;
	w->open_count++;
	if (read_names(w, fd) == -1) {
		if (errno == ENOMEM || errno == EOVERFLOW)
			return -1;
		result = 1;
		error = errno;
	}
	names_sort(&w->names, l->names_from);
	parent_evicted = w->depth >= 2 && w->levels[w->depth - 2].fd == EVICTED;
	if (!parent_evicted && !has_directory(w, l->names_from)) {
		close(fd);
		l->fd = LOST;
		w->open_count--;
	}
	/* Sorting and closing have one of their own. */
	errno = error;
	return result;
}

/* Fills in an entry about the directory that the path names. */
static int
directory_entry(struct walk *w, struct walk_entry *entry, int error)
{
	enum walk_kind kind = error == ENOENT ? WALK_VANISHED : WALK_ERROR;

	*entry = (struct walk_entry){ .kind = kind, .error = error, .operand = w->operand,
		.path = w->path,
		.path_length = strlen(w->path), .root_length = w->root_length, .name = "" };
	return 1;
}

/* The next operand. Returns 1 with an entry, 0 when there is none in it, -1 on ENOMEM. */
static int
next_operand(struct walk *w, struct walk_entry *entry)
{
	const char *operand = w->paths[w->path_next];
	const char *place = *operand == '\0' ? "." : operand;
	size_t length = strlen(operand);
	struct stat st;
	int fd, got;

	w->operand = (uint32_t)w->path_next++;
	*entry = (struct walk_entry){ .kind = WALK_FILE, .operand = w->operand, .path = "",
		.name = operand, .name_length = length };
	if (operand == current_directory[0]) {
		st.st_mode = S_IFDIR;
	} else if (strcmp(operand, "-") == 0) {
		entry->kind = WALK_INPUT;
		entry->error = w->input_named;
		w->input_named = true;
		return 1;
	} else if (*operand == '\0' || stat(operand, &st) == -1) {
		entry->kind = WALK_ERROR;
		entry->error = *operand == '\0' ? ENOENT : errno;
		return 1;
	}
	if (!S_ISDIR(st.st_mode)) {
		entry->kind = S_ISREG(st.st_mode) ? WALK_FILE : WALK_STREAM;
		return 1;
	}
	if (set_path(w, 0, operand) == -1)
		return -1;
	if (length > 0 && operand[length - 1] != '/')
		strcpy(w->path + length++, "/");
	w->root_length = length;
	fd = open_directory(w, AT_FDCWD, place, 0);
	got = fd == -1 ? 1 : enter(w, fd, length);
	if (got == 1) {
		directory_entry(w, entry, errno);
		/* What was named must be there. */
		entry->kind = WALK_ERROR;
	}
	return got;
}

/* Goes into a subdirectory of the deepest level; w->path names it. As next_operand. */
static int
next_directory(struct walk *w, struct walk_entry *entry, const char *name, size_t path_length)
{
	struct level *l = &w->levels[w->depth - 1];
	char *slash = w->path + path_length - 1;
	int fd, got;

	while (w->open_count >= w->options.directories && w->shallowest_open + 1 < w->depth)
		evict(w);
	if (l->fd < 0)
		return directory_entry(w, entry, ESTALE);
	/* With a '/' behind it a link would be followed. */
	*slash = '\0';
	fd = open_directory(w, l->fd, name, O_NOFOLLOW);
	if (fd == -1 && errno == EMFILE && w->depth >= 2) {
		evict(w);
		fd = open_directory(w, l->fd, name, O_NOFOLLOW);
	}
	*slash = '/';
	if (fd == -1)
		return directory_entry(w, entry, errno);
	got = enter(w, fd, path_length);
	return got == 1 ? directory_entry(w, entry, errno) : got;
}

int
walk_next(struct walk *w, struct walk_entry *entry)
{
	int got;

	for (;;) {
		struct level *l;
		const char *name;
		size_t length;

		if (w->depth == 0) {
			if (w->path_next == w->path_count)
				return 0;
			got = next_operand(w, entry);
			if (got != 0)
				return got;
			continue;
		}
		l = &w->levels[w->depth - 1];
		if (l->next == w->names.count) {
			leave(w);
			continue;
		}
		name = names_get(&w->names, l->next++);
		length = strlen(name);
		if (name[length - 1] != '/') {
			w->path[l->path_length] = '\0';
			*entry = (struct walk_entry){ .kind = WALK_FILE, .operand = w->operand,
				.directory = l->number, .path = w->path, .path_length = l->path_length,
				.root_length = w->root_length, .name = name, .name_length = length };
			return 1;
		}
		if (w->options.pause != NULL && w->options.pause(w->options.ctx)) {
			l->next--;
			errno = EINTR;
			return -1;
		}
		length += l->path_length;
		if (set_path(w, l->path_length, name) == -1)
			return -1;
		got = next_directory(w, entry, w->path + l->path_length, length);
		if (got != 0)
			return got;
	}
}
