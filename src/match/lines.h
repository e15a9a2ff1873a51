/*
 * Which lines of a text a pattern selects: a part of matcher.c.
 */
#ifndef MATCH_LINES_H
#define MATCH_LINES_H

#include "match/matcher.h"

/* As matcher_line. */
bool lines_next(struct matcher *m, struct matcher_text *t, size_t from, struct span *line);

#endif
