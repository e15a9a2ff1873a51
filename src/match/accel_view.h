/*
 * What accel.c makes and accel_search.c uses.  For these two only.
 */
#ifndef MATCH_ACCEL_VIEW_H
#define MATCH_ACCEL_VIEW_H

#include "match/accel_library.h"

struct accel;

struct accel_view {
	char terminator;
	bool ascii;  /* text that is all ASCII may be selected: then there is a database */
	bool beyond; /* lines that have a byte above 0x7f are proposed */
	struct hs_database *database;
	struct hs_scratch *scratch; /* a process's own, once it is forked */
	int (*scan)(const struct hs_database *db, const char *text, unsigned int length,
	    unsigned int flags, struct hs_scratch *scratch, accel_library_match on_match,
	    void *ctx);
};

const struct accel_view *accel_view(const struct accel *a);

#endif
