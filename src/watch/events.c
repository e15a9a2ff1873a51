#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "watch/state.h"

/* At a time: what has come meanwhile is dealt first. */
enum { ROUNDS_MAX = 64 };

void
events_forget(struct watch *w, const char *path)
{
	struct watch_directory *first = tables_beneath(w, path), *next;

	/* The path may be the first one's own. */
	while (first != NULL && (next = tables_next_beneath(path, first)) != NULL) {
		notify_remove(w->inotify, next->watch);
		tables_drop_directory(w, next);
	}
	if (first == NULL)
		return;
	notify_remove(w->inotify, first->watch);
	tables_drop_directory(w, first);
}

/* A file has lost its name, or the name was given up by another before. */
static void
lose_name(struct watch *w, struct watch_directory *d, const char *name, bool deleted)
{
	struct watch_place *p = tables_place(w, d, name);
	struct watch_file *f = p != NULL ? p->file : NULL;
	struct watch_look look;

	if (p == NULL)
		return;
	if (f != NULL && meet_look(w, d, name, &look) == 0 &&
	    memcmp(&look.id, &f->id, sizeof(look.id)) == 0)
		return;
	tables_drop_place(w, p);
	if (f == NULL || !deleted || f->linked)
		return;
	if (f->was != NULL)
		watch_lost_rest(w, f->was);
	tables_drop_file(w, f);
}

/* Its attributes are others: perhaps it can be opened now. */
static void
try_again(struct watch *w, struct watch_directory *d, const char *name)
{
	struct watch_place *p = tables_place(w, d, name);

	if (p == NULL || p->file == NULL || !p->file->refused)
		return;
	p->file->refused = false;
	queue_add(w, p->file);
}

/* Something of the directory itself. */
static void
take_self(struct watch *w, struct watch_directory *d, uint32_t mask)
{
	/* Told where it has left, too. */
	if ((mask & IN_MOVE_SELF) && (!d->root || meet_is_there(w, d)))
		return;
	if (d->root)
		roots_gone(w, d);
	else
		events_forget(w, d->path);
}

static int
take_directory(struct watch *w, struct watch_directory *d, const struct inotify_event *e)
{
	struct watch_place *p = tables_place(w, d, e->name);
	const char *path;

	/* An operand that was no directory, or not there. */
	if (p != NULL && p->named)
		w->overflow = true;
	if (e->mask & (IN_CREATE | IN_MOVED_TO))
		return meet_tree(w, d, e->name);
	path = meet_path(w, d, e->name, "/");
	if (path == NULL)
		return -1;
	/* It may be readable now. */
	if ((e->mask & IN_ATTRIB) && tables_directory(w, path) == NULL)
		return meet_tree(w, d, e->name);
	if (e->mask & (IN_DELETE | IN_MOVED_FROM))
		events_forget(w, path);
	return 0;
}

static int
take_event(struct watch *w, const struct inotify_event *e)
{
	struct watch_directory *d;
	const uint32_t arrives = IN_CREATE | IN_MOVED_TO, leaves = IN_DELETE | IN_MOVED_FROM;

	w->overflow |= (e->mask & IN_Q_OVERFLOW) != 0;
	if (e->len > 0 && (e->mask & (arrives | leaves)))
		roots_moved(w, e->wd, e->name, (e->mask & arrives) != 0);
	/* Which may have been the same. */
	d = tables_watched(w, e->wd);
	if (d == NULL)
		return 0;
	if (e->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) {
		take_self(w, d, e->mask);
		return 0;
	}
	if (e->len == 0)
		return 0;
	if (e->mask & IN_ISDIR)
		return take_directory(w, d, e);
	if (e->mask & leaves)
		lose_name(w, d, e->name, (e->mask & IN_DELETE) != 0);
	else if (e->mask & IN_ATTRIB)
		try_again(w, d, e->name);
	else
		return meet_name(w, d, e->name, (e->mask & arrives) != 0);
	return 0;
}

static int
take_events(struct watch *w, const char *bytes, size_t size)
{
	for (const char *at = bytes; at < bytes + size;) {
		const struct inotify_event *e = (const void *)at;

		if (take_event(w, e) == -1)
			return -1;
		at += sizeof(*e) + e->len;
	}
	return 0;
}

int
events_take(struct watch *w)
{
	_Alignas(struct inotify_event) char buffer[NOTIFY_BUFFER];
	int result = 0;

	for (int round = 0; w->inotify != -1 && round < ROUNDS_MAX && result == 0; round++) {
		ssize_t got = read(w->inotify, buffer, sizeof(buffer));

		if (got <= 0)
			break;
		result = take_events(w, buffer, (size_t)got);
	}
	/* What was not understood to its end is as good as lost. */
	w->overflow |= result == -1;
	return result == 0 && w->overflow ? meet_all(w) : result;
}
