#include "required.h"

#include <ctype.h>
#include <string.h>

struct reader {
	const char *at, *end;
	bool basic, perl;
	const char *run;  /* where the characters at hand start, or NULL */
	const char *last; /* the last of them */
	const char *best;
	size_t best_length;
	size_t depth; /* of groups */
	bool alternatives; /* there are several */
	bool some_lack;    /* of them, or there are too many */
	struct required *found;
	bool repeatable; /* a quantifier would have something before it */
};

/* The characters at hand end before stop. */
static void
end_run(struct reader *r, const char *stop)
{
	if (r->run != NULL && r->depth == 0 && (size_t)(stop - r->run) > r->best_length) {
		r->best = r->run;
		r->best_length = (size_t)(stop - r->run);
	}
	r->run = NULL;
}

/* Another alternative begins, or none is left. */
static void
end_alternative(struct reader *r)
{
	struct required *found = r->found;

	if (r->best == NULL || found->count == REQUIRED_MAX)
		r->some_lack = true;
	else
		found->strings[found->count++] = (struct pattern_text){ .bytes = r->best,
			.length = r->best_length };
	r->best = NULL;
	r->best_length = 0;
}

/* A bar: outside of groups it tells the alternatives of the whole apart. */
static bool
bar(struct reader *r)
{
	if (r->depth > 0)
		return true;
	end_alternative(r);
	r->alternatives = true;
	return true;
}

static void
character(struct reader *r)
{
	size_t length = text_sequence(r->at, (size_t)(r->end - r->at));

	r->repeatable = true;
	if (r->run == NULL)
		r->run = r->at;
	r->last = r->at;
	r->at += length == 0 ? 1 : length;
}

/* Goes behind [:name:], being behind its '['. Returns whether it is that. */
static bool
skip_class(struct reader *r)
{
	const char *p = r->at + 1;

	if (*r->at != ':')
		return false;
	while (p < r->end && isalpha((unsigned char)*p))
		p++;
	if (r->end - p < 2 || p[0] != ':' || p[1] != ']')
		return false;
	r->at = p + 2;
	return true;
}

/* Behind a '['. Returns whether it ends. */
static bool
skip_bracket(struct reader *r)
{
	if (r->at < r->end && *r->at == '^')
		r->at++;
	for (bool first = true; r->at < r->end; first = false) {
		char c = *r->at++;

		if (c == ']' && !first)
			return true;
		/* What may hide a ']' is left to those who understand it. */
		if (c == '[' && r->at < r->end && strchr(":.=", *r->at) != NULL) {
			if (!skip_class(r))
				return false;
		} else if (c == '\\' && r->perl) {
			return false;
		}
	}
	return false;
}

static bool
open_group(struct reader *r)
{
	r->depth++;
	/* Lookarounds, options, verbs. */
	return !r->perl || r->at == r->end || (*r->at != '?' && *r->at != '*');
}

/* Behind a '{'. Returns whether it opens an interval: what else it is may hold a '|'. */
static bool
skip_interval(struct reader *r)
{
	while (r->at < r->end && (isdigit((unsigned char)*r->at) || *r->at == ','))
		r->at++;
	if (r->basic && r->at < r->end && *r->at == '\\')
		r->at++;
	return r->at < r->end && *r->at++ == '}';
}

/*
 * A quantifier: the character before it may be missing, or come more than
 * once.  What one without anything before it means, and makes of what
 * follows, is left to those who understand it, too.
 */
static bool
quantifier(struct reader *r, char c)
{
	if (!r->perl && !r->repeatable)
		return false;
	/* In the other syntaxes what comes next may make the one that must be there dispensable. */
	if (r->run != NULL)
		end_run(r, c == '+' && r->perl ? r->at - 1 : r->last);
	return c != '{' || skip_interval(r);
}

/* Behind \p or \P. */
static bool
property(struct reader *r)
{
	const char *end = r->at < r->end && *r->at == '{'
	    ? memchr(r->at, '}', (size_t)(r->end - r->at)) : r->at;

	if (end == NULL || end == r->end)
		return false;
	r->at = end + 1;
	return true;
}

/* Behind a backslash. Returns false where it is not known what that is. */
static bool
escape(struct reader *r)
{
	char c;

	if (r->at == r->end)
		return false;
	c = *r->at++;
	if (r->basic && strchr("+?{", c) != NULL)
		return quantifier(r, c);
	end_run(r, r->at - 2);
	/* Of a character beyond ASCII that is its first byte alone. */
	if ((unsigned char)c >= 0x80)
		return false;
	r->repeatable = strchr(r->basic ? "bB<>`'(|" : "bB<>`'", c) == NULL;
	if (r->basic && c == '|')
		return bar(r);
	if (r->basic && c == '(')
		return open_group(r);
	if (r->basic && c == ')')
		r->depth -= r->depth > 0;
	if (r->perl && (c == 'p' || c == 'P'))
		return property(r);
	return !isalnum((unsigned char)c) || strchr("bBwWsS", c) != NULL ||
	    (r->perl && strchr("dD", c) != NULL) || (!r->perl && isdigit((unsigned char)c));
}

static bool
item(struct reader *r)
{
	static const char extended[] = "\\[.^$(){}|*+?", basic[] = "\\[.^$*";
	const char *start = r->at;
	char c = *start;

	if (c == '\0' || strchr(r->basic ? basic : extended, c) == NULL) {
		character(r);
		return true;
	}
	r->at++;
	if (c == '\\')
		return escape(r);
	if (strchr("*+?{", c) != NULL)
		return quantifier(r, c);
	end_run(r, start);
	r->repeatable = strchr("^$(|", c) == NULL;
	if (c == '[')
		return skip_bracket(r);
	if (c == '|')
		return bar(r);
	if (c == '(')
		return open_group(r);
	if (c == ')')
		r->depth -= r->depth > 0;
	return true;
}

/* Takes note of an item that is one character of a class, if nothing makes it dispensable. */
static void
note_class(struct reader *r, const char *start)
{
	struct required *found = r->found;
	bool class = *start == '[' || (unsigned char)*start >= 0x80 || (*start == '\\' &&
	    (start[1] == 'p' || start[1] == 'P'));

	if (!class || !r->perl || r->depth > 0 || found->classes_count == REQUIRED_CLASSES_MAX ||
	    (r->at < r->end && memchr("*?{", *r->at, 3) != NULL))
		return;
	found->classes[found->classes_count++] = (struct pattern_text){ .bytes = start,
		.length = (size_t)(r->at - start) };
}

bool
required_find(enum pattern_syntax syntax, const struct pattern_text *text,
    struct required *required)
{
	struct reader r = { .at = text->bytes, .end = text->bytes + text->length,
		.basic = syntax == SYNTAX_BASIC, .perl = syntax == SYNTAX_PERL, .found = required };

	required->count = required->classes_count = 0;
	while (r.at < r.end) {
		const char *start = r.at;

		if (!item(&r))
			return false;
		note_class(&r, start);
	}
	end_run(&r, r.end);
	end_alternative(&r);
	/* Of several alternatives one has to do without the class. */
	if (r.alternatives)
		required->classes_count = 0;
	if (r.some_lack)
		required->count = 0;
	return true;
}
