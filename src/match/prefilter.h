/*
 * What is looked for before PCRE2 is asked: that which is in each line that
 * a pattern selects.  Chosen in the parent, immutable then, used in workers.
 */
#ifndef MATCH_PREFILTER_H
#define MATCH_PREFILTER_H

#include "match/literals.h"
#include "match/needles.h"
#include "match/shape.h"
#include "match/words.h"

struct prefilter {
	struct needles needles, ascii_needles; /* see pattern_needles */
	struct literals *required; /* see pattern_required; or NULL */
	struct shape *own_shape;   /* or NULL */
	const struct shape *shape; /* that, or another: see pattern_shape */
};

/*
 * Texts that are for PCRE2: the needles of p's options, bytes and plan, which
 * must be set.
 */
void prefilter_propose(struct prefilter *f, const struct pattern *p, bool bytes,
    const struct pattern_text *texts, size_t count);

/* Words: needles that decide, and find several at once; or none. */
void prefilter_propose_words(struct prefilter *f, const struct pattern *p, bool bytes,
    const struct words *words);

/*
 * When p has its units: what is better than the needles of its texts, or is
 * there where these are none.  Returns false for want of memory.
 */
bool prefilter_improve(struct prefilter *f, const struct pattern *p, bool bytes,
    const struct pattern_text *texts, size_t count);

void prefilter_free(struct prefilter *f);

#endif
