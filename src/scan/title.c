#include "title.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit/escape.h"

enum { NAME_MOST = 1024 };

/* As much of a text as there is room for, escaped. Returns where it ends. */
static char *
put(char *to, const char *end, const char *text)
{
	size_t left = strlen(text);

	while (left > 0 && end - to > ESCAPE_MAX) {
		size_t taken = escape_next(text, left, &to);

		text += taken;
		left -= taken;
	}
	*to = '\0';
	return to;
}

static void
put_path(char name[NAME_MOST], const char *path, const char *rest)
{
	put(put(name, name + NAME_MOST, path), name + NAME_MOST, rest);
}

void
title_batch(unsigned int number, const void *batch, uint32_t files)
{
	struct batch_reader reader;
	struct batch_item item = { 0 };
	char name[NAME_MOST];

	batch_reader_init(&reader, batch);
	batch_reader_next(&reader, &item);
	if (item.section->kind == WALK_INPUT)
		return;
	if (files == 1)
		put_path(name, item.path, item.name);
	else
		put_path(name, *item.path != '\0' || item.section->directory == 0 ? item.path : ".", "");
	if (files == 1)
		setproctitle("worker %u: %s", number, name);
	else
		setproctitle("worker %u: %u files from %s on", number, files,
		    *name != '\0' ? name : item.name);
}

void
title_file(unsigned int number, const struct batch_item *item, const char *input_name)
{
	char name[NAME_MOST];

	if (item->section->kind == WALK_INPUT)
		put_path(name, input_name, "");
	else
		put_path(name, item->path, item->name);
	setproctitle("worker %u: %s", number, name);
}
