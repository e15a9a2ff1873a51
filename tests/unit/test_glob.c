/*
 * walk/glob, walk/braces and walk/rules: cases whose answer git gives, the same
 * answers from the simplest way to find them, and time.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/random.h"
#include "tests/unit/tap.h"
#include "walk/braces.h"
#include "walk/glob.h"
#include "walk/rules.h"

static bool
matches(const char *pattern, const char *text, unsigned int flags)
{
	const char *why;
	struct glob *g = glob_compile(pattern, strlen(pattern), flags, &why);
	bool result = g != NULL && glob_match(g, text, strlen(text));

	free(g);
	return result;
}

static void
test_cases(void)
{
	static const struct {
		const char *pattern, *text;
		unsigned int flags;
		bool result;
	} cases[] = {
		{ "", "", 0, true }, { "a", "a", 0, true }, { "a", "b", 0, false },
		{ "*.c", "x.c", 0, true }, { "*.c", "a/x.c", 0, false }, { "*", "", 0, true },
		{ "a*b*c", "aXbYbc", 0, true }, { "a*b*c", "aXbYbd", 0, false },
		{ "?", "/", 0, false }, { "[/]", "/", 0, false }, { "[!a]", "/", 0, false },
		{ "a/**/b", "a/b", 0, true }, { "a/**/b", "a/x/y/b", 0, true },
		{ "a/**/b", "a/xb", 0, false }, { "**/b", "b", 0, true }, { "**/b", "x/y/b", 0, true },
		{ "**/b", "xb", 0, false }, { "a/**", "a/x/y", 0, true }, { "a/**", "a", 0, false },
		{ "**", "x/y", 0, true }, { "a**b", "axb", 0, true }, { "a**b", "a/b", 0, false },
		{ "a/**b", "a/x/b", 0, false }, { "***/b", "x/y/b", 0, true },
		{ "a/**\\/b", "a/b", 0, false }, { "a/**\\/b", "a/x/b", 0, true },
		{ "**/a/**/b/*c", "x/a/y/b/a/b/zc", 0, true }, { "*/x", "a/b/x", 0, false },
		{ "\\*", "*", 0, true }, { "\\*", "a", 0, false }, { "a\\", "a\\", 0, false },
		{ "[a-c]", "b", 0, true }, { "[a-]", "-", 0, true }, { "[]a]", "]", 0, true },
		{ "[!]a]", "]", 0, false }, { "[^a]", "b", 0, true }, { "[z-a]", "z", 0, true },
		{ "[z-a]", "b", 0, false }, { "[\\]]", "]", 0, true }, { "[a\\-c]", "b", 0, false },
		{ "[[:digit:]x]", "7", 0, true }, { "[[:digit:]x]", "y", 0, false },
		{ "[[:none:]]", "n", 0, false }, { "[a", "[a", 0, false }, { "[[:alpha:", "a", 0, false },
		{ "[:a]", ":", 0, true }, { "\xff?", "\xff\xfe", 0, true },
		{ "A*[B-D]", "axc", GLOB_CASELESS, true }, { "a", "A", 0, false },
		{ "*", "a/b", GLOB_SHELL, true }, { "a?b", "a/b", GLOB_SHELL, true },
		{ "[a", "[a", GLOB_SHELL, true }, { "[z-a]", "z", GLOB_SHELL, false },
		{ "?", "\xc3\xa9", GLOB_SHELL, false }, { "?", "\xc3\xa9", GLOB_SHELL | GLOB_UTF8, true },
		{ "[\xc3\xa0-\xc3\xaf]", "\xc3\xa9", GLOB_SHELL | GLOB_UTF8, true },
		{ "[!a]", "\xc3\xa9", GLOB_SHELL | GLOB_UTF8, true },
		{ "[[=a=][.b.]]", "b", GLOB_SHELL, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_ok(matches(cases[i].pattern, cases[i].text, cases[i].flags) == cases[i].result,
		    "'%s' %s '%s'", cases[i].pattern, cases[i].result ? "matches" : "does not match",
		    cases[i].text);
}

/* The rules once more, each choice tried: patterns of a, b, /, * and ? alone. */
static bool
naive(const char *start, const char *p, const char *t)
{
	bool first = p == start || p[-1] == '/';
	size_t stars = strspn(p, "*");
	const char *rest = p + stars;

	if (*p == '\0')
		return *t == '\0';
	if (stars == 0)
		return *t != '\0' && (*p == *t || (*p == '?' && *t != '/')) &&
		    naive(start, p + 1, t + 1);
	if (stars >= 2 && first && *rest == '\0')
		return true;
	if (stars >= 2 && first && *rest == '/') {
		if (naive(start, rest + 1, t))
			return true;
		for (; *t != '\0'; t++)
			if (*t == '/' && naive(start, rest + 1, t + 1))
				return true;
		return false;
	}
	for (;; t++) {
		if (naive(start, rest, t))
			return true;
		if (*t == '\0' || *t == '/')
			return false;
	}
}

static void
random_text(struct random *r, const char *of, char *text, size_t max)
{
	size_t length = random_below(r, max);

	for (size_t i = 0; i < length; i++)
		text[i] = of[random_below(r, strlen(of))];
	text[length] = '\0';
}

static void
test_naive(struct random *r)
{
	unsigned long cases = random_cases(200000), wrong = 0, matched = 0;

	for (unsigned long i = 0; i < cases && wrong < 5; i++) {
		char pattern[14], text[14];
		bool expected;

		random_text(r, "ab//**?", pattern, sizeof(pattern));
		random_text(r, "aab/", text, sizeof(text));
		expected = naive(pattern, pattern, text);
		matched += expected;
		if (matches(pattern, text, 0) == expected)
			continue;
		wrong++;
		tap_note("'%s' '%s': not %d", pattern, text, expected);
	}
	tap_ok(wrong == 0 && matched > cases / 50, "random globs match as when all is tried");
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
repeat(char *to, const char *what, size_t times, const char *end)
{
	*to = '\0';
	for (size_t i = 0; i < times; i++)
		to = stpcpy(to, what);
	strcpy(to, end);
}

/* What takes for ever where each star is tried anywhere. */
static void
test_time(void)
{
	static char pattern[4096], text[65536];
	double start = seconds();

	repeat(pattern, "*a", 60, "b");
	repeat(text, "a", 250, "");
	tap_ok(!matches(pattern, text, 0), "many stars, and no match");
	repeat(pattern, "**/", 300, "x");
	repeat(text, "a/", 2000, "y");
	tap_ok(!matches(pattern, text, 0), "many double stars, and no match");
	repeat(pattern, "**/*a*a*a*b/", 40, "x");
	repeat(text, "aaaaaaaaaa/", 400, "x");
	tap_ok(!matches(pattern, text, 0), "both, and no match");
	repeat(pattern, "**/a/", 200, "b");
	repeat(text, "a/", 5000, "c");
	tap_ok(!matches(pattern, text, 0), "many double stars that match, but for the last");
	repeat(pattern, "?*", 100, "[b]");
	repeat(text, "a", 250, "");
	tap_ok(!matches(pattern, text, GLOB_SHELL | GLOB_UTF8), "the same with characters");
	tap_ok(seconds() - start < 2, "in %.3f s", seconds() - start);
}

static int
collect(void *ctx, const char *glob)
{
	return strlcat(ctx, glob, 256) + 2 < 256 && strlcat(ctx, " ", 256) < 256 ? 0 : -1;
}

static void
test_braces(void)
{
	static const struct {
		const char *text, *result;
	} cases[] = {
		{ "a", "a " }, { "*.{c,h}", "*.c *.h " }, { "{a,b}{c,d}", "ac ad bc bd " },
		{ "{a,{b,c}d}e", "ae bde cde " }, { "\\{a,b\\}", "\\{a,b\\} " }, { "a{,b}", "ab " },
		{ "[{]a", "[{]a " }, { "{[,],b}", "[,] b " }, { "x{a\\,b,c}", "xa\\,b xc " },
		{ "{", NULL }, { "a}", NULL }, { "{a,{b}", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char globs[256] = "";
		const char *why;
		int result = braces_expand(cases[i].text, collect, globs, &why);

		tap_ok(cases[i].result == NULL ? result == -1 && errno == EINVAL && why != NULL
		    : result == 0 && strcmp(globs, cases[i].result) == 0, "braces: %s", cases[i].text);
	}
}

/* What rules say of a path, its directory the place of the rules. */
static enum rules_verdict
verdict(const char *text, const char *path, bool directory)
{
	struct rules *r = rules_parse(text, strlen(text), false);
	static struct rules_name name;
	struct rules_view view = { 0 };
	const char *slash = strrchr(path, '/');
	struct rules_place place = { .path = path, .beneath = true,
		.length = slash != NULL ? (size_t)(slash + 1 - path) : 0 };
	enum rules_verdict result = RULES_NONE;
	struct rules_work work = { 0 };

	if (r == NULL)
		return RULES_NONE;
	rules_name_set(&name, path, strlen(path), strlen(path) - place.length);
	place.hash = rules_hash(path, place.length);
	if (rules_view_set(&view, r, &place, &work) == 0)
		result = rules_match(&view, &name, directory, &work);
	rules_view_fini(&view);
	rules_free(r);
	return result;
}

static void
test_rules(void)
{
	static const struct {
		const char *text, *path;
		bool directory;
		enum rules_verdict result;
	} cases[] = {
		{ "foo\n", "foo", false, RULES_IGNORE }, { "foo\n", "a/foo", false, RULES_IGNORE },
		{ "/foo\n", "a/foo", false, RULES_NONE }, { "/foo", "foo", false, RULES_IGNORE },
		{ "foo/\n", "foo", false, RULES_NONE }, { "foo/\n", "foo", true, RULES_IGNORE },
		{ "*.o\n!a.o\n", "a.o", false, RULES_KEEP }, { "!a.o\n*.o\n", "a.o", false, RULES_IGNORE },
		{ "a/b\n", "a/b", false, RULES_IGNORE }, { "a/b\n", "x/a/b", false, RULES_NONE },
		{ "a/*\n", "a/b", false, RULES_IGNORE }, { "a/*\n", "a/b/c", false, RULES_NONE },
		{ "#a\n", "#a", false, RULES_NONE }, { "\\#a\n", "#a", false, RULES_IGNORE },
		{ "\\!a\n", "!a", false, RULES_IGNORE }, { "a  \n", "a", false, RULES_IGNORE },
		{ "a\\ \n", "a ", false, RULES_IGNORE }, { "a\r\n", "a", false, RULES_IGNORE },
		{ "a\t\n", "a", false, RULES_NONE }, { "\xef\xbb\xbf" "a\n", "a", false, RULES_IGNORE },
		{ "foo**/bar\n", "foobar", false, RULES_IGNORE }, { "[\n", "[", false, RULES_NONE },
		{ "**/a\n", "x/y/a", false, RULES_IGNORE }, { "pre*\n", "prefix", false, RULES_IGNORE },
		{ "pre*\n", "pr", false, RULES_NONE }, { "*\n!*/\n!*.c\n", "x.c", false, RULES_KEEP },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_ok(verdict(cases[i].text, cases[i].path, cases[i].directory) == cases[i].result,
		    "rules %zu: %s", i, cases[i].path);
}

/* All lines together say what the last of those that say something alone says. */
static void
test_lines(struct random *r)
{
	unsigned long cases = random_cases(20000), wrong = 0, said = 0;

	for (unsigned long i = 0; i < cases && wrong < 5; i++) {
		char text[256] = "", path[12], line[16];
		bool directory = random_once_in(r, 2);
		enum rules_verdict expected = RULES_NONE, alone;

		random_text(r, "abc/", path, sizeof(path));
		if (*path == '\0' || *path == '/' || path[strlen(path) - 1] == '/' ||
		    strstr(path, "//") != NULL)
			continue;
		for (size_t n = random_below(r, 8); n > 0; n--) {
			random_text(r, "aabbc/*?!\\[] #", line, 12);
			strlcat(line, "\n", sizeof(line));
			alone = verdict(line, path, directory);
			expected = alone != RULES_NONE ? alone : expected;
			strlcat(text, line, sizeof(text));
		}
		said += expected != RULES_NONE;
		if (verdict(text, path, directory) == expected)
			continue;
		wrong++;
		tap_note("'%s' of: %s", path, text);
	}
	tap_ok(wrong == 0 && said > cases / 100, "random lines say together what each says alone");
}

/* What rules of a text, its start repeated, say that they take. */
static size_t
size_of(const char *start, size_t times, const char *rest, size_t rest_times)
{
	static char text[2 << 20];
	struct rules *r;
	size_t size;

	repeat(text, start, times, "");
	repeat(text + strlen(text), rest, rest_times, "");
	r = rules_parse(text, strlen(text), false);
	size = r != NULL ? rules_size(r) : 0;
	rules_free(r);
	return size;
}

static void
test_size(void)
{
	size_t one = size_of("zzz\n", 1, "", 0), few = size_of("?a[b]\n", 1, "", 0),
	    many = size_of("?a[b]\n", 10000, "", 0);

	tap_ok(size_of("zzz\n", 250000, "", 0) > 1000000, "the text that rules keep is counted");
	tap_ok(one > 0 && size_of("zzz\n", 1, "#comment\n", 100000) == one, "what follows is not kept");
	tap_ok(few > 0 && many > 10000 * (sizeof(void *) + 16), "globs are counted");
}

int
main(void)
{
	struct random r = { random_seed() };

	test_cases();
	test_naive(&r);
	test_time();
	test_braces();
	test_rules();
	test_size();
	test_lines(&r);
	return tap_done();
}
