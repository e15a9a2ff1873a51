/*
 * The parser of ignore files and the matching of globs: the input's first line
 * is a path, the rest an ignore file.  All of its lines must say of the path
 * what the last of them that says something says alone, and soon.
 */
#include <stdlib.h>
#include <string.h>

#include "walk/rules.h"

enum { LINES_MAX = 40 };

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct input {
	char path[4096];
	size_t length, directory; /* of the path; of its directory */
	const char *text;
	size_t size;
};

static bool
read_input(struct input *in, const char *data, size_t size)
{
	const char *newline = memchr(data, '\n', size), *slash;

	in->length = newline != NULL ? (size_t)(newline - data) : size;
	in->text = data + in->length + (newline != NULL);
	in->size = size - (size_t)(in->text - data);
	if (in->length == 0 || in->length >= sizeof(in->path) || memchr(data, '\0', in->length) != NULL)
		return false;
	memcpy(in->path, data, in->length);
	in->path[in->length] = '\0';
	slash = strrchr(in->path, '/');
	in->directory = slash != NULL ? (size_t)(slash + 1 - in->path) : 0;
	return in->length > in->directory && in->length - in->directory <= RULES_NAME_MAX;
}

static enum rules_verdict
verdict(const struct input *in, const char *text, size_t size, bool fold)
{
	struct rules *r = rules_parse(text, size, fold);
	static struct rules_name name;
	struct rules_view view = { 0 };
	const struct rules_place place = { .path = in->path, .length = in->directory,
		.beneath = true, .hash = rules_hash(in->path, in->directory) };
	enum rules_verdict result = RULES_NONE;
	struct rules_work work = { 0 };

	if (r == NULL)
		return result;
	rules_name_set(&name, in->path, in->length, in->length - in->directory);
	if (rules_view_set(&view, r, &place, &work) == 0)
		result = rules_match(&view, &name, in->length % 2, &work);
	rules_view_fini(&view);
	rules_free(r);
	return result;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static struct input in;
	enum rules_verdict last = RULES_NONE, alone;
	bool fold = size % 3 == 0;
	const char *at, *end;
	size_t lines = 0;

	if (!read_input(&in, (const char *)data, size))
		return 0;
	end = in.text + in.size;
	for (at = in.text; at < end && lines < LINES_MAX; lines++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline + 1 : end;

		alone = verdict(&in, at, (size_t)(stop - at), fold);
		last = alone != RULES_NONE ? alone : last;
		at = stop;
	}
	/* A mark of UTF-8 is one at the start only. */
	if (verdict(&in, in.text, (size_t)(at - in.text), fold) != last &&
	    memmem(in.text, in.size, "\xef\xbb\xbf", 3) == NULL)
		abort();
	return 0;
}
