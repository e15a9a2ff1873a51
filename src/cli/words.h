/*
 * Words, of the command line or of a line of the configuration: options, as
 * getopt_long(3) and the table find them, and operands.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/options.h"

/*
 * Takes all words behind the first.  What they point to stays in use.  Returns
 * 0, or -1 as options_parse; --help and --version end it at once.
 */
int words_take(struct options *o, int argc, char **argv, char **message);

enum words_config { WORDS_CONFIG_USUAL, WORDS_CONFIG_NONE, WORDS_CONFIG_NAMED };

/* Which configuration the words ask for; file is what --config names. No option has an effect. */
enum words_config words_find_config(int argc, char **argv, const char **file);

#endif
