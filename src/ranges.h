/*
 * Which searches share a large file out, in ranges, to several workers: those
 * that give the same answer then.  Parent only.
 */
#ifndef RANGES_H
#define RANGES_H

#include "cli/options.h"
#include "scan/scan.h"
#include "walk/source.h"

/* The size of the windows in which files are read: one for any number of workers. */
size_t ranges_window(const struct options *o);

/* How large files become ranges in such a search, with so many lanes; or not at all. */
struct source_options ranges_wanted(const struct options *o, const struct scan_options *scan,
    unsigned int lanes);

#endif
