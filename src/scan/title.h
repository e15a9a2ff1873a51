/*
 * A worker's title, by which ps(1) tells what it is on: a batch, by where its
 * files lie, and a file that is large, or no file at all, by its name.  Files
 * that are done in no time do not pay for it.  What takes long for another
 * reason the parent's title names.
 *
 * Worker only.  Source: setproctitle(3bsd), which writes to memory alone.
 */
#ifndef SCAN_TITLE_H
#define SCAN_TITLE_H

#include <stdint.h>

#include "walk/batch.h"

/* Bytes of a file that is named. */
enum { TITLE_SIZE_LEAST = 4 * 1024 * 1024 };

/* A batch is in hand; number: of the worker. */
void title_batch(unsigned int number, const void *batch, uint32_t files);

/* A file of it is. input_name: what standard input is called. */
void title_file(unsigned int number, const struct batch_item *item, const char *input_name);

#endif
