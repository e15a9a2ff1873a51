/*
 * What lane_parent and lane_death share of a lane; nobody else.
 */
#ifndef SHM_LANE_PRIVATE_H
#define SHM_LANE_PRIVATE_H

#include "lane_parent.h"

static inline struct lane_jobs *
lane_jobs_words(const struct lane_parent *l)
{
	return (void *)l->jobs.base;
}

static inline struct lane_results *
lane_results_words(const struct lane_parent *l)
{
	return (void *)l->results.base;
}

static inline struct lane_batch *
lane_batch_of(struct lane_parent *l, uint64_t number)
{
	return &l->batches[number % LANE_SLOTS];
}

static inline struct lane_slot *
lane_slot_of(struct lane_parent *l, uint64_t number)
{
	return &lane_results_words(l)->slots[number % LANE_SLOTS];
}

/* Makes a results region. Returns 0, or -1 with errno. */
int lane_create_results(struct region *r, const struct lane_config *config);

/* Loads a tagged word. Returns whether the worker has begun the batch. */
bool lane_load_tagged(_Atomic uint64_t *word, const struct lane_batch *b, uint32_t *count);

/* Loads the progress of one batch. Returns 0, or -1 and EBADMSG. */
int lane_load_progress(struct lane_parent *l, struct lane_batch *b, struct lane_slot *slot);

/* So many files of a batch need not be searched any more. */
void lane_set_done(struct lane_parent *l, struct lane_batch *b, uint32_t done);

#endif
