#include "cli/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const uint64_t memory_max = (uint64_t)1 << 40;
static const int64_t second = 1000000000;

static int
complain(char **message, const char *option, const char *text, const char *wrong)
{
	if (asprintf(message, "%s: '%s' is %s", option, text, wrong) == -1)
		*message = NULL;
	return -1;
}

int
values_number(const char *text, long long most, const char *option, uint64_t *value,
    char **message)
{
	const char *wrong = NULL;

	*value = (uint64_t)strtonum(text, 0, most, &wrong);
	if (wrong == NULL)
		return 0;
	return complain(message, option, text, strcmp(wrong, "invalid") == 0 ? "not a number" : wrong);
}

int
values_count(const char *text, const char *option, uint64_t *value, char **message)
{
	if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
		return complain(message, option, text, "not a number");
	*value = strtoull(text, NULL, 10);
	if (*value > INT64_MAX)
		*value = INT64_MAX;
	return 0;
}

int
values_fraction(const char *text, const char *option, uint64_t *part, uint64_t *parts,
    char **message)
{
	unsigned long long k, n;
	int end = 0;

	if (!isdigit((unsigned char)*text) || sscanf(text, "%18llu/%n%18llu%n", &k, &end, &n, &end) != 2 ||
	    text[end] != '\0' || !isdigit((unsigned char)strchr(text, '/')[1]) || k < 1 || k > n)
		return complain(message, option, text, "not K/N with 1 <= K <= N");
	*part = k;
	*parts = n;
	return 0;
}

int
values_size(const char *text, const char *option, uint64_t least, uint64_t most, uint64_t *value,
    char **message)
{
	if (!isdigit((unsigned char)*text) || expand_number(text, value) == -1)
		return complain(message, option, text, "not a size such as 512K, 64M or 1G");
	if (*value < least)
		return complain(message, option, text, "too small");
	if (*value > most)
		return complain(message, option, text, "too large");
	return 0;
}

int
values_memory(const char *text, const char *option, uint64_t least, size_t *value, char **message)
{
	uint64_t number;

	if (values_size(text, option, least, memory_max, &number, message) == -1)
		return -1;
	*value = (size_t)number;
	return 0;
}

int
values_duration(const char *text, const char *option, int64_t *ns, char **message)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = { { "", 1000000000LL }, { "ms", 1000000LL }, { "s", 1000000000LL },
		{ "m", 60000000000LL }, { "h", 3600000000000LL }, { "d", 86400000000000LL } };
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	for (size_t i = 0; isdigit((unsigned char)*text) && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0) {
			if (errno != 0 || number > INT64_MAX / 4 / units[i].ns)
				return complain(message, option, text, "too long");
			*ns = number * units[i].ns;
			return 0;
		}
	return complain(message, option, text, "not a duration such as 500ms, 10s, 5m or 2h");
}

/* Returns 0, or -1: it is no time. */
static int
read_time(const char *text, int64_t *ns)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "@%s" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		time_t seconds;
		int day;

		if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0))
			continue;
		day = tm.tm_mday;
		seconds = *end == '\0' ? mktime(&tm) : timegm(&tm);
		/* There is no 30th of February. */
		if (strchr(forms[i], 'd') != NULL && tm.tm_mday != day)
			return -1;
		if (seconds > INT64_MAX / second || seconds < INT64_MIN / second)
			return -1;
		*ns = seconds * second;
		return 0;
	}
	return -1;
}

int
values_time(const char *text, const char *option, int64_t *ns, char **message)
{
	struct stat st;

	if (stat(text, &st) == 0)
		*ns = st.st_mtim.tv_sec * second + st.st_mtim.tv_nsec;
	else if (read_time(text, ns) == -1)
		return complain(message, option, text,
		    "neither a file nor a time such as 2026-01-31 or 2026-01-31T12:00");
	return 0;
}

int
values_ago(const char *text, const char *option, int64_t *ns, char **message)
{
	struct timespec now;
	int64_t duration;

	if (values_duration(text, option, &duration, message) == -1)
		return -1;
	clock_gettime(CLOCK_REALTIME, &now);
	*ns = now.tv_sec * second + now.tv_nsec - duration;
	return 0;
}

int
values_word(const char *text, const char *option, const char *const *words, size_t count,
    char **message)
{
	char *list = NULL, *longer;

	for (size_t i = 0; i < count; i++)
		if (strcmp(text, words[i]) == 0)
			return (int)i;
	if (message == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *before = count == 1 ? "not " : i == 0 ? "none of " : i + 1 == count ? " and " : ", ";

		if (asprintf(&longer, "%s%s%s", list ? list : "", before, words[i]) == -1)
			longer = NULL;
		free(list);
		list = longer;
	}
	complain(message, option, text, list ? list : "unknown");
	free(list);
	return -1;
}
