/*
 * Where results end up, in the parent: text goes to the output, statuses to
 * the report, in the order of the walk.
 */
#ifndef EMIT_SINK_H
#define EMIT_SINK_H

#include "emit/output.h"
#include "emit/report.h"
#include "shm/lane.h"
#include "walk/batch.h"

struct sink {
	struct output output;
	struct report report;
	const char *input_name; /* what standard input is called */
	/* Of the batch being told. */
	struct batch_reader reader;
	const void *batch;  /* NULL: none yet */
	uint32_t told;      /* files that have a status */
	uint32_t item;      /* the file of the last frame */
	bool torn;          /* the last text stops within a line */
};

/* stop: as struct output. */
void sink_init(struct sink *s, int fd, bool (*stop)(void), bool silent, const char *input_name);

/* As pool.h says of its client: a frame, a lost file, the end of a batch. */
void sink_frame(struct sink *s, const void *batch, const struct frame *frame, const char *text);
void sink_lost(struct sink *s, const void *batch, uint32_t file, enum file_status status,
    uint32_t value);
void sink_finished(struct sink *s, const void *batch, uint32_t files);

#endif
