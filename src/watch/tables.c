#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/state.h"

static int
compare_paths(const struct watch_directory *a, const struct watch_directory *b)
{
	return strcmp(a->path, b->path);
}

static int
compare_watches(const struct watch_directory *a, const struct watch_directory *b)
{
	return (a->watch > b->watch) - (a->watch < b->watch);
}

static int
compare_places(const struct watch_place *a, const struct watch_place *b)
{
	if (a->directory->number != b->directory->number)
		return a->directory->number < b->directory->number ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int
compare_files(const struct watch_file *a, const struct watch_file *b)
{
	if (a->id.inode != b->id.inode)
		return a->id.inode < b->id.inode ? -1 : 1;
	if (a->id.device != b->id.device)
		return a->id.device < b->id.device ? -1 : 1;
	return (a->id.born > b->id.born) - (a->id.born < b->id.born);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
RB_GENERATE_INTERNAL(watch_paths, watch_directory, by_path, compare_paths, static)
RB_GENERATE_INTERNAL(watch_watches, watch_directory, by_watch, compare_watches, static)
RB_GENERATE_INTERNAL(watch_places, watch_place, by_name, compare_places, static)
RB_GENERATE_INTERNAL(watch_files, watch_file, by_identity, compare_files, static)
#pragma GCC diagnostic pop


struct watch_directory *
tables_directory(struct watch *w, const char *path)
{
	struct watch_directory key = { .path = path };

	return RB_FIND(watch_paths, &w->paths, &key);
}

struct watch_directory *
tables_watched(struct watch *w, int watch)
{
	struct watch_directory key = { .watch = watch };

	return RB_FIND(watch_watches, &w->watches, &key);
}

void
tables_set_watch(struct watch *w, struct watch_directory *d, int watch)
{
	if (d->watch != -1)
		RB_REMOVE(watch_watches, &w->watches, d);
	w->unwatched -= d->watch == -1;
	d->watch = watch;
	w->unwatched += d->watch == -1;
	if (d->watch != -1)
		RB_INSERT(watch_watches, &w->watches, d);
}

struct watch_directory *
tables_add_directory(struct watch *w, const struct walk_entry *entry, int watch)
{
	struct watch_directory *d = calloc(1, sizeof(*d) + entry->path_length + 1);

	if (d == NULL)
		return NULL;
	memcpy(d->bytes, entry->path, entry->path_length);
	d->path = d->bytes;
	d->path_length = (uint32_t)entry->path_length;
	d->root_length = (uint32_t)entry->root_length;
	d->operand = entry->operand;
	d->number = ++w->numbers;
	d->watch = -1;
	w->unwatched++;
	RB_INSERT(watch_paths, &w->paths, d);
	tables_set_watch(w, d, watch);
	return d;
}

static bool
is_beneath(const struct watch_directory *d, const char *path)
{
	return d != NULL && strncmp(d->path, path, strlen(path)) == 0;
}

struct watch_directory *
tables_beneath(struct watch *w, const char *path)
{
	struct watch_directory key = { .path = path };
	struct watch_directory *first = RB_NFIND(watch_paths, &w->paths, &key);

	return is_beneath(first, path) ? first : NULL;
}

struct watch_directory *
tables_next_beneath(const char *path, struct watch_directory *d)
{
	struct watch_directory *next = RB_NEXT(watch_paths, NULL, d);

	return is_beneath(next, path) ? next : NULL;
}

static void
free_place(struct watch *w, struct watch_place *p)
{
	RB_REMOVE(watch_places, &w->places, p);
	free(p);
}

static void
stray(struct watch *w, struct watch_place *p)
{
	struct watch_file *f = p->file;

	p->file = NULL;
	if (f == NULL)
		return;
	f->place = NULL;
	/* Of what has just come to be nobody expects that. */
	if (f->dirty && f->scanned > 0 && !f->done && !f->refused && f->was == NULL &&
	    asprintf(&f->was, "%s%s", p->directory->path, p->name) == -1)
		f->was = NULL;
	queue_stray(w, f);
}

void
tables_drop_place(struct watch *w, struct watch_place *p)
{
	stray(w, p);
	if (!p->named)
		free_place(w, p);
}

struct watch_place *
tables_first_place(struct watch *w, struct watch_directory *d)
{
	struct watch_place key = { .directory = d, .name = "" };
	struct watch_place *p = RB_NFIND(watch_places, &w->places, &key);

	return p != NULL && p->directory == d ? p : NULL;
}

struct watch_place *
tables_next_place(struct watch_place *p)
{
	struct watch_place *next = RB_NEXT(watch_places, NULL, p);

	return next != NULL && next->directory == p->directory ? next : NULL;
}

void
tables_drop_directory(struct watch *w, struct watch_directory *d)
{
	struct watch_place *p, *next;

	for (p = tables_first_place(w, d); p != NULL; p = next) {
		next = tables_next_place(p);
		stray(w, p);
		free_place(w, p);
	}
	tables_set_watch(w, d, -1);
	w->unwatched--;
	RB_REMOVE(watch_paths, &w->paths, d);
	free(d);
}

struct watch_place *
tables_place(struct watch *w, struct watch_directory *d, const char *name)
{
	struct watch_place key = { .directory = d, .name = name };

	return RB_FIND(watch_places, &w->places, &key);
}

struct watch_place *
tables_add_place(struct watch *w, struct watch_directory *d, const char *name)
{
	struct watch_place *p = tables_place(w, d, name);
	size_t size = strlen(name) + 1;

	if (p != NULL)
		return p;
	p = calloc(1, sizeof(*p) + size);
	if (p == NULL)
		return NULL;
	memcpy(p->bytes, name, size);
	p->name = p->bytes;
	p->directory = d;
	RB_INSERT(watch_places, &w->places, p);
	return p;
}

struct watch_file *
tables_file(struct watch *w, const struct watch_identity *id)
{
	struct watch_file key = { .id = *id };

	return RB_FIND(watch_files, &w->files, &key);
}

struct watch_file *
tables_first_file(struct watch *w)
{
	return RB_MIN(watch_files, &w->files);
}

struct watch_file *
tables_next_file(struct watch_file *f)
{
	return RB_NEXT(watch_files, NULL, f);
}

struct watch_file *
tables_add_file(struct watch *w, const struct watch_identity *id)
{
	struct watch_file *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->id = *id;
	f->where = WATCH_IDLE;
	RB_INSERT(watch_files, &w->files, f);
	return f;
}

void
tables_move(struct watch *w, struct watch_file *f, struct watch_place *p)
{
	if (p->file != f)
		stray(w, p);
	if (f->place != NULL && f->place != p) {
		f->place->file = NULL;
		tables_drop_place(w, f->place);
	}
	f->place = p;
	free(f->was);
	f->was = NULL;
	p->file = f;
	p->unwanted = false;
}

void
tables_drop_file(struct watch *w, struct watch_file *f)
{
	queue_remove(w, f);
	if (f->place != NULL)
		f->place->file = NULL;
	f->place = NULL;
	if (!f->forgotten)
		RB_REMOVE(watch_files, &w->files, f);
	f->forgotten = true;
	free(f->was);
	f->was = NULL;
	if (f->where != WATCH_FLYING)
		free(f);
}

void
tables_free(struct watch *w)
{
	struct watch_directory *d;
	struct watch_file *f;

	while ((d = RB_MIN(watch_paths, &w->paths)) != NULL)
		tables_drop_directory(w, d);
	while ((f = RB_MIN(watch_files, &w->files)) != NULL)
		tables_drop_file(w, f);
}
