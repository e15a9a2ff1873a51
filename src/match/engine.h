/*
 * What a pattern is searched with, for people.  Any process.
 */
#ifndef MATCH_ENGINE_H
#define MATCH_ENGINE_H

#include "match/pattern.h"

/* "PCRE2 JIT", or without JIT code "PCRE2"; where words are looked up "literals", or both; "classes": a shape. */
const char *engine_name(const struct pattern *p);

#endif
