#include "source.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a batch holds besides the strings of one entry, at most. */
enum { OVERHEAD = 128 };

/* Files that may be passed over before something else gets its turn. */
enum { PASSED_MAX = 1024 };

void
source_init(struct source *s, struct walk *walk)
{
	*s = (struct source){ .walk = walk };
}

void
source_fini(struct source *s)
{
	batch_builder_free(&s->builder);
}

/*
 * Where standard input stands, if it is a file without holes from there on, or
 * -1; with an error it stands there no more.
 */
static off_t
input_origin(struct stat *st, int *error)
{
	off_t here, hole;

	if (fstat(STDIN_FILENO, st) == -1 || !S_ISREG(st->st_mode))
		return -1;
	here = lseek(STDIN_FILENO, 0, SEEK_CUR);
	if (here == -1 || here >= st->st_size)
		return -1;
	hole = lseek(STDIN_FILENO, here, SEEK_HOLE);
	if (lseek(STDIN_FILENO, here, SEEK_SET) != here) {
		*error = errno;
		return -1;
	}
	/* Where there is no word of holes nobody will know of them. */
	return hole != -1 && hole < st->st_size ? -1 : here;
}

/* Whether the entry becomes ranges: then all is set for the first one.  It may become an error. */
static bool
starts_ranges(struct source *s, struct walk_entry *e)
{
	const uint64_t size = s->options.range;
	const struct stat *st = e->stat;
	struct stat input;
	off_t origin = 0;
	uint64_t left, count;

	if (size == 0)
		return false;
	if (s->options.input && e->kind == WALK_INPUT && e->error == 0) {
		origin = input_origin(&input, &e->error);
		st = origin != -1 ? &input : NULL;
		e->kind = e->error != 0 ? WALK_ERROR : e->kind;
	}
	if (st == NULL || (uint64_t)st->st_blocks < (uint64_t)st->st_size / 512)
		return false;
	left = (uint64_t)(st->st_size - origin);
	count = (left + size - 1) / size;
	if (left < s->options.large || count < 2 || count > UINT32_MAX)
		return false;
	s->entry = *e;
	s->range = (struct batch_range){ .count = (uint32_t)count, .origin = (uint64_t)origin,
		.to = size, .device = st->st_dev, .inode = st->st_ino };
	return true;
}

/* Makes a batch of the next range. */
static int
next_range(struct source *s)
{
	struct batch_range *r = &s->range;

	if (batch_builder_add(&s->builder, &s->entry) == -1)
		return -1;
	if (batch_range_is_last(r) && r->to > r->from)
		r->to = UINT64_MAX;
	batch_builder_set_range(&s->builder, r);
	r->number++;
	r->from = r->to;
	r->to += s->options.range;
	if (r->number == r->count)
		r->count = 0;
	return 1;
}

void
source_skip(struct source *s, uint32_t operand)
{
	if (s->range.count == 0 || s->entry.operand != operand)
		return;
	s->range.number = s->range.count - 1;
	s->range.from = s->range.to = 0;
}

int
source_next(struct source *s, uint32_t items)
{
	struct walk_entry entry;
	int got, passed = 0;

	batch_builder_clear(&s->builder);
	if (s->range.count > 0)
		return next_range(s);
	while (s->builder.items < items && s->builder.size < SOURCE_BATCH_BYTES) {
		if (passed == PASSED_MAX && s->builder.items > 0)
			break;
		if (passed == PASSED_MAX) {
			errno = EINTR;
			return -1;
		}
		got = walk_next(s->walk, &entry);
		if (got == -1 && errno == EINTR && s->builder.items > 0)
			break;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		if (entry.path_length + entry.name_length > SOURCE_BATCH_MAX - SOURCE_BATCH_BYTES -
		    OVERHEAD)
			entry = (struct walk_entry){ .kind = WALK_ERROR, .error = ENAMETOOLONG,
				.path = "", .name = entry.path, .name_length = PATH_MAX };
		if (entry.kind < WALK_ERROR && s->pass != NULL &&
		    s->pass(s->ctx, walk_directory(s->walk, &entry), &entry)) {
			passed++;
			continue;
		}
		if (starts_ranges(s, &entry))
			return s->builder.items > 0 ? 1 : next_range(s);
		if (batch_builder_add(&s->builder, &entry) == -1)
			return -1;
	}
	return s->builder.items > 0;
}
