/*
 * A lane: what one worker process and the parent share.
 *
 *   jobs region: parent writes, worker maps read-only (sealed)
 *   +-----------+---------------------------------------------+----------+
 *   | lane_jobs | ring of batches                             | bulk     |
 *   +-----------+---------------------------------------------+----------+
 *                 [front ........ work ......... back)
 *                  dealt, not yet emitted. Kept until emitted: a new
 *                  process can take over, and the parent can name files.
 *   A batch that is large for the ring (a path of megabytes) travels in the
 *   bulk area, one at a time.
 *
 *   results region: worker writes, parent reads and believes nothing
 *   +--------------+----------------------+------------------------------+
 *   | lane_results | slot 0 1 2 ... N-1   | ring of frames (ring.h)      |
 *   +--------------+----------------------+------------------------------+
 *                    the lane's batch b has slot b mod N
 *
 * The parent assigns, nobody claims: which lane owns a sequence number is
 * known in the parent's private memory only.  A lane's sequence numbers
 * ascend, so its result ring is drained in order, and the parent always
 * drains the lane that owns the next sequence to emit: the head of the line
 * can always make progress, so there is no deadlock.
 *
 * One batch of n files, sequence s (a word tagged s is (s << 32) | count):
 *
 *   parent                                worker
 *   ------                                ------
 *   writes the batch
 *   dealt += 1 (release)       (1)-->     loads dealt (acquire), reads it
 *   bell += 1, fence, wakes if            slot: end = pos, started = s|0,
 *   the worker says it waits              committed = s|0 (release)
 *                                         for each file i of the batch:
 *                                           started = s|i+1
 *                                           opens, searches, writes frames
 *   loads committed (acquire)  <--(2)       end = pos (release)
 *   loads end (acquire)                     committed = s|i+1 (release)
 *   checks both, reads frames
 *   writes them out
 *   drained = pos (release)    (3)-->     loads drained (acquire) for room
 *
 *   (1) batch bytes happen before dealt is seen.
 *   (2) committed = i+1 happens after end covers file i: who sees the count
 *       and then loads end sees every frame of the counted files.  end may
 *       run ahead, into a file that is still being searched: a large result
 *       streams.
 *   (3) bytes were written out before the worker may overwrite them.
 *
 * Waking the worker: it stores waiting, fences (seq_cst), looks again, and
 * sleeps on bell; the parent bumps bell, fences (seq_cst) and loads waiting.
 * One of the two sees the other's store.
 *
 * Waking the parent: it stores notify, arms the doorbell and looks again; the
 * worker stores committed, fences (seq_cst) and rings when the number of
 * batches it has completed reaches notify, when it is about to sleep for want
 * of room, or when it flushes a stream.  See doorbell.h.
 *
 * Death: the parent has waited for the process, so its stores are final.
 * Files before committed count.  If started > committed, that one file is
 * lost.  A new process takes over at the next file, writing results from the
 * last end: the lane's queue, and with it the order, stays as it was.  It is
 * forked when all results before it are written out: a worker that somebody
 * has taken over can lie about what it was given, and not about what its
 * predecessors found.  The head of the line needs no other lane for that.
 *
 * Sums.  Batches that follow each other, in several lanes, may be links of a
 * chain: each can be counted, and may want to know what those before it come
 * to (a large file is dealt in ranges: that is where its line numbers start).
 *
 *   worker of link r                      parent
 *   ----------------                      ------
 *   count = n
 *   counted = s|1 (release)    (4)-->     loads counted (acquire), count
 *   fence; rings if asked                 adds it to the sum of those before
 *                                         base of link r + 1 = sum
 *   waits until based > b      <--(5)     based = its number + 1 (release), wakes
 *   loads base
 *
 *   (4) and (5): the number is stored before what says that it is there.
 *
 * Nobody is told of a count unless somebody waits for it: then the parent
 * stores asked in the lane whose count it lacks, arms and looks again; that
 * worker stores counted, fences and loads asked.  Who waits rings, as one that
 * wants room does.  The oldest batch not complete never waits: all before it
 * are complete, and what they have not counted is nothing.  So there still is
 * no deadlock.  A wrong count makes wrong numbers in the rest of its chain, and
 * nothing else.
 *
 * Totals are of committed files: stored before committed is.  What a dead worker
 * counted goes to the parent's private sum, and its words are cleared.
 *
 * A worker that cannot be killed (it sleeps in the kernel, on a dead mount) runs
 * no more of its own code.  The lane gets a results region of its own, a copy,
 * and lets the process have the old one.
 *
 * Sources: the process pair of doorbell.h; the memory orders are those of
 * C17 7.17.3; the models are tests/model/lane.pml and chain.pml.
 */
#ifndef SHM_LANE_H
#define SHM_LANE_H

#include <stddef.h>

#include "doorbell.h"
#include "ring.h"

enum {
	LANE_SLOTS = 256, /* batches in flight: a power of two */
	LANE_LINE = 64,   /* bytes of a cache line */
};

/* Why a worker sleeps, in lane_results.waiting. */
enum { LANE_AWAKE = 0, LANE_WANTS_BATCH = 1, LANE_WANTS_ROOM = 2, LANE_WANTS_BASE = 4 };

/* In frame.flags: more frames of the same file follow. */
enum { LANE_MORE = 0x8000 };

/* The parent's words. */
struct lane_jobs {
	_Alignas(LANE_LINE) _Atomic uint32_t bell; /* the worker sleeps on it */
	_Atomic uint32_t closed;                   /* no batch will follow */
	_Atomic uint64_t dealt;                    /* batches ever dealt */
	_Atomic uint64_t notify;                   /* ring when so many are complete */
	_Atomic uint64_t drained;                  /* result bytes written out */
	_Atomic uint64_t based; /* batches, of which the links have their base */
	_Atomic uint64_t asked; /* ring for a count */
	_Alignas(LANE_LINE) _Atomic uint64_t bases[LANE_SLOTS]; /* by slot */
};
_Static_assert(offsetof(struct lane_jobs, bases) == LANE_LINE, "the other words are one line");

/* A batch in the jobs ring; its bytes follow, or lie in the bulk area. */
struct lane_batch_head {
	uint32_t size; /* bytes of the batch */
	uint32_t files;
	uint32_t sequence;
	uint32_t bulk; /* 1: in the bulk area */
};
_Static_assert(sizeof(struct lane_batch_head) == 16, "shared layout");

/* The worker's words for one sequence number. */
struct lane_slot {
	_Alignas(LANE_LINE) _Atomic uint64_t started; /* tagged */
	_Atomic uint64_t committed;                   /* tagged */
	_Atomic uint64_t end;                         /* a position in the ring */
	_Atomic uint64_t counted;                     /* tagged: 1 when there is a */
	_Atomic uint64_t count;
};
_Static_assert(sizeof(struct lane_slot) == LANE_LINE, "one line a slot");

/* What a worker counts.  Only sums of it are used, and only in what is said at the end. */
struct lane_totals {
	uint64_t searches, searches_with_match; /* files */
	uint64_t bytes_searched, bytes_printed;
	uint64_t matched_lines, matches;
};
enum { LANE_TOTALS = 6 }; /* words of it */
_Static_assert(sizeof(struct lane_totals) == LANE_TOTALS * sizeof(uint64_t), "nothing but words");

/* The worker's words. */
struct lane_results {
	_Alignas(LANE_LINE) _Atomic uint32_t waiting;
	_Atomic uint32_t hit; /* something was selected: a hint for -q */
	_Atomic uint64_t beat; /* changes while a long file is being searched: a hint */
	struct lane_slot slots[LANE_SLOTS];
	/* A struct lane_totals of the files that this process has committed. */
	_Alignas(LANE_LINE) _Atomic uint64_t totals[LANE_TOTALS];
};

/* A lock would be the other process's to hold. */
_Static_assert(ATOMIC_LONG_LOCK_FREE == 2 && sizeof(long) == sizeof(uint64_t),
    "64-bit words are lock-free");

static inline uint64_t
lane_tagged(uint32_t sequence, uint32_t count)
{
	return (uint64_t)sequence << 32 | count;
}

#endif
