#include "gitconfig.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "walk/content.h"
#include "walk/glob.h"

enum {
	FILE_MAX = 1024 * 1024,
	INCLUDE_DEPTH_MAX = 10, /* as git */
	INCLUDES_MAX = 100,     /* so that includes of includes end */
	CONDITIONS_MAX = 200,   /* that are looked at; the rest do not hold */
	BYTES_MAX = 4 * 1024 * 1024, /* of a repository's files together; and of the user's */
	WORD_MAX = 1024,
	ENVIRONMENT_MAX = 1000,
};

/* The configuration, while it is read. */
struct reading {
	struct gitconfig *config;
	const struct gitconfig_place *place;
	unsigned int depth, includes, conditions;
	size_t bytes; /* that were read */
	bool worktree; /* extensions.worktreeConfig */
	bool failed;   /* no memory */
};

/* A file of it. */
struct parser {
	struct reading *reading;
	const char *path;
	const char *at, *end;
	char section[WORD_MAX];    /* in lower case */
	char subsection[WORD_MAX]; /* as it is written */
	bool tested, holds;        /* the section's condition */
	char key[WORD_MAX];
	char value[WORD_MAX * 4];
};

static void read_file(struct reading *r, int at, const char *path);

/* A path as a value has it: "~/" is the home. To be freed. */
static char *
expand(const char *path)
{
	const char *home = getenv("HOME");
	char *expanded;

	if (strncmp(path, "~/", 2) != 0)
		return strdup(path);
	return asprintf(&expanded, "%s%s", home != NULL ? home : "", path + 1) == -1 ? NULL : expanded;
}

/* The same, relative to the directory of the file that it stands in. */
static char *
expand_beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	char *joined;

	if (*path == '/' || *path == '~' || slash == NULL)
		return expand(path);
	return asprintf(&joined, "%.*s%s", (int)(slash + 1 - file), file, path) == -1 ? NULL : joined;
}

static bool
is_true(const char *value)
{
	return value == NULL || strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
	    strcasecmp(value, "on") == 0 || strtol(value, NULL, 0) != 0;
}

/* Whether an includeIf's condition holds. */
static bool
test_condition(const struct parser *p, const char *condition)
{
	const char *git = p->reading->place->absolute, *why;
	bool caseless = strncasecmp(condition, "gitdir/i:", 9) == 0, result = false;
	char *path, *pattern = NULL;
	struct glob *glob;

	if (git == NULL || (!caseless && strncasecmp(condition, "gitdir:", 7) != 0))
		return false;
	condition = strchr(condition, ':') + 1;
	path = strncmp(condition, "./", 2) == 0 ? expand_beside(p->path, condition + 2)
	    : expand(condition);
	if (path != NULL && asprintf(&pattern, "%s%s%s", *path == '/' ? "" : "**/", path,
	    *path != '\0' && path[strlen(path) - 1] == '/' ? "**" : "") == -1)
		pattern = NULL;
	glob = pattern == NULL ? NULL
	    : glob_compile(pattern, strlen(pattern), caseless ? GLOB_CASELESS : 0, &why);
	result = glob != NULL && glob_match(glob, git, strlen(git));
	free(glob);
	free(pattern);
	free(path);
	return result;
}

/* The same, of the section; looked at once, however many paths stand there. */
static bool
holds(struct parser *p)
{
	if (p->tested)
		return p->holds;
	p->tested = true;
	p->holds = p->reading->conditions < CONDITIONS_MAX && test_condition(p, p->subsection);
	p->reading->conditions++;
	return p->holds;
}

static void
include(struct parser *p, const char *path)
{
	struct reading *r = p->reading;
	char *place;

	if (r->depth >= INCLUDE_DEPTH_MAX || r->includes >= INCLUDES_MAX)
		return;
	r->includes++;
	r->depth++;
	place = expand_beside(p->path, path);
	if (place != NULL)
		read_file(r, r->place->at, place);
	free(place);
	r->depth--;
}

/* A setting: section and key in lower case; value NULL: it has none. */
static void
set(struct reading *r, const char *section, const char *key, const char *value)
{
	char *excludes;

	if (strcmp(section, "core") == 0 && strcmp(key, "excludesfile") == 0 && value != NULL) {
		excludes = expand(value);
		r->failed |= excludes == NULL;
		free(r->config->excludes);
		r->config->excludes = excludes;
	} else if (strcmp(section, "core") == 0 && strcmp(key, "ignorecase") == 0) {
		r->config->fold = is_true(value);
	} else if (strcmp(section, "extensions") == 0 && strcmp(key, "worktreeconfig") == 0) {
		r->worktree = is_true(value);
	}
}

static void
take_setting(struct parser *p, const char *value)
{
	bool plain = *p->subsection == '\0';

	if (strcmp(p->key, "path") == 0 && value != NULL &&
	    ((plain && strcmp(p->section, "include") == 0) ||
	    (strcmp(p->section, "includeif") == 0 && holds(p))))
		include(p, value);
	else if (plain)
		set(p->reading, p->section, p->key, value);
}

/* The next character; "\r\n" is a newline; the end is one, too. */
static int
next(struct parser *p)
{
	if (p->at >= p->end)
		return '\n';
	if (*p->at == '\r' && p->at + 1 < p->end && p->at[1] == '\n')
		p->at++;
	return (unsigned char)*p->at++;
}

/* Adds to a word; what is too long is cut. */
static size_t
append(char *word, size_t length, size_t size, int c)
{
	if (length + 1 < size)
		word[length++] = (char)c;
	word[length] = '\0';
	return length;
}

/* A section's head, behind its '['. Returns false if it is none. */
static bool
parse_section(struct parser *p)
{
	size_t length = 0;
	int c;

	p->section[0] = p->subsection[0] = '\0';
	p->tested = false;
	while (isalnum(c = next(p)) || c == '-' || c == '.')
		length = append(p->section, length, sizeof(p->section), tolower(c));
	while (c == ' ' || c == '\t')
		c = next(p);
	if (c == ']')
		return true;
	if (c != '"')
		return false;
	length = 0;
	while ((c = next(p)) != '"') {
		if (c == '\\')
			c = next(p);
		if (c == '\n')
			return false;
		length = append(p->subsection, length, sizeof(p->subsection), c);
	}
	return next(p) == ']';
}

static void
skip_line(struct parser *p)
{
	while (next(p) != '\n')
		continue;
}

/* What a backslash makes of c; -1: that is none. */
static int
escaped(int c)
{
	switch (c) {
	case 't': return '\t';
	case 'b': return '\b';
	case 'n': return '\n';
	case '\\':
	case '"': return c;
	default: return -1;
	}
}

/* What stands behind the '='. */
static bool
parse_value(struct parser *p)
{
	size_t length = 0, kept = 0; /* kept: without blanks at the end */
	bool quoted = false;
	int c;

	p->value[0] = '\0';
	while ((c = next(p)) != '\n') {
		if (!quoted && isspace(c)) {
			if (length > 0)
				length = append(p->value, length, sizeof(p->value), c);
			continue;
		}
		if (!quoted && (c == ';' || c == '#')) {
			skip_line(p);
			break;
		}
		if (c == '"') {
			quoted = !quoted;
			kept = length;
			continue;
		}
		if (c == '\\') {
			if (p->at >= p->end || (c = next(p)) == '\n')
				continue;
			c = escaped(c);
			if (c == -1)
				return false;
		}
		kept = length = append(p->value, length, sizeof(p->value), c);
	}
	p->value[kept] = '\0';
	return !quoted;
}

/* A setting, at its first letter. */
static bool
parse_setting(struct parser *p)
{
	size_t length = 0;
	int c;

	while (isalnum(c = next(p)) || c == '-')
		length = append(p->key, length, sizeof(p->key), tolower(c));
	while (c == ' ' || c == '\t')
		c = next(p);
	if (c != '=' && c != '\n')
		return false;
	if (c == '=' && !parse_value(p))
		return false;
	take_setting(p, c == '=' ? p->value : NULL);
	return true;
}

/* Ends at what is no configuration. */
static void
parse(struct parser *p)
{
	bool good = true;

	if (p->end - p->at >= 3 && memcmp(p->at, "\xef\xbb\xbf", 3) == 0)
		p->at += 3;
	while (good && p->at < p->end) {
		int c = next(p);

		if (c == '#' || c == ';') {
			skip_line(p);
		} else if (c == '[') {
			good = parse_section(p);
		} else if (isalpha(c)) {
			p->at--;
			good = parse_setting(p);
		} else {
			good = isspace(c);
		}
	}
}

static void
read_file(struct reading *r, int at, const char *path)
{
	struct parser *p = calloc(1, sizeof(*p));
	struct content c = { 0 };
	size_t left = BYTES_MAX - r->bytes, max = left < FILE_MAX ? left : FILE_MAX;

	r->failed |= p == NULL;
	if (p != NULL && content_read(&c, at, path, true, max) == 0) {
		r->bytes += c.length;
		p->reading = r;
		p->path = path;
		p->at = c.text;
		p->end = c.text + c.length;
		parse(p);
	} else {
		r->failed |= errno == ENOMEM;
	}
	free(c.text);
	free(p);
}

/* The user's own directory of configuration files, and a name in it. To be freed. */
static char *
user_file(const char *name)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path;
	int length;

	if (base != NULL && *base != '\0')
		length = asprintf(&path, "%s/git/%s", base, name);
	else if (home != NULL)
		length = asprintf(&path, "%s/.config/git/%s", home, name);
	else
		return NULL;
	return length == -1 ? NULL : path;
}

static void
read_named(struct reading *r, char *path)
{
	if (path != NULL)
		read_file(r, AT_FDCWD, path);
	free(path);
}

static void
read_user(struct reading *r)
{
	const char *system = getenv("GIT_CONFIG_SYSTEM"), *none = getenv("GIT_CONFIG_NOSYSTEM");
	const char *global = getenv("GIT_CONFIG_GLOBAL");

	if (none == NULL || !is_true(none))
		read_file(r, AT_FDCWD, system != NULL ? system : "/etc/gitconfig");
	if (global != NULL) {
		read_file(r, AT_FDCWD, global);
		return;
	}
	read_named(r, user_file("config"));
	read_named(r, expand("~/.gitconfig"));
}

static void
read_repository(struct reading *r)
{
	const struct gitconfig_place *place = r->place;
	char *path;

	if (place->git == NULL)
		return;
	/* What the user has is not to keep the repository's from being read. */
	r->bytes = r->includes = r->conditions = 0;
	if (asprintf(&path, "%s/config", place->common) == -1)
		path = NULL;
	if (path != NULL)
		read_file(r, place->at, path);
	free(path);
	if (!r->worktree || asprintf(&path, "%s/config.worktree", place->git) == -1)
		return;
	read_file(r, place->at, path);
	free(path);
}

/* GIT_CONFIG_COUNT and what it counts. */
static void
read_environment(struct reading *r)
{
	const char *text = getenv("GIT_CONFIG_COUNT");
	long count = text != NULL ? strtol(text, NULL, 10) : 0;

	for (long i = 0; i < count && i < ENVIRONMENT_MAX; i++) {
		char name[64], *key, *dot;
		const char *value;

		snprintf(name, sizeof(name), "GIT_CONFIG_VALUE_%ld", i);
		value = getenv(name);
		snprintf(name, sizeof(name), "GIT_CONFIG_KEY_%ld", i);
		if (getenv(name) == NULL || (key = strdup(getenv(name))) == NULL)
			continue;
		for (char *c = key; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		dot = strchr(key, '.');
		if (dot != NULL) {
			*dot = '\0';
			set(r, key, dot + 1, value);
		}
		free(key);
	}
}

int
gitconfig_read(struct gitconfig *c, const struct gitconfig_place *place)
{
	struct reading r = { .config = c, .place = place };

	*c = (struct gitconfig){ 0 };
	read_user(&r);
	read_repository(&r);
	read_environment(&r);
	if (c->excludes == NULL)
		c->excludes = user_file("ignore");
	if (!r.failed)
		return 0;
	free(c->excludes);
	c->excludes = NULL;
	errno = ENOMEM;
	return -1;
}
