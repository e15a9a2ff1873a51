/*
 * Searching a file in windows of any size must give the same bytes: windows of
 * 1, 2, 3, 7 and 64 bytes, of a regular file and of a pipe, against one window
 * that holds everything; and that against a plain model of grep.
 *
 * Both ends of a lane live in this one process.  When the searching end waits
 * for room, the wait itself drains the ring.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many searches are tried.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "generate.h"
#include "reference.h"
#include "scan/encoding.h"
#include "scan/search.h"
#include "shm/lane_worker.h"
#include "tap.h"

enum {
	CASES = 4000,
	REPORTED_MAX = 8,
	HUGE_WINDOW = 1 << 20,
	NO_LIMIT = 1 << 20, /* of a line */
	OUTPUT_MAX = 1 << 18,
};

/* What a search gave. */
struct outcome {
	char bytes[OUTPUT_MAX];
	size_t length;
	uint16_t kind, flags;
	uint32_t value;
};

/* A lane with both ends here. */
struct loop {
	struct lane_parent parent;
	struct lane_worker worker;
	struct doorbell bell;
	struct futex_ops ops;
	struct outcome *outcome; /* filled by draining */
	bool discarding;
	uint32_t sequence;
	unsigned long waits;
};

struct subject {
	size_t pattern; /* in patterns */
	struct search_options options;
	struct format_options format;
	struct generated text;
	size_t window;
	bool pipe;
};

/* Some of every plan and kind of code. */
static const char *const patterns[] = {
	"a", "b$", "^a", "^$", "", "ab|b", ".", "^.$", "[^a]", "a\\s*b", "a[^b]*b", "\\s", "\\bab\\b", "\\B.",
	"(?<=a)b", "(?<!a)b", "b(?=a)", "b(?!a)", "(a|b)\\1", "a\\Kb", "\\R", "\\w{2}", "\\w*", "x*", "a*",
	"(?i)k", "(?i)S", "\xc3\xa9", "(?i)\xc3\xa9", "\\x{e9}", "\\pL+", "[[:space:]]$", "\\r$", "\\d|\xce\xb1",
	"(?>a\\s*)b", "a\\N{2}", "\\x00", "a.b", "$", "^", "(?=\xc3\xa9)|b", "aab|ab", "_", "\\S+\\s",
	/* Only where nothing is compared with the interpreter: it sees other empty matches. */
	"\\B",
};
enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]), COMPARED = PATTERNS - 1 };

static struct pattern *compiled[PATTERNS];
static struct reference references[PATTERNS];
static struct loop loop;
static struct color_scheme colors;
/* The models know no byte order marks: see test_reader.c. */
static const struct encoding raw = { .kind = ENCODING_PLAIN };
static struct outcome wanted, given; /* of the last comparison */
static unsigned long failures, modelled, binary_files, binary_words, cut_files, limited, multi,
    prefixes;
static const char *difference;

/* Takes what has been written out of the lane. */
static void
drain(struct loop *l)
{
	struct outcome *o = l->outcome;
	struct frame frame;
	const char *text;
	int got;

	if (lane_parent_update(&l->parent) == -1)
		abort();
	while ((got = lane_parent_read(&l->parent, &frame, &text)) == 1) {
		if (l->discarding)
			continue;
		if (frame.length > sizeof(o->bytes) - o->length)
			abort();
		memcpy(o->bytes + o->length, text, frame.length);
		o->length += frame.length;
		o->flags |= frame.flags & (FRAME_SELECTED | FRAME_GROUP);
		if (!(frame.flags & LANE_MORE)) {
			o->kind = frame.kind;
			o->value = frame.value;
		}
	}
	if (got == -1)
		abort();
	lane_parent_release(&l->parent);
}

static int
wait_by_draining(void *ctx, const struct futex_watch *watch, size_t count,
    const struct timespec *deadline)
{
	struct loop *l = ctx;

	(void)watch;
	(void)count;
	(void)deadline;
	l->waits++;
	drain(l);
	return 0;
}

static void
wake_nobody(void *ctx, _Atomic uint32_t *word)
{
	(void)ctx;
	(void)word;
}

static void
loop_open(struct loop *l)
{
	l->ops = (struct futex_ops){ wait_by_draining, wake_nobody, l };
	const struct lane_config config = { .jobs_ring = 4096, .jobs_bulk = 4096,
		.results_ring = RING_SIZE_MIN, .bell = &l->bell, .ops = &l->ops };

	if (lane_parent_open(&l->parent, &config) == -1 ||
	    lane_worker_open(&l->worker, &l->parent) == -1) {
		perror("lane");
		exit(1);
	}
}

static void
loop_close(struct loop *l)
{
	l->worker.jobs.fd = l->worker.results.fd = -1;
	region_close(&l->worker.jobs);
	region_close(&l->worker.results);
	lane_parent_close(&l->parent);
}

/* Searches one file as a batch of its own. */
static void
loop_search(struct loop *l, struct search *search, int fd, struct outcome *outcome)
{
	struct search_result result;
	struct stat st;
	uint32_t first;

	*outcome = (struct outcome){ .length = 0 };
	l->outcome = outcome;
	lane_parent_deal(&l->parent, l->sequence++, "batch", 6, 1);
	if (fstat(fd, &st) == -1 || lane_worker_next(&l->worker, &first) == NULL || first != 0)
		abort();
	lane_worker_start(&l->worker);
	result = search_file(search, fd, &st);
	lane_worker_commit(&l->worker, (uint16_t)result.status,
	    result.selected ? FRAME_SELECTED : 0, result.value);
	drain(l);
	if (!lane_parent_finished(&l->parent))
		abort();
	lane_parent_finish(&l->parent);
}

/* A descriptor that yields the text. */
static int
open_text(const struct generated *text, bool as_pipe)
{
	int ends[2];

	if (as_pipe) {
		if (pipe(ends) == -1 || write(ends[1], text->bytes, text->length) !=
		    (ssize_t)text->length)
			abort();
		close(ends[1]);
		return ends[0];
	}
	ends[0] = memfd_create("text", 0);
	if (ends[0] == -1 || write(ends[0], text->bytes, text->length) != (ssize_t)text->length ||
	    lseek(ends[0], 0, SEEK_SET) == -1)
		abort();
	return ends[0];
}

/* before: what the same searcher is given first, or NULL. */
static void
run_after(const struct subject *s, size_t window, bool as_pipe, const struct generated *before,
    struct outcome *outcome)
{
	struct search_options options = s->options;
	struct format format;
	struct search *search;
	int fd;

	options.window = window;
	format_init(&format, &s->format, &loop.worker);
	format_file(&format, "dir/", "file");
	search = search_open(&options, compiled[s->pattern], &format);
	if (search == NULL)
		abort();
	if (before != NULL) {
		fd = open_text(before, false);
		loop.discarding = true;
		loop_search(&loop, search, fd, outcome);
		loop.discarding = false;
		close(fd);
		format_file(&format, "dir/", "file");
	}
	fd = open_text(&s->text, as_pipe);
	loop_search(&loop, search, fd, outcome);
	close(fd);
	search_close(search);
	format_fini(&format);
}

static void
run(const struct subject *s, size_t window, bool as_pipe, struct outcome *outcome)
{
	run_after(s, window, as_pipe, NULL, outcome);
}

/* The model. */

enum { LINES_MAX = 1024 };

/* A line of the model's text. */
struct model_line {
	size_t start, length;
	bool selected, shown;
};

struct model {
	const struct subject *s;
	struct reference *reference;
	struct generated text; /* with newlines for NULs if that is what a search sees */
	struct outcome *out;
	uint64_t selected;
	size_t first_nul; /* offset of the first NUL, or the text's length */
	bool nuls;
	bool cut;
	bool grouped; /* there was a group of lines */
	size_t count;
	struct model_line lines[LINES_MAX];
};

static void
model_put(struct model *m, const char *bytes, size_t length)
{
	memcpy(m->out->bytes + m->out->length, bytes, length);
	m->out->length += length;
}

static void
model_number(struct model *m, bool told, uint64_t number, char separator)
{
	char digits[24];

	if (told)
		model_put(m, digits, (size_t)sprintf(digits, "%llu%c", (unsigned long long)number,
		    separator));
}

/* A line, or a part of one that starts at offset at, in line number i from 0. */
static void
model_print(struct model *m, size_t i, size_t at, size_t length, char separator)
{
	if (m->s->format.names) {
		model_put(m, "dir/file", 8);
		model_put(m, &separator, 1);
	}
	model_number(m, m->s->format.numbers, i + 1, separator);
	model_number(m, m->s->format.offsets, at, separator);
	model_put(m, m->text.bytes + at, length);
	model_put(m, "\n", 1);
}

/* -o: after an empty match the search goes on one character further. */
static void
model_matches(struct model *m, size_t i, char separator)
{
	const struct model_line *l = &m->lines[i];
	const char *line = m->text.bytes + l->start;
	size_t at = 0, span[2];

	while (at <= l->length && reference_line(m->reference, line, l->length, at, span)) {
		if (span[1] > span[0]) {
			model_print(m, i, l->start + span[0], span[1] - span[0], separator);
			at = span[1];
			continue;
		}
		at = span[1] + 1;
		while (at < l->length && ((unsigned char)line[at] & 0xc0) == 0x80)
			at++;
	}
}

/* Cuts the text into lines and selects some. */
static void
model_select(struct model *m)
{
	const struct search_options *o = &m->s->options;
	uint64_t limit = o->output >= OUTPUT_SELECTED && o->max_count > 1 ? 1 : o->max_count;
	size_t ignored[2], end;

	m->count = 0;
	m->selected = 0;
	for (size_t from = 0; from < m->text.length && m->count < LINES_MAX; from = end + 1) {
		struct model_line *l = &m->lines[m->count++];
		const char *newline = memchr(m->text.bytes + from, '\n', m->text.length - from);

		end = newline ? (size_t)(newline - m->text.bytes) : m->text.length;
		*l = (struct model_line){ .start = from, .length = end - from };
		if (m->selected == limit)
			continue;
		if (l->length > o->max_line) {
			l->length = o->max_line;
			m->cut = true;
		}
		l->selected = reference_line(m->reference, m->text.bytes + from, l->length, 0,
		    ignored) != o->invert;
		m->selected += l->selected;
	}
}

/* Which lines are shown: selected ones, and those around them. */
static void
model_choose(struct model *m)
{
	const struct context_options *c = &m->s->options.context;

	for (size_t i = 0; i < m->count; i++) {
		m->lines[i].shown |= m->lines[i].selected || c->passthru;
		for (size_t k = 1; k <= c->before && k <= i && m->lines[i].selected; k++)
			m->lines[i - k].shown = true;
		for (size_t k = 1; k <= c->after && i + k < m->count && m->lines[i].selected; k++)
			m->lines[i + k].shown = true;
	}
}

/* Selects lines; those of the text are written, as far as they are shown. */
static void
model_lines(struct model *m, bool shown)
{
	const struct search_options *o = &m->s->options;
	bool before = false;

	model_select(m);
	if (!shown || o->output != OUTPUT_LINES || o->max_count == 0)
		return;
	model_choose(m);
	for (size_t i = 0; i < m->count; i++) {
		const struct model_line *l = &m->lines[i];
		char separator = l->selected ? ':' : '-';

		if (l->shown && o->context.groups && (!m->grouped || !before)) {
			if (m->grouped)
				model_put(m, "--\n", 3);
			m->grouped = true;
		}
		before = l->shown;
		if (!l->shown)
			continue;
		if (o->show.matches && l->selected != o->invert)
			model_matches(m, i, separator);
		else if (!o->show.matches || o->context.passthru)
			model_print(m, i, l->start, l->length, separator);
	}
}

static void
model_run(struct model *m, const struct subject *s, struct outcome *out)
{
	const char *nul = memchr(s->text.bytes, '\0', s->text.length);
	bool binary = nul != NULL && s->options.binary != BINARY_TEXT && s->options.max_count > 0;
	char digits[24];

	*m = (struct model){ .s = s, .reference = &references[s->pattern], .text = s->text,
		.out = out, .nuls = binary };
	*out = (struct outcome){ .length = 0 };
	m->first_nul = nul ? (size_t)(nul - s->text.bytes) : s->text.length;
	for (size_t i = 0; binary && i < m->text.length; i++)
		if (m->text.bytes[i] == '\0')
			m->text.bytes[i] = '\n';
	if (!binary || s->options.binary != BINARY_SKIP)
		model_lines(m, !binary);
	switch (s->options.output) {
	case OUTPUT_COUNT:
		if (s->format.names)
			model_put(m, "dir/file:", 9);
		model_put(m, digits, (size_t)sprintf(digits, "%llu\n", (unsigned long long)m->selected));
		break;
	case OUTPUT_SELECTED:
	case OUTPUT_UNSELECTED:
		if ((m->selected > 0) == (s->options.output == OUTPUT_SELECTED))
			model_put(m, "dir/file\n", 9);
		break;
	case OUTPUT_COUNT_MATCHES:
	case OUTPUT_LINES:
		if (binary && m->selected > 0)
			model_put(m, "Binary file dir/file matches\n", 29);
		break;
	case OUTPUT_NOTHING:
		break;
	}
	out->flags = (m->selected > 0 ? FRAME_SELECTED : 0) | (m->grouped ? FRAME_GROUP : 0);
	if (binary && s->options.binary == BINARY_SKIP) {
		out->kind = STATUS_SKIPPED;
		out->value = SKIP_BINARY;
	} else if (m->cut) {
		out->kind = STATUS_CUT_SHORT;
		out->value = CUT_LONG_LINE;
	}
}

/* Comparing. */

static bool
differ(const char *what)
{
	difference = what;
	return true;
}

static bool
results_differ(const struct subject *s, const struct outcome *a, const struct outcome *b)
{
	/* Where the NUL lies decides whether lines were shown before. */
	bool mixed = s->options.binary != BINARY_TEXT &&
	    memchr(s->text.bytes, '\0', s->text.length) != NULL;
	uint16_t known = mixed ? FRAME_SELECTED : FRAME_SELECTED | FRAME_GROUP;

	if (a->kind != b->kind || (a->kind != STATUS_SEARCHED && a->value != b->value))
		return differ("another status");
	return (a->flags & known) != (b->flags & known) && differ("another verdict on whether a line was selected");
}

/* Whether each selected line is shown, whatever matches in it. */
static bool
shows_lines(const struct subject *s)
{
	return s->options.output == OUTPUT_LINES && !s->options.show.matches;
}

/*
 * A file that turns out to be binary in a later window has shown the lines
 * before: whole selected lines, none of them beyond the first NUL, and then
 * one word if there were more.
 */
static bool
binary_output_differs(struct model *m, const struct outcome *got)
{
	static struct outcome lines;
	static const char word[] = "Binary file dir/file matches\n";
	size_t length = got->length, size = sizeof(word) - 1;
	bool worded = length >= size && memcmp(got->bytes + length - size, word, size) == 0;
	uint64_t all = m->selected;

	/* What the lines before the first NUL give, as of a text. */
	m->text.length = m->first_nul;
	while (m->text.length > 0 && m->text.bytes[m->text.length - 1] != '\n')
		m->text.length--;
	lines.length = 0;
	m->out = &lines;
	m->selected = 0;
	model_lines(m, true);
	length -= worded ? size : 0;
	if (length > lines.length || memcmp(lines.bytes, got->bytes, length) != 0)
		return differ("lines of a binary file beyond the first NUL");
	if (m->s->options.binary == BINARY_SKIP)
		return worded && differ("a word on a binary file that is to be skipped");
	/* Lines behind the last one may have been due when the NUL was seen. */
	if (!worded && (all > m->selected ||
	    (shows_lines(m->s) && !m->s->options.context.after &&
	    !m->s->options.context.passthru && length != lines.length)))
		return differ("no word on a binary file");
	return worded && shows_lines(m->s) && length == lines.length &&
	    all == m->selected && differ("a word on a binary file without need");
}

/* What depends on where the first NUL lies among the windows, in grep as here. */
static bool
depends_on_windows(const struct subject *s)
{
	return memchr(s->text.bytes, '\0', s->text.length) != NULL &&
	    s->options.binary == BINARY_SKIP &&
	    (s->options.output >= OUTPUT_SELECTED || s->options.max_count < UINT64_MAX);
}

static bool
outputs_differ(void)
{
	return (given.length != wanted.length ||
	    memcmp(given.bytes, wanted.bytes, given.length) != 0) && differ("another output");
}

/* Whether the model knows the options. */
static bool
is_modelled(const struct subject *s)
{
	const struct show_options *o = &s->options.show;

	return s->format.colors == NULL && !s->options.json && !o->each && !o->column && !o->trim &&
	    o->max_columns == 0 && s->options.output != OUTPUT_COUNT_MATCHES;
}

static bool
window_differs(struct subject *s)
{
	static struct model model;
	static struct outcome modelled_output;

	run(s, HUGE_WINDOW, false, &wanted);
	run(s, s->window, s->pipe, &given);
	if (depends_on_windows(s))
		return false;
	if (results_differ(s, &given, &wanted))
		return true;
	if (memchr(s->text.bytes, '\0', s->text.length) == NULL ||
	    s->options.binary == BINARY_TEXT || s->options.output > OUTPUT_LINES)
		return outputs_differ();
	if (!is_modelled(s) || s->options.max_count == 0 ||
	    !reference_is_utf8(s->text.bytes, s->text.length))
		return false;
	model_run(&model, s, &modelled_output);
	prefixes++;
	return !model.reference->undecided && binary_output_differs(&model, &given);
}

static bool
model_differs(struct subject *s)
{
	static struct model model;

	/* The interpreter sees no empty matches in broken characters: see test_engine.c. */
	if (!is_modelled(s) || !reference_is_utf8(s->text.bytes, s->text.length))
		return false;
	model_run(&model, s, &wanted);
	if (model.reference->undecided) {
		model.reference->undecided = false;
		return false;
	}
	modelled++;
	binary_files += model.nuls;
	binary_words += model.nuls && s->options.output == OUTPUT_LINES && wanted.length > 0;
	cut_files += model.cut;
	limited += model.selected > 0 && model.selected == s->options.max_count;
	run(s, s->window, s->pipe, &given);
	return results_differ(s, &given, &wanted) || outputs_differ();
}

/* Whether it matters what the buffer held before. */
static bool
earlier_text_differs(struct subject *s)
{
	static const char fillings[] = "x\x80 \n";
	static struct generated before;

	for (size_t i = 0; i < sizeof(fillings) - 1; i++) {
		before.length = 2000;
		memset(before.bytes, fillings[i], before.length);
		run_after(s, s->window, s->pipe, &before, i == 0 ? &wanted : &given);
		if (i > 0 && (results_differ(s, &given, &wanted) || outputs_differ()))
			return true;
	}
	return false;
}

static int
still_earlier_text_differs(void *subject)
{
	return earlier_text_differs(subject);
}

static int
still_window_differs(void *subject)
{
	return window_differs(subject);
}

static int
still_model_differs(void *subject)
{
	return model_differs(subject);
}

static void
show_output(const char *what, const struct outcome *o)
{
	static struct generated g;

	g.length = 0;
	generated_add(&g, o->bytes, o->length);
	generated_show(what, &g);
}

/* The options of a case, as on a command line. */
static void
describe(const struct subject *s, char *text, size_t size)
{
	static const char *const outputs[] = { "", " -c", " --count-matches", " -l", " -L", " -q" };
	static const char *const binaries[] = { "", " -a", " -I" };
	const struct search_options *o = &s->options;
	const struct context_options *c = &o->context;
	int at = snprintf(text, size, "%s%s%s%s%s%s%s%s%s%s%s%s%s", outputs[o->output],
	    binaries[o->binary], o->invert ? " -v" : "", o->numbers ? " -n" : "",
	    s->format.names ? " -H" : "", s->format.offsets ? " -b" : "",
	    s->format.colors != NULL ? " --color" : "", o->show.matches ? " -o" : "",
	    o->show.each ? " --vimgrep" : "", o->show.column ? " --column" : "",
	    o->show.trim ? " --trim" : "", o->json ? " --json" : "",
	    c->passthru ? " --passthru" : "");

	if (c->groups || c->before > 0 || c->after > 0)
		at += snprintf(text + at, size - (size_t)at, " -B%llu -A%llu%s",
		    (unsigned long long)c->before, (unsigned long long)c->after,
		    c->groups ? "" : " --no-group-separator");
	if (o->show.max_columns > 0)
		at += snprintf(text + at, size - (size_t)at, " -M%llu%s",
		    (unsigned long long)o->show.max_columns,
		    o->show.preview ? " --max-columns-preview" : "");
	snprintf(text + at, size - (size_t)at, " -m%lld --max-line=%zu, window %zu%s",
	    (long long)o->max_count, o->max_line, s->window, s->pipe ? ", pipe" : "");
}

static void
report(const struct subject *s, int (*fails)(void *subject))
{
	static struct subject small;
	char options[512];

	if (++failures > REPORTED_MAX)
		return;
	small = *s;
	for (int round = 0; round < 3; round++)
		generated_shrink(&small.text, fails, &small);
	fails(&small);
	describe(&small, options, sizeof(options));
	tap_note("%s:%s", difference, options);
	tap_note("  pattern '%s'", patterns[s->pattern]);
	generated_show("text   ", &small.text);
	show_output("wanted ", &wanted);
	show_output("given  ", &given);
}

/* Cases. */

/* What is shown beside selected lines. */
static void
choose_context(struct random *r, struct context_options *c)
{
	*c = (struct context_options){ .passthru = random_once_in(r, 6) };
	if (c->passthru || random_once_in(r, 3))
		return;
	c->before = random_below(r, 4);
	c->after = random_below(r, 4);
	c->groups = !random_once_in(r, 5);
}

/* What the model does not know. */
static void
choose_unmodelled(struct random *r, struct subject *s)
{
	struct show_options *o = &s->options.show;

	o->each = random_once_in(r, 4);
	o->column = random_once_in(r, 3);
	o->trim = random_once_in(r, 4);
	o->max_columns = random_once_in(r, 3) ? random_below(r, 12) : 0;
	o->preview = random_once_in(r, 2);
	if (random_once_in(r, 4))
		s->format.colors = &colors;
	s->options.json = random_once_in(r, 5);
	s->options.tally = s->options.json;
	s->options.numbers |= s->options.json;
}

static void
choose(struct random *r, struct subject *s)
{
	static const size_t windows[] = { 1, 1, 2, 2, 3, 3, 7, 7, 64 };
	bool numbers = random_once_in(r, 2);

	s->pattern = random_below(r, COMPARED);
	s->options = (struct search_options){
		.output = (enum search_output)random_below(r, OUTPUT_NOTHING + 1),
		.binary = (enum search_binary)random_below(r, BINARY_SKIP + 1),
		.invert = random_once_in(r, 3), .terminator = '\n', .encoding = &raw,
		.max_count = random_once_in(r, 3) ? random_below(r, 4) : UINT64_MAX,
		.max_line = NO_LIMIT,
	};
	if (random_once_in(r, 2))
		s->options.output = OUTPUT_LINES;
	s->options.show.matches = random_once_in(r, 3);
	s->options.tally = s->options.output == OUTPUT_COUNT_MATCHES;
	s->options.numbers = numbers && s->options.output == OUTPUT_LINES;
	s->format = (struct format_options){ .names = random_once_in(r, 2), .numbers = numbers,
		.offsets = random_once_in(r, 4), .inverted = s->options.invert,
		.terminator = '\n', .group_separator = "--" };
	if (random_once_in(r, 2))
		choose_context(r, &s->options.context);
	s->options.show.passthru = s->options.context.passthru;
	if (s->options.output == OUTPUT_LINES && random_once_in(r, 4))
		choose_unmodelled(r, s);
	s->window = GENERATE_PICK(r, windows);
	s->pipe = random_once_in(r, 2);
	generate_text(r, &s->text, (unsigned int)random_below(r, 3), 1 + random_below(r, 10),
	    1 + random_below(r, random_once_in(r, 4) ? 80 : 6));
	if (random_once_in(r, 3) && s->text.length > 0)
		s->text.bytes[random_below(r, s->text.length)] = '\0';
	if (random_once_in(r, 8))
		s->text.length = 0;
}

static void
test_windows(struct random *r, unsigned long cases)
{
	static struct subject s;
	unsigned long before = failures;

	for (unsigned long i = 0; i < cases; i++) {
		choose(r, &s);
		multi += s.text.length > s.window;
		if (window_differs(&s))
			report(&s, still_window_differs);
	}
	tap_ok(failures == before, "windows of 1 to 64 bytes give what one window gives");
}

static void
test_model(struct random *r, unsigned long cases)
{
	static struct subject s;
	unsigned long before = failures;

	for (unsigned long i = 0; i < cases; i++) {
		choose(r, &s);
		s.window = HUGE_WINDOW;
		s.pipe = false;
		if (model_differs(&s))
			report(&s, still_model_differs);
	}
	tap_ok(failures == before, "one window gives what a plain model of grep gives");
}

/* The same searcher serves one file after another. */
static void
test_earlier_text(struct random *r, unsigned long cases)
{
	static struct subject s;
	unsigned long before = failures;

	for (unsigned long i = 0; i < cases; i++) {
		choose(r, &s);
		/* Texts that break off within a character. */
		if (random_once_in(r, 2)) {
			s.pattern = PATTERNS - 1;
			generated_put(&s.text, "a");
			generated_put(&s.text, GENERATE_PICK(r, generate_invalid));
		}
		if (earlier_text_differs(&s))
			report(&s, still_earlier_text_differs);
	}
	tap_ok(failures == before, "it does not matter what was searched before");
}

/* Lines longer than the limit are cut, counted as one, and said to be cut. */
static void
test_cut_lines(struct random *r, unsigned long cases)
{
	static struct subject s;
	unsigned long before = failures;

	for (unsigned long i = 0; i < cases; i++) {
		choose(r, &s);
		/* No multibyte characters: where a line is cut they are broken. */
		generate_text(r, &s.text, 0, 1 + random_below(r, 8), 12);
		for (size_t n = 0; n < s.text.length; n++)
			if (s.text.bytes[n] == '\0')
				s.text.bytes[n] = '_';
		/* The limit is never below the window. */
		s.options.max_line = s.window + random_below(r, 10);
		s.format.colors = NULL;
		s.options.context = (struct context_options){ 0 };
		s.options.show.passthru = false;
		if (model_differs(&s))
			report(&s, still_model_differs);
	}
	tap_ok(failures == before, "a line beyond the limit is searched in part, the rest whole");
}

/* A result that is larger than the lane's ring. */
static void
test_large_output(void)
{
	static struct subject s;
	static struct outcome whole, windows;

	s = (struct subject){ .options = { .output = OUTPUT_LINES, .numbers = true,
		.max_count = UINT64_MAX, .max_line = NO_LIMIT, .terminator = '\n' },
		.format = { .names = true, .numbers = true, .terminator = '\n' } };
	for (int i = 0; i < 900; i++)
		generated_put(&s.text, "a\n");
	for (size_t i = 0; i < PATTERNS; i++)
		if (strcmp(patterns[i], "x*") == 0)
			s.pattern = i;
	for (int i = 0; i < 9000; i++)
		generated_put(&s.text, "\n");
	run(&s, HUGE_WINDOW, false, &whole);
	for (size_t window = 1; window <= 64; window *= 4) {
		run(&s, window, false, &windows);
		if (whole.length != windows.length ||
		    memcmp(whole.bytes, windows.bytes, whole.length) != 0)
			break;
		if (window == 64)
			tap_ok(whole.length > RING_SIZE_MIN && loop.waits > 0,
			    "a result of %zu bytes passes through a ring of %d", whole.length,
			    RING_SIZE_MIN);
	}
}

int
main(void)
{
	struct random r = { random_seed() };
	const struct pattern_options plain = { .terminator = '\n' };
	unsigned long cases = random_cases(CASES);

	for (size_t i = 0; i < PATTERNS; i++) {
		const struct pattern_text text = { .bytes = patterns[i], .length = strlen(patterns[i]) };
		char *error;

		compiled[i] = pattern_compile(&plain, &text, 1, &error);
		if (compiled[i] == NULL || !reference_open(&references[i], &plain, &text, 1)) {
			printf("Bail out! %s\n", error);
			return 1;
		}
	}
	color_scheme_init(&colors, NULL);
	loop_open(&loop);
	test_large_output();
	test_windows(&r, 2 * cases);
	test_model(&r, cases);
	test_cut_lines(&r, cases);
	test_earlier_text(&r, cases / 2);
	tap_ok(multi > 0 && modelled > 0 && limited > 0, "%lu texts of several windows, "
	    "%lu modelled, %lu ended by -m", multi, modelled, limited);
	tap_ok(binary_files > 0 && binary_words > 0 && prefixes > 0, "%lu binary files, %lu of them "
	    "named, %lu in several windows", binary_files, binary_words, prefixes);
	tap_ok(cut_files > 0, "%lu files with a line that was cut", cut_files);
	loop_close(&loop);
	for (size_t i = 0; i < PATTERNS; i++) {
		pattern_free(compiled[i]);
		reference_close(&references[i]);
	}
	return tap_done();
}
