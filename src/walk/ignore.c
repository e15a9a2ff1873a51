#include "ignore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "walk/content.h"
#include "walk/keys.h"
#include "walk/letter.h"
#include "walk/repository.h"

/* Rules that several repositories have: the user's own. */
struct shared {
	char *path;
	bool fold;
	unsigned int users;
	struct rules *rules; /* or NULL */
};

/* By what precedence those of one directory are asked. */
enum source { DOT, GIT, EXCLUDE, GLOBAL, SOURCES };

/* A directory with something that says what is ignored beneath it. */
struct frame {
	struct frame *up;
	size_t base; /* bytes of the path that name the directory, with a '/' */
	uint64_t hashes[2]; /* of them; of them folded */
	bool top;    /* a repository's */
	bool in_repository;
	bool fold;   /* core.ignoreCase of the repository */
	struct rules *own[GLOBAL];
	struct shared *global;
	struct rules_view views[SOURCES]; /* for the directory that was entered last */
};

struct level {
	size_t length; /* of the path */
	uint64_t hashes[2]; /* of the path; of it folded */
	struct frame *frame; /* the nearest; NULL: none */
	bool own;
};

struct trouble {
	char *name;
	int error;
};

struct ignore {
	struct ignore_options options;
	struct level *levels;
	size_t depth, capacity;
	char *path, *folded; /* the real path of the directory, ending with '/' */
	size_t length, path_capacity;
	uint64_t base, hashes[2]; /* as struct level */
	struct frame *parents; /* above the operand */
	char *parents_of;      /* the path that they belong to */
	struct shared *last;   /* the last that was read */
	struct rules **files;
	struct rules_view *file_views;
	uint64_t here_hash;
	size_t here; /* bytes of the path of the working directory, with a '/'; 0: not known */
	char *here_path;
	size_t memory;
	bool active, folds;
	bool above; /* parents are being read */
	struct rules_name name, folded_name;
	struct trouble *troubles;
	size_t trouble_count, trouble_next;
};

unsigned int
ignore_saw(const char *name)
{
	if (strcmp(name, ".git") == 0)
		return IGNORE_SAW_GIT;
	if (strcmp(name, ".gitignore") == 0)
		return IGNORE_SAW_GITIGNORE;
	return strcmp(name, ".ignore") == 0 ? IGNORE_SAW_IGNORE : 0;
}

/* Goes on with hashes of the path's first bytes, up to an end. */
static void
add_hashes(const struct ignore *i, uint64_t hashes[2], size_t from, size_t end)
{
	hashes[0] = keys_hash(hashes[0], i->base, i->path + from, end - from);
	hashes[1] = keys_hash(hashes[1], i->base, i->folded + from, end - from);
}

static int
add_trouble(struct ignore *i, const char *name, int error)
{
	struct trouble *bigger = reallocarray(i->troubles, i->trouble_count + 1, sizeof(*bigger));

	if (bigger == NULL)
		return -1;
	i->troubles = bigger;
	bigger[i->trouble_count].error = error;
	bigger[i->trouble_count].name = strdup(name);
	return bigger[i->trouble_count].name == NULL ? -1 : (i->trouble_count++, 0);
}

static void
clear_troubles(struct ignore *i)
{
	for (size_t n = 0; n < i->trouble_count; n++)
		free(i->troubles[n].name);
	i->trouble_count = i->trouble_next = 0;
}

bool
ignore_trouble(struct ignore *i, const char **name, int *error)
{
	if (i->trouble_next == i->trouble_count) {
		clear_troubles(i);
		return false;
	}
	*name = i->troubles[i->trouble_next].name;
	*error = i->troubles[i->trouble_next++].error;
	return true;
}

/* Rules that would be too much together are not had. Returns them, or NULL with errno. */
static struct rules *
account(struct ignore *i, struct rules *r)
{
	if (r == NULL)
		return NULL;
	if (rules_empty(r) || i->memory + rules_size(r) > IGNORE_MEMORY_MAX) {
		int error = rules_empty(r) ? ENOENT : EFBIG;

		rules_free(r);
		errno = error;
		return NULL;
	}
	i->memory += rules_size(r);
	return r;
}

static void
drop(struct ignore *i, struct rules *r)
{
	if (r == NULL)
		return;
	i->memory -= rules_size(r);
	rules_free(r);
}

/* Returns NULL with errno; ENOENT also of a file without any rule. */
static struct rules *
read_rules(struct ignore *i, int at, const char *path, bool follow, bool fold)
{
	struct content c;
	struct rules *r;
	int saved;

	if (content_read(&c, at, path, follow, RULES_TEXT_MAX) == -1)
		return NULL;
	r = account(i, rules_parse(c.text, c.length, fold));
	saved = errno;
	free(c.text);
	errno = saved;
	return r;
}

/* Tells of a file: in a parent by its whole path. */
static int
tell(struct ignore *i, const char *name, int error)
{
	char *path;
	int result;

	if (!i->above)
		return add_trouble(i, name, error);
	if (asprintf(&path, "%s%s", i->path, name) == -1)
		return -1;
	result = add_trouble(i, path, error);
	free(path);
	return result;
}

/* One of a directory's own. What cannot be read is told, not what is not there. */
static int
load(struct ignore *i, struct frame *f, enum source source, int fd, const char *name)
{
	f->own[source] = read_rules(i, fd, name, source == EXCLUDE, f->fold);
	if (f->own[source] != NULL || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return 0;
	return errno == ENOMEM ? -1 : tell(i, name, errno);
}

static void
release(struct ignore *i, struct shared *s)
{
	if (s == NULL || --s->users > 0)
		return;
	drop(i, s->rules);
	free(s->path);
	free(s);
}

/* The user's rules from path, perhaps as they were read before. Takes path over. */
static struct shared *
share(struct ignore *i, char *path, int at, bool fold)
{
	struct shared *s = i->last;
	int error;

	if (s != NULL && strcmp(s->path, path) == 0 && s->fold == fold && *path == '/') {
		free(path);
		s->users++;
		return s;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		free(path);
		return NULL;
	}
	*s = (struct shared){ .path = path, .fold = fold, .users = 2 };
	s->rules = read_rules(i, at, path, true, fold);
	error = s->rules == NULL ? errno : 0;
	release(i, i->last);
	i->last = s;
	/* Git, too, says nothing of one that cannot be read. */
	if (error != ENOMEM && (error != EFBIG || tell(i, path, error) == 0))
		return s;
	release(i, s);
	return NULL;
}

/* What a repository's top, or -1: no repository, adds to a directory. */
static int
load_repository(struct ignore *i, struct frame *f, int fd)
{
	struct repository r;
	int result = 0;

	if (!i->options.exclude && !i->options.global && !i->options.git)
		return 0;
	if (repository_read(&r, fd, fd == -1 ? "" : i->path) == -1)
		return -1;
	f->fold = r.config.fold;
	if (i->options.exclude && r.exclude != NULL)
		result = load(i, f, EXCLUDE, fd, r.exclude);
	if (result == 0 && i->options.global && r.config.excludes != NULL) {
		f->global = share(i, r.config.excludes, fd == -1 ? AT_FDCWD : fd, f->fold);
		r.config.excludes = NULL;
		result = f->global == NULL ? -1 : 0;
	}
	repository_fini(&r);
	return result;
}

static void
free_frame(struct ignore *i, struct frame *f)
{
	for (enum source s = 0; s < GLOBAL; s++)
		drop(i, f->own[s]);
	release(i, f->global);
	for (enum source s = 0; s < SOURCES; s++)
		rules_view_fini(&f->views[s]);
	free(f);
}

/*
 * A frame for a directory that holds what was seen.  bare: nothing in it is to
 * be read but what makes it a repository.  Returns 0, or -1.
 */
static int
add_frame(struct ignore *i, struct frame **nearest, int fd, size_t base, unsigned int saw, bool bare)
{
	struct frame *f = calloc(1, sizeof(*f)), *up = *nearest;
	const struct ignore_options *o = &i->options;
	int result = 0;

	if (f == NULL)
		return -1;
	*nearest = f;
	f->up = up;
	f->base = base;
	if (base == i->length)
		memcpy(f->hashes, i->hashes, sizeof(f->hashes));
	else
		add_hashes(i, f->hashes, 0, base);
	f->in_repository = up != NULL && up->in_repository;
	f->fold = up != NULL && up->fold;
	if (saw & IGNORE_SAW_GIT && repository_is_top(fd)) {
		f->top = f->in_repository = true;
		result = load_repository(i, f, fd);
	}
	if (result == 0 && !bare && o->dot && saw & IGNORE_SAW_IGNORE)
		result = load(i, f, DOT, fd, ".ignore");
	if (result == 0 && !bare && o->git && saw & IGNORE_SAW_GITIGNORE &&
	    (f->in_repository || !o->require_git))
		result = load(i, f, GIT, fd, ".gitignore");
	/* One that says nothing would be asked for each name. */
	if (result == 0 && !bare && !f->top && f->own[DOT] == NULL && f->own[GIT] == NULL) {
		*nearest = up;
		free_frame(i, f);
	}
	return result;
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
	add_hashes(i, i->hashes, length, i->length);
	return 0;
}

static void
free_chain(struct ignore *i, struct frame *f, const struct frame *below)
{
	while (f != below) {
		struct frame *up = f->up;

		free_frame(i, f);
		f = up;
	}
}

static int
add_parent(struct ignore *i, size_t length)
{
	unsigned int saw = IGNORE_SAW_GITIGNORE | IGNORE_SAW_IGNORE;
	char saved = i->path[length];
	int fd, result;

	/* What a repository's path is told to be must end where it ends. */
	i->path[length] = '\0';
	fd = open(i->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1) {
		i->path[length] = saved;
		return errno == ENOMEM ? -1 : 0;
	}
	if ((i->options.git || i->options.exclude || i->options.global) && repository_is_top(fd))
		saw |= IGNORE_SAW_GIT;
	result = add_frame(i, &i->parents, fd, length, saw, !i->options.parents);
	i->path[length] = saved;
	close(fd);
	return result;
}

/* What is in force where there is no repository and none is required. */
static int
add_user(struct ignore *i)
{
	if (i->options.require_git || !i->options.global)
		return 0;
	if (add_frame(i, &i->parents, -1, 0, 0, true) == -1)
		return -1;
	return load_repository(i, i->parents, -1);
}

/* All directories above the one that the path names; kept for the next beside it. */
static int
load_parents(struct ignore *i)
{
	size_t length = i->length > 1 ? i->length - 1 : 0;
	int result;

	while (length > 0 && i->path[length - 1] != '/')
		length--;
	if (i->parents_of != NULL && strlen(i->parents_of) == length &&
	    memcmp(i->parents_of, i->path, length) == 0)
		return 0;
	free(i->parents_of);
	free_chain(i, i->parents, NULL);
	i->parents = NULL;
	i->parents_of = strndup(i->path, length);
	i->above = true;
	result = i->parents_of == NULL ? -1 : add_user(i);
	for (size_t at = 1; result == 0 && at <= length; at++)
		if (i->path[at - 1] == '/')
			result = add_parent(i, at);
	i->above = false;
	return result;
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
	return result == -1 ? -1 : load_parents(i);
}

/* Looks at rules for the present directory; before: the hashes of the path to their place. */
static int
look(struct ignore *i, struct rules_view *view, const struct rules *r, size_t base,
    const uint64_t before[2])
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
	return rules_view_set(view, r, &place);
}

/* The files that were named. */
static int
look_files(struct ignore *i)
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
		result = rules_view_set(&i->file_views[n], i->files[n], &place);
	}
	return result;
}

static int
look_all(struct ignore *i, struct frame *nearest)
{
	int result = 0;

	i->active = i->folds = false;
	for (struct frame *f = nearest; f != NULL && result == 0; f = f->up) {
		for (enum source s = 0; s < GLOBAL && result == 0; s++)
			result = look(i, &f->views[s], f->own[s], f->base, f->hashes);
		if (result == 0)
			result = look(i, &f->views[GLOBAL], f->global ? f->global->rules : NULL, f->base,
			    f->hashes);
	}
	return result == 0 ? look_files(i) : result;
}

int
ignore_enter(struct ignore *i, int fd, const char *name, unsigned int saw)
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

		result = add_frame(i, &l->frame, fd, i->length, saw, false);
		l->own = l->frame != before;
	}
	if (result == 0)
		result = look_all(i, l->frame);
	if (result == -1)
		ignore_leave(i);
	return result;
}

void
ignore_leave(struct ignore *i)
{
	struct level *l = &i->levels[--i->depth];

	if (l->own)
		free_frame(i, l->frame);
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
ask(const struct ignore *i, const struct rules_view *v, bool directory, uint64_t *tried)
{
	if (v->rules == NULL)
		return RULES_NONE;
	++*tried;
	return rules_match(v, rules_fold(v->rules) ? &i->folded_name : &i->name, directory, tried);
}

/* What all of git's own say, the nearest first, up to the repository's top. */
static enum rules_verdict
ask_git(const struct ignore *i, const struct frame *nearest, bool directory, uint64_t *tried)
{
	enum rules_verdict verdict = RULES_NONE;

	for (const struct frame *f = nearest; f != NULL && verdict == RULES_NONE; f = f->up) {
		verdict = ask(i, &f->views[GIT], directory, tried);
		if (verdict == RULES_NONE)
			verdict = ask(i, &f->views[EXCLUDE], directory, tried);
		if (verdict == RULES_NONE)
			verdict = ask(i, &f->views[GLOBAL], directory, tried);
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
ignore_test(struct ignore *i, const char *name, size_t length, bool directory, uint64_t *tried)
{
	const struct frame *nearest = i->levels[i->depth - 1].frame;
	enum rules_verdict verdict = RULES_NONE;

	if (!i->active || length > RULES_NAME_MAX)
		return RULES_NONE;
	set_name(i, name, length);
	for (const struct frame *f = nearest; f != NULL && verdict == RULES_NONE; f = f->up)
		verdict = ask(i, &f->views[DOT], directory, tried);
	if (verdict == RULES_NONE)
		verdict = ask_git(i, nearest, directory, tried);
	for (size_t n = i->options.file_count; n-- > 0 && verdict == RULES_NONE;)
		verdict = ask(i, &i->file_views[n], directory, tried);
	i->path[i->length] = i->folded[i->length] = '\0';
	return verdict;
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
	i->here_path = realpath(".", NULL);
	if (i->files == NULL || i->file_views == NULL || (i->here_path == NULL && errno == ENOMEM))
		return -1;
	i->here = i->here_path == NULL ? 0 : strlen(i->here_path);
	/* Also of the root its last '/' counts. */
	if (i->here > 1) {
		char *longer = realloc(i->here_path, i->here + 2);

		if (longer == NULL)
			return -1;
		i->here_path = strcat(longer, "/");
		i->here++;
	}
	i->here_hash = keys_hash(0, i->base, i->here_path != NULL ? i->here_path : "", i->here);
	for (size_t n = 0; n < count; n++) {
		*file = i->options.files[n];
		errno = 0;
		i->files[n] = read_rules(i, AT_FDCWD, *file, true, false);
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
	free_chain(i, i->parents, NULL);
	release(i, i->last);
	for (size_t n = 0; n < i->options.file_count; n++) {
		if (i->files != NULL)
			drop(i, i->files[n]);
		if (i->file_views != NULL)
			rules_view_fini(&i->file_views[n]);
	}
	clear_troubles(i);
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
