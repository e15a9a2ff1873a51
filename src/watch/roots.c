#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "watch/state.h"

/* The same for the sandbox: without the '/' at its end. */
static char *
name_of(const char *path)
{
	size_t length = strlen(path);

	return length == 0 ? strdup(".") : strndup(path, length > 1 ? length - 1 : 1);
}

/* The number of the root of that path; it takes the path over. UINT32_MAX: errno ENOMEM. */
static uint32_t
add_root(struct watch *w, char *path)
{
	const size_t number = w->root_count;

	for (size_t i = 0; path != NULL && i < number; i++)
		if (strcmp(w->roots[i].path, path) == 0) {
			free(path);
			return (uint32_t)i;
		}
	w->root_names[number] = path == NULL ? NULL : name_of(path);
	if (w->root_names[number] == NULL) {
		free(path);
		return UINT32_MAX;
	}
	w->roots[number] = (struct watch_root){ .path = path, .above = -1 };
	w->root_count++;
	return (uint32_t)number;
}

bool
roots_lead_to(const struct watch *w, const struct walk_entry *e)
{
	const struct watch_operand *o = &w->operands[e->operand];
	const char *path = w->roots[o->root].path;
	struct stat st;

	/* Else a link was named, and is another or none by now. */
	if (strncmp(e->path, path, strlen(path)) != 0)
		return false;
	/* Where none was: whoever makes it there may be the one whose tree is watched. */
	return o->name == NULL || e->path_length != e->root_length ||
	    (lstat(w->options.paths[e->operand], &st) == 0 && !S_ISLNK(st.st_mode));
}

/* A directory. */
static int
take_directory(struct watch *w, struct watch_operand *o, const char *operand)
{
	size_t length = strlen(operand);
	const char *end = length == 0 || operand[length - 1] == '/' ? "" : "/";
	char *path;

	if (asprintf(&path, "%s%s", operand, end) == -1)
		path = NULL;
	o->root = add_root(w, path);
	return o->root == UINT32_MAX ? -1 : 0;
}

/* Anything else: its directory, and its name there. A link stands for what it leads to. */
static int
take_name(struct watch *w, struct watch_operand *o, const char *operand)
{
	struct stat st;
	char *real = lstat(operand, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(operand, NULL)
	    : NULL;
	const char *path = real != NULL ? real : operand, *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash + 1 - path);

	o->name = strdup(path + length);
	o->root = add_root(w, strndup(path, length));
	free(real);
	return o->root == UINT32_MAX || o->name == NULL ? -1 : 0;
}

int
roots_open(struct watch *w)
{
	const struct watch_options *options = &w->options;
	size_t count = options->path_count > 0 ? options->path_count : 1;
	struct stat st;

	w->operands = calloc(count, sizeof(*w->operands));
	w->roots = calloc(count, sizeof(*w->roots));
	w->root_names = calloc(count, sizeof(*w->root_names));
	if (w->operands == NULL || w->roots == NULL || w->root_names == NULL)
		return -1;
	for (; w->operand_count < count; w->operand_count++) {
		struct watch_operand *o = &w->operands[w->operand_count];
		const char *operand = options->path_count > 0 ? options->paths[w->operand_count] : "";
		size_t length = strlen(operand);
		/* No file can have a name that ends so. */
		bool directory = options->path_count == 0 ||
		    (stat(operand, &st) == 0 ? S_ISDIR(st.st_mode)
		    : length > 0 && operand[length - 1] == '/');

		if ((directory ? take_directory : take_name)(w, o, operand) == -1) {
			w->operand_count++;
			return -1;
		}
	}
	return 0;
}

/* The path without links of a directory that need not be there, or NULL. */
static char *
real_path(const char *name)
{
	char *real = realpath(name, NULL), *above, *path = NULL;
	const char *slash = strrchr(name, '/');

	if (real != NULL)
		return real;
	above = slash == NULL ? strdup(".") : strndup(name, slash > name ? (size_t)(slash - name) : 1);
	real = above == NULL ? NULL : realpath(above, NULL);
	if (real != NULL && asprintf(&path, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
	    slash == NULL ? name : slash + 1) == -1)
		path = NULL;
	free(above);
	free(real);
	return path;
}

void
roots_guard(struct watch *w, uint32_t root)
{
	struct watch_root *r = &w->roots[root];
	char *real = real_path(w->root_names[root]), *slash = real ? strrchr(real, '/') : NULL;

	if (slash != NULL && slash[1] != '\0') {
		free(r->base);
		r->base = strdup(slash + 1);
		slash[slash == real] = '\0';
		r->above = notify_add_names(w->inotify, real);
	}
	free(real);
}

void
roots_gone(struct watch *w, struct watch_directory *d)
{
	const char *name = w->root_names[d->operand];
	struct stat st;

	watch_say(w, d, "", "gone: it is waited for");
	events_forget(w, d->path);
	w->overflow |= roots_look(w);
	/* Another may be there already. */
	w->overflow |= stat(name, &st) == 0;
}

void
roots_moved(struct watch *w, int above, const char *name, bool arrived)
{
	struct watch_directory *d;

	for (size_t i = 0; i < w->root_count; i++) {
		struct watch_root *r = &w->roots[i];

		if (r->above != above || r->base == NULL || strcmp(r->base, name) != 0)
			continue;
		d = tables_directory(w, r->path);
		/* Told late, of one that was there before. */
		if (d != NULL && meet_is_there(w, d))
			continue;
		if (d != NULL)
			roots_gone(w, d);
		w->overflow |= arrived;
	}
}

/* Whether there is none. One that cannot be looked at is there. */
static bool
is_missing(const char *name)
{
	struct stat st;

	if (stat(name, &st) == -1)
		return errno == ENOENT || errno == ENOTDIR;
	return !S_ISDIR(st.st_mode);
}

/* Takes note of it if that one's root is missing. */
static void
look_for(struct watch *w, struct watch_operand *o)
{
	if (o->missing || !is_missing(w->root_names[o->root]))
		return;
	o->missing = true;
	w->missing++;
	roots_guard(w, o->root);
}

bool
roots_look(struct watch *w)
{
	bool come = false;

	for (size_t i = 0; i < w->operand_count; i++) {
		struct watch_operand *o = &w->operands[i];
		const bool was = o->missing;

		o->missing = false;
		w->missing -= was;
		look_for(w, o);
		come |= was && !o->missing;
	}
	return come;
}

void
roots_miss(struct watch *w)
{
	for (size_t i = 0; i < w->operand_count; i++)
		look_for(w, &w->operands[i]);
}

void
roots_close(struct watch *w)
{
	for (size_t i = 0; i < w->operand_count; i++)
		free(w->operands[i].name);
	for (size_t i = 0; i < w->root_count; i++) {
		free(w->root_names[i]);
		free(w->roots[i].path);
		free(w->roots[i].base);
	}
	free(w->operands);
	free(w->roots);
	free(w->root_names);
}
