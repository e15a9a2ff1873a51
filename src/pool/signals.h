/*
 * Signals of the parent.  Handlers only bump a word and note what came; the
 * main loop sleeps on that word (among others), so no signal is missed
 * between a look and a sleep.
 *
 * Source: signal-safety(7); C17 7.14.1.1 allows lock-free atomics.
 */
#ifndef POOL_SIGNALS_H
#define POOL_SIGNALS_H

#include <stdatomic.h>
#include <stdint.h>

struct doorbell;

/*
 * Catches SIGCHLD, and SIGINT, SIGTERM and SIGHUP unless they are ignored.
 * After one of the latter SIGALRM comes every second, until the program ends.
 * Handlers ring bell too, for kernels on which only one word can be waited
 * for.  Parent only, once.
 */
void signals_catch(struct doorbell *bell);

/* Signals act again as if they had not been caught: before the bell's memory goes. */
void signals_release(void);

/* The word that each handler bumps. */
_Atomic uint32_t *signals_alarm(void);

/* The signal that asks the program to end, or 0. */
int signals_ended(void);

/* In a worker, first of all: no handler of the parent's; the terminal's signals are the parent's. */
void signals_worker(void);

/* Ends the program as the signal would have done. Does not return. */
_Noreturn void signals_die(int number);

#endif
