#include "batch.h"

#include <stdlib.h>
#include <string.h>

static size_t
aligned(size_t size)
{
	return (size + BATCH_ALIGN - 1) & ~(size_t)(BATCH_ALIGN - 1);
}

static struct batch_section *
last_section(const struct batch_builder *b)
{
	return (void *)(b->bytes + b->section);
}

static int
reserve(struct batch_builder *b, size_t more)
{
	size_t capacity = b->capacity ? b->capacity : 16 * 1024;
	char *bigger;

	while (capacity < b->size + more)
		capacity *= 2;
	if (capacity == b->capacity)
		return 0;
	bigger = realloc(b->bytes, capacity);
	if (bigger == NULL)
		return -1;
	b->bytes = bigger;
	b->capacity = capacity;
	return 0;
}

static bool
continues_section(const struct batch_builder *b, const struct walk_entry *e)
{
	const struct batch_section *s;

	if (b->items == 0)
		return false;
	s = last_section(b);
	return s->kind == WALK_FILE && e->kind == WALK_FILE && s->directory == e->directory &&
	    s->operand == e->operand;
}

static void
add_string(struct batch_builder *b, const char *string, size_t length)
{
	memcpy(b->bytes + b->size, string, length);
	b->bytes[b->size + length] = '\0';
	b->size += length + 1;
}

static void
start_section(struct batch_builder *b, const struct walk_entry *e)
{
	b->section = b->size;
	b->size += sizeof(struct batch_section);
	*last_section(b) = (struct batch_section){ .kind = e->kind, .error = e->error,
		.operand = e->operand, .directory = e->directory, .path_length = (uint32_t)e->path_length,
		.root_length = (uint32_t)e->root_length };
	add_string(b, e->path, e->path_length);
}

int
batch_builder_add(struct batch_builder *b, const struct walk_entry *e)
{
	size_t used;

	if (reserve(b, sizeof(struct batch_section) + e->path_length + e->name_length + 2 +
	    BATCH_ALIGN) == -1)
		return -1;
	if (continues_section(b, e))
		b->size = b->section + last_section(b)->used;
	else
		start_section(b, e);
	add_string(b, e->name, e->name_length);
	used = b->size - b->section;
	last_section(b)->used = (uint32_t)used;
	last_section(b)->size = (uint32_t)aligned(used);
	last_section(b)->items++;
	b->size = b->section + aligned(used);
	b->items++;
	return 0;
}

int
batch_builder_add_piece(struct batch_builder *b, const struct walk_entry *e,
    const struct batch_piece *piece)
{
	if (batch_builder_add(b, e) == -1 || reserve(b, sizeof(*piece)) == -1)
		return -1;
	memcpy(b->bytes + b->size, piece, sizeof(*piece));
	b->size += sizeof(*piece);
	last_section(b)->size += (uint32_t)sizeof(*piece);
	return 0;
}

const struct batch_piece *
batch_item_piece(const struct batch_item *item)
{
	return (const void *)((const char *)item->section + item->section->size -
	    sizeof(struct batch_piece));
}

void
batch_builder_set_range(struct batch_builder *b, const struct batch_range *range)
{
	last_section(b)->range = *range;
}

void
batch_builder_clear(struct batch_builder *b)
{
	b->size = b->section = 0;
	b->items = 0;
}

void
batch_builder_free(struct batch_builder *b)
{
	free(b->bytes);
	*b = (struct batch_builder){ 0 };
}

void
batch_reader_init(struct batch_reader *r, const void *batch)
{
	*r = (struct batch_reader){ .at = batch };
}

static void
next_section(struct batch_reader *r)
{
	r->section = (const void *)r->at;
	r->left = r->section->items;
	r->next = r->at + sizeof(*r->section) + r->section->path_length + 1;
	r->at += r->section->size;
}

uint32_t
batch_reader_pass(struct batch_reader *r, uint32_t below)
{
	uint32_t passed;

	if (r->number >= below)
		return 0;
	if (r->left == 0)
		next_section(r);
	if (r->section->kind >= WALK_ERROR || r->section->range.count > 0 ||
	    r->left > below - r->number)
		return 0;
	passed = r->left;
	r->number += passed;
	r->left = 0;
	return passed;
}

void
batch_reader_next(struct batch_reader *r, struct batch_item *item)
{
	if (r->left == 0)
		next_section(r);
	*item = (struct batch_item){ .section = r->section,
		.path = (const char *)(r->section + 1), .name = r->next,
		.number = r->number };
	r->next += strlen(r->next) + 1;
	r->left--;
	r->number++;
}
