#include "ranges.h"

#include "scan/reader.h"

enum {
	/*
	 * One window: so its lines are counted before they are searched, while they
	 * are in the cache, and who searches the next range need not wait for long.
	 */
	RANGE = READER_WINDOW,
	/* Below that, 1 ms of work, a second worker is no help. */
	LARGE = 16 * RANGE,
	/* A byte order mark must find its place. */
	WINDOW_MIN = 16,
};

size_t
ranges_window(const struct options *o)
{
	if (!o->has_range_size || o->range_size == 0 || o->range_size > READER_WINDOW)
		return READER_WINDOW;
	return o->range_size < WINDOW_MIN ? WINDOW_MIN : (size_t)o->range_size;
}

/*
 * Where the answer for a line, and how it is shown, depends on nothing but
 * the line, its number and offset, and on what is settled for the whole file
 * (walk/batch.h, scan/ranged.h, emit/fold.h).  That includes -o, -v, -w, -x, -b,
 * -n, -z, -a, --column, --color, --vimgrep, --trim, --replace, -M; and -c,
 * -l, -L, -q, whose answers are sums.
 */
static bool
is_line_by_line(const struct search_options *s, const struct format_options *f)
{
	const struct context_options *c = &s->context;

	/* The lines before one, and after. */
	if (c->before > 0 || c->after > 0 || c->groups || c->passthru)
		return false;
	/* A match may go from one line to the next, or any to the last. */
	if (s->multiline)
		return false;
	/* How many were selected before settles what is shown. */
	if (s->max_count != UINT64_MAX)
		return false;
	/* Whether any was: the name is above the first. */
	if (f->heading || s->json)
		return false;
	/* A NUL takes back what was found before it. */
	if (s->binary == BINARY_SKIP)
		return false;
	/* Where a character starts may depend on all before it. */
	return s->encoding == NULL || s->encoding->kind == ENCODING_PLAIN;
}

/* Whether it is told how much was searched where that depends on when the answer was known. */
static bool
tells_how_far(const struct options *o, const struct search_options *s)
{
	return o->stats != OPTION_STATS_NONE && (s->output >= OUTPUT_SELECTED ||
	    (s->output == OUTPUT_LINES && s->binary == BINARY_REPORT && s->terminator != '\0'));
}

struct source_options
ranges_wanted(const struct options *o, const struct scan_options *scan, unsigned int lanes)
{
	const struct search_options *s = &scan->search;
	uint64_t size = o->has_range_size ? o->range_size : RANGE;

	/* Where a run can stop, and be resumed, is between two files. */
	if (o->resume != NULL || tells_how_far(o, s))
		return (struct source_options){ .range = 0 };
	/* Windows are smaller then, and the ranges would not be made of them. */
	if (lanes < 2 || size == 0 || s->max_line < s->window || !is_line_by_line(s, &scan->format))
		return (struct source_options){ .range = 0 };
	size = (size + s->window - 1) / s->window * s->window;
	return (struct source_options){ .range = size,
		.large = o->has_range_size ? size + 1 : LARGE,
		/* Where that is left when the answer is known early matters to who reads on. */
		.input = s->output < OUTPUT_SELECTED };
}
