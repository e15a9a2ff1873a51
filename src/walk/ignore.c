#include "ignore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "walk/frame.h"
#include "walk/keys.h"
#include "walk/letter.h"

unsigned int
ignore_saw(const char *name)
{
	if (strcmp(name, ".git") == 0)
		return IGNORE_SAW_GIT;
	if (strcmp(name, ".gitignore") == 0)
		return IGNORE_SAW_GITIGNORE;
	return strcmp(name, ".ignore") == 0 ? IGNORE_SAW_IGNORE : 0;
}

bool
ignore_trouble(struct ignore *i, const char **name, int *error)
{
	if (i->trouble_next == i->trouble_count) {
		frame_clear_troubles(i);
		return false;
	}
	*name = i->troubles[i->trouble_next].name;
	*error = i->troubles[i->trouble_next++].error;
	return true;
}

static int
reserve_path(struct ignore *i, size_t needed)
{
	size_t capacity = i->path_capacity ? i->path_capacity : 4096;
	char *bigger;

	while (capacity < needed)
		capacity *= 2;
	if (capacity == i->path_capacity)
		return 0;
	bigger = realloc(i->path, capacity);
	if (bigger == NULL)
		return -1;
	i->path = bigger;
	bigger = realloc(i->folded, capacity);
	if (bigger == NULL)
		return -1;
	i->folded = bigger;
	i->path_capacity = capacity;
	return 0;
}

/* Puts a name and a '/' behind the first length bytes of the path. */
static int
extend_path(struct ignore *i, size_t length, const char *name)
{
	size_t size = strlen(name);

	/* A name is put there to be tested, too. */
	if (reserve_path(i, length + size + RULES_NAME_MAX + 3) == -1)
		return -1;
	memcpy(i->path + length, name, size);
	i->length = length + size;
	if (size > 0 && i->path[i->length - 1] != '/')
		i->path[i->length++] = '/';
	i->path[i->length] = '\0';
	for (size_t n = length; n <= i->length; n++)
		i->folded[n] = letter_fold(i->path[n]);
	frame_add_hashes(i, i->hashes, length, i->length);
	return 0;
}

static struct level *
add_level(struct ignore *i)
{
	size_t capacity = i->capacity ? 2 * i->capacity : 64;
	struct level *bigger;

	if (i->depth == i->capacity) {
		bigger = reallocarray(i->levels, capacity, sizeof(*bigger));
		if (bigger == NULL)
			return NULL;
		i->levels = bigger;
		i->capacity = capacity;
	}
	return &i->levels[i->depth++];
}

/* An operand: its real path, and what is above it. */
static int
enter_operand(struct ignore *i, const char *name)
{
	char *real = realpath(*name == '\0' ? "." : name, NULL);
	int result;

	if (real == NULL && errno == ENOMEM)
		return -1;
	memset(i->hashes, 0, sizeof(i->hashes));
	/* What lies above one whose path is not known cannot be found. */
	result = extend_path(i, 0, real != NULL ? real : "");
	free(real);
	return result == -1 ? -1 : frame_load_parents(i);
}

/* Looks at rules for the present directory; before: the hashes of the path to their place. */
static int
look(struct ignore *i, struct rules_view *view, const struct rules *r, size_t base,
    const uint64_t before[2], struct rules_work *work)
{
	struct rules_place place = { .length = i->length, .base = base, .beneath = true };
	bool fold = r != NULL && rules_fold(r);

	view->rules = r;
	if (r == NULL)
		return 0;
	i->active = true;
	i->folds |= fold;
	place.path = fold ? i->folded : i->path;
	place.hash = keys_hash_rest(i->hashes[fold], before[fold], i->base, i->length - base);
	return rules_view_set(view, r, &place, work);
}

/* The files that were named. */
static int
look_files(struct ignore *i, struct rules_work *work)
{
	struct rules_place place = { .path = i->path, .length = i->length, .base = i->here };
	int result = 0;

	place.beneath = i->here > 0 && i->length >= i->here &&
	    memcmp(i->path, i->here_path, i->here) == 0;
	if (place.beneath)
		place.hash = keys_hash_rest(i->hashes[0], i->here_hash, i->base, i->length - i->here);
	else
		place.base = i->length;
	for (size_t n = 0; n < i->options.file_count && result == 0; n++) {
		if (i->files[n] == NULL)
			continue;
		i->active = true;
		result = rules_view_set(&i->file_views[n], i->files[n], &place, work);
	}
	return result;
}

static int
look_all(struct ignore *i, struct frame *nearest, struct rules_work *work)
{
	int result = 0;

	i->active = i->folds = false;
	for (struct frame *f = nearest; f != NULL && result == 0; f = f->up) {
		for (enum source s = 0; s < GLOBAL && result == 0; s++)
			result = look(i, &f->views[s], f->own[s], f->base, f->hashes, work);
		if (result == 0)
			result = look(i, &f->views[GLOBAL], f->global ? f->global->rules : NULL, f->base,
			    f->hashes, work);
	}
	return result == 0 ? look_files(i, work) : result;
}

int
ignore_enter(struct ignore *i, int fd, const char *name, unsigned int saw,
    struct rules_work *work)
{
	struct level *l = add_level(i);
	int result;

	if (l == NULL)
		return -1;
	*l = (struct level){ 0 };
	result = i->depth == 1 ? enter_operand(i, name) : extend_path(i, l[-1].length, name);
	l->length = i->length;
	memcpy(l->hashes, i->hashes, sizeof(l->hashes));
	l->frame = i->depth == 1 ? i->parents : l[-1].frame;
	if (result == 0 && saw != 0) {
		struct frame *before = l->frame;

		result = frame_add(i, &l->frame, fd, i->length, saw, false);
		l->own = l->frame != before;
	}
	if (result == 0)
		result = look_all(i, l->frame, work);
	if (result == -1)
		ignore_leave(i);
	return result;
}

void
ignore_leave(struct ignore *i)
{
	struct level *l = &i->levels[--i->depth];

	if (l->own)
		frame_free(i, l->frame);
	if (i->depth == 0)
		return;
	i->length = l[-1].length;
	memcpy(i->hashes, l[-1].hashes, sizeof(i->hashes));
}

bool
ignore_active(const struct ignore *i)
{
	return i->active;
}

static enum rules_verdict
ask(const struct ignore *i, const struct rules_view *v, bool directory, struct rules_work *work)
{
	if (v->rules == NULL)
		return RULES_NONE;
	return rules_match(v, rules_fold(v->rules) ? &i->folded_name : &i->name, directory, work);
}

/* What all of git's own say, the nearest first, up to the repository's top. */
static enum rules_verdict
ask_git(const struct ignore *i, const struct frame *nearest, bool directory, struct rules_work *work)
{
	enum rules_verdict verdict = RULES_NONE;

	for (const struct frame *f = nearest; f != NULL && verdict == RULES_NONE; f = f->up) {
		verdict = ask(i, &f->views[GIT], directory, work);
		if (verdict == RULES_NONE)
			verdict = ask(i, &f->views[EXCLUDE], directory, work);
		if (verdict == RULES_NONE)
			verdict = ask(i, &f->views[GLOBAL], directory, work);
		if (f->top)
			break;
	}
	return verdict;
}

/* Puts the name where the rules look for it. */
static void
set_name(struct ignore *i, const char *name, size_t length)
{
	memcpy(i->path + i->length, name, length);
	i->path[i->length + length] = '\0';
	rules_name_set(&i->name, i->path, i->length + length, length);
	if (!i->folds)
		return;
	for (size_t n = 0; n <= length; n++)
		i->folded[i->length + n] = letter_fold(i->path[i->length + n]);
	rules_name_set(&i->folded_name, i->folded, i->length + length, length);
}

enum rules_verdict
ignore_test(struct ignore *i, const char *name, size_t length, bool directory, struct rules_work *work)
{
	const struct frame *nearest = i->levels[i->depth - 1].frame;
	enum rules_verdict verdict = RULES_NONE;

	if (!i->active || length > RULES_NAME_MAX)
		return RULES_NONE;
	set_name(i, name, length);
	for (const struct frame *f = nearest; f != NULL && verdict == RULES_NONE; f = f->up)
		verdict = ask(i, &f->views[DOT], directory, work);
	if (verdict == RULES_NONE)
		verdict = ask_git(i, nearest, directory, work);
	for (size_t n = i->options.file_count; n-- > 0 && verdict == RULES_NONE;)
		verdict = ask(i, &i->file_views[n], directory, work);
	i->path[i->length] = i->folded[i->length] = '\0';
	return verdict;
}

/* Where the program runs, if that can be known. */
static int
find_here(struct ignore *i)
{
	char *real = realpath(".", NULL);

	if (real == NULL)
		return errno == ENOMEM ? -1 : 0;
	if (asprintf(&i->here_path, "%s%s", real, strcmp(real, "/") == 0 ? "" : "/") == -1)
		i->here_path = NULL;
	free(real);
	if (i->here_path == NULL)
		return -1;
	i->here = strlen(i->here_path);
	return 0;
}

/* The files that were named. They are relative to where the program runs. */
static int
load_files(struct ignore *i, const char **file)
{
	size_t count = i->options.file_count;

	if (count == 0)
		return 0;
	i->files = calloc(count, sizeof(struct rules *));
	i->file_views = calloc(count, sizeof(*i->file_views));
	if (i->files == NULL || i->file_views == NULL || find_here(i) == -1)
		return -1;
	i->here_hash = keys_hash(0, i->base, i->here_path != NULL ? i->here_path : "", i->here);
	for (size_t n = 0; n < count; n++) {
		*file = i->options.files[n];
		errno = 0;
		i->files[n] = frame_read(i, AT_FDCWD, *file, true, false);
		/* One that is there, and has no rule, is no trouble. */
		if (i->files[n] == NULL && (errno != ENOENT || access(*file, F_OK) == -1))
			return -1;
	}
	*file = NULL;
	return 0;
}

struct ignore *
ignore_open(const struct ignore_options *options, const char **file)
{
	struct ignore *i = calloc(1, sizeof(*i));
	int saved;

	*file = NULL;
	if (i == NULL)
		return NULL;
	i->options = *options;
	i->base = keys_base();
	if (load_files(i, file) == 0)
		return i;
	saved = errno;
	ignore_close(i);
	errno = saved;
	return NULL;
}

void
ignore_close(struct ignore *i)
{
	if (i == NULL)
		return;
	while (i->depth > 0)
		ignore_leave(i);
	frame_free_chain(i, i->parents, NULL);
	frame_release(i, i->last);
	for (size_t n = 0; n < i->options.file_count; n++) {
		if (i->files != NULL)
			frame_drop(i, i->files[n]);
		if (i->file_views != NULL)
			rules_view_fini(&i->file_views[n]);
	}
	frame_clear_troubles(i);
	free(i->troubles);
	free(i->files);
	free(i->file_views);
	free(i->parents_of);
	free(i->here_path);
	free(i->path);
	free(i->folded);
	free(i->levels);
	free(i);
}
