/*
 * The texts of files, one after the other, in the parent: each ends with a
 * whole line, fit for a terminal if it goes to one, and what stands between
 * two files is put there.
 */
#ifndef EMIT_STREAM_H
#define EMIT_STREAM_H

#include "emit/color.h"
#include "emit/guard.h"
#include "emit/output.h"

struct stream_options {
	bool guard;            /* text goes through a guard */
	bool null_names;       /* names end with NUL */
	bool json;             /* text is JSON */
	char terminator;       /* of lines that the worker left without */
	const char *separator; /* between files of a group, a line; NULL: none */
	bool separator_colored;
	const struct color_scheme *colors; /* of the text, or NULL */
};

struct stream {
	const struct stream_options *options;
	struct output *output;
	struct guard *guard; /* or NULL */
	char *separator;     /* as it is written, or NULL */
	size_t separator_length;
	bool grouped; /* there was a group */
	bool muted;   /* nothing more is written */
	/* Of the file whose text comes. */
	bool in_text;
	bool torn;    /* it stops within a line */
	uint32_t item;
};

/* options and output must outlive it. Returns 0, or -1 with errno ENOMEM. */
int stream_init(struct stream *s, const struct stream_options *options, struct output *output);
void stream_fini(struct stream *s);

/* The text that comes is that of an item; or of one that is to be told apart from others. */
void stream_begin(struct stream *s, uint32_t item);
void stream_begin_group(struct stream *s, uint32_t item);

/* Adds text, which must stay where it is until it is flushed. There must be room. */
void stream_add(struct stream *s, const char *text, size_t length);

/* No more text comes of the item, if it has begun; what came stays, as lines. */
void stream_end(struct stream *s);

/* As output_full and output_flush. */
bool stream_full(const struct stream *s);
int stream_flush(struct stream *s);

#endif
