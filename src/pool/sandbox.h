/*
 * The sandbox: what a worker can still do once it meets the tree.
 *
 *   view      the file system is closed off but for the operands, read-only:
 *             by a mount jail (a mount namespace that holds nothing else), or
 *             by Landlock (the kernel checks each open against a list)
 *   filter    system calls that no worker needs kill it (seccomp); those that
 *             it needs are checked by their arguments
 *   rights    no capability that reading does not need, no new privileges,
 *             no executable memory that can be written
 *
 * A jail costs a third of a millisecond a worker and nothing an open, and
 * hides even the names of other files; Landlock costs nothing to start but
 * something each open, and is allowed nearly everywhere.  So a jail is for
 * trees, Landlock for single files and where namespaces are forbidden.
 *
 * Source: mount_namespaces(7), pivot_root(2), landlock(7), seccomp(2),
 * capabilities(7).
 */
#ifndef POOL_SANDBOX_H
#define POOL_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sandbox_mode {
	SANDBOX_AUTO,     /* the best there is */
	SANDBOX_JAIL,     /* this view and the filter, or no run */
	SANDBOX_LANDLOCK,
	SANDBOX_REQUIRE,  /* either view and the filter, or no run */
	SANDBOX_OFF,
};

enum sandbox_view { SANDBOX_OPEN, SANDBOX_BY_LANDLOCK, SANDBOX_IN_JAIL };

struct sandbox_options {
	enum sandbox_mode mode;
	bool everywhere;     /* links are followed: all is seen, read-only */
	char *const *roots;  /* operands, as given; "-" is none; must outlive the sandbox */
	size_t root_count;   /* 0: the current directory */
};

/*
 * What a worker says of its sandbox before it meets the tree.  Lies in memory
 * that it shares with the parent until then, and gives up: so the parent can
 * believe it.
 */
struct sandbox_report {
	_Atomic uint32_t state; /* enum sandbox_state */
	uint32_t view;          /* enum sandbox_view */
	uint32_t filtered;      /* bool */
	int32_t error;          /* errno of what could not be had; 0: nothing was missed */
	uint32_t step;          /* enum sandbox_step of that */
};

enum sandbox_state { SANDBOX_STARTING, SANDBOX_ENTERED, SANDBOX_REFUSED };
enum sandbox_step { SANDBOX_STEP_VIEW, SANDBOX_STEP_JAIL, SANDBOX_STEP_FILTER, SANDBOX_STEP_MEMORY };

struct sandbox;

/* Prepares, in the parent, what all workers share. NULL: errno ENOMEM. */
struct sandbox *sandbox_open(const struct sandbox_options *options);
void sandbox_close(struct sandbox *s);

/* Parent: a jail was refused once, so that no worker need try again. */
void sandbox_give_up_jail(struct sandbox *s);

/*
 * In the worker, in this order: closes the file system off, then, when all
 * descriptors that should not be there are closed, the rest.  Each returns 0,
 * or -1 with report saying what could not be had where the mode insists on it.
 */
int sandbox_enter_view(const struct sandbox *s, struct sandbox_report *report);
int sandbox_enter_filter(struct sandbox *s, struct sandbox_report *report);

/*
 * How a worker in this view names an operand: in a jail by its number,
 * elsewhere as it was given.
 */
bool sandbox_numbers_roots(const struct sandbox *s, enum sandbox_view view);

/* What a step is called in a message. */
const char *sandbox_step_name(enum sandbox_step step);

#endif
