/*
 * What stands before a line, or above a file's lines, in the worker: as
 * format.h says.
 */
#ifndef EMIT_HEAD_H
#define EMIT_HEAD_H

#include "emit/format.h"

/* A prefix may be read, and copied, in chunks of so many bytes. */
enum { HEAD_CHUNK = 32 };

/* The file's first line comes: what stands above it. */
void head_file(struct format *f);

/* All that stands before a line. */
void head_line(struct format *f, const struct format_head *head);

/*
 * The file's name with its separator.  The first returns it, or NULL when
 * there is no memory for it; the second writes it in any case.
 */
const struct format_prefix *head_prefix(struct format *f, bool context);
void head_put_prefix(struct format *f, bool context);

/* The name alone, in its colour; without. */
void head_put_file(struct format *f);
void head_put_name(struct format *f);

#endif
