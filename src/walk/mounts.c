#include "mounts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usual[] = "proc,sysfs,devpts,debugfs,tracefs,cgroup,cgroup2,bpf,bpf_fs,"
    "securityfs,selinuxfs,smackfs,pstore,efivarfs,fusectl,configfs,mqueue,binfmt_misc,nsfs,"
    "rpc_pipefs,nfsd";

struct mount {
	uint64_t number;
	char *point;
};

struct mounts {
	struct mount *list;
	size_t count;
};

static bool
is_listed(const char *types, const char *type)
{
	size_t length = strlen(type);

	for (const char *at = types; *at != '\0';) {
		size_t part = strcspn(at, ",");

		if (part == length && memcmp(at, type, length) == 0)
			return true;
		at += part + (at[part] == ',');
	}
	return false;
}

/* Makes of the escapes of a mount point what they stand for. */
static void
unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0';) {
		unsigned int byte;

		if (*from == '\\' && sscanf(from + 1, "%3o", &byte) == 1 && strlen(from) >= 4) {
			*to++ = (char)byte;
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

static int
add(struct mounts *m, uint64_t number, const char *point)
{
	struct mount *bigger = reallocarray(m->list, m->count + 1, sizeof(*bigger));
	char *copy = strdup(point);

	if (bigger != NULL)
		m->list = bigger;
	if (bigger == NULL || copy == NULL) {
		free(copy);
		return -1;
	}
	unescape(copy);
	bigger[m->count++] = (struct mount){ number, copy };
	return 0;
}

/* number parent device root point options... - type source options */
static int
take_line(struct mounts *m, char *line, const char *types)
{
	char *dash = strstr(line, " - "), *field[5], *rest = line;
	uint64_t number;
	char *type;

	if (dash == NULL)
		return 0;
	type = dash + 3;
	type[strcspn(type, " \n")] = '\0';
	for (size_t i = 0; i < 5; i++)
		if ((field[i] = strsep(&rest, " ")) == NULL)
			return 0;
	if (!is_listed(types, type) || sscanf(field[0], "%" SCNu64, &number) != 1)
		return 0;
	return add(m, number, field[4]);
}

struct mounts *
mounts_open(const char *types)
{
	struct mounts *m = calloc(1, sizeof(*m));
	/* Without it, nothing is known to be of any type. */
	FILE *from = m == NULL ? NULL : fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;
	int result = 0;

	while (from != NULL && result == 0 && getline(&line, &size, from) != -1)
		result = take_line(m, line, types != NULL ? types : usual);
	free(line);
	if (from != NULL)
		fclose(from);
	if (result == 0)
		return m;
	mounts_close(m);
	return NULL;
}

void
mounts_close(struct mounts *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->count; i++)
		free(m->list[i].point);
	free(m->list);
	free(m);
}

bool
mounts_beneath(const struct mounts *m, const char *operand)
{
	char *real = m->count == 0 ? NULL : realpath(operand, NULL);
	size_t length = real != NULL ? strlen(real) : 0;
	bool found = m->count > 0 && real == NULL;

	if (length == 1)
		length = 0;
	for (size_t i = 0; real != NULL && i < m->count && !found; i++)
		found = strncmp(m->list[i].point, real, length) == 0 &&
		    m->list[i].point[length] == '/';
	free(real);
	return found;
}

bool
mounts_skipped(const struct mounts *m, uint64_t number)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i].number == number)
			return true;
	return false;
}
