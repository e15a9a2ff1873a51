#include "frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "walk/content.h"
#include "walk/keys.h"
#include "walk/repository.h"

void
frame_add_hashes(const struct ignore *i, uint64_t hashes[2], size_t from, size_t end)
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

void
frame_clear_troubles(struct ignore *i)
{
	for (size_t n = 0; n < i->trouble_count; n++)
		free(i->troubles[n].name);
	i->trouble_count = i->trouble_next = 0;
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

void
frame_drop(struct ignore *i, struct rules *r)
{
	if (r == NULL)
		return;
	i->memory -= rules_size(r);
	rules_free(r);
}

struct rules *
frame_read(struct ignore *i, int at, const char *path, bool follow, bool fold)
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
	f->own[source] = frame_read(i, fd, name, source == EXCLUDE, f->fold);
	if (f->own[source] != NULL || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return 0;
	return errno == ENOMEM ? -1 : tell(i, name, errno);
}

void
frame_release(struct ignore *i, struct shared *s)
{
	if (s == NULL || --s->users > 0)
		return;
	frame_drop(i, s->rules);
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
	s->rules = frame_read(i, at, path, true, fold);
	error = s->rules == NULL ? errno : 0;
	frame_release(i, i->last);
	i->last = s;
	/* Git, too, says nothing of one that cannot be read. */
	if (error != ENOMEM && (error != EFBIG || tell(i, path, error) == 0))
		return s;
	frame_release(i, s);
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

void
frame_free(struct ignore *i, struct frame *f)
{
	for (enum source s = 0; s < GLOBAL; s++)
		frame_drop(i, f->own[s]);
	frame_release(i, f->global);
	for (enum source s = 0; s < SOURCES; s++)
		rules_view_fini(&f->views[s]);
	free(f);
}

int
frame_add(struct ignore *i, struct frame **nearest, int fd, size_t base, unsigned int saw, bool bare)
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
		frame_add_hashes(i, f->hashes, 0, base);
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
		frame_free(i, f);
	}
	return result;
}

void
frame_free_chain(struct ignore *i, struct frame *f, const struct frame *below)
{
	while (f != below) {
		struct frame *up = f->up;

		frame_free(i, f);
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
	result = frame_add(i, &i->parents, fd, length, saw, !i->options.parents);
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
	if (frame_add(i, &i->parents, -1, 0, 0, true) == -1)
		return -1;
	return load_repository(i, i->parents, -1);
}

int
frame_load_parents(struct ignore *i)
{
	size_t length = i->length > 1 ? i->length - 1 : 0;
	int result;

	while (length > 0 && i->path[length - 1] != '/')
		length--;
	if (i->parents_of != NULL && strlen(i->parents_of) == length &&
	    memcmp(i->parents_of, i->path, length) == 0)
		return 0;
	free(i->parents_of);
	frame_free_chain(i, i->parents, NULL);
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
