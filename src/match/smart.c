#include "smart.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <string.h>

struct smart {
	const char *text;
	size_t length, at;
	struct smart_letters found;
};

/* One character beyond ASCII: PCRE2 knows. */
static bool
is_upper(const char *character, size_t length)
{
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR) "\\p{Lu}", 6, PCRE2_UTF, &error, &offset, NULL);
	pcre2_match_data *data = code != NULL ? pcre2_match_data_create(1, NULL) : NULL;
	bool upper = data != NULL &&
	    pcre2_match(code, (PCRE2_SPTR)character, length, 0, 0, data, NULL) > 0;

	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return upper;
}

static void
literal(struct smart *s)
{
	size_t length = text_sequence(s->text + s->at, s->length - s->at);

	s->found.any = true;
	if (length <= 1)
		s->found.upper |= isupper((unsigned char)s->text[s->at]) != 0;
	else
		s->found.upper |= is_upper(s->text + s->at, length);
	s->at += length <= 1 ? 1 : length;
}

static void
skip_past(struct smart *s, char c)
{
	const char *end = memchr(s->text + s->at, c, s->length - s->at);

	s->at = end != NULL ? (size_t)(end + 1 - s->text) : s->length;
}

/* Behind a backslash: what it makes special is no letter. */
static void
escape(struct smart *s, enum pattern_syntax syntax)
{
	char c;

	if (s->at == s->length)
		return;
	c = s->text[s->at];
	if (!isalnum((unsigned char)c)) {
		literal(s);
		return;
	}
	s->at++;
	if (syntax != SYNTAX_PERL || s->at == s->length)
		return;
	/* \p{Lu} \x{41} \N{U+41} \k<Name> \g{Name}, and \pL \xAB \cA. */
	if (strchr("pPxoNkg", c) != NULL && s->text[s->at] == '{')
		skip_past(s, '}');
	else if (strchr("kg", c) != NULL && s->text[s->at] == '<')
		skip_past(s, '>');
	else if (strchr("pPc", c) != NULL)
		s->at++;
	else if (c == 'x')
		for (int i = 0; i < 2 && s->at < s->length && isxdigit((unsigned char)s->text[s->at]); i++)
			s->at++;
}

/* What PCRE2 writes with letters behind a '(': names, options, verbs. */
static void
opening(struct smart *s)
{
	const char *p = s->text + s->at;
	size_t left = s->length - s->at;

	if (left > 0 && p[0] == '*')
		skip_past(s, ')');
	else if (left > 1 && p[0] == '?' && p[1] == '#')
		skip_past(s, ')');
	else if (left > 2 && p[0] == '?' && (p[1] == 'P' || (p[1] == '<' && isalpha((unsigned char)p[2]))))
		skip_past(s, memchr(p, '>', left) != NULL && p[1 + (p[1] == 'P')] == '<' ? '>' : ')');
	else if (left > 1 && p[0] == '?' && p[1] == '\'') {
		s->at += 2;
		skip_past(s, '\'');
	} else if (left > 0 && p[0] == '?') {
		for (s->at++; s->at < s->length && (isalpha((unsigned char)s->text[s->at]) ||
		    s->text[s->at] == '-' || s->text[s->at] == '^');)
			s->at++;
	}
}

/* [:alpha:] and such, behind their '['; returns whether there is one. */
static bool
named(struct smart *s)
{
	const char *end;
	char mark;

	if (s->length - s->at < 2 || strchr(":.=", s->text[s->at]) == NULL || s->text[s->at] == '\0')
		return false;
	mark = s->text[s->at];
	end = memmem(s->text + s->at + 1, s->length - s->at - 1, (const char[]){ mark, ']' }, 2);
	if (end == NULL || mark != ':')
		return false;
	s->at = (size_t)(end + 2 - s->text);
	return true;
}

/* Behind a '[': its members count, those of a class in it do not. */
static void
class(struct smart *s, enum pattern_syntax syntax)
{
	bool first = true;

	if (s->at < s->length && s->text[s->at] == '^')
		s->at++;
	for (; s->at < s->length && (first || s->text[s->at] != ']'); first = false) {
		char c = s->text[s->at];

		if (c == '\\' && syntax == SYNTAX_PERL) {
			s->at++;
			escape(s, syntax);
		} else if (c == '[') {
			s->at++;
			if (!named(s))
				s->found.any = true;
		} else {
			literal(s);
		}
	}
	s->at += s->at < s->length;
}

struct smart_letters
smart_letters_of(enum pattern_syntax syntax, const char *text, size_t length)
{
	struct smart s = { .text = text, .length = length };

	while (s.at < s.length) {
		char c = text[s.at];

		if (syntax == SYNTAX_FIXED) {
			literal(&s);
		} else if (c == '\\') {
			s.at++;
			escape(&s, syntax);
		} else if (c == '[') {
			s.at++;
			class(&s, syntax);
		} else if (c == '(' && syntax == SYNTAX_PERL) {
			s.at++;
			opening(&s);
		} else if (c != '\0' && strchr(".^$*+?()|{}", c) != NULL) {
			s.at++;
		} else {
			literal(&s);
		}
	}
	return s.found;
}
