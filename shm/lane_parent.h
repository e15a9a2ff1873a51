/*
 * The parent's end of a lane.  Only the parent calls these, but for
 * lane_worker_open, which reads an inherited copy.  Nothing blocks.
 *
 * Everything a worker wrote is loaded once, checked against what was dealt,
 * and kept in private memory.  What does not fit makes a call return -1 with
 * errno EBADMSG: the worker is hostile or broken, and the caller kills it,
 * waits for it, and calls lane_death_settle.
 */
#ifndef SHM_LANE_PARENT_H
#define SHM_LANE_PARENT_H

#include "lane.h"

struct lane_config {
	size_t jobs_ring;    /* bytes, a power of two */
	size_t jobs_bulk;    /* bytes, the largest batch */
	size_t results_ring; /* bytes, a power of two, at least RING_SIZE_MIN */
	struct doorbell *bell;
	const struct futex_ops *ops;
};

/* A batch in flight, in private memory. */
struct lane_batch {
	const void *bytes; /* in the lane, valid until lane_parent_finish */
	uint32_t size;
	uint32_t files;
	uint32_t sequence;
	uint32_t done;   /* files committed or lost: they will not be searched again */
	uint32_t next;   /* files whose frames were read to the last */
	uint32_t begun;  /* files of which some frame was read, or that come before such a one */
	bool bulk;
	bool chained; /* it is a link of a chain */
	bool goes_on; /* and not the last one */
	bool counted; /* and its worker has counted it */
	uint64_t count;
	uint64_t at;  /* position of the head in the jobs ring */
	uint64_t end; /* once complete: where its frames end */
};

struct lane_parent {
	struct lane_config config;
	struct region jobs;
	struct region results;
	struct region *retired; /* results regions left to processes that cannot be killed */
	size_t retired_count;
	struct ring_reader reader;
	uint64_t front; /* the oldest batch not emitted */
	uint64_t work;  /* the oldest batch not complete */
	uint64_t back;  /* batches dealt */
	uint64_t jobs_end;
	uint64_t files_dealt;
	uint64_t files_done;
	uint64_t links_done; /* of these, links of chains that go on */
	uint64_t based; /* batches, of which the links have their base */
	bool bulk_used;
	bool torn; /* the front batch's frames made no sense */
	bool spared; /* nothing that the dead worker left of its file is read: it comes again */
	bool again;  /* what the next worker takes up was spared */
	struct lane_totals totals; /* of dead workers */
	struct lane_batch batches[LANE_SLOTS];
};

/* Creates the lane's memory. Returns 0, or -1 with errno. */
int lane_parent_open(struct lane_parent *l, const struct lane_config *config);
void lane_parent_close(struct lane_parent *l);

/* Whether a batch of size bytes can be dealt now; one of at most jobs_bulk can be in time. */
bool lane_parent_fits(const struct lane_parent *l, size_t size);

/* Copies a batch that fits, of at least one file, into the lane and wakes its worker. */
void lane_parent_deal(struct lane_parent *l, uint32_t sequence, const void *bytes, size_t size,
    uint32_t files);

/* The batch that was dealt last is a link of a chain (lane.h), and whether others follow. */
void lane_parent_chain(struct lane_parent *l, bool goes_on);

/* Gives a link, the lane's batch of that number, its base, and wakes its worker. */
void lane_parent_give_base(struct lane_parent *l, uint64_t number, uint64_t base);

/*
 * Whether a link that is not emitted has its count, as of the last update:
 * what its worker claims, or nothing if it is complete without.
 */
bool lane_parent_counted(const struct lane_parent *l, uint64_t number, uint64_t *count);

/* Asks the worker to ring for its next count, or not. Call before arming the doorbell. */
void lane_parent_ask_count(struct lane_parent *l, bool asked);

/* Whether the worker claims to wait for a base that it has not got, so may stand still. */
bool lane_parent_wants_base(const struct lane_parent *l);

/* Says that no batch will follow: the worker exits with 0 when it has done all. */
void lane_parent_end(struct lane_parent *l);

/* Loads the worker's progress. Returns 0, or -1 and EBADMSG. */
int lane_parent_update(struct lane_parent *l);

/* Files dealt and not yet done, as of the last update. */
static inline uint64_t
lane_parent_backlog(const struct lane_parent *l)
{
	return l->files_dealt - l->files_done;
}

/* The oldest batch not emitted, or NULL. */
struct lane_batch *lane_parent_front(struct lane_parent *l);

/* The oldest batch not complete, or NULL: its file number done is the one being searched. */
const struct lane_batch *lane_parent_work(const struct lane_parent *l);

/*
 * Goes to the next frame of the front batch.  Returns 1 with the header and
 * the text (as ring_reader_peek), 0 when there is none yet, or -1 and EBADMSG.
 */
int lane_parent_read(struct lane_parent *l, struct frame *frame, const char **text);

/* Whether frames of the front batch wait to be read, as of the last update; a hint. */
bool lane_parent_readable(const struct lane_parent *l);

/* Whether the front batch is complete and read to its end. */
bool lane_parent_finished(const struct lane_parent *l);

/* The front batch is emitted: gives its place in the jobs ring back. */
void lane_parent_finish(struct lane_parent *l);

/* All that was read is written out: gives its room back, waking the worker. */
void lane_parent_release(struct lane_parent *l);

/*
 * Asks the worker to ring when at most backlog batches remain to be done
 * (0: when all are).  Call before arming the doorbell.
 */
void lane_parent_notify(struct lane_parent *l, uint64_t backlog);

/* Whether the worker claims to wait for room, or for a batch; a hint. */
uint32_t lane_parent_waiting(const struct lane_parent *l);

/* Whether the worker claims to have selected something; a hint. */
bool lane_parent_hit(const struct lane_parent *l);

/* A number that changes while the worker gets on, as far as it can be believed. */
uint64_t lane_parent_progress(const struct lane_parent *l);

/*
 * Adds what the lane's workers claim to have counted, the living one as well;
 * sums stop at UINT64_MAX.
 */
void lane_parent_totals(const struct lane_parent *l, struct lane_totals *sum);

/* Whether so much waits to be written out that the worker may rightly stand still. */
bool lane_parent_blocked(const struct lane_parent *l);

#endif
