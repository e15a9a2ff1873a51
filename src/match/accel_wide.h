/*
 * The wider pattern for ASCII text (accel_text.h) of a pattern of any syntax.
 */
#ifndef MATCH_ACCEL_WIDE_H
#define MATCH_ACCEL_WIDE_H

#include "match/accel_text.h"
#include "match/compose.h"

/* Whether a set of patterns is for lines alone, and all that selects some is PCRE2's. */
bool accel_wide_serves(const struct pattern *p);

/* How the texts of a pattern are meant. */
struct composer accel_wide_composer(const struct pattern *p, const struct pattern_text *texts,
    size_t count);

/* Whether a text with a byte above 0x7f may be selected for it. */
bool accel_wide_goes_beyond(const struct composer *c, const struct pattern *p);

/* Appends it; looks: as of struct accel_text_options. Any process. */
enum accel_text accel_wide_put(const struct composer *c, const struct pattern_text *text,
    bool looks, struct buffer *out);

#endif
