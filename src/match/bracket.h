/*
 * Bracket expressions of POSIX, as [^a-z[:digit:]], translated for PCRE2.
 * A part of posix.c.
 */
#ifndef MATCH_BRACKET_H
#define MATCH_BRACKET_H

#include "match/posix.h"

/* A set of characters. Starts as { 0 }, ends with set_free. */
struct set {
	bool members[256];    /* below 0x80; of bytes, all */
	unsigned int classes; /* that have members beyond ASCII */
	bool negated;
	bool collates;        /* has [.a.] or [=a=] */
	bool ranges;          /* has a range other than of digits */
	struct buffer high;   /* other members beyond ASCII: the inside of a class of PCRE2 */
};

/*
 * Reads one from *at on, behind its '['; *at then is behind its ']'.  Returns
 * NULL, or the reason why it cannot, with *at where the fault lies.
 */
const char *set_read(struct set *s, const struct posix_options *o, const char *text, size_t length,
    size_t *at);

/* The class of this name, as "space", into the set; false: there is none. */
bool set_add_class(struct set *s, const struct posix_options *o, const char *name, size_t length);

/* Writes it as one item. Returns the item's flags, as of analysis.h. */
unsigned int set_write(const struct set *s, const struct posix_options *o, struct buffer *out);

void set_free(struct set *s);

#endif
