#include "sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pool/code.h"
#include "pool/filter.h"
#include "pool/jail.h"
#include "pool/landlock.h"

enum {
	/* A jail costs each worker some mounts an operand, Landlock the parent a rule. */
	JAIL_ROOTS_MAX = 16,
};

struct sandbox {
	enum sandbox_mode mode;
	bool everywhere;
	const char **roots; /* NULL where an operand is no file */
	size_t root_count;
	bool wants_jail;
	int ruleset; /* -1: none */
	int ruleset_error;
	uint32_t powers; /* capabilities that workers keep */
	struct code code;
};

/* Whether a jail is the better view: for a few trees. */
static bool
is_for_jail(const struct sandbox *s)
{
	struct stat st;

	if (s->root_count > JAIL_ROOTS_MAX)
		return false;
	for (size_t i = 0; i < s->root_count; i++)
		if (s->roots[i] == NULL || stat(s->roots[i], &st) == -1 || !S_ISDIR(st.st_mode))
			return false;
	return true;
}

static int
copy_roots(struct sandbox *s, const struct sandbox_options *o)
{
	s->root_count = o->root_count > 0 ? o->root_count : 1;
	s->roots = reallocarray(NULL, s->root_count, sizeof(*s->roots));
	if (s->roots == NULL)
		return -1;
	s->roots[0] = ".";
	for (size_t i = 0; i < o->root_count; i++)
		s->roots[i] = strcmp(o->roots[i], "-") == 0 ? NULL : o->roots[i];
	return 0;
}

/* Which powers this process has to read any file, and without a trace in its times. */
static uint32_t
powers_to_read(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) == -1)
		return 0;
	return data[0].effective & (1U << CAP_DAC_READ_SEARCH | 1U << CAP_FOWNER);
}

struct sandbox *
sandbox_open(const struct sandbox_options *options)
{
	struct sandbox *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->mode = options->mode;
	s->everywhere = options->everywhere;
	s->ruleset = -1;
	s->powers = powers_to_read();
	if (s->mode == SANDBOX_OFF)
		return s;
	if (copy_roots(s, options) == -1) {
		sandbox_close(s);
		return NULL;
	}
	s->wants_jail = s->mode == SANDBOX_JAIL || (s->mode != SANDBOX_LANDLOCK && is_for_jail(s));
	if (s->mode != SANDBOX_JAIL)
		s->ruleset = landlock_open(s->roots, s->root_count, s->everywhere);
	s->ruleset_error = errno;
	/* A jail of any operands is slower to start than Landlock, and better than nothing. */
	if (s->ruleset == -1 && s->mode != SANDBOX_LANDLOCK)
		s->wants_jail = true;
	code_find(&s->code);
	return s;
}

void
sandbox_close(struct sandbox *s)
{
	if (s == NULL)
		return;
	if (s->ruleset != -1)
		close(s->ruleset);
	free(s->roots);
	free(s);
}

void
sandbox_give_up_jail(struct sandbox *s)
{
	if (s->mode != SANDBOX_JAIL)
		s->wants_jail = false;
}

bool
sandbox_numbers_roots(const struct sandbox *s, enum sandbox_view view)
{
	return view == SANDBOX_IN_JAIL && !s->everywhere;
}

/* Something could not be had. Returns 0 if the mode can do without. */
static int
miss(const struct sandbox *s, struct sandbox_report *report, enum sandbox_step step, int error)
{
	report->step = step;
	report->error = error;
	return s->mode == SANDBOX_AUTO ? 0 : -1;
}

int
sandbox_enter_view(const struct sandbox *s, struct sandbox_report *report)
{
	report->view = SANDBOX_OPEN;
	if (s->mode == SANDBOX_OFF)
		return 0;
	if (s->wants_jail) {
		if (jail_enter(s->roots, s->root_count, s->everywhere) == 0) {
			report->view = SANDBOX_IN_JAIL;
			return 0;
		}
		report->step = SANDBOX_STEP_JAIL;
		report->error = errno;
		if (s->mode == SANDBOX_JAIL)
			return -1;
	}
	if (s->ruleset == -1)
		return miss(s, report, SANDBOX_STEP_VIEW, s->ruleset_error);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    landlock_enter(s->ruleset, s->roots, s->root_count) == -1)
		return miss(s, report, SANDBOX_STEP_VIEW, errno);
	report->view = SANDBOX_BY_LANDLOCK;
	return 0;
}

/* Of root's powers those to read stay; those that a user namespace gave would be others. */
static void
drop_capabilities(const struct sandbox *s)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) == -1)
		return;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		const uint32_t still = i == 0 ? data[i].permitted & s->powers : 0;

		data[i] = (struct __user_cap_data_struct){ .effective = still, .permitted = still };
	}
	syscall(SYS_capset, &header, data);
}

int
sandbox_enter_filter(struct sandbox *s, struct sandbox_report *report)
{
	/* A user namespace of our own gave all of them, in it. */
	drop_capabilities(s);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return miss(s, report, SANDBOX_STEP_FILTER, errno);
	if (s->mode == SANDBOX_OFF)
		return 0;
	/* Code is made before the fork: no worker need write it. */
	if (code_protect(&s->code) == -1 && miss(s, report, SANDBOX_STEP_MEMORY, errno) == -1)
		return -1;
	if (filter_enter(report->view == SANDBOX_IN_JAIL) == -1)
		return miss(s, report, SANDBOX_STEP_FILTER, errno);
	report->filtered = true;
	return 0;
}

const char *
sandbox_step_name(enum sandbox_step step)
{
	switch (step) {
	case SANDBOX_STEP_VIEW:
		return "Landlock";
	case SANDBOX_STEP_JAIL:
		return "a mount jail";
	case SANDBOX_STEP_FILTER:
		return "a filter of system calls";
	case SANDBOX_STEP_MEMORY:
		return "code that cannot be written";
	}
	return "a sandbox";
}
