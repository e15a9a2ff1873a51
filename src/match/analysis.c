#include "analysis.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <string.h>

struct scanner {
	const char *at, *end;
	bool ignore_case;
	bool quantified; /* the last item was a quantifier */
	unsigned int flags;
};

/* Whether one item, such as a class, can match any of count characters from first on: PCRE2 decides. */
static bool
item_matches(const char *item, size_t length, bool ignore_case, char first, size_t count)
{
	const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED |
	    (ignore_case ? PCRE2_CASELESS : 0);
	pcre2_match_data *data;
	pcre2_code *code;
	PCRE2_SIZE offset;
	int error, rc = -1;

	code = pcre2_compile((PCRE2_SPTR)item, length, options, &error, &offset, NULL);
	if (code == NULL)
		return true;
	data = pcre2_match_data_create(1, NULL);
	for (size_t i = 0; data != NULL && rc < 0 && i < count; i++) {
		char character = (char)(first + (int)i);

		rc = pcre2_match(code, (PCRE2_SPTR)&character, 1, 0, 0, data, NULL);
	}
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return data == NULL || rc >= 0;
}

bool
analysis_matches_ascii(const char *item, size_t length, bool ignore_case)
{
	return item_matches(item, length, ignore_case, '\0', 128);
}

static void
test_item(struct scanner *s, const char *item)
{
	size_t length = (size_t)(s->at - item);

	if (item_matches(item, length, false, '\n', 1))
		s->flags |= ANALYSIS_NEWLINE;
	if (item_matches(item, length, false, '\0', 1))
		s->flags |= ANALYSIS_EDGES;
}

static bool
take(struct scanner *s, const char *token)
{
	size_t length = strlen(token);

	if ((size_t)(s->end - s->at) < length || memcmp(s->at, token, length) != 0)
		return false;
	s->at += length;
	return true;
}

/* Goes behind the next c. Returns whether there was one. */
static bool
skip_past(struct scanner *s, char c)
{
	const char *found = memchr(s->at, c, (size_t)(s->end - s->at));

	s->at = found ? found + 1 : s->end;
	return found != NULL;
}

static void
literal(struct scanner *s, unsigned char c)
{
	if (c >= 0x80)
		s->flags |= ANALYSIS_CHARS;
	/* U+212A KELVIN SIGN and U+017F LONG S fold to k and s. */
	if (s->ignore_case && strchr("kKsS", c) != NULL)
		s->flags |= ANALYSIS_CHARS;
	if (c == '\n')
		s->flags |= ANALYSIS_NEWLINE;
	if (c == '\0')
		s->flags |= ANALYSIS_EDGES;
}

static void
quoted(struct scanner *s)
{
	while (s->at < s->end && !take(s, "\\E"))
		literal(s, (unsigned char)*s->at++);
}

/* \x \o \N \p and \P, behind the letter, with braces. Returns whether there are any. */
static bool
braced(struct scanner *s, const char *item)
{
	if (s->at == s->end || *s->at != '{')
		return false;
	skip_past(s, '}');
	s->flags |= ANALYSIS_CHARS;
	test_item(s, item);
	return true;
}

/* \x \0 \c \p and \P, behind the letter: at most so many more, of these or (NULL) any. */
static void
bare(struct scanner *s, const char *item, const char *characters, int most)
{
	while (most-- > 0 && s->at < s->end &&
	    (characters == NULL || (*s->at != '\0' && strchr(characters, *s->at))))
		s->at++;
	s->flags |= ANALYSIS_CHARS;
	test_item(s, item);
}

static void
escape(struct scanner *s)
{
	const char *item = s->at - 1;
	char c;

	if (s->at == s->end)
		return;
	c = *s->at++;
	switch (c) {
	case 'Q':
		quoted(s);
		return;
	case 'd': case 'w': case 'h':
		s->flags |= ANALYSIS_CHARS;
		return;
	case 'N':
		/* \N{U+41} is a character, \N{3} three that are no newline. */
		if (s->end - s->at < 2 || s->at[1] != 'U' || !braced(s, item))
			s->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
		return;
	case 'S': case 'V': case 'b': case 'B':
		s->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
		return;
	case 'D': case 'W': case 'H': case 's': case 'v':
		s->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES | ANALYSIS_NEWLINE;
		return;
	case 'p': case 'P':
		if (!braced(s, item))
			bare(s, item, NULL, 1);
		return;
	case 'x':
		if (!braced(s, item))
			bare(s, item, "0123456789abcdefABCDEF", 2);
		return;
	case '0':
		bare(s, item, "01234567", 2);
		return;
	case 'o':
		braced(s, item);
		return;
	case 'c':
		bare(s, item, NULL, 1);
		return;
	case 'a': case 'e': case 'f': case 'r': case 't':
		return;
	case 'n':
		s->flags |= ANALYSIS_NEWLINE | ANALYSIS_EDGES;
		return;
	default:
		/* \R \X \C \A \Z \z \G \K, references, and what is yet unknown. */
		if (isalnum((unsigned char)c))
			s->flags |= ANALYSIS_UNKNOWN;
		else
			literal(s, (unsigned char)c);
	}
}

/*
 * The inside of [:alpha:] and its like, behind its first '['.  PCRE2 takes it
 * for one only if it is closed before the class is.
 */
static void
named_class(struct scanner *s)
{
	char mark;

	if (s->end - s->at < 2 || strchr(":.=", *s->at) == NULL)
		return;
	mark = *s->at;
	for (const char *p = s->at + 1; s->end - p >= 2; p++) {
		if (*p == '\\' && (p[1] == ']' || p[1] == '\\')) {
			p++;
		} else if (*p == ']' || (*p == '[' && p[1] == mark)) {
			return;
		} else if (*p == mark && p[1] == ']') {
			s->at = p + 2;
			return;
		}
	}
}

/* A bracket class, behind its '['. */
static void
class(struct scanner *s)
{
	const char *item = s->at - 1;

	bool negated = false;

	/* A ']' that comes first is a member; an empty quotation does not count. */
	while (take(s, "\\E") || take(s, "\\Q\\E") || (!negated && (negated = take(s, "^"))))
		continue;
	/* Only a plain list of ASCII characters means the same in bytes. */
	if (negated || s->ignore_case)
		s->flags |= ANALYSIS_CHARS;
	take(s, "]");
	while (s->at < s->end && *s->at != ']') {
		char c = *s->at++;

		if ((unsigned char)c >= 0x80)
			s->flags |= ANALYSIS_CHARS;
		if (c == '[') {
			/* [[:<:]] is the edge of a word. */
			s->flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
			named_class(s);
		} else if (c == '\\') {
			s->flags |= ANALYSIS_CHARS;
			if (take(s, "Q"))
				quoted(s);
			else if (take(s, "c") || s->at < s->end)
				s->at += s->at < s->end;
		}
	}
	if (s->at < s->end)
		s->at++;
	test_item(s, item);
}

/* Option letters, as in (?i) and (?s-i:. */
static void
inline_options(struct scanner *s)
{
	for (; s->at < s->end && *s->at != ')' && *s->at != ':'; s->at++) {
		switch (*s->at) {
		case 'i':
			s->ignore_case = true;
			break;
		case 's':
			s->flags |= ANALYSIS_NEWLINE;
			break;
		case '-': case 'n': case 'J': case 'U':
			break;
		default:
			s->flags |= ANALYSIS_UNKNOWN;
		}
	}
	if (s->at < s->end)
		s->at++;
}

/* Behind a '('. */
static void
group(struct scanner *s)
{
	if (take(s, "*")) {
		s->flags |= ANALYSIS_UNKNOWN;
		return;
	}
	if (!take(s, "?"))
		return;
	if (take(s, ":") || take(s, "|"))
		return;
	if (take(s, ">"))
		s->flags |= ANALYSIS_RIGID;
	else if (take(s, "=") || take(s, "<="))
		s->flags |= ANALYSIS_LOOK | ANALYSIS_EDGES;
	/* What is not at either end of "\xc3\xa9" matches between its bytes. */
	else if (take(s, "!") || take(s, "<!"))
		s->flags |= ANALYSIS_LOOK | ANALYSIS_EDGES | ANALYSIS_CHARS;
	else if (take(s, "P<") || (s->end - s->at >= 2 && s->at[1] != '*' && take(s, "<")))
		skip_past(s, '>');
	else if (take(s, "'"))
		skip_past(s, '\'');
	else
		inline_options(s);
}

/* A quantifier such as {2,3}, behind its '{'. Returns false when it is a literal. */
static bool
interval(struct scanner *s)
{
	const char *p = s->at;

	while (p < s->end && (isdigit((unsigned char)*p) || *p == ',' || *p == ' '))
		p++;
	if (p == s->end || *p != '}' || p == s->at)
		return false;
	s->at = p + 1;
	return true;
}

static void
quantifier(struct scanner *s, char c)
{
	if (!s->quantified) {
		s->quantified = true;
		return;
	}
	if (c == '+')
		s->flags |= ANALYSIS_RIGID;
	s->quantified = false;
}

/* Goes past what means nothing, not even between a quantifier and its '+'. */
static bool
passed_nothing(struct scanner *s)
{
	if (take(s, "(?#")) {
		skip_past(s, ')');
		return true;
	}
	return take(s, "\\E") || take(s, "\\Q\\E");
}

unsigned int
analysis_of(const char *pattern, size_t length, bool ignore_case)
{
	struct scanner s = { .at = pattern, .end = pattern + length, .ignore_case = ignore_case };

	while (s.at < s.end) {
		char c;

		if (passed_nothing(&s))
			continue;
		c = *s.at++;
		if (strchr("*+?", c) != NULL && c != '\0') {
			quantifier(&s, c);
			continue;
		}
		if (c == '{' && interval(&s)) {
			s.quantified = true;
			continue;
		}
		s.quantified = false;
		if (c == '\\')
			escape(&s);
		else if (c == '[')
			class(&s);
		else if (c == '(')
			group(&s);
		else if (c == '.')
			s.flags |= ANALYSIS_CHARS | ANALYSIS_EDGES;
		else if (c == '^' || c == '$')
			s.flags |= ANALYSIS_EDGES;
		else if (c != ')' && c != '|')
			literal(&s, (unsigned char)c);
	}
	return s.flags;
}
