#include "levels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void
levels_init(struct levels *s, size_t open_max)
{
	*s = (struct levels){ .open_max = open_max, .noatime = O_NOATIME };
}

void
levels_fini(struct levels *s)
{
	for (size_t i = 0; i < s->depth; i++)
		if (s->list[i].fd >= 0)
			close(s->list[i].fd);
	free(s->list);
	*s = (struct levels){ 0 };
}

/* Closes the shallowest open directory but the deepest one, remembering which it was. */
static void
evict(struct levels *s)
{
	struct stat st;

	for (; s->shallowest_open + 1 < s->depth; s->shallowest_open++) {
		struct level *l = &s->list[s->shallowest_open];

		if (l->fd < 0 || l->pinned || fstat(l->fd, &st) == -1)
			continue;
		l->device = st.st_dev;
		l->inode = st.st_ino;
		close(l->fd);
		l->fd = LEVELS_EVICTED;
		s->open_count--;
		s->shallowest_open++;
		return;
	}
}

void
levels_make_room(struct levels *s)
{
	while (s->open_count >= s->open_max && s->shallowest_open + 1 < s->depth)
		evict(s);
}

static int
open_once(struct levels *s, int at, const char *name, int flags)
{
	const int always = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = openat(at, name, always | flags | s->noatime);

	if (fd == -1 && errno == EPERM && s->noatime != 0) {
		s->noatime = 0;
		fd = openat(at, name, always | flags);
	}
	return fd;
}

int
levels_open_directory(struct levels *s, int at, const char *name, int flags)
{
	int fd = open_once(s, at, name, flags);

	if (fd == -1 && errno == EMFILE && s->depth >= 2) {
		evict(s);
		fd = open_once(s, at, name, flags);
	}
	return fd;
}

struct level *
levels_push(struct levels *s, const struct level *known)
{
	size_t capacity = s->capacity ? 2 * s->capacity : 64;
	struct level *bigger;

	if (s->depth == s->capacity) {
		bigger = reallocarray(s->list, capacity, sizeof(*bigger));
		if (bigger == NULL)
			return NULL;
		s->list = bigger;
		s->capacity = capacity;
	}
	s->list[s->depth++] = *known;
	s->open_count++;
	return levels_top(s);
}

void
levels_close_top(struct levels *s)
{
	struct level *l = levels_top(s);

	if (l->fd < 0)
		return;
	close(l->fd);
	l->fd = LEVELS_LOST;
	s->open_count--;
}

void
levels_pop(struct levels *s)
{
	levels_close_top(s);
	s->depth--;
	if (s->shallowest_open > s->depth)
		s->shallowest_open = s->depth;
}

/* Opens an evicted directory again from its child, and makes sure that it is the same. */
void
levels_restore(struct levels *s)
{
	struct level *l = levels_above(s);
	struct stat st;

	if (!levels_leads_back(s))
		return;
	l->fd = openat(levels_top(s)->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->fd >= 0 && (fstat(l->fd, &st) == -1 || st.st_dev != l->device ||
	    st.st_ino != l->inode)) {
		close(l->fd);
		l->fd = -1;
	}
	if (l->fd < 0) {
		l->fd = LEVELS_LOST;
		return;
	}
	s->open_count++;
	if (s->depth - 2 < s->shallowest_open)
		s->shallowest_open = s->depth - 2;
}
