/*
 * The encoding of the files that are searched, by its name.
 *
 * A name is first looked up among the labels of the Encoding Standard, which
 * is what ripgrep knows, and then is iconv's.  What iconv needs it loads when
 * an encoding is opened: in the parent, before the first fork.  A worker
 * that decodes opens nothing.
 *
 * Source: https://encoding.spec.whatwg.org/#names-and-labels, iconv_open(3).
 */
#ifndef SCAN_ENCODING_H
#define SCAN_ENCODING_H

#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>

enum encoding_kind {
	ENCODING_PLAIN, /* bytes are searched as they are */
	ENCODING_UTF8,  /* what is none is replaced */
	ENCODING_UTF16LE,
	ENCODING_UTF16BE,
	ENCODING_ICONV,
};

struct encoding {
	enum encoding_kind kind;
	bool marks;    /* a byte order mark overrides it, and is left out */
	/* What iconv leaves without a meaning: */
	bool controls;  /* a byte 0x80-0x9f is the control character */
	uint32_t at_80; /* byte 0x80 is this character, if any */
	iconv_t descriptor; /* of ENCODING_ICONV: to UTF-8 */
};

/* No name was given: plain, but for files with a byte order mark. */
#define ENCODING_AUTO { .kind = ENCODING_PLAIN, .marks = true }

/* name: NULL: as ENCODING_AUTO. Parent only. 0, or -1 with errno: EINVAL: there is no such. */
int encoding_open(struct encoding *e, const char *name);
void encoding_close(struct encoding *e);

#endif
