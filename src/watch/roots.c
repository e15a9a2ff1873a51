#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "watch/state.h"

/* Gives the root of that path a number. */
static int
add_root(struct watch *w, struct watch_operand *o)
{
	size_t length = strlen(o->path);
	char *place;

	for (o->root = 0; &w->operands[o->root] < o; o->root++)
		if (strcmp(w->operands[o->root].path, o->path) == 0) {
			o->root = w->operands[o->root].root;
			return 0;
		}
	place = length == 0 ? strdup(".") : strndup(o->path, length > 1 ? length - 1 : 1);
	if (place == NULL)
		return -1;
	o->root = (uint32_t)w->root_count;
	w->roots[w->root_count++] = place;
	return 0;
}

/* A directory: its path as the walk has it. */
static int
take_directory(struct watch_operand *o, const char *operand)
{
	size_t length = strlen(operand);
	const char *end = length == 0 || operand[length - 1] == '/' ? "" : "/";

	if (asprintf(&o->path, "%s%s", operand, end) == -1)
		o->path = NULL;
	return o->path == NULL ? -1 : 0;
}

/* Anything else: its directory, and its name there. A link stands for what it leads to. */
static int
take_name(struct watch_operand *o, const char *operand)
{
	struct stat st;
	char *real = lstat(operand, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(operand, NULL)
	    : NULL;
	const char *path = real != NULL ? real : operand, *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash + 1 - path);

	o->path = strndup(path, length);
	o->name = strdup(path + length);
	free(real);
	return o->path == NULL || o->name == NULL ? -1 : 0;
}

int
roots_open(struct watch *w)
{
	const struct watch_options *options = &w->options;
	size_t count = options->path_count > 0 ? options->path_count : 1;
	struct stat st;

	w->operands = calloc(count, sizeof(*w->operands));
	w->roots = calloc(count, sizeof(*w->roots));
	if (w->operands == NULL || w->roots == NULL)
		return -1;
	for (; w->operand_count < count; w->operand_count++) {
		struct watch_operand *o = &w->operands[w->operand_count];
		const char *operand = options->path_count > 0 ? options->paths[w->operand_count] : "";
		bool directory;

		o->above = -1;
		directory = options->path_count == 0 ||
		    (stat(operand, &st) == 0 && S_ISDIR(st.st_mode));

		if ((directory ? take_directory(o, operand) : take_name(o, operand)) == -1 ||
		    add_root(w, o) == -1) {
			w->operand_count++;
			return -1;
		}
	}
	return 0;
}

void
roots_guard(struct watch *w, uint32_t operand)
{
	struct watch_operand *o = &w->operands[operand];
	char *real = realpath(w->roots[o->root], NULL), *slash = real ? strrchr(real, '/') : NULL;

	if (slash != NULL && slash[1] != '\0') {
		free(o->base);
		o->base = strdup(slash + 1);
		slash[slash == real] = '\0';
		o->above = notify_add_leaving(w->inotify, real);
	}
	free(real);
}

void
roots_gone(struct watch *w, int above, const char *name)
{
	struct watch_directory *d;

	for (size_t i = 0; i < w->operand_count; i++) {
		struct watch_operand *o = &w->operands[i];

		if (o->above != above || o->base == NULL || strcmp(o->base, name) != 0)
			continue;
		d = tables_directory(w, o->path);
		/* Told late, of one that was there before. */
		if (d == NULL || meet_is_there(w, d))
			continue;
		watch_say(w, d, "", "gone: it is not watched any more");
		events_forget(w, d->path);
	}
}

void
roots_close(struct watch *w)
{
	for (size_t i = 0; i < w->operand_count; i++) {
		free(w->operands[i].path);
		free(w->operands[i].name);
		free(w->operands[i].base);
	}
	for (size_t i = 0; i < w->root_count; i++)
		free(w->roots[i]);
	free(w->operands);
	free(w->roots);
}
