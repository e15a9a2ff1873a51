/*
 * Every compiled form and every plan against the per-line reference: the
 * lines that matcher_line selects from a whole buffer must be the lines that
 * PCRE2's interpreter selects when it is given each line alone.  So must those
 * that have the pattern's shape, or that the accelerator proposes where libhs
 * is there, and PCRE2 decides on.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many random patterns are tried.
 */
#include "generate.h"
#include "match/accel.h"
#include "match/accel_library.h"
#include "match/matcher.h"
#include "match/shape.h"
#include "match/text.h"
#include "match/words.h"
#include "reference.h"
#include "tap.h"

enum {
	CASES = 10000,     /* random patterns */
	TEXTS = 6,         /* random texts for each */
	KNOWN_TEXTS = 24,  /* for each known pattern */
	REPORTED_MAX = 12, /* failures that are shown */
	LINES_MAX = 4096,
	BEFORE = 16, /* bytes; keeps the text aligned */
};

/* One question: patterns, how they are meant, and a text. */
struct subject {
	struct pattern_options options;
	struct generated patterns[REFERENCE_PATTERNS];
	size_t count;
	struct generated text;
	bool aided; /* the accelerator is asked, too */
};

enum verdict { SAME, SKIPPED, DIFFERENT };

struct engine {
	struct pattern *pattern;
	struct matcher *matcher;
	struct accel *accel; /* or NULL, as the next one */
	struct matcher *aided;
	struct shape *shape; /* or NULL, as the next one */
	struct matcher *shaped;
	struct reference reference;
};

static const char *const plan_names[] = { "BUFFER", "CANDIDATE", "LINE" };
static const char *const syntax_names[] = { "-P", "-E", "-G", "-F" };
static const char *const kind_names[] = { "ASCII", "UTF8", "BYTES" };
static unsigned long reached[3][3]; /* texts by plan and kind */
static unsigned long refused, skipped, selected, fallbacks, spans, nuls_ignored, jit_faults, failures;
static unsigned long accelerated, given_up, not_for_libhs;
static unsigned long shapes, shapeless, shaped_lines, lines_passed, texts_passed, nuls_passed;
static bool has_libhs;
static bool excuses = true;         /* PCRE2's own faults are passed over */
static const char *difference;      /* what the last DIFFERENT was about */

static enum verdict
differ(const char *what)
{
	difference = what;
	return DIFFERENT;
}

static void
engine_close(struct engine *e)
{
	matcher_close(e->matcher);
	matcher_close(e->aided);
	matcher_close(e->shaped);
	accel_close(e->accel);
	shape_close(e->shape);
	pattern_free(e->pattern);
	reference_close(&e->reference);
	*e = (struct engine){ 0 };
}

/* With the accelerator, whether it gains or not, if the pattern is for libhs. */
static void
engine_accelerate(struct engine *e, const struct subject *s, const struct pattern_text *texts)
{
	size_t size;
	char *code = NULL;
	bool ready;

	e->accel = accel_open(e->pattern, texts, s->count);
	ready = e->accel != NULL && accel_load(e->accel);
	if (ready && accel_must_compile(e->accel)) {
		code = accel_compile(e->accel, &size);
		ready = code != NULL && accel_use(e->accel, code, size);
	}
	free(code);
	accelerated += ready;
	not_for_libhs += !ready;
	if (!ready)
		return;
	pattern_set_accel(e->pattern, e->accel);
	e->aided = matcher_open(e->pattern);
	pattern_set_accel(e->pattern, NULL);
	if (e->aided == NULL)
		exit(1);
}

/* With the pattern's shape, be it rare or not, if it has one. */
static void
engine_shape(struct engine *e, const struct subject *s, const struct pattern_text *texts)
{
	const struct shape *own = pattern_shape(e->pattern);

	e->shape = shape_open(e->pattern, texts, s->count);
	shapes += e->shape != NULL;
	shapeless += e->shape == NULL;
	if (e->shape == NULL)
		return;
	pattern_set_shape(e->pattern, e->shape);
	e->shaped = matcher_open(e->pattern);
	pattern_set_shape(e->pattern, own);
	if (e->shaped == NULL)
		exit(1);
}

/* SAME: both can be asked. SKIPPED: both refuse the patterns. */
static enum verdict
engine_open(struct engine *e, struct subject *s)
{
	struct pattern_text texts[REFERENCE_PATTERNS];
	char *error;
	bool good;

	for (size_t i = 0; i < s->count; i++)
		texts[i] = (struct pattern_text){ .bytes = s->patterns[i].bytes,
			.length = s->patterns[i].length };
	*e = (struct engine){ 0 };
	good = reference_open(&e->reference, &s->options, texts, s->count);
	e->pattern = pattern_compile(&s->options, texts, s->count, &error);
	free(error);
	if (good != (e->pattern != NULL)) {
		engine_close(e);
		return differ(good ? "refused, but it compiles" : "taken, but it does not compile");
	}
	if (!good)
		return SKIPPED;
	e->matcher = matcher_open(e->pattern);
	if (e->matcher == NULL)
		exit(1);
	engine_shape(e, s, texts);
	if (s->aided && has_libhs)
		engine_accelerate(e, s, texts);
	return SAME;
}

static size_t
reference_lines(struct reference *r, const char *text, size_t length, struct span lines[LINES_MAX])
{
	size_t count = 0, from = 0, ignored[2];

	while (from < length && count < LINES_MAX) {
		const char *newline = memchr(text + from, r->terminator, length - from);
		size_t end = newline ? (size_t)(newline - text) : length;

		if (reference_line(r, text + from, end - from, 0, ignored))
			lines[count++] = (struct span){ from, end };
		from = end + 1;
	}
	return count;
}

/* The lines that the matcher selects; -1 if it gave up on one. */
static int
matcher_lines(struct matcher *m, struct matcher_text *text, struct span lines[LINES_MAX])
{
	int count = 0;
	size_t from = 0;

	while (from < text->length && count < LINES_MAX &&
	    matcher_line(m, text, from, &lines[count]))
		from = lines[count++].end + 1;
	return matcher_gave_up(m) ? -1 : count;
}

/*
 * In a line that is not UTF-8, interpreter and JIT differ on which empty
 * matches there are next to a broken character, on whether the line ends
 * there (\z), and on how far (*COMMIT) reaches: such a match is no difference
 * in what the pattern means.  A pattern that matches nothing at all, as in an
 * empty line, may do so anywhere.
 */
static bool
is_debatable(struct engine *e, const struct subject *s, const struct matcher_text *text,
    const struct span *line)
{
	const char *start = text->bytes + line->start;
	size_t length = line->end - line->start, expected[2] = { 0, 1 };
	struct span match = { 0, 1 };

	if (reference_is_utf8(start, length))
		return false;
	/* Nor is it agreed where a line starts, if a carriage return ends one. */
	if (s->options.crlf)
		return true;
	for (size_t i = 0; i < s->count; i++)
		if (strcasestr(s->patterns[i].bytes, "\\z") != NULL ||
		    strstr(s->patterns[i].bytes, "(*") != NULL)
			return true;
	matcher_within(e->matcher, text->kind, start, length, 0, &match);
	reference_line(&e->reference, start, length, 0, expected);
	return match.start == match.end || expected[0] == expected[1] ||
	    reference_line(&e->reference, "", 0, 0, expected);
}

/*
 * Whether PCRE2 disagrees with itself about this line: its JIT and its
 * interpreter, with the program's own code and nothing else.  That happens to
 * some rare patterns, such as (?>\pL+|)[^a], and says nothing of the program.
 */
static bool
is_fault_of_jit(struct engine *e, const struct matcher_text *text, const struct span *line)
{
	const pcre2_code *code = pattern_units(e->pattern) == 0 ? NULL
	    : pattern_code(e->pattern, 0, text->kind);
	PCRE2_SPTR start = (PCRE2_SPTR)text->bytes + line->start;
	const size_t *found = pcre2_get_ovector_pointer(e->reference.data);
	size_t length = line->end - line->start, found_at[2][2] = { { 0 } };
	int rc[2];

	if (code == NULL)
		return false;
	for (uint32_t i = 0; i < 2; i++) {
		rc[i] = pcre2_match(code, start, length, 0, i == 0 ? 0 : PCRE2_NO_JIT,
		    e->reference.data, NULL);
		if (rc[i] >= 0)
			memcpy(found_at[i], found, sizeof(found_at[i]));
	}
	return (rc[0] >= 0) != (rc[1] >= 0) || memcmp(found_at[0], found_at[1], sizeof(found_at[0])) != 0;
}

static bool
is_excused(struct engine *e, const struct subject *s, const struct matcher_text *text,
    const struct span *line)
{
	if (is_debatable(e, s, text, line))
		return true;
	if (!excuses || !is_fault_of_jit(e, text, line))
		return false;
	jit_faults++;
	return true;
}

static enum verdict
compare_lines(struct engine *e, struct matcher *m, const struct subject *s,
    const struct matcher_text *given, const struct span *expected, size_t count)
{
	struct matcher_text text = *given;
	struct span lines[LINES_MAX];
	int got = matcher_lines(m, &text, lines);

	given_up += text.unaided;
	fallbacks += text.line_by_line && !given->line_by_line;
	if (got == -1)
		return SKIPPED;
	for (size_t i = 0, j = 0; i < (size_t)got || j < count;) {
		bool more = j == count || (i < (size_t)got && lines[i].start < expected[j].start);
		bool less = i == (size_t)got || (j < count && expected[j].start < lines[i].start);

		if ((more || less) && !is_excused(e, s, &text, more ? &lines[i] : &expected[j]))
			return differ(more ? "a line too many" : "a line is missed");
		if (!more && !less && lines[i].end != expected[j].end)
			return differ("a line ends elsewhere");
		i += !less;
		j += !more;
	}
	return SAME;
}

/* The lines that have the shape, which those that are selected must, and no other need. */
static enum verdict
compare_shaped(struct engine *e, const struct subject *s, const struct matcher_text *text,
    const struct span *expected, size_t count)
{
	struct matcher_text asked = *text;
	enum verdict verdict = compare_lines(e, e->shaped, s, text, expected, count);

	shaped_lines += count;
	lines_passed += text_newlines(text->bytes, text->length, s->options.terminator) - count;
	if (matcher_may_select(e->shaped, &asked))
		return verdict;
	texts_passed++;
	for (size_t i = 0; verdict == SAME && i < count; i++)
		if (!is_excused(e, s, text, &expected[i]))
			return differ("a text with lines may not be selected");
	return verdict;
}

/* With back-references, the longest match is not looked for. */
static bool
refers(const struct subject *s)
{
	for (size_t i = 0; i < s->count && s->options.syntax != SYNTAX_FIXED; i++)
		if (strstr(s->patterns[i].bytes, "\\1") != NULL ||
		    strstr(s->patterns[i].bytes, "\\2") != NULL)
			return true;
	return false;
}

/* The first match within each selected line, where one pattern says which that is. */
static enum verdict
compare_spans(struct engine *e, const struct subject *s, const struct matcher_text *text,
    const struct span *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *line = text->bytes + lines[i].start;
		size_t length = lines[i].end - lines[i].start, expected[2];
		struct span got = { 1, 0 };

		if (!reference_line(&e->reference, line, length, 0, expected))
			return SKIPPED;
		if (!matcher_within(e->matcher, text->kind, line, length, 0, &got) &&
		    matcher_gave_up(e->matcher))
			return SKIPPED;
		/* PCRE2 finds the first; of the match that is wanted it is a lower bound. */
		if (s->options.syntax != SYNTAX_PERL && got.start == expected[0] &&
		    (got.end > expected[1] || refers(s)))
			got.end = s->options.syntax == SYNTAX_FIXED ? got.end : expected[1];
		if ((got.start != expected[0] || got.end != expected[1]) &&
		    !is_excused(e, s, text, &lines[i]))
			return differ("another match within a line");
		spans++;
	}
	return SAME;
}

/*
 * Where nothing is selected, newlines for NULs must not change that if the
 * pattern ignores NULs, or the text has no line of its shape.
 */
static enum verdict
compare_nuls(struct engine *e, char *bytes, size_t length, size_t count)
{
	struct matcher_text text = { .bytes = bytes, .length = length };
	struct span lines[LINES_MAX];
	bool passed;

	if (count > 0 || e->reference.terminator == '\0' || memchr(bytes, '\0', length) == NULL)
		return SAME;
	passed = e->shaped != NULL && !matcher_may_select(e->shaped, &text);
	if (!passed && !pattern_ignores_nul(e->pattern))
		return SAME;
	nuls_ignored += !passed;
	nuls_passed += passed;
	text_zap_nuls(bytes, length);
	return reference_lines(&e->reference, bytes, length, lines) == 0 ? SAME
	    : differ("a text is passed over, but a NUL matters");
}

static enum verdict
engine_compare(struct engine *e, const struct subject *s)
{
	struct span lines[LINES_MAX];
	size_t length = s->text.length;
	/*
	 * No byte behind it, so that a sanitizer sees a read beyond it; some before it,
	 * because PCRE2's interpreter looks there when the text starts with a broken
	 * character.  With --crlf it looks at the byte behind a text that ends with one.
	 */
	char *block = calloc(1, BEFORE + length + s->options.crlf), *bytes = block + BEFORE;
	struct matcher_text text = { .bytes = bytes, .length = length };
	enum text_kind kind;
	enum verdict verdict = SAME;
	size_t count;

	if (block == NULL)
		exit(1);
	memset(block, s->options.terminator, BEFORE);
	memcpy(bytes, s->text.bytes, length);
	kind = text_kind_of(bytes, length);
	count = reference_lines(&e->reference, bytes, length, lines);
	selected += count;
	if (e->reference.undecided)
		verdict = SKIPPED;
	if (pattern_ignores_kind(e->pattern))
		kind = TEXT_BYTES;
	reached[pattern_plan(e->pattern)][kind]++;
	/* What holds for ASCII holds for it as UTF-8 and as bytes, too. */
	for (unsigned int k = kind; verdict == SAME && k <= TEXT_BYTES; k++) {
		text.kind = (enum text_kind)k;
		text.line_by_line = false;
		verdict = compare_lines(e, e->matcher, s, &text, lines, count);
		if (verdict == SAME && e->aided != NULL)
			verdict = compare_lines(e, e->aided, s, &text, lines, count);
		if (verdict == SAME && e->shaped != NULL)
			verdict = compare_shaped(e, s, &text, lines, count);
		text.line_by_line = true;
		if (verdict == SAME)
			verdict = compare_lines(e, e->matcher, s, &text, lines, count);
		if (verdict == SAME && (s->count == 1 || s->options.syntax != SYNTAX_PERL))
			verdict = compare_spans(e, s, &text, lines, count);
	}
	if (verdict == SAME)
		verdict = compare_nuls(e, bytes, length, count);
	e->reference.undecided = false;
	free(block);
	return verdict;
}

static enum verdict
ask(struct subject *s)
{
	struct engine e;
	enum verdict verdict = engine_open(&e, s);

	if (verdict == SAME)
		verdict = engine_compare(&e, s);
	engine_close(&e);
	return verdict;
}

static int
still_differs(void *subject)
{
	return ask(subject) == DIFFERENT;
}

static void
report(struct subject *s)
{
	static struct subject small;
	struct pattern_text text;
	char *error = NULL;
	struct pattern *p;

	if (++failures > REPORTED_MAX)
		return;
	small = *s;
	for (int round = 0; round < 3; round++) {
		generated_shrink(&small.text, still_differs, &small);
		for (size_t i = 0; i < small.count; i++)
			generated_shrink(&small.patterns[i], still_differs, &small);
	}
	ask(&small);
	text = (struct pattern_text){ .bytes = small.patterns[0].bytes,
		.length = small.patterns[0].length };
	p = small.count == 1 ? pattern_compile(&small.options, &text, 1, &error) : NULL;
	tap_note("%s %s%s%s%s%s%s%s%s%s", difference, syntax_names[small.options.syntax],
	    small.options.letter_case == CASE_IGNORED ? " -i" : "", small.options.word ? " -w" : "",
	    small.options.line ? " -x" : "", small.options.bytes ? " --no-unicode" : "",
	    small.options.crlf ? " --crlf" : "", small.options.terminator == '\0' ? " -z" : "",
	    p ? " plan " : "", p ? plan_names[pattern_plan(p)] : "");
	free(error);
	pattern_free(p);
	for (size_t i = 0; i < small.count; i++)
		generated_show("pattern", &small.patterns[i]);
	generated_show("text   ", &small.text);
	generated_show("was    ", &s->patterns[0]);
}

static void
try(struct random *r, struct subject *s, int texts)
{
	struct engine e;
	enum verdict verdict = engine_open(&e, s);

	if (verdict == SKIPPED)
		refused++;
	for (int i = 0; verdict == SAME && i < texts; i++) {
		bool large = random_once_in(r, 200);

		generate_text(r, &s->text, (unsigned int)i % 3, large ? 400 : 1 + random_below(r, 12),
		    1 + random_below(r, 9));
		verdict = engine_compare(&e, s);
		if (verdict == SKIPPED) {
			skipped++;
			verdict = SAME;
		}
	}
	engine_close(&e);
	if (verdict == DIFFERENT)
		report(s);
}

/*
 * What must stand at a pattern's very start, or ends the search, cannot be put
 * among others; nor can a name that others have, when a lookbehind refers to
 * it, or a comment that is left open.
 */
static bool
can_be_asked(const struct subject *s)
{
	for (size_t i = 0; i < s->count && s->options.syntax == SYNTAX_PERL; i++) {
		const char *text = s->patterns[i].bytes;

		if ((s->options.word || s->count > 1) && strstr(text, "(*") != NULL)
			return false;
		if (s->count > 1 && ((strstr(text, "(?<") != NULL && strchr(text, 'n') != NULL) ||
		    (strstr(text, "(?x") != NULL && strchr(text, '#') != NULL)))
			return false;
	}
	return true;
}

static struct pattern_options
random_options(struct random *r)
{
	static const enum pattern_syntax syntaxes[] = { SYNTAX_PERL, SYNTAX_PERL, SYNTAX_PERL,
		SYNTAX_EXTENDED, SYNTAX_BASIC, SYNTAX_FIXED };

	return (struct pattern_options){ .syntax = GENERATE_PICK(r, syntaxes),
		.letter_case = random_once_in(r, 4) ? CASE_IGNORED : CASE_HEEDED,
		.word = random_once_in(r, 8), .line = random_once_in(r, 8),
		.bytes = random_once_in(r, 12), .crlf = random_once_in(r, 12),
		.terminator = random_once_in(r, 12) ? '\0' : '\n' };
}

static void
test_random_patterns(struct random *r, unsigned long cases)
{
	static struct subject s;
	unsigned long before = failures;

	for (unsigned long i = 0; i < cases; i++) {
		s.options = random_options(r);
		s.aided = random_once_in(r, 4);
		s.count = random_once_in(r, s.options.syntax == SYNTAX_FIXED ? 2 : 8)
		    ? 1 + random_below(r, REFERENCE_PATTERNS) : 1;
		/* So many that what they require is looked for first. */
		if (random_once_in(r, 16))
			s.count = WORDS_MIN + random_below(r, REFERENCE_PATTERNS - WORDS_MIN + 1);
		for (size_t n = 0; n < s.count; n++) {
			if (s.options.syntax == SYNTAX_FIXED)
				generate_literal(r, &s.patterns[n]);
			else if (s.options.syntax == SYNTAX_PERL)
				generate_pattern(r, &s.patterns[n]);
			else
				generate_posix(r, &s.patterns[n], s.options.syntax == SYNTAX_BASIC);
		}
		if (can_be_asked(&s))
			try(r, &s, TEXTS);
	}
	tap_ok(failures == before, "random patterns select the lines of the reference");
}

/* Patterns that are more than they seem, or less. */
static const char *const known[] = {
	/* Where a class ends. */
	"[\\c\\]\\s[a]", "[\\c\\]*(?<!\\n)b[a]", "[\\c]][^a](?!\\n)[b]", "[\\E][]*(?<!\\n)b[]]",
	"[\\Q\\E][]*(?<!\\n)b[]]", "[^\\E]]b", "[\\E]\\n]b", "[\\E^a]b", "[[:a\\]]b", "[[:alpha:\\]]b",
	"[]\\s]b", "[^]a]b", "[a\\Q]\\E\\s]b", "[\\Q]\\s\\E]b", "a[[:space:]]b", "a[[:^alpha:]]b", "[[:<:]]a",
	/* Where a group's opening ends. */
	"a(?<*\\s)b", "(?<*a)\\sb", "(?*\\s)a", "(?<n>\\s)b", "(?'n'a)\\sb", "(?P<n>a)\\sb",
	/* What a verb's name or a comment hides. */
	"(*:[)^.$", "(*:\\Q)^.$", "(*MARK:(?#)^.$", "(?C'[')^.$", "(?C\"(?#\")^.$", "(?#[)^.$",
	"(?#\\Q)^.$", "(?#(?=)a\\s*b", "(?C'x)[')^.$",
	/* Crossing a newline, and refusing to. */
	"a\\s*b", "a\\s*+b", "a\\s++b", "(?>a\\s*)b", "a(?>\\s*)b", "a\\s{1,2}+b", "(?>a\\s?)$", "a\\s?+$",
	"\\s*+$", "[^a]*+$", "a[^b]*+b", "a(?s:.)*b", "a(?s).*b", "(?s).*a", "(?s)a.?+$", "a\\R?b", "a\\R*+$",
	"a\\x0a?b", "a\\x{a}?b", "a\\012?b", "a\\12?b", "a\\o{12}?b", "a\\cJ?b", "a\\N{U+a}?b", "a\\n?b",
	"a\\v?b", "a\\W*b", "a\\D*b", "a\\H*b", "a\\PL*b", "a\\p{Xsp}*b", "a\\p{Any}*b", "a[^b]*b", "a\\X?b",
	/* Looking at what is next to a line. */
	"(?<=\\s)a", "(?<!\\s)a", "a(?=\\s)", "a(?!\\s)", "(?<=\\n)a", "(?<!\\n)a", "a(?!\\n)", "(?<![^a])a",
	"a(?![^a])", "a(?=[^b]*b)", "(?<=^)a", "(?<!^)a", "a(?=$)", "a(?!$)", "a\\Z", "a\\z", "\\Aa", "\\Ga",
	"a\\Kb", "(?=a\\K)", "(a)\\1", "(a\\s?)\\1", "(a)?b(?(1)\\s|a)", "^a|(?R)b", "(?1)(\\s|a)", "^$", "$", "^",
	"", "a*", "(?:^|\\s)a", "a(?:\\s|$)", "\\ba\\b", "\\Ba", "x{0}", "(?:)", "a|", "|a", "()",
	/* Case and characters. */
	"(?i)k", "(?i)s", "(?i)[k]", "(?i:k)", "(?i)\\x6b", "\\xe9", "\\x{e9}", "(?i)\xc3\xa9", ".",
	"^.$", "^..$", "^\\N$", "^\\w$", "^[^a]$", "^[\\x80-\\xff]$", "^\\X$", "\\pL", "^\\PL$", "[[:alpha:]]",
	"[[:^ascii:]]", "^[[:^alpha:]]$", "^\\S$", "^\\D$", "^\\W$", "\xff", "[\xc3\xa9]", "(?i)[\xc3\xa9]", "\\h",
	/* NUL. */
	"a\\N{2}b", "(?>ab\\N{3}|a)b", "a\\x00b", "a\\0b", "\\x00", "a[^b]b", "[\\x00-\\x08]", "a\\c@b", "a\\pCb",
	/* Quotes and comments that are left open, or stand between an item and its quantifier. */
	"\\Qa", "a\\Q", "a\\E", "\\Qa\\E\\Qb", "(?x)a #c", "(?x)a#[", "a\\s*\\E+a", "a\\s*(?#c)+a", "[^a]*\\E+$",
	"a\\s{1,2}(?#c)+a", "a\\s?\\Q\\E+a",
};

/* Too many steps for a buffer, few for a line. */
static const char *const endless[] = {
	"(?:\\s*a*)*[^\\s\\S]", "(?:[^x]*a*)*[^\\s\\S]", "(?:\\s*\\w*)*\\x00",
};

static void
test_endless_patterns(struct random *r)
{
	static struct subject s;
	unsigned long before = failures, tried = 0;

	s.count = 1;
	s.options.terminator = '\n';
	for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		s.patterns[0].length = 0;
		generated_put(&s.patterns[0], endless[i]);
		try(r, &s, TEXTS);
		s.text.length = 0;
		for (int line = 0; line < 60; line++)
			generated_put(&s.text, "a aa \n");
		if (ask(&s) == DIFFERENT)
			report(&s);
		tried += TEXTS + 1;
	}
	tap_ok(failures == before && fallbacks > 0, "a buffer that takes too many steps is asked line "
	    "by line: %lu of %lu texts", fallbacks, tried);
}

/*
 * What the JIT of PCRE2 10.42 gets wrong, and users do write: with PCRE2_UCP
 * [:print:] or [:graph:] beside another kind of characters, and one letter of
 * three cases that is negated, which then matches a byte that is no character;
 * always, a group whose last alternative is empty, which is never tried when a
 * single item with '*' comes next, and is tried in (?>...) when it must not be.
 */
static const char *const misjudged[] = {
	"[[:print:][:space:]]", "[^[:print:][:space:]]", "[[:graph:][:space:]]", "[^[:graph:][:blank:]]",
	"^[[:print:]\\h]$", "[[:print:]\\S]", "(?i)^[^k]$", "(?i)^[^s]$", "(?i)[^k]b",
	"foo(?:,|) *,", "b(d|)c*d", "b(?:d|)[ce]*?d", "b(?:x|d||)c*+d", "(?>\\pL+|)[^o]",
};

static void
test_misjudged_patterns(void)
{
	static struct subject s;

	s.count = 1;
	s.options.terminator = '\n';
	for (size_t i = 0; i < sizeof(misjudged) / sizeof(misjudged[0]); i++) {
		enum verdict verdict;

		s.patterns[0].length = s.text.length = 0;
		generated_put(&s.patterns[0], misjudged[i]);
		generated_put(&s.text, "\n\t\n \na\n\xff\n\xe2\x82" "b\n\v\n\f\nbd\nfoo,\n\xe2\x80\xa9\n\xe3\x80\x80\n\n");
		excuses = false;
		verdict = ask(&s);
		excuses = true;
		tap_ok(verdict == SAME, "PCRE2's JIT is not believed on %s", misjudged[i]);
	}
}

/* Patterns with the text that finds them out. */
static const struct pair {
	const char *pattern;
	const char *text;
	size_t length;
} pairs[] = {
#define PAIR(pattern, text) { pattern, text, sizeof(text) - 1 }
	PAIR("[\\c\\]\\s[a]", "\x1c\na\n"),
	PAIR("[\\c\\]*(?<!\\n)b[a]", "x\nba\n"),
	PAIR("[\\c]][^a](?!\\n)[b]", "\x1d" "bb\n"),
	PAIR("[\\E][]*(?<!\\n)b[]]", "x\nb]\n"),
	PAIR("[\\Q\\E][]*(?<!\\n)b[]]", "x\nb]\n"),
	PAIR("(?<*a)\\sb", "a\nb\n"),
	PAIR("a(?<*a)\\s", "a\nb\n"),
	PAIR("(*:[)^.$", "\xc3\xa9\n\xe9\n"),
	PAIR("(*:\\Q)^.$", "\xc3\xa9\n\xe9\n"),
	PAIR("(?C'x)[')^.$", "\xc3\xa9\n\xe9\n"),
	PAIR(".*a", "\xff" "a\n"),
	PAIR("(?s).*a", "\xff" "a\n"),
	PAIR("(?i).*k", "\xff\xe2\x84\xaa\n"),
	PAIR("a\\s*\\E+b|a", "a\n\nb\n"),
	PAIR("\\s*(?#c)+$", "a \n\nb"),
	PAIR("a[^b]*\\E+$", "ac\nac\nb\n"),
	PAIR("a[^b]*(?#c)+$", "ac\nac\nb\n"),
	PAIR("(*NOTEMPTY)a*", "b\na\n"),
	PAIR("(*NOTEMPTY_ATSTART)a*", "b\na\n"),
	PAIR("(?>ab\\N{3}|a)b", "ab\0xyz\n"),
	PAIR("(?>ab\\N{2,3}|a)b", "ab\0xyz\n"),
	PAIR("(?!^)(?!$)", "\xc3\xa9\n"),
	PAIR("(?<!^)(?!\\z)", "\xe2\x84\xaa\n"),
#undef PAIR
};

static void
test_pairs(void)
{
	static struct subject s;
	unsigned long before = failures;

	s.count = 1;
	s.options.terminator = '\n';
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		s.patterns[0].length = s.text.length = 0;
		s.aided = true;
		generated_put(&s.patterns[0], pairs[i].pattern);
		generated_add(&s.text, pairs[i].text, pairs[i].length);
		if (ask(&s) == DIFFERENT)
			report(&s);
	}
	tap_ok(failures == before, "known pairs of pattern and text");
}

/* Of words that are bytes and not characters, the longest is found, too. */
static void
test_longest_word(void)
{
	static struct subject s;
	static const char *const words[] = { "\xc3", "\xc3\xa9", "\xc3\xa9\xa9" };
	unsigned long before = failures;

	s.options = (struct pattern_options){ .syntax = SYNTAX_FIXED, .terminator = '\n' };
	for (s.count = 2; s.count <= 3; s.count++) {
		for (size_t i = 0; i < s.count; i++) {
			s.patterns[i].length = 0;
			generated_put(&s.patterns[i], words[i]);
		}
		s.text.length = 0;
		generated_put(&s.text, "\xc3\xa9\xa9\n\xc3\xa9\n\xc3\n");
		if (ask(&s) != SAME)
			report(&s);
	}
	tap_ok(failures == before, "the longest of words that are no characters");
}

static void
test_known_patterns(struct random *r)
{
	static struct subject s;
	static const struct pattern_options options[] = { { .terminator = '\n' },
		{ .terminator = '\n', .letter_case = CASE_IGNORED }, { .terminator = '\n', .word = true },
		{ .terminator = '\n', .line = true }, { .terminator = '\n', .bytes = true },
		{ .terminator = '\n', .crlf = true }, { .terminator = '\0' } };
	unsigned long before = failures;

	s.count = 1;
	s.options.terminator = '\n';
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		for (size_t o = 0; o < sizeof(options) / sizeof(options[0]); o++) {
			if (o == 2 && strncmp(known[i], "(*", 2) == 0)
				continue;
			s.options = options[o];
			s.aided = o == i % (sizeof(options) / sizeof(options[0]));
			s.patterns[0].length = 0;
			generated_put(&s.patterns[0], known[i]);
			try(r, &s, (int)random_cases(KNOWN_TEXTS));
		}
	tap_ok(failures == before, "known patterns select the lines of the reference");
}

static void
test_text_kind(struct random *r)
{
	static struct generated g;
	static const size_t around[] = { 0, 1, 7, 8, 9, 15, 63, 64, 4095, 4096, 4097, 8191, 8192 };
	unsigned long wrong = 0, seen[3] = { 0 };

	for (int i = 0; i < 20000; i++) {
		static struct generated piece;
		size_t before = GENERATE_PICK(r, around);
		enum text_kind got, expected = TEXT_ASCII;
		char *exact;

		g.length = 0;
		while (g.length < before)
			generated_put(&g, "a");
		generate_text(r, &piece, (unsigned int)random_below(r, 3), 2, 4);
		if (random_once_in(r, 3) && piece.length > 0)
			generated_cut(&piece, random_below(r, piece.length), 1);
		if (random_once_in(r, 3) && piece.length > 0)
			piece.bytes[random_below(r, piece.length)] = (char)random_below(r, 256);
		generated_add(&g, piece.bytes, piece.length);
		exact = malloc(g.length + 1);
		if (exact == NULL)
			exit(1);
		memcpy(exact, g.bytes, g.length);
		got = text_kind_of(exact, g.length);
		for (size_t n = 0; n < g.length && expected == TEXT_ASCII; n++)
			if ((unsigned char)g.bytes[n] >= 0x80)
				expected = reference_is_utf8(g.bytes, g.length) ? TEXT_UTF8 : TEXT_BYTES;
		free(exact);
		seen[expected]++;
		if (got != expected && wrong++ == 0)
			generated_show("the wrong kind:", &piece);
	}
	tap_ok(wrong == 0 && seen[0] > 0 && seen[1] > 0 && seen[2] > 0,
	    "text_kind_of (%lu ASCII, %lu UTF-8, %lu bytes)", seen[0], seen[1], seen[2]);
}

static void
test_text_newlines(struct random *r)
{
	static char text[4096];
	unsigned long wrong = 0;

	for (int i = 0; i < 3000; i++) {
		size_t at = random_below(r, 70), length = random_below(r, sizeof(text) - at), count = 0;
		size_t often = 1 + random_below(r, 5);

		for (size_t n = 0; n < sizeof(text); n++)
			text[n] = random_once_in(r, often) ? '\n' : (char)random_below(r, 256);
		for (size_t n = at; n < at + length; n++)
			count += text[n] == '\n';
		wrong += text_newlines(text + at, length, '\n') != count;
	}
	tap_ok(wrong == 0, "text_newlines counts newlines");
}

static void
test_zap_nuls(struct random *r)
{
	unsigned long wrong = 0;

	for (int i = 0; i < 3000; i++) {
		char text[70], expected[70];
		size_t length = random_below(r, sizeof(text));

		for (size_t n = 0; n < sizeof(text); n++) {
			text[n] = (char)random_below(r, 3);
			expected[n] = text[n] == '\0' && n < length ? '\n' : text[n];
		}
		text_zap_nuls(text, length);
		wrong += memcmp(text, expected, sizeof(text)) != 0;
	}
	tap_ok(wrong == 0, "text_zap_nuls makes a newline of each NUL and changes nothing else");
}

int
main(void)
{
	struct random r = { random_seed() };
	struct accel_library library;

	has_libhs = accel_library_load(&library);
	test_text_kind(&r);
	test_text_newlines(&r);
	test_zap_nuls(&r);
	test_pairs();
	test_longest_word();
	test_known_patterns(&r);
	test_endless_patterns(&r);
	test_misjudged_patterns();
	test_random_patterns(&r, random_cases(CASES));
	for (int plan = 0; plan < 3; plan++)
		for (int kind = 0; kind < 3; kind++)
			tap_ok(reached[plan][kind] > 0, "plan %s with %s text was tried: %lu texts",
			    plan_names[plan], kind_names[kind], reached[plan][kind]);
	tap_ok(nuls_ignored > 0 && nuls_passed > 0, "a NUL was ignored: %lu, or passed over: %lu",
	    nuls_ignored, nuls_passed);
	tap_ok(selected > 0 && spans > 0, "%lu lines were selected, %lu matches compared", selected,
	    spans);
	if (has_libhs)
		tap_ok(accelerated > not_for_libhs && given_up > 0, "libhs proposed lines for %lu patterns, "
		    "%lu are not for it; it proposed too many in %lu texts", accelerated, not_for_libhs, given_up);
	else
		tap_ok(true, "libhs proposes lines # skip it is not there");
	tap_ok(shapes * 3 > shapeless && shaped_lines > 0 && texts_passed > 0,
	    "%lu patterns have a shape, %lu have none; with it %lu lines were selected, "
	    "%lu not, %lu texts without a look at their lines", shapes, shapeless, shaped_lines, lines_passed, texts_passed);
	tap_note("%lu patterns refused by both, %lu texts skipped for too many steps, "
	    "%lu lines on which PCRE2 contradicts itself", refused, skipped, jit_faults);
	return tap_done();
}
