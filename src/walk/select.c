#include "select.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "walk/braces.h"
#include "walk/glob.h"
#include "walk/types.h"

/* A pattern of --include, --exclude or --exclude-dir. */
struct pattern_entry {
	struct glob *glob;  /* NULL: it matches nothing */
	struct glob *bytes; /* the same, of bytes, which the C library tries, too */
	bool include;
};

struct pattern_list {
	struct pattern_entry *list;
	size_t count;
};

/* -g or --iglob. */
struct choice {
	struct glob **globs; /* what its braces stand for */
	size_t count;
	bool keep;      /* not "!" */
	bool directory; /* it ends with "/" */
	bool path;      /* it has another "/" */
};

struct select {
	struct pattern_list files, directories;
	struct choice *choices;
	size_t choice_count;
	bool keeps; /* some of them take */
	struct types *types; /* NULL: none were chosen */
	char *here; /* the working directory, ending with '/'; NULL: not needed, or not known */
	char *message;
};

static int
fail(struct select *s, const char *option, const char *about, const char *why)
{
	if (asprintf(&s->message, "%s '%s': %s", option, about, why) == -1)
		s->message = NULL;
	return -1;
}

static int
add_pattern(struct pattern_list *l, const char *text, size_t length, bool include)
{
	struct pattern_entry *bigger = reallocarray(l->list, l->count + 1, sizeof(*bigger)), *e;
	const char *why;

	if (bigger == NULL)
		return -1;
	l->list = bigger;
	e = &bigger[l->count];
	*e = (struct pattern_entry){ .include = include };
	e->glob = glob_compile(text, length, GLOB_SHELL | GLOB_UTF8, &why);
	if (e->glob == NULL && errno != EINVAL)
		return -1;
	e->bytes = e->glob == NULL ? NULL : glob_compile(text, length, GLOB_SHELL, &why);
	l->count++;
	return e->glob != NULL && e->bytes == NULL && errno != EINVAL ? -1 : 0;
}

/* One a line, blanks at their ends do not count. */
static int
add_patterns_from(struct select *s, const char *path)
{
	FILE *from = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int result = 0;

	if (from == NULL)
		return fail(s, "--exclude-from", path, strerror(errno));
	while (result == 0 && (length = getline(&line, &size, from)) != -1) {
		while (length > 0 && isspace((unsigned char)line[length - 1]))
			length--;
		if (length > 0)
			result = add_pattern(&s->files, line, (size_t)length, false);
	}
	if (result == 0 && ferror(from))
		result = fail(s, "--exclude-from", path, strerror(errno));
	free(line);
	fclose(from);
	return result;
}

static size_t
without_slashes(const char *text)
{
	size_t length = strlen(text);

	while (length > 1 && text[length - 1] == '/')
		length--;
	return length;
}

struct addition {
	struct choice *choice;
	unsigned int flags;
	const char *why;
};

static int
add_alternative(void *ctx, const char *text)
{
	struct addition *a = ctx;
	struct choice *c = a->choice;
	struct glob **bigger = reallocarray(c->globs, c->count + 1, sizeof(struct glob *));

	if (bigger == NULL)
		return -1;
	c->globs = bigger;
	bigger[c->count] = glob_compile(text, strlen(text), a->flags, &a->why);
	return bigger[c->count] == NULL ? -1 : (c->count++, 0);
}

static int
add_choice(struct select *s, const struct options_filter *f)
{
	struct choice *bigger = reallocarray(s->choices, s->choice_count + 1, sizeof(*bigger));
	struct addition a = { .flags = f->kind == FILTER_IGLOB ? GLOB_CASELESS : 0 };
	const char *text = f->text, *why;
	size_t length;
	char *glob;
	int result;

	if (bigger == NULL)
		return -1;
	s->choices = bigger;
	a.choice = &bigger[s->choice_count++];
	*a.choice = (struct choice){ .keep = *text != '!' };
	s->keeps |= a.choice->keep;
	text += !a.choice->keep;
	length = strlen(text);
	a.choice->directory = length > 0 && text[length - 1] == '/';
	length -= a.choice->directory;
	a.choice->path = memchr(text, '/', length) != NULL;
	if (length > 0 && *text == '/')
		text++, length--;
	glob = strndup(text, length);
	result = glob == NULL ? -1 : braces_expand(glob, add_alternative, &a, &why);
	free(glob);
	if (result == -1 && errno == EINVAL)
		return fail(s, f->kind == FILTER_IGLOB ? "--iglob" : "-g", f->text,
		    why != NULL ? why : a.why);
	return result;
}

static int
add_filter(struct select *s, const struct options_filter *f)
{
	switch (f->kind) {
	case FILTER_GLOB:
	case FILTER_IGLOB:
		/* One without a text says nothing, as ripgrep has it. */
		return *f->text == '\0' ? 0 : add_choice(s, f);
	case FILTER_INCLUDE:
	case FILTER_EXCLUDE:
		return add_pattern(&s->files, f->text, strlen(f->text), f->kind == FILTER_INCLUDE);
	case FILTER_EXCLUDE_FROM:
		return add_patterns_from(s, f->text);
	case FILTER_EXCLUDE_DIR:
		return add_pattern(&s->directories, f->text, without_slashes(f->text), false);
	default:
		return 0;
	}
}

/* Types cost time to set up. */
static int
load_types(struct select *s, const struct options_filter *filters, size_t count)
{
	bool wanted = false;

	for (size_t i = 0; i < count; i++)
		wanted |= filters[i].kind >= FILTER_TYPE;
	if (!wanted)
		return 0;
	s->types = types_open(filters, count, &s->message);
	if (s->types == NULL)
		return -1;
	if (!types_chosen(s->types)) {
		types_close(s->types);
		s->types = NULL;
	}
	return 0;
}

/* Where the program runs, with a '/' at the end. */
static int
find_here(struct select *s)
{
	char *here = getcwd(NULL, 0);

	if (here == NULL)
		return errno == ENOMEM ? -1 : 0;
	if (asprintf(&s->here, "%s%s", here, strcmp(here, "/") == 0 ? "" : "/") == -1)
		s->here = NULL;
	free(here);
	return s->here == NULL ? -1 : 0;
}

struct select *
select_open(const struct options_filter *filters, size_t count, char **message)
{
	struct select *s = calloc(1, sizeof(*s));
	int result = 0;

	*message = NULL;
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < count && result == 0; i++)
		result = add_filter(s, &filters[i]);
	if (result == 0)
		result = load_types(s, filters, count);
	if (result == 0 && s->choice_count > 0)
		result = find_here(s);
	if (result == 0)
		return s;
	*message = s->message;
	select_close(s);
	return NULL;
}

static void
free_patterns(struct pattern_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->list[i].glob);
		free(l->list[i].bytes);
	}
	free(l->list);
}

void
select_close(struct select *s)
{
	if (s == NULL)
		return;
	free_patterns(&s->files);
	free_patterns(&s->directories);
	for (size_t i = 0; i < s->choice_count; i++) {
		for (size_t n = 0; n < s->choices[i].count; n++)
			free(s->choices[i].globs[n]);
		free(s->choices[i].globs);
	}
	free(s->choices);
	types_close(s->types);
	free(s->here);
	free(s);
}

bool
select_needed(const struct select *s)
{
	return s->files.count > 0 || s->directories.count > 0 || s->choice_count > 0 ||
	    s->types != NULL;
}

static bool
matches_part(const struct pattern_entry *e, const char *name, size_t length)
{
	return (e->glob != NULL && glob_match(e->glob, name, length)) ||
	    (e->bytes != NULL && glob_match(e->bytes, name, length));
}

/* Whether the name, or of an operand what follows one of its slashes, matches. */
static bool
matches(const struct pattern_entry *e, const char *name, size_t length, bool operand)
{
	if (matches_part(e, name, length))
		return true;
	for (size_t i = 0; operand && i + 1 < length; i++)
		if (name[i] == '/' && name[i + 1] != '/' &&
		    matches_part(e, name + i + 1, length - i - 1))
			return true;
	return false;
}

/* The last one that matches decides; if none does, the first's opposite. */
static bool
is_out(const struct pattern_list *l, const char *name, size_t length, bool operand)
{
	for (size_t i = l->count; i-- > 0;)
		if (matches(&l->list[i], name, length, operand))
			return !l->list[i].include;
	return l->count > 0 && l->list[0].include;
}

bool
select_operand(const struct select *s, const char *operand, bool directory)
{
	return !is_out(directory ? &s->directories : &s->files, operand, strlen(operand), true);
}

size_t
select_shown(const struct select *s, const char *path)
{
	size_t at = 0, here = s->here != NULL ? strlen(s->here) : 0;

	if (*path == '/')
		return here > 0 && strncmp(path, s->here, here) == 0 ? here : 0;
	while (path[at] == '.' && path[at + 1] == '/')
		at += 2 + strspn(path + at + 2, "/");
	return at;
}

static bool
is_chosen(const struct choice *c, const struct select_name *n)
{
	if (c->directory && !n->directory)
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (c->path ? glob_match(c->globs[i], n->path, n->path_length)
		    : glob_match(c->globs[i], n->name, n->length))
			return true;
	return false;
}

enum rules_verdict
select_glob(const struct select *s, const struct select_name *n)
{
	if (is_out(n->directory ? &s->directories : &s->files, n->name, n->length, false))
		return RULES_IGNORE;
	for (size_t i = s->choice_count; i-- > 0;)
		if (is_chosen(&s->choices[i], n))
			return s->choices[i].keep ? RULES_KEEP : RULES_IGNORE;
	return s->keeps && !n->directory ? RULES_IGNORE : RULES_NONE;
}

enum rules_verdict
select_type(struct select *s, const struct select_name *n)
{
	if (s->types == NULL || n->directory)
		return RULES_NONE;
	return types_match(s->types, n->name, n->length);
}
