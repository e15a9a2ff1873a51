/*
 * What is looked for before PCRE2 is asked: from patterns to needles.
 */
#ifndef MATCH_PROPOSE_H
#define MATCH_PROPOSE_H

#include "match/needles.h"

/*
 * Finds needles of which one is in each line that any of the texts selects;
 * none if there is no such thing, or none that is worth looking for.  bytes:
 * each byte is a character.  In the parent.
 */
void propose_needles(struct needles *n, const struct pattern_options *o, bool bytes,
    enum pattern_plan plan, const struct pattern_text *texts, size_t count);

#endif
