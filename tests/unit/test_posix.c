/*
 * Basic and extended patterns, and words, against GNU grep: random patterns
 * over random texts must select the same lines, and with -o print the same
 * matches.  What is known to differ is left out by a named rule: see posix.h.
 *
 * TEST_SEED replays a run, TEST_CASES sets how often grep is run.
 */
#include <ctype.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "generate.h"
#include "match/matcher.h"
#include "match/posix.h"
#include "match/text.h"
#include "reference.h"
#include "tap.h"

enum {
	CASES = 1000,
	LINES = 24,
	WIDTH = 6,
	OUTPUT_MAX = 1 << 20,
	REPORTED_MAX = 12,
	REFUSED = 2, /* grep's exit status for a pattern with a fault */
};

extern char **environ;

/* One question. */
struct subject {
	struct pattern_options options;
	bool invert, only;
	struct generated patterns[REFERENCE_PATTERNS];
	size_t count;
	struct generated text;
};

struct answer {
	char bytes[OUTPUT_MAX];
	size_t length;
	int status;
};

static struct answer ours, theirs;
static char file[] = "/tmp/test_posix.XXXXXX";
static int text_file;
static unsigned long failures, asked, refused, selected, left_out;

static void
put(struct answer *a, const char *bytes, size_t length)
{
	if (a->length + length > sizeof(a->bytes))
		return;
	memcpy(a->bytes + a->length, bytes, length);
	a->length += length;
}

static void
write_text(const struct generated *text)
{
	if (ftruncate(text_file, 0) == -1 ||
	    pwrite(text_file, text->bytes, text->length, 0) != (ssize_t)text->length) {
		perror(file);
		exit(1);
	}
}

static void
ask_grep(const struct subject *s)
{
	static char none[] = "";
	char *argv[40] = { (char *)"grep", (char *)"-an" }, *environment[] = { (char *)"LC_ALL=C.UTF-8",
		NULL, NULL };
	static const char *const syntaxes[] = { "-P", "-E", "-G", "-F" };
	posix_spawn_file_actions_t actions;
	size_t n = 2;
	int pipes[2];
	ssize_t got;
	pid_t pid;

	argv[n++] = (char *)syntaxes[s->options.syntax];
	if (s->options.bytes)
		environment[0] = (char *)"LC_ALL=C";
	if (s->options.letter_case == CASE_IGNORED)
		argv[n++] = (char *)"-i";
	if (s->options.word)
		argv[n++] = (char *)"-w";
	if (s->options.line)
		argv[n++] = (char *)"-x";
	if (s->options.terminator == '\0')
		argv[n++] = (char *)"-z";
	if (s->invert)
		argv[n++] = (char *)"-v";
	if (s->only)
		argv[n++] = (char *)"-o";
	for (size_t i = 0; i < s->count; i++) {
		argv[n++] = (char *)"-e";
		argv[n++] = s->patterns[i].length > 0 ? (char *)s->patterns[i].bytes : none;
	}
	argv[n++] = file;
	argv[n] = NULL;
	write_text(&s->text);
	if (pipe2(pipes, O_CLOEXEC) == -1)
		exit(1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, "grep", &actions, NULL, argv, environment) != 0) {
		perror("grep");
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	theirs.length = 0;
	while ((got = read(pipes[0], theirs.bytes + theirs.length, sizeof(theirs.bytes) - theirs.length)) > 0)
		theirs.length += (size_t)got;
	close(pipes[0]);
	waitpid(pid, &theirs.status, 0);
	theirs.status = WIFEXITED(theirs.status) ? WEXITSTATUS(theirs.status) : -1;
}

static void
put_line(size_t number, const char *bytes, size_t length, char terminator)
{
	char text[32];

	put(&ours, text, (size_t)snprintf(text, sizeof(text), "%zu:", number));
	put(&ours, bytes, length);
	put(&ours, &terminator, 1);
}

/* As grep -o: all matches of a line that are not empty. */
static void
put_matches(struct matcher *m, const struct subject *s, const struct matcher_text *t,
    const struct span *line, size_t number)
{
	const char *start = t->bytes + line->start;
	size_t length = line->end - line->start, at = 0;
	struct span match;

	while (at <= length && matcher_within(m, t->kind, start, length, at, &match)) {
		at = match.end > match.start ? match.end
		    : matcher_after_empty(m, t->kind, start, length, match.end);
		if (match.end > match.start)
			put_line(number, start + match.start, match.end - match.start,
			    s->options.terminator);
	}
}

static void
answer_with(struct matcher *m, const struct subject *s, struct matcher_text *t)
{
	size_t from = 0, number = 1;
	struct span line, next = { 0, 0 };
	bool found;

	while (from < t->length) {
		found = matcher_line(m, t, from, &line);
		if (!found)
			line.start = t->length;
		for (; from < line.start; from = next.end + 1, number++) {
			const char *end = memchr(t->bytes + from, s->options.terminator, t->length - from);

			next = (struct span){ from, end ? (size_t)(end - t->bytes) : t->length };
			if (s->invert && !s->only)
				put_line(number, t->bytes + from, next.end - from, s->options.terminator);
		}
		if (!found)
			return;
		selected++;
		if (s->only && !s->invert)
			put_matches(m, s, t, &line, number);
		else if (!s->invert)
			put_line(number, t->bytes + line.start, line.end - line.start, s->options.terminator);
		from = line.end + 1;
		number++;
	}
}

/* Returns false for want of an answer. */
static bool
answer(const struct subject *s)
{
	struct pattern_text texts[REFERENCE_PATTERNS];
	struct matcher_text t = { .bytes = s->text.bytes, .length = s->text.length };
	struct matcher *m;
	struct pattern *p;
	char *error;
	bool gave_up;

	for (size_t i = 0; i < s->count; i++)
		texts[i] = (struct pattern_text){ .bytes = s->patterns[i].bytes,
			.length = s->patterns[i].length };
	ours.length = 0;
	ours.status = REFUSED;
	p = pattern_compile(&s->options, texts, s->count, &error);
	free(error);
	if (p == NULL)
		return true;
	m = matcher_open(p);
	if (m == NULL)
		exit(1);
	t.kind = pattern_ignores_kind(p) ? TEXT_BYTES : text_kind_of(t.bytes, t.length);
	answer_with(m, s, &t);
	ours.status = 0;
	gave_up = matcher_gave_up(m);
	matcher_close(m);
	pattern_free(p);
	return !gave_up;
}

/* Of the matches of each line, leaves the first. */
static void
keep_first(struct answer *a, char terminator)
{
	unsigned long last = 0;
	size_t kept = 0, end;

	for (size_t at = 0; at < a->length; at = end) {
		const char *found = memchr(a->bytes + at, terminator, a->length - at);
		unsigned long number = strtoul(a->bytes + at, NULL, 10);

		end = found != NULL ? (size_t)(found + 1 - a->bytes) : a->length;
		if (number == last)
			continue;
		last = number;
		memmove(a->bytes + kept, a->bytes + at, end - at);
		kept += end - at;
	}
	a->length = kept;
}

static bool
differs(const struct subject *s)
{
	if (!answer(s))
		return false;
	ask_grep(s);
	/* Of several patterns, GNU grep does not always look for the faults of each. */
	if (ours.status == REFUSED && s->count > 1)
		return false;
	if (theirs.status < 0 || (ours.status == REFUSED) != (theirs.status == REFUSED))
		return true;
	/* Of a match that is not the first in its line, GNU grep finds no shorter one. */
	if (s->only && s->options.word) {
		keep_first(&ours, s->options.terminator);
		keep_first(&theirs, s->options.terminator);
	}
	return ours.status != REFUSED &&
	    (ours.length != theirs.length || memcmp(ours.bytes, theirs.bytes, ours.length) != 0);
}

static bool is_known(const struct subject *s);

static int
still_differs(void *subject)
{
	return !is_known(subject) && differs(subject);
}

static void
show_answer(const char *who, const struct answer *a)
{
	static struct generated g;

	if (a->status == REFUSED) {
		tap_note("  %s refuses it", who);
		return;
	}
	g.length = 0;
	generated_add(&g, a->bytes, a->length);
	generated_show(who, &g);
}

static void
report(const struct subject *s)
{
	static const char *const names[] = { "-P", "-E", "-G", "-F" };
	static struct subject small;

	if (++failures > REPORTED_MAX)
		return;
	small = *s;
	for (int round = 0; round < 2; round++) {
		generated_shrink(&small.text, still_differs, &small);
		for (size_t i = 0; i < small.count; i++)
			generated_shrink(&small.patterns[i], still_differs, &small);
	}
	differs(&small);
	tap_note("grep %s%s%s%s%s%s%s%s", names[small.options.syntax],
	    small.options.letter_case == CASE_IGNORED ? " -i" : "", small.options.word ? " -w" : "",
	    small.options.line ? " -x" : "", small.options.bytes ? " in C" : "",
	    small.options.terminator == '\0' ? " -z" : "", small.invert ? " -v" : "",
	    small.only ? " -o" : "");
	for (size_t i = 0; i < small.count; i++)
		generated_show("pattern", &small.patterns[i]);
	generated_show("text   ", &small.text);
	show_answer("ours   ", &ours);
	show_answer("grep   ", &theirs);
}

static bool
has(const struct subject *s, const char *const *strings, size_t count)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t n = 0; n < count; n++)
			if (strstr(s->patterns[i].bytes, strings[n]) != NULL)
				return true;
	return false;
}

/* Letters whose case the C library does not know, or gets wrong for the letters behind one. */
enum { UNEQUAL = 4 };
static const char *const unequal[UNEQUAL] = { "\xe2\x84\xaa", "\xe1\xba\x9e", "\xc3\x9f",
	"\xc5\xbf" };

/* The starts of what the C library's '.' takes for a character, and is none since RFC 3629. */
enum { BROKEN = 3 };
static const char *const broken[BROKEN] = { "\xf8", "\xed\xa0", "\xf4\x90" };

static void
take_out(struct generated *text, const char *string)
{
	char *found;

	while ((found = memmem(text->bytes, text->length, string, strlen(string))) != NULL)
		generated_cut(text, (size_t)(found - text->bytes), strlen(string));
}

/* Leaves out of the text what is known to differ. */
static void
avoid(struct subject *s)
{
	for (int i = 0; i < BROKEN && s->options.syntax != SYNTAX_FIXED; i++)
		take_out(&s->text, broken[i]);
	for (int i = 0; i < UNEQUAL && s->options.letter_case == CASE_IGNORED; i++)
		take_out(&s->text, unequal[i]);
}

/* Whether a pattern, without -w, matches nothing at all. */
static bool
matches_nothing(const struct subject *s)
{
	static struct subject plain;

	plain = *s;
	plain.options.word = plain.invert = plain.only = false;
	plain.text.length = 0;
	generated_put(&plain.text, plain.options.terminator == '\n' ? "\n" : "");
	generated_add(&plain.text, "", plain.options.terminator == '\0');
	return answer(&plain) && ours.length > 0;
}

/* Whether a quantifier, of the kinds given, follows an anchor or the edge of a word. */
static bool
has_repeated_anchor(const struct subject *s, const char *quantifiers)
{
	for (size_t i = 0; i < s->count; i++)
		for (const char *p = s->patterns[i].bytes; *p != '\0'; p++)
			if (strchr("^$`'bB<>", *p) != NULL && p[1] != '\0' &&
			    strchr(quantifiers, p[1 + (p[1] == '\\')]) != NULL)
				return true;
	return false;
}

/* Whether a brace stands where there is nothing to repeat. */
static bool
has_first_brace(const struct subject *s)
{
	for (size_t i = 0; i < s->count && s->options.syntax == SYNTAX_EXTENDED; i++)
		for (const char *p = s->patterns[i].bytes; *p != '\0'; p++)
			if (*p == '{' && (p - s->patterns[i].bytes < 2 || strchr("(|^$", p[-1]) != NULL ||
			    (strchr("*+?", p[-1]) != NULL && strchr("(|^$", p[-2]) != NULL)))
				return true;
	return false;
}

/* Whether an anchor with a quantifier is the end of a group. */
static bool
has_anchor_at_end(const struct subject *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (const char *p = s->patterns[i].bytes; *p != '\0'; p++)
			if (strchr("^$`'", *p) != NULL && p[1] != '\0' && strchr("*+?", p[1]) != NULL &&
			    p[1 + strspn(p + 1, "*+?")] == ')')
				return true;
	return false;
}

/* Whether something like a range ends in a letter, but starts in none. */
static bool
has_mixed_range(const struct subject *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (const char *p = s->patterns[i].bytes; *p != '\0'; p++)
			if (*p == '-' && p > s->patterns[i].bytes && isalpha((unsigned char)p[1]) &&
			    !isalpha((unsigned char)p[-1]))
				return true;
	return false;
}

/* Whether a pattern has more ')' than '('. */
static bool
has_closing(const struct subject *s)
{
	for (size_t i = 0; i < s->count; i++) {
		int open = 0;

		for (const char *p = s->patterns[i].bytes; *p != '\0'; p++) {
			if (*p == '\\' && p[1] != '\0') {
				p++;
				continue;
			}
			open += (*p == '(') - (*p == ')');
			if (open < 0)
				return true;
		}
	}
	return false;
}

/* Edges of words, and anchors. */
static const char *const edges[] = { "\\b", "\\B", "\\<", "\\>", "^", "$", "\\`", "\\'" };
enum { WORD_EDGES = 4, EDGES = 8 };
static const char *const references[] = { "\\1", "\\2" };

/* Known differences, by name, as are all that follow: see posix.h. */
static bool
is_known_of_words(const struct subject *s)
{
	enum text_kind kind = text_kind_of(s->text.bytes, s->text.length);
	bool posix = s->options.syntax != SYNTAX_FIXED, word = s->options.word && !s->options.line;

	/* Edges of words beside what is no character. */
	if (posix && kind == TEXT_BYTES && !s->options.bytes && has(s, edges, WORD_EDGES))
		return true;
	/* Where GNU grep cuts a match short for -w, it takes the end for that of a word. */
	if (posix && s->options.word && has(s, edges, WORD_EDGES))
		return true;
	/* An empty line that is printed, though it is no match with something in it. */
	if (s->options.line && s->only && (s->options.word || matches_nothing(s)))
		return true;
	if (!word || !matches_nothing(s))
		return false;
	/* An empty match of -w between such bytes, or within a character of several bytes. */
	if (kind != TEXT_ASCII && !s->options.bytes)
		return true;
	/* Words beyond ASCII, whatever their case, are patterns to GNU grep: see pattern_rival. */
	for (size_t i = 0; i < s->count; i++)
		if (!posix && s->options.letter_case == CASE_IGNORED &&
		    text_kind_of(s->patterns[i].bytes, s->patterns[i].length) != TEXT_ASCII)
			return true;
	/* See differs: nor does it find one behind an empty match. */
	return s->only;
}

static bool
is_known_of_letters(const struct subject *s)
{
	static const char *const ranges[] = { "-\xc3", "\xa9-", "\xa0-", "-\xce", "\xb1-", "\x89-" };
	static const char *const letter = "\\a";
	bool posix = s->options.syntax != SYNTAX_FIXED;
	bool ignored = s->options.letter_case == CASE_IGNORED;

	/* Letters that are equal in Unicode but for the case, and not to the C library. */
	if (ignored && !s->options.bytes && has(s, unequal, UNEQUAL))
		return true;
	/* The C library's mistake: a letter behind a backslash. */
	if (posix && ignored && has(s, &letter, 1))
		return true;
	/* The ends of a range are compared in upper case. */
	if (posix && ignored && has_mixed_range(s))
		return true;
	/* A pattern that is no UTF-8 is taken as bytes, all of it. */
	for (size_t i = 0; i < s->count; i++)
		if ((posix || s->options.word || ignored) && !s->options.bytes &&
		    !reference_is_utf8(s->patterns[i].bytes, s->patterns[i].length))
			return true;
	/* Ranges beyond ASCII, which GNU grep refuses in C.UTF-8. */
	return posix && has(s, ranges, 6);
}

/* On what GNU grep's two engines do not agree, or one is mistaken. */
static bool
is_known_of_engines(const struct subject *s)
{
	static const char *const never[] = { "{0}", "{0\\}" };
	static const char *const counted[] = { "){", "\\)\\{" };
	static const char *const dollars[] = { "$)", "$|" };
	static const char *const lone[] = { "(?)", "(*)", "(+)", "|?)", "|*)", "|+)" };
	static const char *const second[] = { "\\w", "\\W", "\\s", "\\S", "[^", "[:", "\\1", "\\2" };
	static const char *const repeated[] = { ")*", ")+", "){", ")?", "\\)*", "\\)\\+", "\\)\\{", "\\)\\?" };
	bool extended = s->options.syntax == SYNTAX_EXTENDED, asks = s->only || s->options.word;

	if (s->options.syntax == SYNTAX_FIXED)
		return false;
	/* An edge of a word, or an anchor, in a group that is repeated. */
	if (has(s, edges, asks || has(s, second, 8) ? EDGES : WORD_EDGES) && has(s, repeated, 8))
		return true;
	/* What ^* is. */
	if (has_repeated_anchor(s, "{") || (asks && has_repeated_anchor(s, "*+?")))
		return true;
	/* What is repeated no time at all is not there, and asks no engine. */
	if (has(s, never, 2) && (has(s, references, 2) || has_repeated_anchor(s, "*+?")))
		return true;
	/* A quantifier that is all there is in a group, or but for an anchor; a first brace. */
	if (extended && (has(s, lone, 6) || has_anchor_at_end(s) || has_first_brace(s)))
		return true;
	/* A '$' before what would end a group in an extended pattern. */
	if (s->options.syntax == SYNTAX_BASIC && has(s, dollars, 2))
		return true;
	/* What a group holds that was repeated so many times. */
	if (has(s, references, 2) && has(s, counted, 2))
		return true;
	/* A ')' too many, which ends the group that GNU grep puts around the pattern. */
	if (extended && (s->options.word || s->options.line) && has_closing(s))
		return true;
	/* Whether, with -z, an anchor holds beside a newline. */
	if (s->options.terminator == '\0' && (asks || has(s, second, 8)) && has(s, edges + WORD_EDGES, 4) &&
	    memchr(s->text.bytes, '\n', s->text.length) != NULL)
		return true;
	/* The longest match with back-references. */
	return s->only && has(s, references, 2);
}

static bool
is_known(const struct subject *s)
{
	return is_known_of_words(s) || is_known_of_letters(s) || is_known_of_engines(s);
}

static void
choose(struct random *r, struct subject *s)
{
	static const enum pattern_syntax syntaxes[] = { SYNTAX_EXTENDED, SYNTAX_EXTENDED, SYNTAX_BASIC,
		SYNTAX_BASIC, SYNTAX_FIXED };

	*s = (struct subject){ .options = { .syntax = GENERATE_PICK(r, syntaxes),
		.letter_case = random_once_in(r, 4) ? CASE_IGNORED : CASE_HEEDED,
		.word = random_once_in(r, 4), .line = random_once_in(r, 8),
		.bytes = random_once_in(r, 10), .terminator = random_once_in(r, 10) ? '\0' : '\n' },
		.invert = random_once_in(r, 10), .only = random_once_in(r, 3) };
	s->count = random_once_in(r, s->options.syntax == SYNTAX_FIXED ? 2 : 6)
	    ? 1 + random_below(r, REFERENCE_PATTERNS) : 1;
	for (size_t n = 0; n < s->count; n++) {
		if (s->options.syntax == SYNTAX_FIXED)
			generate_literal(r, &s->patterns[n]);
		else
			generate_posix(r, &s->patterns[n], s->options.syntax == SYNTAX_BASIC);
	}
	generate_text(r, &s->text, (unsigned int)random_below(r, 3), LINES, WIDTH);
	avoid(s);
}

static void
test_random_patterns(struct random *r, unsigned long cases)
{
	static struct subject s;
	unsigned long before = failures;

	for (unsigned long i = 0; i < cases; i++) {
		choose(r, &s);
		if (is_known(&s)) {
			left_out++;
			continue;
		}
		asked++;
		if (differs(&s))
			report(&s);
		refused += ours.status == REFUSED;
	}
	tap_ok(failures == before, "random patterns select what GNU grep selects");
	tap_ok(asked > left_out && selected > 0 && refused > 0 && refused < asked / 2 + 1, "%lu were asked, "
	    "%lu left out, %lu refused by both; %lu lines selected", asked, left_out, refused, selected);
}

/* Selected by hand: braces and quantifiers where there is nothing to repeat, and their like. */
static const char *const known[][2] = {
	{ "-E", "{foo" }, { "-E", "a|{b" }, { "-E", "a{1" }, { "-E", "a{,2}" }, { "-E", "a{1,2" },
	{ "-E", "{1}a" }, { "-E", "*a" }, { "-E", "(*a)" }, { "-E", "a|*b" }, { "-E", "^*" }, { "-E", "(^a)" },
	{ "-E", "a|^b" }, { "-E", "()" }, { "-E", "a||b" }, { "-E", "a|" }, { "-E", "(|a)b" }, { "-E", "a)" },
	{ "-E", "a**" }, { "-E", "a+?" }, { "-E", "a{2}{3}" }, { "-E", "(ab)\\1" }, { "-E", "\\bfoo\\b" },
	{ "-E", "\\<foo\\>" }, { "-E", "\\w+\\W\\w" }, { "-E", "[]a]" }, { "-E", "[^]a]" }, { "-E", "[a-]" },
	{ "-E", "[[:alpha:]]" }, { "-E", "[^[:alpha:]]" }, { "-E", "[[:punct:]]" }, { "-E", "[^[:punct:]a]" },
	{ "-E", "[[:upper:]]" }, { "-E", "[[=a=]]" }, { "-E", "[[.-.]-0]" }, { "-E", "[a\\]b]" }, { "-E", "a\\{1" },
	{ "-G", "*a" }, { "-G", "\\(*a\\)" }, { "-G", "^*a" }, { "-G", "a\\|^b" }, { "-G", "a^b" }, { "-G", "a$b" },
	{ "-G", "\\(a$\\)" }, { "-G", "\\+a" }, { "-G", "\\{1\\}a" }, { "-G", "a\\{2\\}" }, { "-G", "a{2}" },
	{ "-G", "a\\?b" }, { "-G", "a+" }, { "-G", "a|b" }, { "-G", "\\(a\\|b\\)\\1" }, { "-G", "^^a" },
	{ "-G", "a\\`\\{x\\}" }, { "-G", "a\\>\\{x" }, { "-E", "xa?*y" }, { "-E", "xa?+y" }, { "-E", "a|.b$" },
	{ "-G", "a$$" }, { "-G", "\\." }, { "-G", "a.c" }, { "-G", "\\n" }, { "-G", "[\\n]" },
};

static void
test_known_patterns(struct random *r)
{
	static struct subject s;
	unsigned long before = failures;

	for (size_t i = 0; i < 2 * sizeof(known) / sizeof(known[0]); i++) {
		s = (struct subject){ .options = { .terminator = '\n',
			.syntax = strcmp(known[i / 2][0], "-E") == 0 ? SYNTAX_EXTENDED : SYNTAX_BASIC },
			.count = 1, .only = i % 2 };
		generated_put(&s.patterns[0], known[i / 2][1]);
		if (s.only && is_known(&s))
			continue;
		generate_text(r, &s.text, 1, LINES, WIDTH);
		generated_put(&s.text, "{foo\n{b\na{1\naa{1,2\n*a\na)\n^*a\na^b\na$b\n+a\n{1}a\na{2}\naaaaaa\n"
		    "abab\nfoo\nfoo bar\nn\n\\\n]\n-\na+\na|b\naa\nbb\n^a\na$$\n.\na.c\n\xcd\x85\n\xd9\xa0\n"
		    "\xc7\x85\n\xc2\xa0\n\xe2\x80\xa8\nxaay\nxy\nab\xff\n");
		if (differs(&s))
			report(&s);
	}
	tap_ok(failures == before, "known patterns select what GNU grep selects");
}

/*
 * Every character against every class: what the C library's UTF-8 locale has
 * in it, PCRE2 is told.
 */
static void
test_classes(void)
{
	static const char *const names[] = { "[[:alpha:]]", "[[:alnum:]]", "[[:upper:]]", "[[:lower:]]",
		"[[:space:]]", "[[:blank:]]", "[[:cntrl:]]", "[[:graph:]]", "[[:print:]]", "[[:punct:]]",
		"[[:digit:]]", "[[:xdigit:]]", "\\w", "\\s", "[^[:alpha:]]", "[^[:punct:]]", "[[:alpha:]5[:punct:]]" };
	enum { CLASSES = sizeof(names) / sizeof(names[0]) };
	static struct subject s;
	unsigned long before = failures;

	/* The first four without regard to case, too. */
	for (size_t i = 0; i < CLASSES + 4; i++)
		for (unsigned long code = 0; code < 0x20000; code += code == 0xd7ff ? 0x801 : 1) {
			struct buffer b = { 0 };

			if (code % 0x1000 == 0 || code == 0xe000) {
				s = (struct subject){ .options = { .syntax = SYNTAX_EXTENDED,
					.terminator = '\n', .letter_case = i % CLASSES < i ? CASE_IGNORED
					: CASE_HEEDED }, .count = 1 };
				generated_put(&s.patterns[0], names[i % CLASSES]);
			}
			/* A few hundred at a time, of those that there is some variety of. */
			if (code != '\n' && code != 0 && (code < 0x3100 || code % 16 == 0)) {
				buffer_put_character(&b, code);
				generated_add(&s.text, b.bytes, b.length);
				generated_put(&s.text, "\n");
				buffer_free(&b);
			}
			if (s.text.length > GENERATED_MAX - 8 || code % 0x1000 == 0xfff) {
				if (differs(&s))
					report(&s);
				s.text.length = 0;
			}
		}
	tap_ok(failures == before, "classes hold the characters that they do for GNU grep");
}

/* Patterns of a size and depth that nobody means are translated soon, or refused. */
static void
test_hostile_patterns(void)
{
	static const char *const pieces[] = { "(", "((a|", "[", "[[:", "a{", "a{1}", "(a)*", "|", "\\", "a**",
		"^*", "(|a)", "()", "[[.a.]-", "\\(", "\\{", "{", "[^]", "\\<", "(^*)", "a|", "[a]{2}" };
	enum { SIZE = 200000 };
	char *text = malloc(SIZE + 16);
	size_t most = 0, size = random_cases(SIZE);

	for (size_t i = 0; text != NULL && i < sizeof(pieces) / sizeof(pieces[0]); i++)
		for (int basic = 0; basic < 2; basic++) {
			const struct posix_options o = { .basic = basic };
			struct posix_result result;
			struct buffer out = { 0 };
			size_t length = 0;

			while (length < size && length < SIZE)
				length = (size_t)(stpcpy(text + length, pieces[i]) - text);
			if (!posix_translate(&o, text, length, &out, &result) && result.reason == NULL)
				most = SIZE_MAX;
			most = out.length > most ? out.length : most;
			buffer_free(&out);
		}
	free(text);
	tap_ok(most < 100UL * SIZE, "patterns of %zu bytes make at most %zu", size, most);
}

int
main(void)
{
	struct random r = { random_seed() };

	text_file = mkostemp(file, O_CLOEXEC);
	if (text_file == -1) {
		perror(file);
		return 1;
	}
	test_known_patterns(&r);
	test_classes();
	test_hostile_patterns();
	test_random_patterns(&r, random_cases(CASES));
	unlink(file);
	return tap_done();
}
