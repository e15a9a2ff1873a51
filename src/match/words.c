#include "words.h"

#include <stdlib.h>
#include <string.h>

/* Whether a text is a word, in which no character means another. */
static bool
is_word(const struct pattern_options *o, const struct pattern_text *text)
{
	const char *special = o->syntax == SYNTAX_BASIC ? "\\^$.[*" : "\\^$.[|()?*+{";

	/* What an empty match of -w is may depend on the other patterns. */
	if (text->length == 0 && o->word)
		return false;
	for (size_t i = 0; i < text->length && o->syntax != SYNTAX_FIXED; i++)
		if (text->bytes[i] != '\0' && strchr(special, text->bytes[i]) != NULL)
			return false;
	return true;
}

/* What is between two alternatives. */
static const char *
bar_of(const struct pattern_options *o)
{
	if (o->syntax == SYNTAX_FIXED)
		return NULL;
	return o->syntax == SYNTAX_BASIC ? "\\|" : "|";
}

/* Takes the first alternative off a text. Returns false if nothing is left of it then. */
static bool
next_alternative(struct pattern_text *text, const char *bar, struct pattern_text *first)
{
	size_t length = bar != NULL ? strlen(bar) : 0;
	const char *end = bar != NULL ? memmem(text->bytes, text->length, bar, length) : NULL;

	*first = *text;
	if (end == NULL)
		return false;
	first->length = (size_t)(end - text->bytes);
	text->bytes += first->length + length;
	text->length -= first->length + length;
	return true;
}

/* How many words a text is made of, if of nothing else; else 0. */
static size_t
count_words(const struct pattern_options *o, struct pattern_text text)
{
	struct pattern_text first;
	size_t count = 0;
	bool more;

	do {
		more = next_alternative(&text, bar_of(o), &first);
		if (!is_word(o, &first))
			return 0;
		count++;
	} while (more);
	return count;
}

static void
put_words(struct words *w, size_t *at, const struct pattern_options *o, struct pattern_text text)
{
	while (next_alternative(&text, bar_of(o), &w->texts[*at]))
		++*at;
	++*at;
}

bool
words_sort(struct words *w, const struct pattern_options *o, const struct pattern_text *texts,
    size_t count)
{
	size_t others = 0, at = 0;

	*w = (struct words){ 0 };
	for (size_t i = 0; i < count; i++) {
		size_t words = count_words(o, texts[i]);

		w->words += words;
		others += words == 0;
	}
	/* In Perl's syntax the order of all of them counts; and see literals.h. */
	if (w->words < WORDS_MIN || (o->syntax == SYNTAX_PERL && others > 0) || (o->line && o->crlf)) {
		w->words = 0;
		others = count;
	}
	w->count = w->words + others;
	w->texts = calloc(w->count + 1, sizeof(*w->texts));
	if (w->texts == NULL)
		return false;
	others = w->words;
	for (size_t i = 0; i < count; i++) {
		if (w->words > 0 && count_words(o, texts[i]) > 0)
			put_words(w, &at, o, texts[i]);
		else
			w->texts[others++] = texts[i];
	}
	return true;
}

void
words_free(struct words *w)
{
	free(w->texts);
	*w = (struct words){ 0 };
}
