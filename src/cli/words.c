#include "words.h"

#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/parse.h"
#include "cli/table.h"

enum { OPTIONS_MAX = 192, OPERAND = 1 };

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

int
words_take(struct options *o, int argc, char **argv, char **message)
{
	struct getopt_form form = { 0 };
	int key, before;

	make_getopt_form(&form);
	opterr = optind = 0;
	while (before = optind > 0 ? optind : 1,
	    (key = getopt_long(argc, argv, form.letters, form.names, NULL)) != -1) {
		if (take(o, &form, key, argv[optind - (optind > before)], optind > before, message) == -1)
			return -1;
		if (o->mode == MODE_HELP || o->mode == MODE_VERSION)
			return 0;
	}
	for (; optind < argc; optind++)
		if (add_operand(o, argv[optind]) == -1)
			return -1;
	return 0;
}

enum words_config
words_find_config(int argc, char **argv, const char **file)
{
	struct getopt_form form = { 0 };
	enum words_config found = WORDS_CONFIG_USUAL;
	int key;

	make_getopt_form(&form);
	opterr = optind = 0;
	while ((key = getopt_long(argc, argv, form.letters, form.names, NULL)) != -1) {
		if (key == LONG_CONFIG) {
			found = WORDS_CONFIG_NAMED;
			*file = optarg;
		} else if (key == LONG_NO_CONFIG) {
			found = WORDS_CONFIG_NONE;
		} else if (key == LONG_HELP || key == 'V') {
			return WORDS_CONFIG_NONE;
		}
	}
	return found;
}
