/*
 * One window of a file: whether it makes the file binary, and its lines, the
 * others, or its blocks, one after the other.
 *
 * In the worker; part of search.
 */
#ifndef SCAN_SWEEP_H
#define SCAN_SWEEP_H

#include "scan/state.h"

/* Selects what is to be selected of the window, of which text is the first length bytes. */
void sweep_window(struct search *s, char *text, size_t length);

/* The file is binary from this window on. */
void sweep_become_binary(struct search *s);

#endif
