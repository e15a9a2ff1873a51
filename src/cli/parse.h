/*
 * One option into the struct of options.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/options.h"

/*
 * Takes the option that the table calls key, with its argument (NULL: none).
 * Returns 0, or -1 as options_parse.
 */
int parse_option(struct options *o, int key, const char *argument, char **message);

#endif
