#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pool/supervise.h"
#include "watch/state.h"

const char *
meet_path(struct watch *w, const struct watch_directory *d, const char *name, const char *end)
{
	size_t size = d->path_length + strlen(name) + strlen(end) + 1;
	char *bigger;

	if (size > w->path_capacity) {
		bigger = realloc(w->path, 2 * size);
		if (bigger == NULL)
			return NULL;
		w->path = bigger;
		w->path_capacity = 2 * size;
	}
	memcpy(w->path, d->path, d->path_length);
	strcpy(stpcpy(w->path + d->path_length, name), end);
	return w->path;
}

int
meet_look(struct watch *w, const struct watch_directory *d, const char *name,
    struct watch_look *look)
{
	const char *path = meet_path(w, d, name, "");
	struct statx st;

	if (path == NULL || statx(AT_FDCWD, *path == '\0' ? "." : path, AT_SYMLINK_NOFOLLOW,
	    STATX_TYPE | STATX_NLINK | STATX_INO | STATX_SIZE | STATX_BTIME, &st) == -1)
		return -1;
	memset(look, 0, sizeof(*look));
	look->id.device = makedev(st.stx_dev_major, st.stx_dev_minor);
	look->id.inode = st.stx_ino;
	if (st.stx_mask & STATX_BTIME)
		look->id.born = st.stx_btime.tv_sec * 1000000000 + st.stx_btime.tv_nsec;
	look->size = st.stx_size;
	look->regular = S_ISREG(st.stx_mode);
	look->directory = S_ISDIR(st.stx_mode);
	look->linked = st.stx_nlink > 1;
	return 0;
}

/* Its end is not searched but for what is appended, unless it came to be while we looked. */
static void
begin_at_end(const struct watch *w, struct watch_file *f, const struct watch_look *look)
{
	if (w->begun || look->size == 0 || look->id.born > w->started)
		return;
	f->offset = f->scanned = look->size;
	f->start = BATCH_IN_LINE;
	f->uncounted = true;
}

/* A file that is wanted is found at a place. */
static int
place_file(struct watch *w, struct watch_place *p, const struct watch_look *look)
{
	struct watch_file *f = tables_file(w, &look->id);
	bool moved;

	p->seen = true;
	if (f == NULL) {
		f = tables_add_file(w, &look->id);
		if (f == NULL)
			return -1;
		begin_at_end(w, f, look);
		tables_move(w, f, p);
		if (f->scanned < look->size)
			queue_add(w, f);
		return 0;
	}
	moved = f->place != p;
	/* It is there as well: by one name is enough, as long as that is there. */
	if ((w->rescanning || !w->begun) && moved && f->place != NULL && f->place->seen)
		return 0;
	tables_move(w, f, p);
	f->linked = look->linked;
	if ((moved || w->rescanning) && look->size != f->scanned)
		queue_make_due(w, f);
	else
		queue_add(w, f);
	return 0;
}

/* A name that cannot be looked at. What is gone in the meantime is nothing to speak of. */
static int
take_unseen(struct watch *w, struct watch_directory *d, const char *name, int error)
{
	const struct report_file file = { .path = d->path, .name = name };
	struct watch_place *p = tables_place(w, d, name);

	if (error == ENOMEM)
		return -1;
	if (error == ENOENT || error == ENOTDIR)
		return 0;
	if (p != NULL)
		p->seen = true;
	else
		report_file(w->options.report, &file, STATUS_UNREADABLE, (uint32_t)error);
	return 0;
}

/* What the walk has found. */
static int
take_entry(struct watch *w, const struct walk_entry *e)
{
	struct watch_directory *d = tables_directory(w, e->path);
	struct watch_place *p;
	struct watch_look look;

	/* Else it is watched by another path. */
	if (d == NULL)
		return 0;
	if (meet_look(w, d, e->name, &look) == -1)
		return take_unseen(w, d, e->name, errno);
	if (!look.regular)
		return 0;
	p = tables_add_place(w, d, e->name);
	return p == NULL ? -1 : place_file(w, p, &look);
}

/* What the walk has to say of what is no file. */
static void
tell_entry(struct watch *w, const struct walk_entry *e)
{
	const struct report_file file = { .path = e->path, .name = e->name,
		.operand = e->directory == 0 };

	if (e->kind == WALK_ERROR)
		report_file(w->options.report, &file, STATUS_UNREADABLE, (uint32_t)e->error);
	else if (e->kind == WALK_STREAM)
		report_file(w->options.report, &file, STATUS_UNREADABLE, EOPNOTSUPP);
	else if (e->kind == WALK_LOOP)
		report_note(w->options.report, &file, REPORT_LOOP);
	else if (e->kind == WALK_UNRULED)
		report_unruled(w->options.report, &file, e->error);
}

/* What could not be read this time need not be gone. */
static void
spare(struct watch *w, const char *path)
{
	struct watch_place *p;
	struct watch_directory *d;

	for (d = tables_beneath(w, path); d != NULL; d = tables_next_beneath(path, d)) {
		d->seen = true;
		for (p = tables_first_place(w, d); p != NULL; p = tables_next_place(p))
			p->seen = true;
	}
}

/* An operand itself: what is a file, or can become one, is wanted. */
static void
take_operand(struct watch *w, const struct walk_entry *e)
{
	w->operands[e->operand].wanted |= e->kind == WALK_FILE ||
	    (e->kind == WALK_ERROR && (e->error == ENOENT || e->error == ENOTDIR));
}

/* Takes all that the walk finds. It tells of troubles in paths longer than said. */
static int
take_walk(struct watch *w, size_t said)
{
	struct walk_entry entry;
	int got, result = 0;

	while (result == 0 && (got = walk_next(w->options.walk, &entry)) != 0) {
		if (got == -1)
			return -1;
		if (entry.kind == WALK_FILE && entry.directory != 0)
			result = take_entry(w, &entry);
		else if (*entry.path == '\0' && entry.directory == 0)
			take_operand(w, &entry);
		if (w->rescanning && entry.kind == WALK_ERROR && entry.path_length > 0)
			spare(w, entry.path);
		if (!w->rescanning && (entry.path_length > said || !w->begun))
			tell_entry(w, &entry);
	}
	return result;
}

/* Says, once, that directories cannot be watched. */
static void
tell_limit(struct watch *w, const struct walk_entry *e, int error)
{
	const struct watch_directory d = { .path = e->path };
	char text[160];

	if (w->limited)
		return;
	w->limited = true;
	if (error == ENOSPC)
		snprintf(text, sizeof(text), "no more directories can be watched (the limit is "
		    "fs.inotify.max_user_watches): from here on they are looked at now and then");
	else if (error == EMFILE)
		snprintf(text, sizeof(text), "no directory can be watched (the limit is "
		    "fs.inotify.max_user_instances): they are looked at now and then");
	else
		snprintf(text, sizeof(text), "cannot be watched, and is looked at now and then: %s",
		    strerror(error));
	watch_say(w, &d, "", text);
}

bool
meet_is_there(struct watch *w, const struct watch_directory *d)
{
	const char *path = meet_path(w, d, "", "");
	struct stat st;

	return path != NULL && stat(*path == '\0' ? "." : path, &st) == 0 &&
	    st.st_dev == d->device && st.st_ino == d->inode;
}

/* A directory that is open as fd, from now on watched. NULL: errno ENOMEM. */
static struct watch_directory *
meet_directory_at(struct watch *w, const struct walk_entry *e, int fd)
{
	struct watch_directory *d = tables_directory(w, e->path), *other;
	int watch = notify_add(w->inotify, fd, e->path);
	const uint32_t root = w->operands[e->operand].root;
	struct stat st;

	if (watch == -1)
		tell_limit(w, e, errno);
	if (d != NULL && d->watch == -1)
		tables_set_watch(w, d, watch);
	if (d != NULL && d->watch == watch) {
		d->seen = true;
		return d;
	}
	/* Its path leads to another directory now. */
	if (d != NULL)
		events_forget(w, e->path);
	other = watch == -1 ? NULL : tables_watched(w, watch);
	if (other != NULL && meet_is_there(w, other)) {
		other->seen = true;
		return other;
	}
	/* It has another path now. */
	if (other != NULL) {
		tables_set_watch(w, other, -1);
		events_forget(w, other->path);
	}
	d = tables_add_directory(w, e, watch);
	if (d != NULL) {
		d->seen = true;
		d->walked = e->operand;
		d->operand = root;
		d->root = e->path_length == e->root_length;
		if (fstat(fd, &st) == 0) {
			d->device = st.st_dev;
			d->inode = st.st_ino;
		}
		/* Workers that run already see another, or none. */
		w->renews |= w->begun && strcmp(e->path, w->roots[root].path) == 0;
		if (d->root)
			roots_guard(w, root);
	}
	return d;
}

/* As the walk enters it. */
static int
enter(void *ctx, const struct walk_entry *e, int fd)
{
	struct watch *w = ctx;
	struct watch_directory *d;

	if (!roots_lead_to(w, e))
		return 1;
	/* What it lies in, where it was no directory at first. */
	w->operands[e->operand].wanted = true;
	d = meet_directory_at(w, e, fd);
	if (d != NULL)
		d->whole = true;
	return d == NULL ? -1 : 0;
}

/* An operand that is a file, or may become one. */
static int
take_named(struct watch *w, uint32_t number)
{
	const struct watch_operand *o = &w->operands[number];
	const char *path = w->roots[o->root].path;
	const size_t length = strlen(path);
	const struct walk_entry entry = { .kind = WALK_ERROR, .operand = number, .path = path,
		.path_length = length, .root_length = length, .name = "" };
	int fd = open(w->root_names[o->root], O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct watch_directory *d;
	struct watch_place *p;
	struct watch_look look;

	if (fd == -1) {
		/* That the file is not there was said. */
		return 0;
	}
	d = meet_directory_at(w, &entry, fd);
	close(fd);
	p = d == NULL ? NULL : tables_add_place(w, d, o->name);
	if (p == NULL)
		return -1;
	p->named = p->seen = true;
	p->unwanted = false;
	if (meet_look(w, d, o->name, &look) == -1 || !look.regular)
		return 0;
	return place_file(w, p, &look);
}

/* Takes away what was not seen. */
static void
drop_unseen(struct watch *w)
{
	struct watch_directory *d, *next;
	struct watch_place *p, *after;

	for (d = tables_beneath(w, ""); d != NULL; d = next) {
		next = tables_next_beneath("", d);
		for (p = tables_first_place(w, d); p != NULL; p = after) {
			after = tables_next_place(p);
			if (!p->seen)
				tables_drop_place(w, p);
		}
		if (d->seen)
			continue;
		if (d->root)
			watch_say(w, d, "", "gone: it is waited for");
		notify_remove(w->inotify, d->watch);
		tables_drop_directory(w, d);
	}
}

static void
clear_seen(struct watch *w)
{
	struct watch_directory *d;
	struct watch_place *p;

	for (d = tables_beneath(w, ""); d != NULL; d = tables_next_beneath("", d)) {
		d->seen = false;
		for (p = tables_first_place(w, d); p != NULL; p = tables_next_place(p))
			p->seen = false;
	}
}

int
meet_all(struct watch *w)
{
	const int64_t from = supervise_now();
	int result;

	w->overflow = false;
	w->rescanning = w->begun;
	clear_seen(w);
	/* Before the walk: what comes meanwhile is seen twice. */
	(void)roots_look(w);
	walk_watch(w->options.walk, enter, w);
	walk_start(w->options.walk, 0, w->operand_count, NULL);
	result = take_walk(w, 0);
	for (uint32_t i = 0; i < w->operand_count && result == 0; i++)
		if (w->operands[i].name != NULL && w->operands[i].wanted)
			result = take_named(w, i);
	if (result == 0 && w->rescanning)
		drop_unseen(w);
	/* What went before the walk came to it. */
	roots_miss(w);
	/* Not to its end: it is to be done again. */
	w->overflow |= result == -1;
	w->begun |= result == 0;
	w->rescanning = false;
	w->polled = supervise_now();
	w->poll_took = w->polled - from;
	return result;
}

/* Has the walk go to a name in a directory. */
static int
start_trail(struct watch *w, const struct watch_directory *d, const char *name, const char *end)
{
	free(w->trail);
	if (asprintf(&w->trail, "%s%s%s", d->path + d->root_length, name, end) == -1) {
		w->trail = NULL;
		errno = ENOMEM;
		return -1;
	}
	walk_start(w->options.walk, d->walked, 1, w->trail);
	return 0;
}

/* Whether the walk takes a name. Returns 1, 0, or -1 with errno. */
static int
is_taken(struct watch *w, const struct watch_directory *d, const char *name)
{
	struct walk_entry entry;
	int got, taken = 0;

	if (!d->whole)
		return 0;
	if (start_trail(w, d, name, "") == -1)
		return -1;
	while ((got = walk_next(w->options.walk, &entry)) == 1)
		if (entry.kind == WALK_FILE && entry.directory != 0 && strcmp(entry.name, name) == 0)
			taken = 1;
	return got == -1 ? -1 : taken;
}

int
meet_name(struct watch *w, struct watch_directory *d, const char *name, bool arrived)
{
	struct watch_place *p = tables_place(w, d, name);
	struct watch_look look;
	int taken;

	if (!arrived && p != NULL && (p->file != NULL || p->unwanted)) {
		if (p->file != NULL)
			queue_add(w, p->file);
		return 0;
	}
	if (meet_look(w, d, name, &look) == -1)
		return take_unseen(w, d, name, errno);
	if (!look.regular)
		return 0;
	taken = (p != NULL && p->named) || tables_file(w, &look.id) != NULL ? 1
	    : is_taken(w, d, name);
	if (taken == -1 || (p = tables_add_place(w, d, name)) == NULL)
		return -1;
	if (taken == 1)
		return place_file(w, p, &look);
	p->unwanted = true;
	return 0;
}

int
meet_tree(struct watch *w, struct watch_directory *d, const char *name)
{
	if (!d->whole)
		return 0;
	return start_trail(w, d, name, "/") == -1 ? -1 : take_walk(w, d->path_length);
}
