/*
 * File types: names of globs, as "-t c" has them.
 *
 * Source: ripgrep's manual, --type, --type-not, --type-add, --type-clear.
 */
#ifndef WALK_TYPES_H
#define WALK_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/options.h"
#include "walk/rules.h"

struct types;

/*
 * What the filters make of the known types.  NULL: message is what is wrong, to
 * be freed, or NULL: no memory.
 */
struct types *types_open(const struct options_filter *filters, size_t count, char **message);
void types_close(struct types *t);

/* Whether any type was asked for, or asked not to be. */
bool types_chosen(const struct types *t);

/*
 * What they say of a file's name: RULES_KEEP, it is of a type that was asked
 * for; RULES_IGNORE, it is not, or of one that is not wanted; RULES_NONE.
 */
enum rules_verdict types_match(struct types *t, const char *name, size_t length);

/* Writes all of them, a line each. Whether that worked. */
bool types_print(const struct types *t, FILE *to);

#endif
