/*
 * --watch: a source of batches that does not end.  What is appended to files,
 * and files that come to be, are dealt as pieces (scan/piece.h).
 *
 *   inotify --> events --> which names,  --> files, by identity: --> queue --> pieces
 *                          by the walk       how far searched                    |
 *                                  ^                                             v
 *                            rescan, when events were lost            worker: a reply
 *
 * A file is known by its device, inode and time of birth, whatever its name:
 * one that is renamed is searched on from where it was, and another that takes
 * its name from its beginning.  Directories are watched before they are read,
 * so that what comes meanwhile is seen twice rather than never; what was
 * searched already tells.  Where events were lost, or a directory cannot be
 * watched, the tree is walked again and sizes tell what is new.
 *
 * Parent only; it looks at names, sizes and times, never into a file.  What a
 * worker says of a piece is kept within the piece.
 *
 * Source: inotify(7), statx(2).
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include "emit/report.h"
#include "pool/pool.h"
#include "walk/walk.h"

struct watch_options {
	struct walk *walk;     /* of the operands; outlives the watch */
	char *const *paths;    /* the operands; none: the current directory */
	size_t path_count;
	struct report *report; /* what there is to say of directories goes there */
	int64_t deadline;      /* ends it; CLOCK_MONOTONIC in ns; 0: none */
	int output;            /* ends it when nobody reads that any more; -1: nothing */
	bool once;             /* a file of which a line was selected is done with */
};

struct watch;

/* NULL: errno ENOMEM. */
struct watch *watch_open(const struct watch_options *options);
void watch_close(struct watch *w);

/*
 * What the workers must be able to see, as struct sandbox_options: the
 * directories that are watched, by the number that batches have for operand.
 */
char *const *watch_roots(const struct watch *w, size_t *count);

/* As struct pool_client says of next_batch, wait, frame, lost and finished. */
int watch_next(struct watch *w, uint32_t files, struct pool_batch *batch);
int watch_wait(struct watch *w, uint32_t alarm);
/* Whether the frame was a reply, and no text. */
bool watch_frame(struct watch *w, const struct frame *frame, const char *text);
void watch_lost(struct watch *w, uint32_t file);
void watch_finished(struct watch *w, uint32_t files);

#endif
