#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/table.h"
#include "jobs/siphash.h"
#include "settings.h"

/* Of these any run may have others: how it is done, not what. */
static const int of_one_run[] = { 'j', 's', LONG_SANDBOX, LONG_FILE_TIMEOUT, LONG_DEADLINE,
	LONG_WORKER_MEMORY, LONG_ACCEL, LONG_NOTHING, LONG_SORT, LONG_PROGRESS, LONG_LOCK,
	LONG_CONFIG, LONG_NO_CONFIG, LONG_RESUME, LONG_SINCE_STATE,
	/* The patterns themselves say it. */
	'e', 'f' };

/* Where it goes to. */
static const int of_output[] = { LONG_OUTPUT, LONG_LEDGER, LONG_LEDGER_ALL, LONG_STATS };

static bool
is_among(int key, const int *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i] == key)
			return true;
	return false;
}

static void
add_text(struct siphash *h, const char *text, size_t length)
{
	siphash_add_word(h, length);
	siphash_add(h, text, length);
}

static void
add_search(struct siphash *h, const struct options *o, bool output)
{
	static const uint64_t zeros[2];

	siphash_init(h, zeros);
	/* Another version may print other bytes. */
	add_text(h, VERSION, strlen(VERSION));
	for (size_t i = 0; i < o->given_count; i++) {
		const struct options_given *given = &o->given[i];

		if (is_among(given->key, of_one_run, sizeof(of_one_run) / sizeof(int)) ||
		    (!output && is_among(given->key, of_output, sizeof(of_output) / sizeof(int))))
			continue;
		siphash_add_word(h, (uint64_t)given->key);
		siphash_add_word(h, given->argument);
	}
	siphash_add_word(h, o->pattern_count);
	for (size_t i = 0; i < o->pattern_count; i++)
		add_text(h, o->patterns[i].text, o->patterns[i].length);
	for (size_t i = 0; i < o->path_count; i++)
		add_text(h, o->paths[i], strlen(o->paths[i]));
}

uint64_t
command_search(const struct options *o)
{
	struct siphash h;

	add_search(&h, o, false);
	return siphash_end(&h);
}

uint64_t
command_output(const struct options *o)
{
	const bool color = settings_color(o);
	const char *colors = color ? getenv("GREP_COLORS") : NULL;
	struct siphash h;

	add_search(&h, o, true);
	siphash_add_word(&h, settings_escape(o));
	siphash_add_word(&h, color);
	if (colors != NULL)
		add_text(&h, colors, strlen(colors));
	return siphash_end(&h);
}

uint64_t
command_roots(const struct options *o)
{
	static const uint64_t zeros[2];
	struct siphash h;

	siphash_init(&h, zeros);
	for (size_t i = 0; i < o->path_count || i == 0; i++) {
		struct stat st = { 0 };
		const char *path = i < o->path_count ? o->paths[i] : ".";

		if (strcmp(path, "-") != 0 && stat(path, &st) == -1)
			st = (struct stat){ 0 };
		/* What is no directory may be written anew in between. */
		siphash_add_word(&h, S_ISDIR(st.st_mode));
		if (S_ISDIR(st.st_mode)) {
			siphash_add_word(&h, st.st_dev);
			siphash_add_word(&h, st.st_ino);
		}
	}
	return siphash_end(&h);
}
