#include "braces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct expansion {
	int (*each)(void *ctx, const char *glob);
	void *ctx;
	size_t count;
	const char *why;
};

static int
fail(struct expansion *e, const char *why)
{
	e->why = why;
	errno = EINVAL;
	return -1;
}

/* Behind what has no braces of meaning: an escaped byte, brackets, or one byte. */
static const char *
skip(const char *at)
{
	const char *close;

	if (*at == '\\' && at[1] != '\0')
		return at + 2;
	if (*at == '[') {
		close = at + 1 + (at[1] == '!' || at[1] == '^');
		close = *close != '\0' ? strchr(close + 1, ']') : NULL;
		if (close != NULL)
			return close + 1;
	}
	return at + 1;
}

/* The brace that closes the one before at. NULL: none does. */
static const char *
closing(const char *at)
{
	size_t depth = 1;

	while (*at != '\0') {
		depth += *at == '{';
		if (*at == '}' && --depth == 0)
			return at;
		at = skip(at);
	}
	return NULL;
}

/* The end of an alternative: the next comma that lies in no brace, or its closing one. */
static const char *
alternative_end(const char *at)
{
	size_t depth = 0;

	while (depth > 0 || (*at != ',' && *at != '}')) {
		if (*at == '{')
			depth++;
		else if (*at == '}')
			depth--;
		at = skip(at);
	}
	return at;
}

static int expand(struct expansion *e, const char *text, size_t start);

static int
expand_one(struct expansion *e, const char *text, const char *open, const char *from,
    const char *end, const char *close)
{
	char *glob;
	int result;

	if (asprintf(&glob, "%.*s%.*s%s", (int)(open - text), text, (int)(end - from), from,
	    close + 1) == -1)
		return -1;
	result = expand(e, glob, (size_t)(open - text));
	free(glob);
	return result;
}

/* What stands before start is done. */
static int
expand(struct expansion *e, const char *text, size_t start)
{
	const char *open = text + start, *close, *from;

	while (*open != '\0' && *open != '{' && *open != '}')
		open = skip(open);
	if (*open == '}')
		return fail(e, "'}' without '{'");
	if (*open == '\0')
		return ++e->count > BRACES_MAX ? fail(e, "it stands for too many globs")
		    : e->each(e->ctx, text);
	close = closing(open + 1);
	if (close == NULL)
		return fail(e, "'{' without '}'");
	for (from = open + 1; from <= close;) {
		const char *end = alternative_end(from);

		/* An empty one is none. */
		if (end > from && expand_one(e, text, open, from, end, close) == -1)
			return -1;
		from = end + 1;
	}
	return 0;
}

int
braces_expand(const char *text, int (*each)(void *ctx, const char *glob), void *ctx,
    const char **why)
{
	struct expansion e = { .each = each, .ctx = ctx };
	int result = expand(&e, text, 0);

	*why = e.why;
	return result;
}
