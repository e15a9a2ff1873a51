/*
 * The list of patterns: what the user typed, and files of them, cut into lines.
 */
#ifndef CLI_PATTERNS_H
#define CLI_PATTERNS_H

#include "cli/options.h"

/* Adds each line of text as a pattern. Returns 0, or -1 (no memory). */
int patterns_add(struct options *o, const char *text);

/* Adds each line of a file; "-" is standard input. Returns 0, or -1 as options_parse. */
int patterns_add_file(struct options *o, const char *file, char **message);

void patterns_free(struct options *o);

#endif
