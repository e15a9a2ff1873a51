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
#include <stdbool.h>
#include <stdint.h>

struct doorbell;

/*
 * Catches SIGCHLD, and SIGINT, SIGTERM, SIGHUP and SIGPIPE unless they are
 * ignored, from now on: who has called this, and leaves nothing behind, ends
 * with signals_die when signals_ended says so.  After one of the latter
 * SIGALRM comes every second.  SIGXFSZ is ignored: the write fails.  Parent
 * only, once.
 */
void signals_catch(void);

/*
 * What the handlers ring too, for kernels on which only one word can be waited
 * for; NULL before its memory goes.
 */
void signals_bell(struct doorbell *bell);

/* The word that each handler bumps. */
_Atomic uint32_t *signals_alarm(void);

/* The signal that asks the program to end, or 0. */
int signals_ended(void);

/*
 * Catches SIGUSR1, unless it is ignored: somebody asks how far the run is.
 * Parent only, before signals_catch.
 */
void signals_listen(void);

/* Whether somebody has asked since the last call. */
bool signals_asked(void);

/*
 * Between these two a call may block for as long as somebody else likes: then
 * SIGUSR1 makes it fail with EINTR, within a second.
 */
void signals_may_block(bool may);

/*
 * Sleeps as poll(2), unless the word is not alarm any more, until a handler
 * bumps it, or until the CLOCK_MONOTONIC time in ns (0: for ever).
 */
struct pollfd;
int signals_poll(struct pollfd *fds, unsigned int count, int64_t until, uint32_t alarm);

/* In a worker, first of all: no handler of the parent's; the terminal's signals are the parent's. */
void signals_worker(void);

/* Ends the program as the signal would have done. Does not return. */
_Noreturn void signals_die(int number);

#endif
