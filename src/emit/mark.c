#include "mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
marks_free(struct marks *m)
{
	free(m->next.path);
	free(m->written.path);
	*m = (struct marks){ 0 };
}

int
mark_place_at(struct mark *m, uint32_t operand, const char *path, const char *name)
{
	size_t length = strlen(path), more = strlen(name) + 1;

	if (length + more > m->capacity) {
		size_t capacity = 2 * (length + more);
		char *bigger = realloc(m->path, capacity);

		if (bigger == NULL)
			return -1;
		m->path = bigger;
		m->capacity = capacity;
	}
	memcpy(m->path, path, length);
	memcpy(m->path + length, name, more);
	m->operand = operand;
	m->placed = true;
	return 0;
}

/* Ignore files are told of before all others; a path that is too long was cut. */
static bool
is_place(const struct batch_item *item)
{
	const struct batch_section *s = item->section;

	return s->kind != WALK_UNRULED &&
	    !(s->kind == WALK_ERROR && s->error == ENAMETOOLONG && s->path_length == 0);
}

int
mark_place(struct mark *m, const void *batch, uint32_t files, const struct batch_item *known)
{
	struct batch_item item, last = { 0 };
	struct batch_reader reader;

	if (files > 0 && known->section != NULL && known->number + 1 == files && is_place(known))
		return mark_place_at(m, known->section->operand, known->path, known->name);
	batch_reader_init(&reader, batch);
	while (reader.number < files) {
		batch_reader_next(&reader, &item);
		if (is_place(&item))
			last = item;
	}
	if (last.section == NULL)
		return m->placed ? 0 : -1;
	return mark_place_at(m, last.section->operand, last.path, last.name);
}

void
marks_written(struct marks *m, uint64_t written)
{
	const struct mark old = m->written;

	if (m->next.offset > written)
		return;
	/* The next one is set where this one's path has its room. */
	m->counted = m->set;
	m->written = m->next;
	m->next.path = old.path;
	m->next.capacity = old.capacity;
	/* And may keep its place. */
	if (m->written.placed && mark_place_at(&m->next, m->written.operand, m->written.path, "") == -1)
		m->next.placed = false;
}

bool
mark_is_left(enum file_status status, uint32_t value)
{
	return status == STATUS_UNDONE || (status == STATUS_TIMED_OUT && value == TIMEOUT_DEADLINE);
}
