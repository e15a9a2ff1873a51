/*
 * The worker's end of a lane.  Only the lane's worker process calls these.
 * The worker holds no lock and owes nobody a repair: it may die anywhere.
 */
#ifndef SHM_LANE_WORKER_H
#define SHM_LANE_WORKER_H

#include "lane_parent.h"

struct lane_worker {
	struct region jobs;
	struct region results;
	struct ring_writer writer;
	struct doorbell *bell;
	const struct futex_ops *ops;
	uint64_t batch;   /* the lane's batch in hand, or the next one */
	uint64_t at;      /* its position in the jobs ring */
	uint32_t resume;  /* first file of it to search */
	uint32_t files;
	uint32_t file;
	uint32_t sequence;
	uint64_t published; /* as end was last stored */
	bool again; /* the first file of all was spared when a worker before died on it */
	uint16_t flags; /* of each frame of the file */
	uint64_t handed; /* bytes of text in closed frames */
	struct lane_totals totals; /* of this process */
	unsigned int number; /* of the lane, for people */
};

/*
 * Maps, in the child, the lane that the parent described; takes over where
 * the process before it stopped.  Returns 0, or -1 with errno.
 */
int lane_worker_open(struct lane_worker *w, const struct lane_parent *lane);

/*
 * Waits for a batch.  Returns its bytes, valid until its last file is
 * committed, with the file to start at, or NULL when no batch will follow.
 */
const void *lane_worker_next(struct lane_worker *w, uint32_t *first);

/* The next file of the batch is being searched. */
void lane_worker_start(struct lane_worker *w);

/*
 * Room for size bytes of text, at most RING_TEXT_MAX, in one piece.  May wait
 * for the parent to drain the ring.  Each call must be followed by advance.
 */
char *lane_worker_reserve(struct lane_worker *w, size_t size);
void lane_worker_advance(struct lane_worker *w, size_t size);

/* Appends text of any length. May wait as reserve does. */
void lane_worker_write(struct lane_worker *w, const void *text, size_t size);

/* Bytes of text that this process has written. */
static inline uint64_t
lane_worker_written(const struct lane_worker *w)
{
	return w->handed + (w->writer.open ? w->writer.length : 0);
}

/* Sets flags of the frames of this file that follow. */
void lane_worker_flag(struct lane_worker *w, uint16_t flags);

/* Closes the frame in hand, so that flags set from now on are not its own. */
void lane_worker_close_frame(struct lane_worker *w);

/* Hands over the text so far, and tells the parent: for streams. */
void lane_worker_flush(struct lane_worker *w);

/* Tells the parent, with a frame of no text, that the file yields something. */
void lane_worker_announce(struct lane_worker *w);

/* Hands over, in a frame of its own with such flags, some words about the file. */
void lane_worker_remark(struct lane_worker *w, uint16_t flags, const void *words, size_t size);

/* A long file is being searched, and gets on. */
void lane_worker_beat(struct lane_worker *w);

/* Tells the parent that something was selected. */
void lane_worker_hit(struct lane_worker *w);

/* What this process has counted, to be added to: the parent sees it when a file is done. */
static inline struct lane_totals *
lane_worker_totals(struct lane_worker *w)
{
	return &w->totals;
}

/* The batch in hand, a link of a chain, is counted: called once, or not at all. */
void lane_worker_count(struct lane_worker *w, uint64_t count);

/* What the links before the batch in hand come to. Waits until it is known. */
uint64_t lane_worker_base(struct lane_worker *w);

/*
 * The file is done.  kind, flags and value go to the parent in its last
 * frame; a file with no text, kind 0 and flags 0 needs none.
 */
void lane_worker_commit(struct lane_worker *w, uint16_t kind, uint16_t flags, uint32_t value);

#endif
