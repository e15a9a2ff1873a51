#include "patterns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes text, which is the caller's no longer. */
static int
add(struct options *o, char *text, size_t length, const char *file, size_t line)
{
	/* Each power of two is where the list is full. */
	if ((o->pattern_count & (o->pattern_count - 1)) == 0) {
		struct options_pattern *bigger = reallocarray(o->patterns,
		    o->pattern_count == 0 ? 1 : 2 * o->pattern_count, sizeof(*bigger));

		if (bigger == NULL) {
			free(text);
			return -1;
		}
		o->patterns = bigger;
	}
	o->patterns[o->pattern_count++] = (struct options_pattern){ text, length, file, line };
	return 0;
}

int
patterns_add(struct options *o, const char *text)
{
	const char *newline;

	o->patterns_given = true;
	do {
		size_t length;
		char *copy;

		newline = strchr(text, '\n');
		length = newline != NULL ? (size_t)(newline - text) : strlen(text);
		copy = strndup(text, length);
		if (copy == NULL || add(o, copy, length, NULL, 0) == -1)
			return -1;
		text += length + 1;
	} while (newline != NULL);
	return 0;
}

/* Returns 0, or -1 with errno. */
static int
add_lines(struct options *o, FILE *file, const char *name)
{
	for (size_t number = 1;; number++) {
		char *line = NULL;
		size_t size = 0;
		ssize_t length;

		errno = 0;
		length = getline(&line, &size, file);
		if (length == -1) {
			free(line);
			return errno == 0 && feof(file) ? 0 : -1;
		}
		if (line[length - 1] == '\n')
			line[--length] = '\0';
		if (add(o, line, (size_t)length, name, number) == -1)
			return -1;
	}
}

int
patterns_add_file(struct options *o, const char *name, char **message)
{
	bool input = strcmp(name, "-") == 0;
	FILE *file = input ? stdin : fopen(name, "re");
	int result = -1;

	o->patterns_given = true;
	o->input_taken |= input;
	if (file != NULL)
		result = add_lines(o, file, input ? "(standard input)" : name);
	if (result == -1 && errno != ENOMEM &&
	    asprintf(message, "-f: %s: %s", name, strerror(errno)) == -1)
		*message = NULL;
	if (file != NULL && !input)
		fclose(file);
	return result;
}

void
patterns_free(struct options *o)
{
	for (size_t i = 0; i < o->pattern_count; i++)
		free(o->patterns[i].text);
	free(o->patterns);
}
