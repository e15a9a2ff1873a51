/*
 * Where results end up, in the parent: text goes to the output, statuses to
 * the report, in the order of the walk.  What stands between the texts of two
 * files is the stream's: a worker does not know what came before.  Ranges of a
 * file become one file here.
 */
#ifndef EMIT_SINK_H
#define EMIT_SINK_H

#include "emit/fold.h"
#include "emit/ledger.h"
#include "emit/mark.h"
#include "emit/report.h"
#include "emit/stream.h"
#include "shm/lane.h"
#include "walk/batch.h"

struct sink_options {
	int fd;                 /* of the output */
	bool (*stop)(void);     /* as struct output */
	bool silent;            /* as struct report */
	const char *input_name; /* what standard input is called */
	struct stream_options stream;
	bool line_buffered;     /* nothing is kept for a later write */
	struct ledger *ledger;  /* gets each file's status too; or NULL */
	struct marks *marks;    /* are set; or NULL */
	bool tallies;           /* frames come with FRAME_TALLY */
	bool one_settles;       /* a selected line says all that is asked of a file */
	/*
	 * Told of files in the order of the walk, so many of them with one status;
	 * not of what the walk has to say itself.  Or NULL.
	 */
	void (*told)(void *ctx, uint64_t files, enum file_status status, uint32_t value);
	void *ctx;
};

/* What holds at the end of the last file that was told. */
struct sink_settled {
	uint64_t offset; /* of what was added to the output */
	bool grouped, selected;
	struct lane_totals totals;
};

struct sink {
	const struct sink_options *options;
	struct output output;
	struct stream stream; /* into it */
	struct report report;
	/* Of the batch being told. */
	struct batch_reader reader;
	const void *batch;  /* NULL: none yet */
	struct batch_item last; /* of those that were told one by one */
	struct lane_totals totals; /* of tallies */
	struct sink_settled settled;
	struct fold fold;   /* of the file whose ranges are being told */
	uint32_t operand;   /* which that is */
	uint64_t more_ranges; /* ranges with a selected line, beyond the first of each file */
};

/* options must outlive it. Returns 0, or -1 with errno ENOMEM. */
int sink_init(struct sink *s, const struct sink_options *options);
void sink_fini(struct sink *s);

/* As pool.h says of its client: a frame, a lost file, the end of a batch. */
void sink_frame(struct sink *s, const void *batch, const struct frame *frame, const char *text);
void sink_lost(struct sink *s, const void *batch, uint32_t file, enum file_status status,
    uint32_t value);
void sink_finished(struct sink *s, const void *batch, uint32_t files);

/* Whether nothing more is wanted of the file whose ranges are being told, which is *operand. */
bool sink_has_enough(const struct sink *s, uint32_t *operand);

/* Makes files of the ranges that workers have counted. */
void sink_correct(const struct sink *s, struct lane_totals *totals);

bool sink_full(const struct sink *s);
int sink_flush(struct sink *s);

/*
 * Goes on where a mark was set, perhaps by an earlier run: its offset is not
 * looked at.  Before all other calls.
 */
void sink_go_on(struct sink *s, const struct mark *mark);

/*
 * --json: the message behind all others, with what workers claim to have
 * counted.  All before it was flushed.  Returns 0, or -1 with errno as
 * output_flush.
 */
int sink_summary(struct sink *s, const struct lane_totals *totals);

#endif
