/*
 * The configuration: options that stand in a file, one on a line, before those
 * of the command line.
 *
 *   # at the start of a line: a comment
 *   --smart-case
 *   --glob=!*.min.js
 *   -j4
 *
 * A line is one word of the command line, as it reaches the program: no
 * quotes, no escapes.  Blanks at its ends do not count.  A file that others than its
 * reader and root could have written is not used.
 *
 * Source: fparseln(3bsd), the XDG Base Directory Specification; the rules for
 * lines are those of ripgrep.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include <stdio.h>

#include "cli/words.h"

/*
 * Takes the options of the file that is asked for; which: file, or one that
 * the environment leads to, or none.  Returns 0, or -1 as options_parse.
 */
int config_load(struct options *o, enum words_config which, const char *file, char **message);

/* Takes those of a stream that is called name. Likewise. */
int config_read(struct options *o, FILE *stream, const char *name, char **message);

/* Puts FILE:LINE: before a message on an option's text, if that is of the configuration. */
void config_blame(const struct options *o, const char *text, char **message);

void config_free(struct options *o);

#endif
