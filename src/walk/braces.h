/*
 * Alternatives in globs: "*.{c,h}" is "*.c" and "*.h".  They may lie in each
 * other; a backslash takes a brace or comma its meaning, as do brackets.
 */
#ifndef WALK_BRACES_H
#define WALK_BRACES_H

#include <stddef.h>

enum { BRACES_MAX = 10000 };

/*
 * Calls each with every glob that text stands for, in order; it returns 0, or
 * -1 to end it all.  Returns 0, or -1 with errno: EINVAL with why set, or what
 * each has set.
 */
int braces_expand(const char *text, int (*each)(void *ctx, const char *glob), void *ctx,
    const char **why);

#endif
