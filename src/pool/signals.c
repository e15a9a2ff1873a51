#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "shm/doorbell.h"

/* Handlers have no other way to get at these. */
static _Atomic uint32_t alarm_word;
static _Atomic int ended_by;
static atomic_bool asked, may_block;
static struct doorbell *_Atomic doorbell;

static void
handle(int number)
{
	struct doorbell *bell = atomic_load(&doorbell);
	int saved = errno;

	if (number == SIGUSR1)
		atomic_store(&asked, true);
	else if (number != SIGCHLD && number != SIGALRM)
		atomic_store(&ended_by, number);
	/* A write that began to block just after this signal must be disturbed again. */
	if (atomic_load(&ended_by) != 0 || (atomic_load(&asked) && atomic_load(&may_block)))
		alarm(1);
	atomic_fetch_add(&alarm_word, 1);
	if (bell != NULL)
		doorbell_ring(bell, futex_kernel());
	errno = saved;
}

static void
catch(int number, int flags)
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = flags }, old;

	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN && number != SIGCHLD &&
	    number != SIGALRM)
		return;
	sigaction(number, &action, NULL);
}

static void
reset(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

void
signals_catch(void)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
	catch(SIGCHLD, SA_RESTART | SA_NOCLDSTOP);
	/* No SA_RESTART: a write that is blocked must end. */
	catch(SIGINT, 0);
	catch(SIGTERM, 0);
	catch(SIGHUP, 0);
	catch(SIGPIPE, 0);
	catch(SIGALRM, 0);
	/* A file that may not grow any more is told by the write. */
	reset(SIGXFSZ, SIG_IGN);
}

void
signals_listen(void)
{
	/* What is interrupted goes on: nothing but the end may disturb the walk. */
	catch(SIGUSR1, SA_RESTART);
}

bool
signals_asked(void)
{
	return atomic_load_explicit(&asked, memory_order_relaxed) && atomic_exchange(&asked, false);
}

void
signals_may_block(bool may)
{
	atomic_store(&may_block, may);
	/* It may have come just before. */
	if (may && atomic_load_explicit(&asked, memory_order_relaxed))
		alarm(1);
}

void
signals_bell(struct doorbell *bell)
{
	atomic_store(&doorbell, bell);
}

_Atomic uint32_t *
signals_alarm(void)
{
	return &alarm_word;
}

int
signals_ended(void)
{
	return atomic_load(&ended_by);
}

/* Signals are let in only while it sleeps: none comes between the look and the sleep. */
int
signals_poll(struct pollfd *fds, unsigned int count, int64_t until, uint32_t alarm)
{
	struct timespec now = { 0 }, left = { 0 };
	sigset_t all, before;
	const bool forever = until == 0;
	int result = 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	until -= (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	if (until > 0)
		left = (struct timespec){ .tv_sec = until / 1000000000, .tv_nsec = until % 1000000000 };
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, &before) == -1)
		return -1;
	if (atomic_load(&alarm_word) == alarm)
		result = ppoll(fds, count, forever ? NULL : &left, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

void
signals_worker(void)
{
	sigset_t none;

	reset(SIGCHLD, SIG_DFL);
	reset(SIGALRM, SIG_DFL);
	reset(SIGPIPE, SIG_DFL);
	reset(SIGXFSZ, SIG_DFL);
	/* Ctrl-C and such go to the whole group: the parent decides. */
	reset(SIGINT, SIG_IGN);
	reset(SIGTERM, SIG_IGN);
	reset(SIGHUP, SIG_IGN);
	reset(SIGUSR1, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
signals_die(int number)
{
	sigset_t one;

	reset(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(number);
	_Exit(128 + number);
}
