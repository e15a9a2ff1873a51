#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "walk/ignore.h"
#include "walk/meet.h"
#include "walk/select.h"
#include "walk/shard.h"
#include "walk/state.h"

enum {
	OPEN_DIRECTORIES = 64,
	LOOP = -1, /* instead of an errno: the walk is in that directory already */
};

static char *const current_directory[] = { (char *)"" };

struct walk *
walk_open(const struct walk_options *options, char *const *paths, size_t count)
{
	struct walk *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		select_close(options->select);
		ignore_close(options->ignore);
		return NULL;
	}
	w->options = *options;
	w->work = (struct rules_work){ .pause = options->pause, .ctx = options->ctx };
	w->filters = options->select != NULL || options->max_depth != UINT64_MAX ||
	    options->has_newer || options->shards > 0;
	levels_init(&w->levels, options->directories < 2 ? OPEN_DIRECTORIES : options->directories);
	w->paths = count == 0 ? current_directory : paths;
	w->path_count = w->path_end = count == 0 ? 1 : count;
	w->buffer = malloc(STATE_BUFFER);
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
	select_close(w->options.select);
	ignore_close(w->options.ignore);
	mounts_close(w->mounts);
	names_free(&w->names);
	levels_fini(&w->levels);
	free(w->path);
	free(w->buffer);
	free(w);
}

void
walk_go_on(struct walk *w, uint32_t operand, const char *path)
{
	for (; w->path_next < operand && w->path_next < w->path_count; w->path_next++)
		w->input_named |= strcmp(w->paths[w->path_next], "-") == 0;
	w->behind = path;
	w->behind_operand = operand;
}

void
walk_set_newer(struct walk *w, int64_t newer)
{
	w->options.newer = newer;
}

int
walk_directory(const struct walk *w, const struct walk_entry *entry)
{
	return entry->directory == 0 ? AT_FDCWD : levels_top(&w->levels)->fd;
}

uint64_t
walk_skipped(const struct walk *w)
{
	return w->skipped;
}

uint64_t
walk_directories(const struct walk *w)
{
	return w->directories;
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

int
walk_set_path(struct walk *w, size_t length, const char *name, size_t name_length)
{
	if (reserve_path(w, length + name_length + 2) == -1)
		return -1;
	memcpy(w->path + length, name, name_length + 1);
	return 0;
}

/* Takes the deepest level away, with its names. */
static void
drop_level(struct walk *w)
{
	const struct level *l = levels_top(&w->levels);

	names_drop(&w->names, l->names_from, l->bytes_from);
	levels_pop(&w->levels);
}

static void
leave(struct walk *w)
{
	levels_restore(&w->levels);
	if (w->options.ignore != NULL)
		ignore_leave(w->options.ignore);
	drop_level(w);
}

/* Whether a name of the deepest level, all of it, comes before rest. */
static bool
is_behind(const char *name, const char *rest)
{
	/* Of a directory that leads there some is left. */
	if (names_is_directory(name) && strncmp(name, rest, names_length(name)) == 0)
		return false;
	return strcmp(name, rest) <= 0;
}

/* Passes over what the walk has been told to go on behind. */
static void
pass_names(const struct walk *w, struct level *l)
{
	if (w->behind == NULL || w->operand != w->behind_operand ||
	    strncmp(w->path, w->behind, l->path_length) != 0)
		return;
	while (l->next < w->names.count &&
	    is_behind(names_get(&w->names, l->next), w->behind + l->path_length))
		l->next++;
}

/* Whether an entry is one that the walk goes on behind. */
static bool
is_passed_entry(const struct walk *w, const struct walk_entry *e)
{
	int order = w->behind == NULL || e->operand != w->behind_operand ? 1
	    : strncmp(e->path, w->behind, e->path_length);

	return order < 0 || (order == 0 && strcmp(e->name, w->behind + e->path_length) <= 0);
}

void
walk_start(struct walk *w, size_t first, size_t count, const char *trail)
{
	while (w->levels.depth > 0)
		leave(w);
	w->path_next = first;
	w->path_end = first + count;
	w->trail = trail;
}

void
walk_watch(struct walk *w, int (*entered)(void *ctx, const struct walk_entry *directory, int fd),
    void *ctx)
{
	w->entered = entered;
	w->entered_ctx = ctx;
}

static bool
has_directory(const struct walk *w, size_t first)
{
	for (size_t i = first; i < w->names.count; i++)
		if (names_is_directory(names_get(&w->names, i)))
			return true;
	return false;
}

/* Tells of a directory whose path is set, if somebody wants to know. */
static int
tell_entered(struct walk *w, const struct level *l)
{
	const struct walk_entry entry = { .kind = WALK_ERROR, .operand = w->operand,
		.path = w->path, .path_length = l->path_length, .root_length = w->root_length,
		.name = "" };

	return w->entered == NULL ? 0 : w->entered(w->entered_ctx, &entry, l->fd);
}

/*
 * Goes into the directory whose path is set.  l: what is known of it.  Returns
 * 0; 1 with errno if it could not be read to its end (what was read is walked);
 * or -1: ENOMEM, or EINTR, to be called again.
 */
static int
enter(struct walk *w, const struct level *known)
{
	struct level *l;
	int result = tell_entered(w, known), error;

	if (result != 0 || (l = levels_push(&w->levels, known)) == NULL) {
		close(known->fd);
		return result == 1 ? 0 : -1;
	}
	l->number = ++w->directories;
	l->names_from = l->next = w->names.count;
	l->bytes_from = w->names.used;
	result = meet_directory(w, l);
	error = errno;
	pass_names(w, l);
	if (result == -1) {
		drop_level(w);
	} else if (!w->options.keep_open && !has_directory(w, l->names_from) &&
	    !levels_leads_back(&w->levels)) {
		levels_close_top(&w->levels);
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

	if (error == LOOP)
		kind = WALK_LOOP;
	*entry = (struct walk_entry){ .kind = kind, .error = error, .operand = w->operand,
		.path = w->path,
		.path_length = strlen(w->path), .root_length = w->root_length, .name = "" };
	return 1;
}

/*
 * Looks at a directory that was opened, where that is needed.  Returns 0; 1: it
 * is not to be walked; or -1 with errno, or LOOP instead of one.
 */
static int
look_at(struct walk *w, struct level *l, int *error)
{
	const struct level *up = w->levels.depth > 0 ? levels_top(&w->levels) : NULL;
	struct statx st;

	if (!w->looks)
		return 0;
	if (statx(l->fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &st) == -1) {
		*error = errno;
		return -1;
	}
	l->device = makedev(st.stx_dev_major, st.stx_dev_minor);
	l->inode = st.stx_ino;
	l->mount = st.stx_mnt_id;
	if (up == NULL)
		return 0;
	if (w->options.one_file_system && l->device != w->levels.list[0].device)
		return 1;
	if (w->mounts != NULL && l->mount != up->mount && mounts_skipped(w->mounts, l->mount))
		return 1;
	for (size_t i = 0; w->options.follow && i < w->levels.depth; i++)
		if (w->levels.list[i].device == l->device && w->levels.list[i].inode == l->inode) {
			*error = LOOP;
			return -1;
		}
	return 0;
}

/* What has to be known of an operand's file systems. Returns 0, or -1 on ENOMEM. */
static int
prepare_looks(struct walk *w, const char *operand)
{
	if (!w->options.every_file_system && w->mounts == NULL) {
		w->mounts = mounts_open(w->options.skip_fs);
		if (w->mounts == NULL)
			return -1;
	}
	w->looks = w->options.follow || w->options.one_file_system ||
	    (w->mounts != NULL && mounts_beneath(w->mounts, operand));
	return 0;
}

/* An operand that is a directory; as next_operand. */
static int
enter_operand(struct walk *w, struct walk_entry *entry, const char *operand)
{
	struct level l = { .shard = SHARD_START };
	size_t length = strlen(operand);
	const char *place = length == 0 ? "." : operand;
	int got = 1, error;

	if (walk_set_path(w, 0, operand, length) == -1 || prepare_looks(w, place) == -1)
		return -1;
	if (length > 0 && operand[length - 1] != '/')
		strcpy(w->path + length++, "/");
	w->root_length = l.path_length = length;
	w->shown = w->options.select != NULL ? select_shown(w->options.select, w->path) : 0;
	l.fd = levels_open_directory(&w->levels, AT_FDCWD, place, 0);
	error = errno;
	if (l.fd != -1 && look_at(w, &l, &error) == -1) {
		close(l.fd);
	} else if (l.fd != -1) {
		got = enter(w, &l);
		error = errno;
	}
	if (got == 1) {
		directory_entry(w, entry, error);
		/* What was named must be there. */
		entry->kind = WALK_ERROR;
	} else if (got == -1 && error == EINTR) {
		w->path_next--;
		errno = EINTR;
	}
	return got;
}

/* Whether an operand is to be passed over. */
static bool
is_passed(const struct walk *w, const char *operand, const struct stat *st)
{
	const struct walk_options *o = &w->options;
	bool directory = S_ISDIR(st->st_mode);

	/* The directory that nobody named is what is searched. */
	if (operand == current_directory[0])
		return o->max_depth == 0;
	if (o->select != NULL && !select_operand(o->select, operand, directory))
		return true;
	if (directory)
		return o->directories_action == WALK_PASS || o->max_depth == 0;
	if (o->shards > 0 && shard_of(shard_add(SHARD_START, operand, strlen(operand)), o->shards) !=
	    o->shard)
		return true;
	return S_ISREG(st->st_mode) ? !meet_is_new(w, st) : o->devices_action == WALK_PASS;
}

/* The next operand. Returns 1 with an entry, 0 when there is none in it, -1 on ENOMEM or EINTR. */
static int
next_operand(struct walk *w, struct walk_entry *entry)
{
	const char *operand = w->paths[w->path_next];
	struct stat st = { .st_mode = S_IFDIR };

	w->operand = (uint32_t)w->path_next++;
	*entry = (struct walk_entry){ .kind = WALK_FILE, .operand = w->operand, .path = "",
		.name = operand, .name_length = strlen(operand) };
	if (strcmp(operand, "-") == 0) {
		entry->kind = WALK_INPUT;
		entry->error = w->input_named;
		w->input_named = true;
		return w->options.shards == 0 || shard_of(SHARD_START, w->options.shards) ==
		    w->options.shard;
	}
	if (operand != current_directory[0] && (*operand == '\0' || stat(operand, &st) == -1)) {
		entry->kind = WALK_ERROR;
		entry->error = *operand == '\0' ? ENOENT : errno;
		return 1;
	}
	if (is_passed(w, operand, &st))
		return 0;
	if (S_ISDIR(st.st_mode) && w->options.directories_action == WALK_REFUSE &&
	    operand != current_directory[0]) {
		entry->kind = WALK_ERROR;
		entry->error = EISDIR;
		return 1;
	}
	if (S_ISDIR(st.st_mode))
		return enter_operand(w, entry, operand);
	entry->kind = S_ISREG(st.st_mode) ? WALK_FILE : WALK_STREAM;
	w->operand_stat = st;
	entry->stat = S_ISREG(st.st_mode) ? &w->operand_stat : NULL;
	return 1;
}

/* Goes into a subdirectory of the deepest level; w->path names it. As next_operand. */
static int
next_directory(struct walk *w, struct walk_entry *entry, const char *name, bool link)
{
	size_t from = levels_top(&w->levels)->path_length, length = names_length(name);
	struct level l = { .path_length = from + length }, *up;
	int got, error = 0;

	levels_make_room(&w->levels);
	up = levels_top(&w->levels);
	if (up->fd < 0)
		return directory_entry(w, entry, ESTALE);
	up->pinned = link;
	l.shard = w->options.shards > 0 ? shard_add(up->shard, name, length) : 0;
	/* With a '/' behind it a link would be followed. */
	w->path[l.path_length - 1] = '\0';
	l.fd = levels_open_directory(&w->levels, up->fd, w->path + from, link ? 0 : O_NOFOLLOW);
	if (l.fd == -1)
		error = errno;
	w->path[l.path_length - 1] = '/';
	if (l.fd == -1)
		return directory_entry(w, entry, error);
	got = look_at(w, &l, &error);
	if (got != 0) {
		close(l.fd);
		w->skipped += got == 1;
		return got == 1 ? 0 : directory_entry(w, entry, error);
	}
	got = enter(w, &l);
	return got == 1 ? directory_entry(w, entry, errno) : got;
}

/* An ignore file that could not be used. Returns whether there was one. */
static bool
next_unruled(struct walk *w, struct walk_entry *entry)
{
	const char *name;
	int error;

	if (w->options.ignore == NULL || !ignore_trouble(w->options.ignore, &name, &error))
		return false;
	*entry = (struct walk_entry){ .kind = WALK_UNRULED, .error = error, .operand = w->operand,
		.path = "", .name = name, .name_length = strlen(name) };
	if (*name != '/' && w->levels.depth > 0) {
		entry->path_length = levels_top(&w->levels)->path_length;
		w->path[entry->path_length] = '\0';
		entry->path = w->path;
		entry->root_length = w->root_length;
		entry->directory = levels_top(&w->levels)->number;
	}
	return true;
}

/* A name that is no directory. */
static void
file_entry(struct walk *w, struct walk_entry *entry, const char *name)
{
	const struct level *l = levels_top(&w->levels);
	const unsigned char mark = names_mark(name);

	w->path[l->path_length] = '\0';
	*entry = (struct walk_entry){ .kind = WALK_FILE, .operand = w->operand,
		.directory = l->number, .path = w->path, .path_length = l->path_length,
		.root_length = w->root_length, .name = name, .name_length = names_length(name) };
	if (mark == NAMES_PLAIN || mark == NAMES_LINK)
		return;
	entry->kind = WALK_ERROR;
	entry->error = mark;
}

/* The next name of the deepest level. As next_operand. */
static int
next_name(struct walk *w, struct walk_entry *entry)
{
	struct level *l = levels_top(&w->levels);
	const char *name = names_get(&w->names, l->next++);
	int got;

	if (!names_is_directory(name)) {
		file_entry(w, entry, name);
		return 1;
	}
	if (w->options.pause != NULL && w->options.pause(w->options.ctx)) {
		l->next--;
		errno = EINTR;
		return -1;
	}
	if (walk_set_path(w, l->path_length, name, names_length(name)) == -1)
		return -1;
	got = next_directory(w, entry, name, names_mark(name) == NAMES_LINK);
	/* It was not entered. */
	if (got == -1 && errno == EINTR)
		levels_top(&w->levels)->next--;
	return got;
}

int
walk_next(struct walk *w, struct walk_entry *entry)
{
	int got = 0;

	while (got == 0 || (got == 1 && is_passed_entry(w, entry))) {
		if (next_unruled(w, entry))
			return 1;
		if (w->levels.depth == 0 && w->path_next == w->path_end)
			return 0;
		if (w->levels.depth == 0)
			got = next_operand(w, entry);
		else if (levels_top(&w->levels)->next == w->names.count)
			leave(w);
		else
			got = next_name(w, entry);
	}
	return got;
}
