/*
 * The doorbell: many ringers, one waiter, one 32-bit word.
 *
 *      31 ................ 1   0
 *     +---------------------+---+
 *     |  rings (wraps)      | W |     W: the waiter sleeps, or is about to
 *     +---------------------+---+
 *
 *   waiter                            ringer
 *   ------                            ------
 *   arm:    v = word |= W  (seq_cst)  publish its own words (release)
 *   look at everything it waits for   fence (seq_cst)
 *   wait:   sleep while word == v     ring: old = word += 2 (seq_cst)
 *   disarm: word &= ~W                if old had W: FUTEX_WAKE
 *
 * Either the ringer's addition comes after arm, and then it sees W and wakes
 * (or the word differs from v, and the waiter does not sleep); or it comes
 * before, and then the waiter's look, which follows arm, sees what was
 * published.  Only the waiter clears W, so a ring is never swallowed.
 *
 * The word is a hint.  A hostile ringer can set it to anything, and gains a
 * busy or a late waiter, never a wrong one: every wait has a deadline and a
 * second word in the waiter's private memory.
 */
#ifndef SHM_DOORBELL_H
#define SHM_DOORBELL_H

#include "futex.h"

struct doorbell {
	_Atomic uint32_t word;
};

/* Says that the waiter is about to sleep. Returns the value to sleep on. */
uint32_t doorbell_arm(struct doorbell *bell);

/*
 * Sleeps until a ring, until *alarm differs from alarm_value, or until the
 * deadline.  alarm is a word of the waiter's own that its signal handlers
 * bump.  Returns 0, or -1 with errno EAGAIN, EINTR or ETIMEDOUT.
 */
int doorbell_wait(struct doorbell *bell, uint32_t armed, _Atomic uint32_t *alarm,
    uint32_t alarm_value, const struct timespec *deadline, const struct futex_ops *ops);

/* The waiter is awake again. Call after each arm, slept or not. */
void doorbell_disarm(struct doorbell *bell);

/*
 * Rings: any process that maps the word, after a seq_cst fence of its own.
 * Async-signal-safe. Enters the kernel only when the waiter is armed.
 */
void doorbell_ring(struct doorbell *bell, const struct futex_ops *ops);

#endif
