#include "selection.h"

#include "emit/status.h"
#include "scan/matches.h"
#include "scan/search.h"
#include "shm/lane_worker.h"

void
selection_init(struct selection *s, const struct search_options *options, struct format *format,
    struct matcher *matcher)
{
	struct context_options context = options->context;

	*s = (struct selection){ .options = options, .format = format, .matcher = matcher,
		.show_options = options->show };
	s->wants_text = options->output == OUTPUT_LINES;
	/* With --multiline -c counts matches: they say more than the lines that they touch. */
	s->counts_matches = !options->invert && (options->output == OUTPUT_COUNT_MATCHES ||
	    (options->output == OUTPUT_COUNT && options->multiline));
	s->limit = options->output >= OUTPUT_SELECTED ? 1 : options->max_count;
	s->in_context = s->wants_text && (context.groups || context.passthru ||
	    context.before > 0 || context.after > 0);
	s->tally = !options->invert && (options->tally || s->counts_matches);
	/* As much as the longest line takes, that was cut or ends. */
	context.max_saved = options->max_line + 2;
	s->show_options.invert = options->invert;
	json_init(&s->json, format->out, format->options->line_buffered);
	show_init(&s->show, &s->show_options, format, options->json ? &s->json : NULL, matcher);
	context_init(&s->context, &context, &s->show);
}

void
selection_fini(struct selection *s)
{
	context_fini(&s->context);
	json_fini(&s->json);
}

void
selection_file(struct selection *s)
{
	s->finished = s->options->max_count == 0;
	s->quiet = false;
	s->counting = !s->tally && (!s->wants_text || (s->show.plain && !s->in_context));
	s->lines = s->more_lines = s->matches = s->reached = 0;
	context_file(&s->context, !s->in_context || s->finished);
	json_file(&s->json, s->format->path, s->format->name);
}

static uint64_t
count_matches(const struct selection *s, const struct line *line)
{
	struct matches all;
	struct span ignored;
	uint64_t count = 0;

	show_matches(&s->show, line, &all);
	while (matches_next(&all, &ignored))
		count++;
	return count;
}

static void
show(struct selection *s, struct window *w, struct line *line, size_t start)
{
	if (s->in_context) {
		context_select(&s->context, w, line);
	} else {
		line->number = window_number(w, start);
		show_line(&s->show, line);
	}
}

static void
select_any(struct selection *s, struct window *w, const struct span *span, struct line *line)
{
	if (s->tally)
		s->matches += count_matches(s, line);
	if (s->lines == s->limit || (s->quiet && s->wants_text)) {
		s->finished = true;
		s->reached = w->offset + span->end + line->ended;
	}
	if (s->wants_text && !s->quiet)
		show(s, w, line, span->start);
}

void
selection_any_line(struct selection *s, struct window *w, const struct span *span)
{
	struct line line = window_line(w, span, false);

	select_any(s, w, span, &line);
}

void
selection_block(struct selection *s, struct window *w, const struct span *span)
{
	struct line block = window_line(w, span, false);

	block.whole = &w->text;
	s->lines++;
	s->more_lines += text_newlines(block.bytes, block.length, w->terminator);
	select_any(s, w, span, &block);
}

void
selection_binary(struct selection *s, bool skip)
{
	s->quiet = true;
	s->counting &= !s->wants_text;
	s->shown = s->lines;
	context_stop(&s->context);
	if (skip && !s->finished) {
		s->finished = true;
		s->lines = 0;
	}
}

void
selection_end_window(struct selection *s, struct window *w, bool last)
{
	if (s->in_context && !s->quiet)
		context_end_window(&s->context, w, last);
}

uint64_t
selection_searched(const struct selection *s, uint64_t from, uint64_t read)
{
	/* Matches over several lines need all of the file; or all of it is shown. */
	bool takes_all = s->options->multiline || s->options->context.passthru;

	/* What settled it may be that nothing is wanted. */
	return s->finished && !takes_all ? s->reached - (s->reached > 0 ? from : 0) : read;
}

static void
end_messages(struct selection *s, uint64_t searched, uint64_t binary_offset)
{
	const struct json_file file = { .binary = binary_offset != UINT64_MAX,
		.binary_offset = binary_offset, .selected = s->lines > 0,
		.searched = searched,
		.lines = s->lines + s->more_lines, .matches = s->matches };

	json_file_end(&s->json, &file);
}

uint64_t
selection_result(const struct selection *s)
{
	if (s->lines == 0 || s->options->output >= OUTPUT_SELECTED)
		return s->lines > 0;
	return s->counts_matches ? s->matches : s->lines;
}

void
selection_tell(struct selection *s, uint64_t result)
{
	switch (s->options->output) {
	case OUTPUT_COUNT:
	case OUTPUT_COUNT_MATCHES:
		/* As in ripgrep --count-matches says nothing of files without. */
		if (result > 0 || s->options->output == OUTPUT_COUNT)
			format_count(s->format, result);
		break;
	case OUTPUT_SELECTED:
	case OUTPUT_UNSELECTED:
		if ((result > 0) == (s->options->output == OUTPUT_SELECTED))
			format_name(s->format);
		break;
	case OUTPUT_LINES:
	case OUTPUT_NOTHING:
		break;
	}
}

void
selection_offer_binary(struct selection *s)
{
	lane_worker_close_frame(s->format->out);
	lane_worker_flag(s->format->out, FRAME_BINARY | (s->lines > 0 ? FRAME_SELECTED : 0));
	format_binary(s->format);
}

void
selection_finish(struct selection *s, uint64_t searched, uint64_t binary_offset)
{
	if (s->options->output != OUTPUT_LINES)
		selection_tell(s, selection_result(s));
	else if (s->options->json)
		end_messages(s, searched, binary_offset);
	else if (s->quiet && s->lines > s->shown)
		format_binary(s->format);
}
