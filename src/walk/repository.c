#include "repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "walk/content.h"

enum { POINTER_MAX = 64 * 1024 };

bool
repository_is_top(int directory)
{
	struct stat st;

	return fstatat(directory, ".git", &st, 0) == 0 && (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode));
}

/* A path that a file holds behind a prefix; NULL: none. To be freed. */
static char *
read_pointer(int at, const char *file, const char *prefix)
{
	size_t skipped = strlen(prefix);
	struct content c;

	if (content_read(&c, at, file, true, POINTER_MAX) == -1)
		return NULL;
	while (c.length > 0 && strchr("\r\n", c.text[c.length - 1]) != NULL)
		c.text[--c.length] = '\0';
	if (strncmp(c.text, prefix, skipped) != 0 || c.length == skipped) {
		free(c.text);
		return NULL;
	}
	memmove(c.text, c.text + skipped, c.length - skipped + 1);
	return c.text;
}

/* The git directory, relative to its top. To be freed. */
static char *
find_git(int directory)
{
	char *pointer = read_pointer(directory, ".git", "gitdir: ");

	return pointer != NULL ? pointer : strdup(".git");
}

/* The one that a linked worktree shares with its repository. To be freed. */
static char *
find_common(int directory, const char *git)
{
	char *file, *pointer, *common;

	if (asprintf(&file, "%s/commondir", git) == -1)
		return NULL;
	pointer = read_pointer(directory, file, "");
	free(file);
	if (pointer == NULL)
		return strdup(git);
	if (*pointer == '/')
		return pointer;
	if (asprintf(&common, "%s/%s", git, pointer) == -1)
		common = NULL;
	free(pointer);
	return common;
}

/* The real path of the git directory, as conditions have it. To be freed; NULL: not known. */
static char *
real_path(const char *top, const char *git)
{
	char *joined, *real;

	if (*git == '/')
		return realpath(git, NULL);
	if (*top == '\0' || asprintf(&joined, "%s%s", top, git) == -1)
		return NULL;
	real = realpath(joined, NULL);
	free(joined);
	return real;
}

int
repository_read(struct repository *r, int directory, const char *path)
{
	struct gitconfig_place place = { .at = directory };
	char *git = NULL, *common = NULL, *absolute = NULL;
	int result;

	*r = (struct repository){ 0 };
	if (directory == -1)
		return gitconfig_read(&r->config, &place);
	git = find_git(directory);
	common = git == NULL ? NULL : find_common(directory, git);
	absolute = git == NULL ? NULL : real_path(path, git);
	place = (struct gitconfig_place){ directory, git, common, absolute };
	result = common == NULL || asprintf(&r->exclude, "%s/info/exclude", common) == -1 ? -1
	    : gitconfig_read(&r->config, &place);
	free(git);
	free(common);
	free(absolute);
	if (result == -1) {
		free(r->exclude);
		*r = (struct repository){ 0 };
		errno = ENOMEM;
	}
	return result;
}

void
repository_fini(struct repository *r)
{
	free(r->exclude);
	free(r->config.excludes);
	*r = (struct repository){ 0 };
}
