/*
 * The configuration: the input as a file of options.  Whatever it is, either
 * its lines make options, or one line says what is wrong, and where.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"
#include "tests/fuzz/words.h"

enum { LENGTH_MAX = 4096 };

static size_t
count_lines(const char *text, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n' || i + 1 == size;
	return lines;
}

/* "name:LINE: what is wrong", of a line that there is. */
static void
check_message(const char *message, size_t lines)
{
	unsigned long line;
	int end = 0;

	expect(message != NULL, "a message says what is wrong");
	expect(sscanf(message, "name:%lu: %n", &line, &end) == 1 && end > 0, "it names the line");
	expect(line >= 1 && line <= lines, "the line is there");
	expect(message[end] != '\0', "it has a reason");
}

static void
check_options(const struct options *o, size_t lines)
{
	size_t before = 0;

	expect(o->mode != MODE_HELP && o->mode != MODE_VERSION, "a search stays one");
	expect(o->path_count == 0, "no line is a path");
	for (size_t i = 0; i < o->line_count; i++) {
		expect(o->lines[i].number > before && o->lines[i].number <= lines, "lines ascend");
		before = o->lines[i].number;
	}
	for (size_t i = 0; i < o->pattern_count; i++)
		expect(o->patterns[i].file != NULL && o->patterns[i].line >= 1 &&
		    o->patterns[i].line <= lines, "each pattern has a line");
	for (size_t i = 0; i < o->filter_count; i++) {
		char *message = strdup("");

		config_blame(o, o->filters[i].text, &message);
		expect(message == NULL || strncmp(message, "name:", 5) == 0,
		    "each filter has a line");
		free(message);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[LENGTH_MAX + 1], *message = NULL;
	struct options options = { .mode = MODE_SEARCH };
	FILE *stream;

	if (size == 0 || size > LENGTH_MAX)
		return -1;
	harmless(text, data, size);
	stream = fmemopen(text, size, "r");
	if (stream == NULL)
		return -1;
	if (config_read(&options, stream, "name", &message) == -1)
		check_message(message, count_lines(text, size));
	else
		check_options(&options, count_lines(text, size));
	fclose(stream);
	free(message);
	options_free(&options);
	return 0;
}
