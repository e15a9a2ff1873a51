/*
 * The text of --replace: $1 ${1} $name ${name} stand for groups of the match,
 * $0 for all of it, $$ for a dollar; a name without braces is as long as it
 * can be.  A group that is not there, or took no part, is empty.
 *
 * Source: ripgrep(1), --replace.
 */
#ifndef MATCH_REPLACEMENT_H
#define MATCH_REPLACEMENT_H

#include <stdbool.h>
#include <stddef.h>

struct replacement_piece {
	const char *text; /* of a literal, or (NUL-terminated) a group's name */
	size_t length;
	bool is_group;
	int number; /* of a group that has one, else REPLACEMENT_NAMED */
};

enum { REPLACEMENT_NAMED = -1 };

struct replacement {
	char *text; /* holds the pieces */
	struct replacement_piece *pieces;
	size_t count;
};

/* Returns NULL with errno ENOMEM. Made once, in the parent. */
struct replacement *replacement_parse(const char *text);
void replacement_free(struct replacement *r);

#endif
