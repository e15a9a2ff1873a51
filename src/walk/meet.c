#include "meet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "walk/ignore.h"
#include "walk/select.h"
#include "walk/shard.h"

bool
meet_is_new(const struct walk *w, const struct stat *st)
{
	const int64_t second = 1000000000, floor = w->options.newer / second -
	    (w->options.newer % second < 0);

	if (!w->options.has_newer)
		return true;
	return st->st_mtim.tv_sec > floor || (st->st_mtim.tv_sec == floor &&
	    st->st_mtim.tv_nsec >= w->options.newer - floor * second);
}

/* Whether a link leads to a file system that is not walked into. */
static bool
is_elsewhere(const struct walk *w, int fd, const char *name)
{
	struct statx st;

	return w->mounts != NULL && statx(fd, name, 0, STATX_MNT_ID, &st) == 0 &&
	    mounts_skipped(w->mounts, st.stx_mnt_id);
}

/* A link that is followed: to what it leads. */
static int
push_link(struct walk *w, int fd, const char *name)
{
	struct stat st;

	if (fstatat(fd, name, &st, 0) == -1)
		return names_push(&w->names, name, false, (unsigned char)errno);
	if ((S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) && !is_elsewhere(w, fd, name))
		return names_push(&w->names, name, S_ISDIR(st.st_mode), NAMES_LINK);
	w->skipped++;
	return 0;
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

/* Takes note of what the directory is to others. Returns whether it can be gone to itself. */
static bool
note_dotted(struct walk *w, struct level *l, const char *name, unsigned char type)
{
	if (w->options.ignore != NULL) {
		unsigned int saw = ignore_saw(name);

		/* A repository's may be a link; rules are not read by one. */
		if (saw == IGNORE_SAW_GIT || type == DT_REG || type == DT_UNKNOWN)
			l->saw |= saw;
	}
	if (w->options.hidden)
		return true;
	/* Whoever asks for it by a glob, a rule or a type wants it. */
	l->has_hidden = true;
	return w->options.ignore != NULL || w->options.select != NULL;
}

static int
push_entry(struct walk *w, struct level *l, const struct dirent64 *d)
{
	const char *name = d->d_name;
	unsigned char type;

	if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
		return 0;
	if (name[0] == '.' && w->options.ignore == NULL && w->options.select == NULL &&
	    !w->options.hidden)
		return 0;
	type = type_of(l->fd, d);
	if (name[0] == '.' && !note_dotted(w, l, name, type))
		return 0;
	if (type == DT_LNK && w->options.follow)
		return push_link(w, l->fd, name);
	/* Why an entry cannot be looked at, whoever tries to open it will find out. */
	if (type == DT_REG || type == DT_DIR || type == DT_UNKNOWN)
		return names_push(&w->names, name, type == DT_DIR, NAMES_PLAIN);
	w->skipped++;
	return 0;
}

/* Reads all names of a directory. Returns 0, or -1 with errno (ENOMEM: fatal). */
static int
read_names(struct walk *w, struct level *l)
{
	for (;;) {
		ssize_t got = getdents64(l->fd, w->buffer, STATE_BUFFER);

		if (got <= 0)
			return (int)got;
		for (char *at = w->buffer; at < w->buffer + got;) {
			const struct dirent64 *d = (const void *)at;

			if (push_entry(w, l, d) == -1)
				return -1;
			at += d->d_reclen;
		}
	}
}

/* Where the name on the trail stands that the level above is to go on with, or NULL. */
static const char *
on_trail(const struct walk *w)
{
	const char *name = w->trail;

	for (size_t level = 1; name != NULL && level < w->levels.depth; level++) {
		name = strchr(name, '/');
		name = name != NULL ? name + 1 : NULL;
	}
	return name != NULL && *name != '\0' ? name : NULL;
}

/* In place of all names of a directory, one, with those that say what is ignored. */
static int
read_name(struct walk *w, struct level *l, const char *name)
{
	static const char *const rules[] = { ".git", ".gitignore", ".ignore" };
	struct dirent64 d = { .d_type = DT_UNKNOWN };
	struct stat st;

	for (size_t i = 0; w->options.ignore != NULL && i < sizeof(rules) / sizeof(rules[0]); i++)
		if (fstatat(l->fd, rules[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			note_dotted(w, l, rules[i], (unsigned char)IFTODT(st.st_mode));
	snprintf(d.d_name, sizeof(d.d_name), "%.*s", (int)strcspn(name, "/"), name);
	return push_entry(w, l, &d);
}

/* A name of the directory that is being met. */
struct meeting {
	struct walk *walk;
	const struct level *level;
};

/* Whether the rules' work was ended, because there is something else to be done. */
static bool
has_to_pause(struct walk *w)
{
	bool ended = w->work.ended;

	w->work.ended = false;
	if (ended)
		errno = EINTR;
	return ended;
}

/* By globs, rules, types and dots. */
static bool
is_selected(struct walk *w, const struct level *l, const struct select_name *n)
{
	enum rules_verdict by_glob = RULES_NONE, by_rule = RULES_NONE, by_type = RULES_NONE;

	if (w->options.select != NULL)
		by_glob = select_glob(w->options.select, n);
	if (by_glob != RULES_NONE)
		return by_glob == RULES_KEEP;
	if (l->ruled)
		by_rule = ignore_test(w->options.ignore, n->name, n->length, n->directory, &w->work);
	if (by_rule == RULES_IGNORE)
		return false;
	if (w->options.select != NULL)
		by_type = select_type(w->options.select, n);
	if (by_type == RULES_IGNORE)
		return false;
	return w->options.hidden || *n->name != '.' || by_rule == RULES_KEEP ||
	    by_type == RULES_KEEP;
}

/* By what is known only of files: their part of all, and their time. */
static bool
is_wanted_file(const struct walk *w, const struct level *l, const char *name, size_t length)
{
	const struct walk_options *o = &w->options;
	struct stat st;

	if (o->shards > 0 && shard_of(shard_add(l->shard, name, length), o->shards) != o->shard)
		return false;
	if (!o->has_newer)
		return true;
	/* Of what is no more, others find out. */
	return fstatat(l->fd, name, &st, names_mark(name) == NAMES_LINK ? 0 : AT_SYMLINK_NOFOLLOW) == -1
	    || meet_is_new(w, &st);
}

static int
is_taken(void *ctx, const char *name)
{
	const struct meeting *m = ctx;
	struct walk *w = m->walk;
	const struct level *l = m->level;
	size_t length = names_length(name);
	struct select_name n = { .name = name, .directory = names_is_directory(name) };
	bool selected;

	n.length = length - n.directory;
	if (n.directory && w->levels.depth >= w->options.max_depth)
		return 0;
	if (w->options.select != NULL) {
		if (walk_set_path(w, l->path_length, name, length) == -1)
			return -1;
		n.path = w->path + w->shown;
		n.path_length = l->path_length + n.length - w->shown;
		/* Globs see no slash behind a directory. */
		w->path[l->path_length + n.length] = '\0';
	}
	selected = is_selected(w, l, &n);
	/* Names that are left out take time, too. */
	if (has_to_pause(w))
		return -1;
	if (!selected)
		return 0;
	return n.directory || is_wanted_file(w, l, name, length);
}

/* Leaves out names. Returns 0, or -1 with errno. */
static int
filter(struct walk *w, const struct level *l)
{
	struct meeting m = { w, l };
	int result;

	if (!w->filters && !l->ruled && !l->has_hidden)
		return 0;
	result = names_filter(&w->names, l->names_from, is_taken, &m);
	if (w->path != NULL)
		w->path[l->path_length] = '\0';
	return result;
}

int
meet_directory(struct walk *w, struct level *l)
{
	const char *name = w->path, *only = on_trail(w);
	int result = 0, error = 0;

	if ((only != NULL ? read_name(w, l, only) : read_names(w, l)) == -1) {
		if (errno == ENOMEM || errno == EOVERFLOW)
			return -1;
		result = 1;
		error = errno;
	}
	if (w->options.ignore != NULL) {
		if (levels_above(&w->levels) != NULL)
			name += levels_above(&w->levels)->path_length;
		if (ignore_enter(w->options.ignore, l->fd, name, l->saw, &w->work) == -1)
			return -1;
		l->ruled = ignore_active(w->options.ignore);
	}
	if (has_to_pause(w) || filter(w, l) == -1 || names_sort(&w->names, l->names_from) == -1) {
		int saved = errno;

		if (w->options.ignore != NULL)
			ignore_leave(w->options.ignore);
		errno = saved;
		return -1;
	}
	errno = error;
	return result;
}
