/*
 * Patterns: what they are refused for, smart case, groups and replacements,
 * matches that span lines, and many at once.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many sets of words are tried.
 */
#include <ctype.h>

#include "generate.h"
#include "match/matcher.h"
#include "match/replacement.h"
#include "match/required.h"
#include "match/smart.h"
#include "tap.h"

enum { SETS = 400, WORDS_MOST = 3000, MANY = 10000 };

static const struct pattern_options plain = { .terminator = '\n' };

static struct pattern *
compile(const struct pattern_options *o, const char *text)
{
	const struct pattern_text texts[] = { { .bytes = text, .length = strlen(text) } };
	char *error;
	struct pattern *p = pattern_compile(o, texts, 1, &error);

	if (p == NULL)
		tap_note("%s: %s", text, error);
	free(error);
	return p;
}

/* Patterns that are refused, and what is said of them. */
static const struct fault {
	enum pattern_syntax syntax;
	const char *text, *message;
} faults[] = {
	{ SYNTAX_PERL, "foo(", "-e 'foo(': missing closing parenthesis at offset 4" },
	{ SYNTAX_EXTENDED, "foo(", "-e 'foo(': unmatched ( at offset 3" },
	{ SYNTAX_EXTENDED, "a(b(c)", "-e 'a(b(c)': unmatched ( at offset 1" },
	{ SYNTAX_BASIC, "a\\(b", "-e 'a\\(b': unmatched \\( at offset 1" },
	{ SYNTAX_BASIC, "ab\\)", "-e 'ab\\)': unmatched \\) at offset 2" },
	{ SYNTAX_EXTENDED, "ab[c", "-e 'ab[c': unmatched [ at offset 2" },
	{ SYNTAX_EXTENDED, "ab[", "-e 'ab[': unmatched [ at offset 2" },
	{ SYNTAX_EXTENDED, "[[:alpha:", "-e '[[:alpha:': unmatched [ at offset 0" },
	{ SYNTAX_EXTENDED, "x[:space:]", "-e 'x[:space:]': character class syntax is [[:space:]], not "
		"[:space:] at offset 2" },
	{ SYNTAX_EXTENDED, "[[:spade:]]", "-e '[[:spade:]]': invalid character class name at offset 3" },
	{ SYNTAX_EXTENDED, "[[.ab.]]", "-e '[[.ab.]]': invalid collating element at offset 3" },
	{ SYNTAX_EXTENDED, "a[z-a]", "-e 'a[z-a]': invalid end of a range at offset 2" },
	{ SYNTAX_EXTENDED, "[a-c-e]", "-e '[a-c-e]': invalid end of a range at offset 4" },
	{ SYNTAX_EXTENDED, "a\\", "-e 'a\\': trailing backslash at offset 1" },
	{ SYNTAX_EXTENDED, "a{2,1}", "-e 'a{2,1}': invalid interval at offset 1" },
	{ SYNTAX_EXTENDED, "a{}", "-e 'a{}': invalid interval at offset 1" },
	{ SYNTAX_EXTENDED, "a{32768}", "-e 'a{32768}': an interval of more than 32767 repetitions at "
		"offset 1" },
	{ SYNTAX_BASIC, "ab\\{1", "-e 'ab\\{1': unmatched \\{ at offset 3" },
	{ SYNTAX_BASIC, "ab\\{x\\}", "-e 'ab\\{x\\}': invalid interval at offset 3" },
	{ SYNTAX_EXTENDED, "(a)\\2", "-e '(a)\\2': back-reference to a group that is not complete at "
		"offset 3" },
	{ SYNTAX_EXTENDED, "(a\\1)", "-e '(a\\1)': back-reference to a group that is not complete at "
		"offset 2" },
	{ SYNTAX_EXTENDED, "(a)|\\1", "-e '(a)|\\1': back-reference to a group that is not complete at "
		"offset 4" },
	{ SYNTAX_EXTENDED, "(abcdefghij){30000}", "-e '(abcdefghij){30000}': regular expression is too "
		"large" },
};

static void
test_faults(void)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *f = &faults[i];
		struct pattern_text texts[2] = { { .bytes = f->text, .length = strlen(f->text) },
			{ .bytes = "fine", .length = 4 } };
		struct pattern_options o = plain;
		char *error = NULL, *among = NULL, *in_file = NULL;
		struct pattern *p, *q, *r;

		o.syntax = f->syntax;
		p = pattern_compile(&o, texts, 1, &error);
		q = pattern_compile(&o, texts, 2, &among);
		texts[0].file = "a/file";
		texts[0].line = 7;
		r = pattern_compile(&o, texts, 2, &in_file);
		tap_ok(p == NULL && q == NULL && r == NULL && error != NULL && among != NULL &&
		    in_file != NULL && strcmp(error, f->message) == 0 && strcmp(among, f->message) == 0 &&
		    strncmp(in_file, "a/file:7: ", 10) == 0 &&
		    strcmp(in_file + 10, f->message + strlen(f->text) + 7) == 0, "%s", f->message);
		if (error != NULL && strcmp(error, f->message) != 0)
			tap_note("%s", error);
		pattern_free(p);
		pattern_free(q);
		pattern_free(r);
		free(error);
		free(among);
		free(in_file);
	}
}

/* Smart case: letters that stand for themselves, none of them upper-case. */
static const struct smart_case {
	enum pattern_syntax syntax;
	const char *text;
	bool any, upper;
} cases[] = {
	{ SYNTAX_PERL, "abc", true, false }, { SYNTAX_PERL, "aBc", true, true },
	{ SYNTAX_PERL, "\\Sa\\W", true, false }, { SYNTAX_PERL, "\\pLa", true, false },
	{ SYNTAX_PERL, "\\p{Lu}a", true, false }, { SYNTAX_PERL, "\\p{Lu}", false, false },
	{ SYNTAX_PERL, "\\w+", false, false }, { SYNTAX_PERL, "[A-Z]", true, true },
	{ SYNTAX_PERL, "[[:upper:]]x", true, false }, { SYNTAX_PERL, "(?<Name>a)\\k<Name>", true, false },
	{ SYNTAX_PERL, "(?P<Name>a)", true, false }, { SYNTAX_PERL, "(?i)a", true, false },
	{ SYNTAX_PERL, "(*UTF)a", true, false }, { SYNTAX_PERL, "(?#No)a", true, false },
	{ SYNTAX_PERL, "\\xABa", true, false }, { SYNTAX_PERL, "\\x{AB}a", true, false },
	{ SYNTAX_PERL, "[\\S]a", true, false }, { SYNTAX_PERL, "\xc3\xa9", true, false },
	{ SYNTAX_PERL, "\xc3\x89", true, true }, { SYNTAX_PERL, "(?<!A)a", true, true },
	{ SYNTAX_EXTENDED, "a\\W|b", true, false }, { SYNTAX_EXTENDED, "a|B", true, true },
	{ SYNTAX_EXTENDED, "[\\S]", true, true }, { SYNTAX_EXTENDED, "[[:upper:]]", false, false },
	{ SYNTAX_BASIC, "a\\|B", true, true }, { SYNTAX_FIXED, "a\\S", true, true },
	{ SYNTAX_FIXED, "a.", true, false }, { SYNTAX_FIXED, "", false, false },
};

static void
test_smart_case(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smart_letters got = smart_letters_of(cases[i].syntax, cases[i].text,
		    strlen(cases[i].text));

		tap_ok(got.any == cases[i].any && got.upper == cases[i].upper, "smart case of '%s'",
		    cases[i].text);
	}
}

/* What replaces the first match. */
static const struct exchange {
	enum pattern_syntax syntax;
	const char *pattern, *text, *replacement, *result;
} exchanges[] = {
	{ SYNTAX_PERL, "(\\w+) (\\w+)", "one two", "$2 $1", "two one" },
	{ SYNTAX_PERL, "(\\w+) (\\w+)", "one two", "${2}x$1", "twoxone" },
	{ SYNTAX_PERL, "(\\w+) (\\w+)", "one two", "$2x$1", "one" },
	{ SYNTAX_PERL, "(?<first>\\w+) (?<last_1>\\w+)", "one two", "$last_1-${first}", "two-one" },
	{ SYNTAX_PERL, "\\w+", "one two", "[$0]", "[one]" },
	{ SYNTAX_PERL, "\\w+", "one two", "$$0 $", "$0 $" },
	{ SYNTAX_PERL, "\\w+", "one two", "$$$0", "$one" },
	{ SYNTAX_PERL, "\\w+", "one two", "${0", "${0" },
	{ SYNTAX_PERL, "\\w+", "one two", "$-", "$-" },
	{ SYNTAX_PERL, "\\w+", "one two", "${}", "${}" },
	{ SYNTAX_PERL, "\\w+", "one two", "<$7$none${none}>", "<>" },
	{ SYNTAX_PERL, "(a)|(b)", "b", "<$1|$2>", "<|b>" },
	{ SYNTAX_PERL, "(?<x>a)|(?<x>b)", "b", "<$x>", "<b>" },
	{ SYNTAX_PERL, "x", "x", "", "" },
	{ SYNTAX_PERL, "x", "x", "$00000000000000000001", "" },
	{ SYNTAX_EXTENDED, "(a+)(b|c)", "aac", "$2$1", "caa" },
	{ SYNTAX_EXTENDED, "(a|ab)(c|bcd)", "abcd", "$1,$2", "a,bcd" },
	{ SYNTAX_BASIC, "\\(a\\)\\(b\\)", "ab", "$2$1", "ba" },
	{ SYNTAX_FIXED, "a.", "a.", "<$0$1>", "<a.>" },
};

static void
put(void *ctx, const char *bytes, size_t length)
{
	generated_add(ctx, bytes, length);
}

static void
test_replacements(void)
{
	for (size_t i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++) {
		const struct exchange *x = &exchanges[i];
		struct pattern_options o = plain;
		static struct generated out;
		struct replacement *r = replacement_parse(x->replacement);
		struct span match;
		struct matcher *m;
		struct pattern *p;

		o.syntax = x->syntax;
		o.groups = true;
		p = compile(&o, x->pattern);
		m = p != NULL ? matcher_open(p) : NULL;
		out.length = 0;
		out.bytes[0] = '\0';
		if (m != NULL && r != NULL && matcher_within(m, TEXT_ASCII, x->text, strlen(x->text), 0, &match))
			matcher_replace(m, x->text, r, put, &out);
		else
			generated_put(&out, "no match");
		tap_ok(strcmp(out.bytes, x->result) == 0, "%s: %s of %s: %s", x->replacement, x->pattern,
		    x->text, out.bytes);
		replacement_free(r);
		matcher_close(m);
		pattern_free(p);
	}
}

/* Groups of several patterns are those of the one that matched. */
static void
test_groups_of_several(void)
{
	const struct pattern_text texts[] = { { .bytes = "(x)(y)", .length = 6 },
		{ .bytes = "(?<n>a)b", .length = 8 }, { .bytes = "(?<k>c)d", .length = 8 } };
	struct pattern_options o = plain;
	struct replacement *r = replacement_parse("$n/$k/$1");
	static struct generated out;
	char *error;
	struct pattern *p;
	struct matcher *m;
	struct span match = { 0, 0 };

	o.groups = true;
	p = pattern_compile(&o, texts, 3, &error);
	free(error);
	m = p != NULL ? matcher_open(p) : NULL;
	for (size_t at = 0; m != NULL && matcher_within(m, TEXT_ASCII, "cd ab xy", 8, at, &match);
	    at = match.end) {
		matcher_replace(m, "cd ab xy", r, put, &out);
		generated_put(&out, ";");
	}
	tap_ok(strcmp(out.bytes, "/c/c;a//a;//x;") == 0, "each match has the groups of its pattern: %s",
	    out.bytes);
	replacement_free(r);
	matcher_close(m);
	pattern_free(p);
}

/* Matches that may span lines: where, and in which lines. */
static const struct block {
	const char *pattern, *text;
	bool dotall;
	const char *expected; /* match start-end, lines start-end; each followed by ';' */
} blocks[] = {
	{ "b\\s+c", "ab\ncd\ne\n", false, "1-4 0-5;" },
	{ "b\\n", "ab\ncd\n", false, "1-3 0-2;" },
	{ "b.c", "ab\ncd\n", false, "" },
	{ "b.c", "ab\ncd\n", true, "1-4 0-5;" },
	{ "^", "ab\n\ncd\n", false, "0-0 0-2;3-3 3-3;4-4 4-6;" },
	{ "$", "ab\ncd", false, "2-2 0-2;5-5 3-5;" },
	{ "\\n", "a\n\n", false, "1-2 0-1;2-3 2-2;" },
	{ "(?s)a.*z", "xa\nb\nzy\nz", false, "1-9 0-9;" },
	{ "c\\z", "c\nc", false, "2-3 2-3;" },
	{ "", "", false, "0-0 0-0;" },
};

static void
test_blocks(void)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		const struct block *b = &blocks[i];
		struct pattern_options o = plain;
		struct matcher_text t = { .bytes = b->text, .length = strlen(b->text) };
		char got[200] = "";
		struct span match, lines;
		struct pattern *p;
		struct matcher *m;
		size_t at = 0;

		o.multiline = true;
		o.dotall = b->dotall;
		p = compile(&o, b->pattern);
		m = p != NULL ? matcher_open(p) : NULL;
		while (m != NULL && matcher_block(m, &t, at, &match)) {
			matcher_touched(m, &t, &match, &lines);
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%zu-%zu %zu-%zu;", match.start,
			    match.end, lines.start, lines.end);
			at = match.end + (match.end == match.start);
		}
		tap_ok(strcmp(got, b->expected) == 0, "'%s' across lines: %s", b->pattern, got);
		matcher_close(m);
		pattern_free(p);
	}
}

/* What a pattern requires, "" for nothing: of each alternative a string, with bars between them. */
static const struct need {
	enum pattern_syntax syntax;
	const char *text, *required;
} needs[] = {
	{ SYNTAX_EXTENDED, "foo[0-9]+barn", "barn" }, { SYNTAX_EXTENDED, "foob?", "foo" },
	{ SYNTAX_EXTENDED, "foob*c", "foo" }, { SYNTAX_EXTENDED, "foob{0,1}c", "foo" },
	{ SYNTAX_EXTENDED, "ab(long)?c", "ab" }, { SYNTAX_EXTENDED, "foo|bar", "foo|bar" },
	{ SYNTAX_EXTENDED, "x(foo|bar)yz", "yz" }, { SYNTAX_EXTENDED, "a\xc3\xa9*", "a" },
	{ SYNTAX_EXTENDED, "\\bfoo\\b", "foo" }, { SYNTAX_EXTENDED, "a\\.bc", "bc" },
	{ SYNTAX_EXTENDED, "[[:alpha:]]]bc", "]bc" }, { SYNTAX_BASIC, "fo+o\\|b", "fo+o|b" },
	{ SYNTAX_BASIC, "fo+ob\\?", "fo+o" }, { SYNTAX_BASIC, "\\(ab\\)c*de", "de" },
	{ SYNTAX_PERL, "(?i)foo", "" }, { SYNTAX_PERL, "\\Qfoo", "" }, { SYNTAX_PERL, "foo\\d+", "foo" },
	{ SYNTAX_PERL, "(*F)foo", "" }, { SYNTAX_PERL, "foo\\x41", "" },
	/* A character of several bytes behind a backslash. */
	{ SYNTAX_PERL, "\\\xc3\xa9" "abc", "" }, { SYNTAX_EXTENDED, "abc\\\xc3\xa9", "" },
	/* What is no class, or no interval. */
	{ SYNTAX_PERL, "[[:]x|b]:]z]foo", "" }, { SYNTAX_EXTENDED, "[[:alpha]|b[:alpha:]]foo", "" },
	{ SYNTAX_PERL, "foo{c|d}", "" }, { SYNTAX_EXTENDED, "foo{1c|d}", "" },
	{ SYNTAX_EXTENDED, "foo{1,2}{3}ba", "fo" }, { SYNTAX_BASIC, "foo\\{1,2\\}bar", "bar" },
	/* A quantifier of nothing. */
	{ SYNTAX_EXTENDED, "(*)abcdef)?xN", "" }, { SYNTAX_EXTENDED, "*foo", "" },
	{ SYNTAX_EXTENDED, "(a|?)foo", "" }, { SYNTAX_EXTENDED, "^+foo", "" },
	{ SYNTAX_EXTENDED, "\\b+foo", "" }, { SYNTAX_BASIC, "\\(*a\\)foo", "" },
	/* Alternatives, one of which may require nothing. */
	{ SYNTAX_PERL, "fo+|[x]ba[r]|b?", "" }, { SYNTAX_PERL, "fo+|[x]ba[r]|ba?", "fo|ba|b" },
	{ SYNTAX_PERL, "foo|", "" }, { SYNTAX_PERL, "|foo", "" }, { SYNTAX_PERL, "(a|b)foo|(c|)d", "foo|d" },
	{ SYNTAX_BASIC, "foo|bar", "foo|bar" }, { SYNTAX_EXTENDED, "a|*b", "" },
	{ SYNTAX_PERL, "a|b|c|d|e|f|g|h", "a|b|c|d|e|f|g|h" }, { SYNTAX_PERL, "a|b|c|d|e|f|g|h|i", "" },
	{ SYNTAX_PERL, "\\p{Greek}ab\\pLc", "ab" }, { SYNTAX_PERL, "abc\\p{Greek", "" },
};

static void
test_required(void)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct pattern_text text = { .bytes = needs[i].text,
			.length = strlen(needs[i].text) };
		char got[64] = "";
		struct required r;

		if (!required_find(needs[i].syntax, &text, &r))
			r.count = 0;
		for (size_t k = 0; k < r.count; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s", k > 0 ? "|" : "",
			    (int)r.strings[k].length, r.strings[k].bytes);
		tap_ok(strcmp(got, needs[i].required) == 0, "'%s' requires '%s'", needs[i].text,
		    needs[i].required);
	}
}

/* Many words in random texts, found in the plainest way. */
struct words {
	struct generated *words;
	struct pattern_text *texts;
	size_t count;
	struct pattern_options options;
};

static bool
is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool
stands(const struct words *w, const struct pattern_text *word, const char *line, size_t length, size_t at)
{
	size_t end = at + word->length;

	if (word->length > length - at || (w->options.line && (at > 0 || word->length != length)))
		return false;
	if (w->options.letter_case == CASE_IGNORED ? strncasecmp(line + at, word->bytes, word->length) != 0
	    : memcmp(line + at, word->bytes, word->length) != 0)
		return false;
	return !w->options.word || ((at == 0 || !is_word_byte(line[at - 1])) &&
	    (end == length || !is_word_byte(line[end])));
}

/* The next match: leftmost, and there the longest, or for Perl the first. */
static bool
find_plainly(const struct words *w, const char *line, size_t length, size_t from, struct span *match)
{
	bool found = false;

	for (size_t at = from; at <= length && !found; at++)
		for (size_t i = 0; i < w->count; i++) {
			if (!stands(w, &w->texts[i], line, length, at) ||
			    (found && at + w->texts[i].length <= match->end))
				continue;
			*match = (struct span){ at, at + w->texts[i].length };
			found = true;
			if (w->options.syntax == SYNTAX_PERL)
				break;
		}
	return found;
}

static void
make_words(struct random *r, struct words *w, size_t count, size_t least, size_t letters)
{
	w->count = count;
	for (size_t i = 0; i < count; i++) {
		struct generated *g = &w->words[i];

		g->length = 0;
		for (size_t n = least + random_below(r, 6); n > 0; n--)
			generated_add(g, &"abkSdEfgh-i_j1."[random_below(r, letters)], 1);
		w->texts[i] = (struct pattern_text){ .bytes = g->bytes, .length = g->length };
	}
}

static bool
same_matches(const struct words *w, struct matcher *m, const char *line, size_t length)
{
	size_t at = 0;

	while (at <= length) {
		struct span expected = { 0, 0 }, got = { 0, 0 };
		bool wanted = find_plainly(w, line, length, at, &expected);

		if (matcher_within(m, TEXT_ASCII, line, length, at, &got) != wanted ||
		    got.start != expected.start || got.end != expected.end)
			return false;
		if (!wanted)
			return true;
		at = got.end + (got.end == got.start);
	}
	return true;
}

/* As above, and whether the lines are found in the text at once. */
static bool
same_lines(struct random *r, const struct words *w, struct matcher *m, unsigned long *found)
{
	static struct generated text;
	struct matcher_text t = { .bytes = text.bytes, .kind = TEXT_ASCII };
	size_t from = 0;
	struct span line = { 0, 0 };
	bool more;

	text.length = 0;
	for (int i = 0; i < 40; i++) {
		for (size_t n = random_below(r, 12); n > 0; n--) {
			if (random_once_in(r, 3))
				generated_put(&text, w->words[random_below(r, w->count)].bytes);
			else
				generated_add(&text, &"abksDefgh-i_j1. x"[random_below(r, 17)], 1);
		}
		generated_put(&text, "\n");
	}
	t.length = text.length;
	more = matcher_line(m, &t, 0, &line);
	while (from < text.length) {
		const char *start = text.bytes + from;
		size_t length = (size_t)((char *)memchr(start, '\n', text.length - from) - start);
		struct span ignored;
		bool wanted = find_plainly(w, start, length, 0, &ignored);

		if (wanted != (more && line.start == from) || !same_matches(w, m, start, length))
			return false;
		from += length + 1;
		if (wanted)
			more = from < text.length && matcher_line(m, &t, from, &line);
		*found += wanted;
	}
	return true;
}

static void
test_words(struct random *r, unsigned long sets)
{
	static struct generated words[64];
	struct pattern_text texts[64];
	struct words w = { .words = words, .texts = texts };
	unsigned long wrong = 0, found = 0;

	for (unsigned long i = 0; i < sets; i++) {
		static const size_t least[] = { 0, 1, 2, 3, 4, 5, 7, 9 };
		struct pattern *p;
		struct matcher *m;
		char *error;

		w.options = (struct pattern_options){ .terminator = '\n',
			.syntax = random_once_in(r, 4) ? SYNTAX_PERL : SYNTAX_FIXED,
			.letter_case = random_once_in(r, 3) ? CASE_IGNORED : CASE_HEEDED,
			.line = random_once_in(r, 6) };
		w.options.word = !w.options.line && random_once_in(r, 3);
		make_words(r, &w, 6 + random_below(r, 58), w.options.word ? 1 + random_below(r, 8)
		    : GENERATE_PICK(r, least), w.options.syntax == SYNTAX_PERL ? 14 : 1 + random_below(r, 15));
		p = pattern_compile(&w.options, texts, w.count, &error);
		m = p != NULL ? matcher_open(p) : NULL;
		free(error);
		if (m == NULL || pattern_literals(p) == NULL || !same_lines(r, &w, m, &found)) {
			if (wrong++ == 0)
				tap_note("set %lu of %zu%s%s%s%s", i, w.count, w.options.word ? " -w" : "",
				    w.options.line ? " -x" : "", w.options.syntax == SYNTAX_PERL ? " -P" : "",
				    w.options.letter_case == CASE_IGNORED ? " -i" : "");
		}
		matcher_close(m);
		pattern_free(p);
	}
	tap_ok(wrong == 0 && found > 0, "words are found where they stand: %lu sets, %lu lines", sets, found);
}

/* So many that PCRE2 does not take them as one, each with a line of its own. */
static void
test_many(enum pattern_syntax syntax, const char *name, const char *tail, bool required)
{
	static char bytes[MANY][24];
	static struct pattern_text texts[MANY];
	static char text[MANY * 24];
	struct pattern_options o = { .syntax = syntax, .terminator = '\n' };
	struct matcher_text t = { .bytes = text, .kind = TEXT_ASCII };
	struct pattern *p;
	struct matcher *m;
	struct span line;
	char *error;
	size_t lines = 0, many = random_cases(MANY);

	many = many < MANY ? many : MANY;
	for (size_t i = 0; i < many; i++) {
		snprintf(bytes[i], sizeof(bytes[i]), "%zu%s%s", many - i, required ? "x" : "", tail);
		texts[i] = (struct pattern_text){ .bytes = bytes[i], .length = strlen(bytes[i]) };
		if (i % 100 == 0)
			t.length += (size_t)sprintf(text + t.length, "-%zu%s7\n!\n", many - i, required ? "x" : "");
	}
	p = pattern_compile(&o, texts, many, &error);
	m = p != NULL ? matcher_open(p) : NULL;
	for (size_t from = 0; m != NULL && from < t.length && matcher_line(m, &t, from, &line);
	    from = line.end + 1)
		lines++;
	tap_ok(p != NULL && lines == (many + 99) / 100 && (pattern_required(p) != NULL) == required,
	    "%zu patterns%s: %zu units, %zu lines", many, name, p ? pattern_units(p) : 0, lines);
	free(error);
	matcher_close(m);
	pattern_free(p);
}

/*
 * Two units, and two texts, one after the other, of which so many lines are proposed in
 * vain that both units go on alone, in the second from behind where they did in the first.
 */
static void
test_next_text(void)
{
	static char texts[2][2048], patterns[2][8192];
	const struct pattern_options o = { .syntax = SYNTAX_PERL, .terminator = '\n' };
	struct pattern_text both[2];
	struct pattern *p;
	struct matcher *m;
	char *error;
	size_t lines = 0, alone = 0;

	for (size_t i = 0; i < 2; i++) {
		strcpy(patterns[i], i == 0 ? "\\dqwxz" : "yzqkj");
		/* Too large to be one. */
		for (int n = 0; n < 1200; n++)
			strcat(patterns[i], "[bz]?");
		both[i] = (struct pattern_text){ .bytes = patterns[i], .length = strlen(patterns[i]) };
		for (int n = 0; n < 100; n++)
			strcat(texts[i], i == 0 ? "qwxz\n" : "qwxz........\n");
	}
	strcat(texts[1], "1qwxz\nyzqkj\n");
	p = pattern_compile(&o, both, 2, &error);
	m = p != NULL ? matcher_open(p) : NULL;
	for (size_t i = 0; m != NULL && i < 2; i++) {
		struct matcher_text t = { .bytes = texts[i], .length = strlen(texts[i]), .kind = TEXT_ASCII };
		struct span line;

		for (size_t from = 0; from < t.length && matcher_line(m, &t, from, &line); from = line.end + 1)
			lines++;
		alone += t.unproposed;
	}
	tap_ok(m != NULL && pattern_units(p) == 2 && alone == 2 && lines == 2,
	    "what is known of a text does not go for the next one: %zu lines", lines);
	free(error);
	matcher_close(m);
	pattern_free(p);
}

static void
test_none(void)
{
	struct matcher_text t = { .bytes = "a\n\n", .length = 3, .kind = TEXT_ASCII };
	struct span line;
	char *error;
	struct pattern *p = pattern_compile(&plain, NULL, 0, &error);
	struct matcher *m = p != NULL ? matcher_open(p) : NULL;

	tap_ok(m != NULL && !matcher_line(m, &t, 0, &line), "no pattern selects no line");
	matcher_close(m);
	pattern_free(p);
}

/* A NUL in a pattern is a character, in each syntax. */
static void
test_nul(void)
{
	static const enum pattern_syntax all[] = { SYNTAX_PERL, SYNTAX_EXTENDED, SYNTAX_BASIC,
		SYNTAX_FIXED };

	for (size_t i = 0; i < 4; i++) {
		const struct pattern_text texts[] = { { .bytes = "a\0b", .length = 3 } };
		struct pattern_options o = plain;
		struct span match = { 0, 0 };
		struct pattern *p;
		struct matcher *m;
		char *error;

		o.syntax = all[i];
		p = pattern_compile(&o, texts, 1, &error);
		m = p != NULL ? matcher_open(p) : NULL;
		tap_ok(m != NULL && !matcher_within(m, TEXT_ASCII, "ab a", 4, 0, &match) &&
		    matcher_within(m, TEXT_ASCII, "xa\0b", 4, 0, &match) && match.start == 1 &&
		    !pattern_ignores_nul(p), "a NUL in a pattern of syntax %zu", i);
		matcher_close(m);
		pattern_free(p);
	}
}

int
main(void)
{
	struct random r = { random_seed() };

	test_faults();
	test_smart_case();
	test_replacements();
	test_groups_of_several();
	test_blocks();
	test_required();
	test_next_text();
	test_none();
	test_nul();
	test_words(&r, random_cases(SETS));
	test_many(SYNTAX_EXTENDED, " -E", "[0-9]+", false);
	test_many(SYNTAX_EXTENDED, " -E that require something", "[0-9]+", true);
	test_many(SYNTAX_PERL, " -P", "\\d", false);
	test_many(SYNTAX_BASIC, " -G", "[0-9]\\+", true);
	return tap_done();
}
