#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libutil.h>

enum { SIZE_MOST = 1024 * 1024 };

/* Says what is wrong: with the file, or, line > 0, with a line of it. Takes what. */
static int
complain(char **message, const char *name, size_t line, char *what)
{
	int length = -1;

	if (what != NULL)
		length = line > 0 ? asprintf(message, "%s:%zu: %s", name, line, what)
		    : asprintf(message, "%s: %s", name, what);
	if (length == -1)
		*message = NULL;
	free(what);
	return -1;
}

/* Keeps the text of a line, which is then the options' to free. Returns 0, or -1 (no memory). */
static int
keep(struct options *o, char *text, size_t length, size_t number)
{
	struct options_line *bigger = reallocarray(o->lines, o->line_count + 1, sizeof(*bigger));

	if (bigger == NULL) {
		free(text);
		return -1;
	}
	o->lines = bigger;
	bigger[o->line_count++] = (struct options_line){ text, length, number };
	return 0;
}

/* What a line of the configuration may not be, though it is an option. */
static const char *
out_of_place(const struct options *o, const char *word)
{
	const char *file = NULL;
	char *words[] = { NULL, (char *)(uintptr_t)word, NULL };

	if (o->mode != MODE_SEARCH ||
	    words_find_config(2, words, &file) != WORDS_CONFIG_USUAL)
		return "is for the command line";
	return o->path_count > 0 || strcmp(word, "--") == 0 ? "is no option" : NULL;
}

/* Takes the option that a line holds. */
static int
take_line(struct options *o, char *word, const char *name, size_t number, char **message)
{
	static char program[] = "pgrep-r";
	char *words[] = { program, word, NULL }, *what = NULL;
	size_t patterns = o->pattern_count;
	const char *wrong;

	if (word[0] == '-' && isalnum((unsigned char)word[1]) && isblank((unsigned char)word[2])) {
		if (asprintf(&what, "'%s': a line is one word, without a blank behind -%c", word, word[1]) == -1)
			what = NULL;
		return complain(message, name, number, what);
	}
	if (words_take(o, 2, words, &what) == -1)
		return complain(message, name, number, what);
	wrong = out_of_place(o, word);
	if (wrong != NULL) {
		if (asprintf(&what, "'%s' %s", word, wrong) == -1)
			what = NULL;
		return complain(message, name, number, what);
	}
	for (; patterns < o->pattern_count; patterns++)
		if (o->patterns[patterns].file == NULL) {
			o->patterns[patterns].file = o->config;
			o->patterns[patterns].line = number;
		}
	return 0;
}

/* Without the blanks at its ends. */
static char *
trim(char *text)
{
	static const char blanks[] = " \t\r\f\v";
	size_t length;

	text += strspn(text, blanks);
	length = strlen(text);
	while (length > 0 && strchr(blanks, text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

int
config_read(struct options *o, FILE *stream, const char *name, char **message)
{
	/* No escape, nothing that goes on, no comment but ours. */
	static const char plain[3] = { '\0', '\0', '\0' }, mark[] = "\xef\xbb\xbf";
	size_t length, number = 0;
	char *text, *word;

	o->config = strdup(name);
	if (o->config == NULL)
		return -1;
	while ((text = fparseln(stream, &length, &number, plain, 0)) != NULL) {
		if (keep(o, text, length, number) == -1)
			return -1;
		if (strlen(text) != length)
			return complain(message, name, number, strdup("there is a NUL in it"));
		/* What some editors begin a text with. */
		word = trim(text + (number == 1 && strncmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0));
		if (*word != '\0' && *word != '#' && take_line(o, word, name, number, message) == -1)
			return -1;
	}
	if (ferror(stream))
		return complain(message, name, 0, strdup(strerror(errno)));
	return feof(stream) ? 0 : -1;
}

/* Why a file is not to be believed, or NULL. */
static const char *
suspicion(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "it belongs to somebody else";
	return (st->st_mode & (S_IWGRP | S_IWOTH)) != 0 ? "others can write to it" : NULL;
}

/* Whether a file can hold a configuration; else says why not. */
static int
check(struct options *o, const struct stat *st, const char *name, char **message)
{
	const char *wrong = suspicion(st);

	if (!S_ISREG(st->st_mode))
		return complain(message, name, 0, strdup("is no regular file"));
	if (wrong != NULL)
		return asprintf(&o->warning, "%s: not used: %s", name, wrong) == -1
		    ? (o->warning = NULL, -1) : 1;
	if (st->st_size > SIZE_MOST)
		return complain(message, name, 0, strdup("is larger than 1M"));
	return 0;
}

/* usual: nobody has named it, so it may be missing. */
static int
read_file(struct options *o, const char *name, bool usual, char **message)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), done;
	FILE *stream = NULL;
	struct stat st;

	if (fd == -1 && usual && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1) {
		done = complain(message, name, 0, strdup(strerror(errno)));
	} else if ((done = check(o, &st, name, message)) == 0) {
		stream = fdopen(fd, "r");
		done = stream != NULL ? config_read(o, stream, name, message) : -1;
	}
	if (stream != NULL)
		fclose(stream);
	else if (fd != -1)
		close(fd);
	return done == -1 ? -1 : 0;
}

/* The file of a user who has named none, to be freed. NULL: there is no place for it. */
static int
usual_name(char **name)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int length = 0;

	*name = NULL;
	if (base != NULL && base[0] == '/')
		length = asprintf(name, "%s/pgrep-r/config", base);
	else if (home != NULL && home[0] == '/')
		length = asprintf(name, "%s/.config/pgrep-r/config", home);
	if (length == -1)
		*name = NULL;
	return length == -1 ? -1 : 0;
}

int
config_load(struct options *o, enum words_config which, const char *file, char **message)
{
	const char *environment = getenv("PGREP_R_CONFIG");
	char *name;
	int done;

	if (which == WORDS_CONFIG_NONE)
		return 0;
	if (which == WORDS_CONFIG_NAMED)
		return read_file(o, file, false, message);
	if (environment != NULL)
		return *environment != '\0' ? read_file(o, environment, false, message) : 0;
	if (usual_name(&name) == -1)
		return -1;
	done = name != NULL ? read_file(o, name, true, message) : 0;
	free(name);
	return done;
}

void
config_blame(const struct options *o, const char *text, char **message)
{
	for (size_t i = 0; i < o->line_count; i++) {
		const struct options_line *l = &o->lines[i];

		if (text >= l->text && text <= l->text + l->length) {
			complain(message, o->config, l->number, *message);
			return;
		}
	}
}

void
config_free(struct options *o)
{
	for (size_t i = 0; i < o->line_count; i++)
		free(o->lines[i].text);
	free(o->lines);
	free(o->config);
	free(o->warning);
}
