/*
 * Whether a search uses the accelerator, and making it ready: between the
 * options, match/accel, and the errand in which libhs compiles.  Parent only.
 *
 * libhs is loaded only for a search that is large enough to repay it, by the
 * number of files that the walk has found when the first worker is to start,
 * or the size of an operand; never for a few small files.
 */
#ifndef ACCELERATE_H
#define ACCELERATE_H

#include "cli/options.h"
#include "match/accel.h"

struct accelerate {
	const struct options *options;
	struct pattern *pattern;
	const struct pattern_text *texts;
	struct accel *accel; /* or NULL: none is used */
};

/* Returns whether accelerate_prepare is to be called.  The texts are those of the pattern. */
bool accelerate_init(struct accelerate *a, const struct options *o, struct pattern *pattern,
    const struct pattern_text *texts);
void accelerate_fini(struct accelerate *a);

/*
 * The first worker is about to be started; large: there are many files.
 * Returns whether workers will use something that may be done without.
 */
bool accelerate_prepare(struct accelerate *a, bool large);

/* What searches: "PCRE2 JIT + libhs 5.4.9" */
const char *accelerate_engine(const struct accelerate *a, char *text, size_t size);

#endif
