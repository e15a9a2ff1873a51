/*
 * From what the user asked for to the settings of each part.  Looks at the
 * standard streams, the environment and the operands, but changes nothing.
 * Parent only.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "cli/options.h"
#include "emit/sink.h"
#include "match/pattern.h"
#include "pool/pool.h"
#include "scan/scan.h"
#include "walk/walk.h"

/* Whether standard input is searched though nobody named it. */
bool settings_reads_input(const struct options *o);

/* Whether output is coloured; whether control characters in it are escaped. */
bool settings_color(const struct options *o);
bool settings_escape(const struct options *o);

/* Whether a line is shown of how far the run is. */
bool settings_progress(const struct options *o);

/* lanes: the most workers. The scan's colours must stay where they are. */
void settings_scan(struct scan_options *s, const struct options *o, unsigned int lanes);

struct pattern_options settings_pattern(const struct options *o);

/* The patterns, whose bytes stay the options'; to be freed. NULL: errno ENOMEM. */
struct pattern_text *settings_pattern_texts(const struct options *o);

/* All but stop and ledger. scan: as settings_scan made it; it must outlive the sink. */
struct sink_options settings_sink(const struct options *o, const struct scan_options *scan);

/* All but keep. A deadline starts here. */
struct pool_options settings_pool(const struct options *o);

/*
 * Descriptors that operands name, as <(command) of a shell does, ascending;
 * to be freed.  NULL: errno ENOMEM.
 */
int *settings_descriptors(const struct options *o, size_t *count);

/*
 * pause: as struct walk_options.  NULL: message is what is wrong with the options,
 * to be freed, or NULL: no memory.
 */
struct walk *settings_walk(const struct options *o, bool (*pause)(void *ctx), void *ctx,
    char **message);

#endif
