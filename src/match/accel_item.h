/*
 * Parts of a pattern that match one character, as those of ASCII that PCRE2,
 * asked for each, says they match.  For accel_text.c.  Any process that may allocate.
 */
#ifndef MATCH_ACCEL_ITEM_H
#define MATCH_ACCEL_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/buffer.h"

enum {
	ACCEL_ITEM_ASCII = 128,
	ACCEL_ITEM_KNOWN = 8,    /* items that are remembered */
	ACCEL_ITEM_LENGTH = 16,  /* bytes, of each */
};

struct accel_item {
	const char *text;
	size_t length;
	uint32_t options; /* of pcre2_compile */
};

/* Starts as { 0 }. */
struct accel_items {
	struct accel_item_known {
		char text[ACCEL_ITEM_LENGTH];
		size_t length; /* 0: none */
		uint32_t options;
		bool members[ACCEL_ITEM_ASCII];
	} known[ACCEL_ITEM_KNOWN];
	size_t next; /* to be forgotten */
};

/* Sets the members of an item. False: it is none, or there is no memory. */
bool accel_item_members(struct accel_items *items, const struct accel_item *item,
    bool members[ACCEL_ITEM_ASCII]);

/* Appends a class of these members, of which there is one at least. */
void accel_item_put(const bool members[ACCEL_ITEM_ASCII], struct buffer *out);

#endif
