#include "types.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "walk/braces.h"
#include "walk/glob.h"
#include "walk/types_table.h"

struct definition {
	char *name;
	char **globs;
	size_t count;
};

struct types {
	struct definition *list; /* sorted by name */
	size_t count;
	struct rules *rules; /* of those that were chosen; NULL: none were */
	bool includes;       /* some were asked for */
	struct rules_view view;
	struct rules_name name;
	char *message;
};

static int
fail(struct types *t, const char *what, const char *about)
{
	if (asprintf(&t->message, what, about) == -1)
		t->message = NULL;
	return -1;
}

static int
compare_globs(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int
add_glob(struct definition *d, const char *glob, size_t length)
{
	char **bigger = reallocarray(d->globs, d->count + 1, sizeof(*bigger));

	if (bigger == NULL)
		return -1;
	d->globs = bigger;
	bigger[d->count] = strndup(glob, length);
	return bigger[d->count] == NULL ? -1 : (d->count++, 0);
}

static int
compare_definitions(const void *left, const void *right)
{
	return strcmp(((const struct definition *)left)->name,
	    ((const struct definition *)right)->name);
}

static struct definition *
find(const struct types *t, const char *name)
{
	const struct definition wanted = { .name = (char *)(uintptr_t)name };

	return t->count == 0 ? NULL
	    : bsearch(&wanted, t->list, t->count, sizeof(*t->list), compare_definitions);
}

/* The definition of this name, which may be new. */
static struct definition *
define(struct types *t, const char *name)
{
	struct definition *d = find(t, name), *bigger;
	char *copy;

	if (d != NULL)
		return d;
	copy = strdup(name);
	bigger = reallocarray(t->list, t->count + 1, sizeof(*bigger));
	if (bigger != NULL)
		t->list = bigger;
	if (bigger == NULL || copy == NULL) {
		free(copy);
		return NULL;
	}
	bigger[t->count++] = (struct definition){ .name = copy };
	qsort(bigger, t->count, sizeof(*bigger), compare_definitions);
	return find(t, name);
}

static int
load_table(struct types *t)
{
	size_t count;
	const struct types_entry *table = types_table(&count);

	t->list = reallocarray(NULL, count, sizeof(*t->list));
	if (t->list == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct definition *d = &t->list[i];

		*d = (struct definition){ .name = strdup(table[i].name) };
		t->count++;
		for (const char *at = table[i].globs; d->name != NULL && *at != '\0';) {
			size_t length = strcspn(at, " ");

			if (add_glob(d, at, length) == -1)
				return -1;
			at += length + (at[length] == ' ');
		}
		if (d->name == NULL)
			return -1;
	}
	return 0;
}

static int
unknown(struct types *t, const char *name)
{
	size_t nearest_distance = strlen(name) / 3 + 2;
	const char *nearest = NULL;

	for (size_t i = 0; i < t->count; i++) {
		size_t distance = table_distance(name, strlen(name), t->list[i].name);

		if (distance < nearest_distance) {
			nearest_distance = distance;
			nearest = t->list[i].name;
		}
	}
	if (nearest == NULL)
		return fail(t, "unknown file type '%s'; see --type-list", name);
	if (asprintf(&t->message, "unknown file type '%s'; did you mean '%s'? See --type-list", name,
	    nearest) == -1)
		t->message = NULL;
	return -1;
}

static int
check_glob(void *ctx, const char *text)
{
	const char **why = ctx;
	struct glob *glob = glob_compile(text, strlen(text), 0, why);

	if (glob == NULL)
		return -1;
	free(glob);
	return 0;
}

/* "name:include:a,b" */
static int
add_included(struct types *t, const char *name, const char *list)
{
	char *copy = strdup(list), *rest = copy, *part;
	int result = copy == NULL ? -1 : 0;

	while (result == 0 && (part = strsep(&rest, ",")) != NULL) {
		struct definition *from = find(t, part);
		struct definition *to;
		size_t count;

		if (from == NULL) {
			result = unknown(t, part);
			break;
		}
		count = from->count;
		to = define(t, name);
		/* It may have moved. */
		from = find(t, part);
		for (size_t i = 0; result == 0 && i < count; i++)
			result = to == NULL ? -1 : add_glob(to, from->globs[i], strlen(from->globs[i]));
	}
	free(copy);
	return result;
}

static bool
is_name(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && (unsigned char)*c < 0x80)
			return false;
	return *name != '\0' && strcmp(name, "all") != 0;
}

static int
add_type(struct types *t, const char *text)
{
	const char *colon = strchr(text, ':'), *why = NULL;
	char *name = strndup(text, colon != NULL ? (size_t)(colon - text) : 0);
	struct definition *d;
	int result;

	if (name == NULL)
		return -1;
	if (!is_name(name) || colon[1] == '\0') {
		result = fail(t, "--type-add: '%s' is not NAME:GLOB or NAME:include:NAME,...", text);
	} else if (strncmp(colon, ":include:", 9) == 0) {
		result = add_included(t, name, colon + 9);
	} else if (braces_expand(colon + 1, check_glob, &why, &why) == -1) {
		result = errno == EINVAL ? fail(t, "--type-add: '%s' is no glob", colon + 1) : -1;
	} else {
		d = define(t, name);
		result = d == NULL ? -1 : add_glob(d, colon + 1, strlen(colon + 1));
	}
	free(name);
	return result;
}

static void
clear(struct types *t, const char *name)
{
	struct definition *d = find(t, name);

	if (d == NULL)
		return;
	for (size_t i = 0; i < d->count; i++)
		free(d->globs[i]);
	free(d->globs);
	free(d->name);
	t->count--;
	memmove(d, d + 1, (t->count - (size_t)(d - t->list)) * sizeof(*d));
}

/* Lines of an ignore file that say the same as the types that are chosen. */
struct lines {
	FILE *to;
	const char *sign;
};

static int
write_line(void *ctx, const char *glob)
{
	const struct lines *l = ctx;
	const char *escape = *glob == '!' || *glob == '#' ? "\\" : "";

	return fprintf(l->to, "%s%s%s\n", l->sign, escape, glob) < 0 ? -1 : 0;
}

static int
choose_one(const struct definition *d, const struct lines *l)
{
	const char *why;

	for (size_t i = 0; i < d->count; i++)
		if (braces_expand(d->globs[i], write_line, (void *)(uintptr_t)l, &why) == -1)
			return -1;
	return 0;
}

static int
choose(struct types *t, const char *name, bool wanted, FILE *to)
{
	const struct lines lines = { to, wanted ? "!" : "" };
	struct definition *d = find(t, name);
	int result = 0;

	t->includes |= wanted;
	if (strcmp(name, "all") != 0)
		return d == NULL ? unknown(t, name) : choose_one(d, &lines);
	for (size_t i = 0; i < t->count && result == 0; i++)
		result = choose_one(&t->list[i], &lines);
	return result;
}

static int
change(struct types *t, const struct options_filter *f)
{
	if (f->kind == FILTER_TYPE_ADD)
		return add_type(t, f->text);
	if (f->kind == FILTER_TYPE_CLEAR)
		clear(t, f->text);
	return 0;
}

/* All changes come first, wherever they stand. */
static int
apply(struct types *t, const struct options_filter *filters, size_t count)
{
	const struct rules_place nowhere = { .path = "" };
	struct rules_work work = { 0 };
	bool chosen = false;
	char *text = NULL;
	size_t length = 0;
	int result = 0;
	FILE *to = open_memstream(&text, &length);

	if (to == NULL)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = change(t, &filters[i]);
	for (size_t i = 0; i < count && result == 0; i++) {
		if (filters[i].kind != FILTER_TYPE && filters[i].kind != FILTER_TYPE_NOT)
			continue;
		chosen = true;
		result = choose(t, filters[i].text, filters[i].kind == FILTER_TYPE, to);
	}
	if (fclose(to) == EOF)
		result = -1;
	if (text == NULL)
		result = -1;
	if (result == 0 && chosen) {
		t->rules = rules_parse(text, length, false);
		result = t->rules == NULL ? -1 : rules_view_set(&t->view, t->rules, &nowhere, &work);
	}
	free(text);
	return result;
}

struct types *
types_open(const struct options_filter *filters, size_t count, char **message)
{
	struct types *t = calloc(1, sizeof(*t));

	*message = NULL;
	if (t == NULL)
		return NULL;
	if (load_table(t) == 0 && apply(t, filters, count) == 0)
		return t;
	*message = t->message;
	types_close(t);
	return NULL;
}

void
types_close(struct types *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++) {
		for (size_t n = 0; n < t->list[i].count; n++)
			free(t->list[i].globs[n]);
		free(t->list[i].globs);
		free(t->list[i].name);
	}
	free(t->list);
	rules_view_fini(&t->view);
	rules_free(t->rules);
	free(t);
}

bool
types_chosen(const struct types *t)
{
	return t->rules != NULL;
}

enum rules_verdict
types_match(struct types *t, const char *name, size_t length)
{
	enum rules_verdict verdict = RULES_NONE;
	struct rules_work work = { 0 };

	if (t->rules == NULL)
		return RULES_NONE;
	if (length <= RULES_NAME_MAX) {
		rules_name_set(&t->name, name, length, length);
		verdict = rules_match(&t->view, &t->name, false, &work);
	}
	return verdict == RULES_NONE && t->includes ? RULES_IGNORE : verdict;
}

bool
types_print(const struct types *t, FILE *to)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct definition *d = &t->list[i];

		qsort(d->globs, d->count, sizeof(*d->globs), compare_globs);
		if (fprintf(to, "%s:", d->name) < 0)
			return false;
		for (size_t n = 0; n < d->count; n++)
			if (fprintf(to, "%s %s", n > 0 ? "," : "", d->globs[n]) < 0)
				return false;
		if (putc('\n', to) == EOF)
			return false;
	}
	return fflush(to) == 0;
}
