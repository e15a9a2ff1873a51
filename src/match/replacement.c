#include "replacement.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A group's number, if its name is one. */
static int
number_of(const char *name, size_t length)
{
	int number = 0;

	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)name[i]))
			return REPLACEMENT_NAMED;
		/* No pattern has so many groups. */
		if (number < 1000000)
			number = number * 10 + (name[i] - '0');
	}
	return length > 0 ? number : REPLACEMENT_NAMED;
}

/*
 * A group's name, behind its '$': sets where it starts and its length, and
 * returns what is behind it; or NULL if the '$' is just that.
 */
static const char *
name_at(const char *p, const char **name, size_t *length)
{
	const char *end;

	if (*p == '{') {
		end = strchr(p, '}');
		*name = p + 1;
		*length = end != NULL ? (size_t)(end - *name) : 0;
		return end != NULL && *length > 0 ? end + 1 : NULL;
	}
	for (end = p; isalnum((unsigned char)*end) || *end == '_';)
		end++;
	*name = p;
	*length = (size_t)(end - p);
	return end > p ? end : NULL;
}

static void
add(struct replacement *r, const struct replacement_piece *piece)
{
	if (piece->length > 0)
		r->pieces[r->count++] = *piece;
}

/* Copies what it finds to r->text, names with a NUL. */
static void
parse(struct replacement *r, const char *p)
{
	char *to = r->text;

	while (*p != '\0') {
		struct replacement_piece piece = { .text = to };
		const char *name, *behind = NULL;

		if (*p == '$' && p[1] != '$')
			behind = name_at(p + 1, &name, &piece.length);
		if (behind != NULL) {
			piece.is_group = true;
			piece.number = number_of(name, piece.length);
			memcpy(to, name, piece.length);
			to += piece.length;
			*to++ = '\0';
			p = behind;
		} else {
			piece.length = 1 + strcspn(p + 1, "$");
			memcpy(to, p, piece.length);
			to += piece.length;
			/* Of two, one is left. */
			p += piece.length + (*p == '$' && piece.length == 1 && p[1] == '$');
		}
		add(r, &piece);
	}
}

struct replacement *
replacement_parse(const char *text)
{
	struct replacement *r = calloc(1, sizeof(*r));
	size_t length = strlen(text);

	if (r == NULL)
		return NULL;
	/* A piece takes two characters at least, but for the last, and a dollar. */
	r->text = malloc(2 * length + 1);
	r->pieces = reallocarray(NULL, length + 1, sizeof(*r->pieces));
	if (r->text == NULL || r->pieces == NULL) {
		replacement_free(r);
		return NULL;
	}
	parse(r, text);
	return r;
}

void
replacement_free(struct replacement *r)
{
	if (r == NULL)
		return;
	free(r->text);
	free(r->pieces);
	free(r);
}
