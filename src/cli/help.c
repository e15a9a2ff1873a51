#include <limits.h>
#include <stdio.h>

#include "cli/options.h"
#include "cli/table.h"

enum { HELP_COLUMN = 28 };

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
	if (width >= HELP_COLUMN) {
		putchar('\n');
		width = 0;
	}
	printf("%*s%s\n", HELP_COLUMN - width, "", t->help);
}

bool
options_print_help(bool all)
{
	size_t count;
	const struct table_option *table = table_options(&count);

	printf("Usage: pgrep-r [OPTION]... PATTERN [PATH]...\n"
	    "Searches files, and all files beneath directories; - is standard input.\n"
	    "With no PATH: standard input if it is a pipe, socket or file; else \".\".\n");
	for (size_t i = 0; i < count; i++) {
		if (!all && !table[i].common)
			continue;
		if (table[i].key == 0)
			printf("%s:\n", table[i].name);
		else if (table[i].help != NULL)
			print_option(&table[i]);
	}
	printf("Exit status: 0 a line was selected, 1 none, 2 not every file was searched whole.\n"
	    "%s\n", all ? "More: man pgrep-r" : "All options: pgrep-r --help=all, or man pgrep-r");
	/* A part may have been written, in vain, before. */
	return fflush(stdout) == 0 && !ferror(stdout);
}
