/*
 * What is made of selected lines, in the worker: they are counted, shown, or
 * settle the file.  Between the search, which finds them, and what is written.
 */
#ifndef SCAN_SELECTION_H
#define SCAN_SELECTION_H

#include "emit/json.h"
#include "scan/context.h"
#include "scan/show.h"

struct search_options;

struct selection {
	const struct search_options *options;
	struct format *format;
	struct matcher *matcher;
	struct json json;
	struct show_options show_options;
	struct show show;
	struct context context;
	bool wants_text; /* selected lines are shown */
	bool tally;      /* matches in them are counted */
	bool counts_matches; /* their number is what is told in the end */
	bool in_context; /* and other lines with them */
	uint64_t limit;  /* so many lines settle the file */
	/* Of the current file. */
	bool counting;   /* lines are just counted, or written as they are */
	bool finished;   /* no more lines need to be selected */
	bool quiet;      /* selected lines are no longer shown */
	uint64_t lines;  /* that were selected, or blocks of them */
	uint64_t more_lines; /* in the blocks, beyond their first */
	uint64_t shown;  /* of them, before the file was found to be binary, if it was */
	uint64_t matches; /* in them, as far as they are counted */
	uint64_t reached; /* offset in the file behind the last one, when finished */
};

/* Options, format and matcher must outlive it. */
void selection_init(struct selection *s, const struct search_options *options,
    struct format *format, struct matcher *matcher);
void selection_fini(struct selection *s);

/* The next file, of which the format knows. */
void selection_file(struct selection *s);

/* As selection_line; anything may have to be done. */
void selection_any_line(struct selection *s, struct window *w, const struct span *line);

/* One more line is selected. */
static inline void
selection_line(struct selection *s, struct window *w, const struct span *line)
{
	if (++s->lines == s->limit || !s->counting)
		selection_any_line(s, w, line);
	else if (s->wants_text)
		format_line(s->format, false, window_number(w, line->start),
		    w->text.bytes + line->start, line->end - line->start);
}

/* With --multiline: the lines of a match, or of several in a row, are. */
void selection_block(struct selection *s, struct window *w, const struct span *lines);

/* From now on lines are counted only. skip: none was selected in the whole file. */
void selection_binary(struct selection *s, bool skip);

/* Whether more of the file is wanted. */
static inline bool
selection_goes_on(const struct selection *s)
{
	return !s->finished || context_is_due(&s->context);
}

/* The window ends, the file with it if last. */
void selection_end_window(struct selection *s, struct window *w, bool last);

/* How many bytes from an offset on were searched, if so many were read. */
uint64_t selection_searched(const struct selection *s, uint64_t from, uint64_t read);

/*
 * What is said once, at the end of the file. searched: bytes; binary_offset:
 * of the first NUL, or UINT64_MAX.
 */
void selection_finish(struct selection *s, uint64_t searched, uint64_t binary_offset);

/*
 * The same in two steps, where lines are not shown: what there is of a file, or of a range of it,
 * and what that, or the sum of all ranges, says.
 */
uint64_t selection_result(const struct selection *s);
void selection_tell(struct selection *s, uint64_t result);

/* Writes what is said of a binary file, for the parent to show or not. */
void selection_offer_binary(struct selection *s);

#endif
