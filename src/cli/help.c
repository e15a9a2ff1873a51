#include <limits.h>
#include <stdio.h>

#include "cli/options.h"
#include "cli/table.h"

enum { HELP_COLUMN = 30 };

static void
print_option(const struct table_option *t)
{
	int width = 0;

	if (t->key <= UCHAR_MAX)
		width += printf("  -%c%s", t->key, t->name != NULL ? ", " : "");
	else
		width += printf("      ");
	if (t->name != NULL)
		width += printf("--%s", t->name);
	if (t->argument == ARGUMENT_REQUIRED)
		width += printf("%s%s", t->name != NULL ? "=" : " ", t->argument_name);
	else if (t->argument == ARGUMENT_OPTIONAL)
		width += printf("[=%s]", t->argument_name);
	printf("%*s%s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "", t->help);
}

bool
options_print_help(void)
{
	size_t count;
	const struct table_option *table = table_options(&count);

	printf("Usage: pgrep-r [OPTION]... PATTERN [PATH]...\n"
	    "       pgrep-r [OPTION]... -e PATTERN... [PATH]...\n"
	    "       pgrep-r --files [OPTION]... [PATH]...\n"
	    "Searches files, and directories with all beneath them, in worker processes.\n"
	    "Output is in path order and the same every time. '-' is standard input.\n");
	for (size_t i = 0; i < count; i++) {
		if (table[i].key == 0)
			printf("%s:\n", table[i].name);
		else if (table[i].help != NULL)
			print_option(&table[i]);
	}
	printf("Exit status: 0 a line was selected, 1 none was, 2 some file was not searched\n"
	    "whole, 64 bad usage.\n");
	/* A part may have been written, in vain, before. */
	return fflush(stdout) == 0 && !ferror(stdout);
}
