#include "options.h"

#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/parse.h"
#include "cli/patterns.h"
#include "cli/table.h"

enum { OPTIONS_MAX = 192, OPERAND = 1 };
#define NOT_GIVEN UINT64_MAX

static const struct options defaults = {
	.max_count = UINT64_MAX,
	.max_depth = UINT64_MAX,
	.before = NOT_GIVEN,
	.after = NOT_GIVEN,
	.separates_groups = true,
	.group_separator = "--",
	.max_filesize = UINT64_MAX,
};

/* Limits where none was given (0; a time: streams_time_out), and those of --untrusted. */
static const struct limits {
	size_t max_line, worker_memory;
	int64_t file_timeout;
} usual = { (size_t)64 << 20, (size_t)1 << 30, 60LL * 1000000000 },
	tight = { (size_t)16 << 20, (size_t)256 << 20, 10LL * 1000000000 };

/* getopt's form of the table, and the number of -NUM as far as it was read. */
struct getopt_form {
	char letters[3 * OPTIONS_MAX + 16];
	struct option names[OPTIONS_MAX + 1];
	char digits[sizeof("18446744073709551615")];
	size_t digit_count;
	bool in_digits; /* the next character may go on with it */
};

static void
make_getopt_form(struct getopt_form *form)
{
	size_t count, letters, names = 0;
	const struct table_option *table = table_options(&count);

	/* Operands in their place, as OPERAND; a missing argument is told from an unknown option. */
	letters = strlcpy(form->letters, "-:0123456789", sizeof(form->letters));
	for (size_t i = 0; i < count; i++) {
		const struct table_option *t = &table[i];

		if (t->key == 0)
			continue;
		if (t->key <= UCHAR_MAX) {
			form->letters[letters++] = (char)t->key;
			if (t->argument == ARGUMENT_REQUIRED)
				form->letters[letters++] = ':';
		}
		if (t->name != NULL)
			form->names[names++] = (struct option){ .name = t->name,
				.has_arg = (int)t->argument, .val = t->key };
	}
	form->letters[letters] = '\0';
	form->names[names] = (struct option){ 0 };
}

static int
complain(char **message, const char *what, const char *about)
{
	if (asprintf(message, what, about) == -1)
		*message = NULL;
	return -1;
}

/* A long option that does not exist, or is the start of several. */
static int
complain_unknown_long(const char *word, char **message)
{
	const char *name = word + 2, *nearest, *names[3];
	size_t length = strcspn(name, "="), count = table_beginning(name, length, names, 3);

	if (count > 1) {
		if (asprintf(message, "ambiguous option '%s': --%s, --%s%s", word, names[0], names[1],
		    count > 2 ? ", ..." : "") == -1)
			*message = NULL;
		return -1;
	}
	nearest = table_nearest(name, length);
	if (nearest == NULL)
		return complain(message, "unknown option '%s'; see pgrep-r --help", word);
	if (asprintf(message, "unknown option '%s'; did you mean '--%s'?", word, nearest) == -1)
		*message = NULL;
	return -1;
}

/* getopt met something that it does not know, or an argument that should not be there. */
static int
complain_unknown(const char *letters, const char *word, char **message)
{
	char letter[] = { '-', (char)optopt, '\0' };

	if (optopt == 0)
		return complain_unknown_long(word, message);
	if (optopt > UCHAR_MAX || strchr(letters, optopt) != NULL)
		return complain(message, "option '%s' takes no argument", word);
	return complain(message, "unknown option '%s'; see pgrep-r --help", letter);
}

static int
complain_missing(const char *word, char **message)
{
	char letter[] = { '-', (char)optopt, '\0' };

	return complain(message, "option '%s' needs an argument",
	    strncmp(word, "--", 2) == 0 || optopt > UCHAR_MAX ? word : letter);
}

static int
add_operand(struct options *o, char *path)
{
	char **bigger = reallocarray(o->paths, o->path_count + 1, sizeof(*bigger));

	if (bigger == NULL)
		return -1;
	o->paths = bigger;
	bigger[o->path_count++] = path;
	return 0;
}

/* One digit of -NUM; last: nothing follows in the same word. */
static int
take_digit(struct options *o, struct getopt_form *form, char digit, bool last, char **message)
{
	if (!form->in_digits)
		form->digit_count = 0;
	if (form->digit_count + 1 < sizeof(form->digits))
		form->digits[form->digit_count++] = digit;
	form->digits[form->digit_count] = '\0';
	form->in_digits = !last;
	return parse_option(o, 'C', form->digits, message);
}

/* Takes what getopt found in the word. */
static int
take(struct options *o, struct getopt_form *form, int key, char *word, bool last, char **message)
{
	if (isdigit(key))
		return take_digit(o, form, (char)key, last, message);
	form->in_digits = false;
	switch (key) {
	case OPERAND: return add_operand(o, optarg);
	case ':': return complain_missing(word, message);
	case '?': return complain_unknown(form->letters, word, message);
	default: return parse_option(o, key, optarg, message);
	}
}

/* Options that need each other, or do not go together. */
static int
check_combination(const struct options *o, char **message)
{
	const char *wrong = NULL;

	if (o->ledger_all && o->ledger == NULL)
		wrong = "--ledger-all needs --ledger=FILE";
	else if (o->ledger != NULL && o->mode == MODE_FILES)
		wrong = "--ledger does not go with --files";
	else if (o->json && (o->count != OPTION_COUNT_NONE || o->list != OPTION_LIST_NONE ||
	    o->mode == MODE_FILES))
		wrong = "--json does not go with -c, --count-matches, -l, -L or --files";
	else if (o->multiline && o->null_data)
		wrong = "--multiline does not go with -z";
	else if (o->untrusted && o->follow)
		wrong = "--untrusted does not go with -R";
	else if (o->untrusted && o->sandbox == OPTION_SANDBOX_OFF)
		wrong = "--untrusted does not go with --sandbox=off";
	return wrong != NULL ? complain(message, "%s", wrong) : 0;
}

static void
settle_limits(struct options *o, const struct limits *limits)
{
	if (o->max_line == 0)
		o->max_line = limits->max_line;
	if (o->worker_memory == 0)
		o->worker_memory = limits->worker_memory;
	if (!o->streams_time_out)
		o->file_timeout = limits->file_timeout;
}

/* What options mean together, whatever their order. */
static void
settle(struct options *o)
{
	settle_limits(o, o->untrusted ? &tight : &usual);
	if (o->untrusted) {
		o->no_ignore |= OPTION_NO_IGNORE_ALL;
		o->hidden = true;
		if (o->sandbox == OPTION_SANDBOX_AUTO)
			o->sandbox = OPTION_SANDBOX_REQUIRE;
	}
	if (o->unrestricted >= 1)
		o->no_ignore |= OPTION_NO_IGNORE_ALL;
	if (o->unrestricted >= 2)
		o->hidden = true;
	if (o->unrestricted >= 3 && o->binary == OPTION_BINARY_REPORT)
		o->binary = OPTION_BINARY_TEXT;
	if (o->before == NOT_GIVEN)
		o->before = o->context;
	if (o->after == NOT_GIVEN)
		o->after = o->context;
	if (o->vimgrep && o->names == OPTION_NAMES_AUTO)
		o->names = OPTION_NAMES_ALWAYS;
}

/* Without -e or -f the first operand is the pattern. */
static int
take_pattern(struct options *o, char **message)
{
	if (o->mode != MODE_SEARCH || o->patterns_given)
		return 0;
	if (o->path_count == 0)
		return complain(message, "%s", "no pattern given; see pgrep-r --help");
	if (patterns_add(o, o->paths[0]) == -1)
		return -1;
	o->path_count--;
	memmove(o->paths, o->paths + 1, o->path_count * sizeof(*o->paths));
	return 0;
}

int
options_parse(struct options *o, int argc, char **argv, char **message)
{
	struct getopt_form form = { 0 };
	int key, before;

	*o = defaults;
	*message = NULL;
	make_getopt_form(&form);
	opterr = 0;
	while (before = optind, (key = getopt_long(argc, argv, form.letters, form.names, NULL)) != -1) {
		if (take(o, &form, key, argv[optind - (optind > before)], optind > before, message) == -1)
			return -1;
		if (o->mode == MODE_HELP || o->mode == MODE_VERSION)
			return 0;
	}
	for (; optind < argc; optind++)
		if (add_operand(o, argv[optind]) == -1)
			return -1;
	if (check_combination(o, message) == -1)
		return -1;
	settle(o);
	return take_pattern(o, message);
}

void
options_free(struct options *o)
{
	patterns_free(o);
	free(o->paths);
	free(o->filters);
}
