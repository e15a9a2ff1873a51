/*
 * What becomes of a lane whose worker is dead: which file it costs, and how
 * the next worker takes up the rest (lane.h, "Death").
 *
 * Only the parent calls these, when it has waited for the worker; but for
 * lane_death_replace, whose worker does not die.
 */
#ifndef SHM_LANE_DEATH_H
#define SHM_LANE_DEATH_H

#include "lane_parent.h"

/* Files of one batch that no worker will finish. */
struct lane_loss {
	const struct lane_batch *batch;
	uint32_t first;
	uint32_t count;
};
enum { LANE_LOSSES_MAX = 2 };

/*
 * The worker is dead and waited for: settles what it has done and what is
 * lost.  Once the lane is vacant, a new process can take it over.
 * Fills losses and returns how many: none if it died between files; the file
 * that it was on; and, when a call returned -1, the files of the front batch
 * whose frames could not be read.  Lost files count as done; a file may be
 * reported again.
 */
size_t lane_death_settle(struct lane_parent *l, struct lane_loss losses[LANE_LOSSES_MAX]);

/*
 * The worker is dead and waited for: lets settle spare the file that it was on,
 * so that the next worker takes it up, and is told.  Returns whether there is
 * such a file: none of which anything was read, nor one of a worker that was told so.
 */
bool lane_death_spare(struct lane_parent *l);

/*
 * Whether all that dead workers wrote is written out.  Before that the next
 * one, which can write to the whole ring, could change it.
 */
static inline bool
lane_death_vacant(const struct lane_parent *l)
{
	return l->reader.drained == l->reader.end;
}

/*
 * The lane is vacant, and a new process is about to be forked for it: from now
 * on no frame of a file that was done before is believed.  Returns 1 with the
 * file that is lost because a frame of it was read and it was never begun,
 * or 0.
 */
size_t lane_death_take_over(struct lane_parent *l, struct lane_loss losses[LANE_LOSSES_MAX]);

/*
 * There is no worker: loses the next file that is not done. Returns 1 with
 * it, or 0 when all are done.
 */
size_t lane_death_forfeit(struct lane_parent *l, struct lane_loss losses[LANE_LOSSES_MAX]);

/*
 * The worker was sent SIGKILL, runs no more of its code, and does not die:
 * leaves the results region to it, and goes on, settled, with a copy.  What
 * was read stays in place.  Returns 0, or -1 with errno: then no worker may
 * be started in the lane any more.
 */
int lane_death_replace(struct lane_parent *l);

#endif
