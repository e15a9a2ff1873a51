/*
 * The command line: the words of the input, one a line, as options_parse takes
 * them.  Whatever they are, either they make options that hold together, or one
 * line says what is wrong.
 */
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "tests/fuzz/words.h"

enum { WORDS_MAX = 64, LENGTH_MAX = 4096 };

/* Cuts text at its newlines. Returns how many words there are. */
static int
cut(char *text, char **words)
{
	int count = 0;
	static char name[] = "pgrep-r";

	words[count++] = name;
	for (char *word; count < WORDS_MAX && (word = strsep(&text, "\n")) != NULL;)
		words[count++] = word;
	words[count] = NULL;
	return count;
}

static void
check_message(const char *message)
{
	expect(message != NULL && message[0] != '\0', "a message says what is wrong");
}

static void
check_options(const struct options *o)
{
	if (o->mode == MODE_HELP || o->mode == MODE_VERSION)
		return;
	expect(o->mode != MODE_SEARCH || o->patterns_given || o->pattern_count > 0,
	    "a search has a pattern");
	for (size_t i = 0; i < o->pattern_count; i++) {
		expect(o->patterns[i].text[o->patterns[i].length] == '\0', "a NUL ends a pattern");
		expect(memchr(o->patterns[i].text, '\n', o->patterns[i].length) == NULL,
		    "a pattern is one line");
	}
	for (size_t i = 0; i < o->path_count; i++)
		expect(o->paths[i] != NULL, "a path is a path");
	expect(o->paths == NULL || o->path_count <= WORDS_MAX, "no path is made up");
	expect(o->shards == 0 ? o->shard == 0 : o->shard >= 1 && o->shard <= o->shards,
	    "a shard is one of its number");
	expect(o->jobs <= 1024, "there are not too many jobs");
	expect(!o->untrusted || o->sandbox != OPTION_SANDBOX_OFF, "what is not trusted is in a sandbox");
	expect(o->max_line > 0, "a line may have a length");
	expect(o->file_timeout >= 0 && o->deadline >= 0, "no time is below nothing");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[LENGTH_MAX + 1], *words[WORDS_MAX + 1], *message = NULL;
	struct options options;
	int count;

	if (size > LENGTH_MAX)
		return -1;
	harmless(text, data, size);
	text[size] = '\0';
	count = cut(text, words);
	optind = 0;
	if (options_parse(&options, count, words, &message) == -1)
		check_message(message);
	else
		check_options(&options);
	free(message);
	options_free(&options);
	return 0;
}
