/*
 * The sandbox's two views at their two widths, each entered by a process of its own:
 * what can still be opened, and that nothing can be written.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/sandbox.h"
#include "tap.h"

/* What a process in the sandbox tells by its exit status. */
enum { REFUSED = 0x80, SEES_INSIDE = 1, SEES_RELATIVE = 2, SEES_OUTSIDE = 4, MADE = 8 };

static char inside[PATH_MAX], outside[PATH_MAX], made[PATH_MAX];

static int
can_read(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC) != -1;
}

/* Enters, and tries. In a process of its own. */
static _Noreturn void
live(const struct sandbox_options *o)
{
	struct sandbox_report report = { 0 };
	struct sandbox *s = sandbox_open(o);
	bool numbered;
	int seen = 0;

	if (s == NULL || sandbox_enter_view(s, &report) == -1)
		_exit(REFUSED);
	/* By the view alone: the filter would kill for it. */
	if (open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) != -1)
		seen |= MADE;
	if (sandbox_enter_filter(s, &report) == -1 ||
	    report.filtered != (o->mode != SANDBOX_OFF))
		_exit(REFUSED);
	numbered = sandbox_numbers_roots(s, (enum sandbox_view)report.view);
	if (can_read(numbered ? "/0/file" : inside))
		seen |= SEES_INSIDE;
	if (can_read("tree/file"))
		seen |= SEES_RELATIVE;
	if (can_read(outside))
		seen |= SEES_OUTSIDE;
	_exit(seen);
}

static int
outcome(enum sandbox_mode mode, bool everywhere)
{
	char *roots[] = { (char *)"tree" };
	const struct sandbox_options o = { .mode = mode, .everywhere = everywhere, .roots = roots,
		.root_count = 1 };
	pid_t child = fork();
	int status;

	if (child == 0)
		live(&o);
	if (waitpid(child, &status, 0) == -1)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
test_view(enum sandbox_mode mode, const char *name)
{
	int narrow = outcome(mode, false), wide = outcome(mode, true);

	if (narrow == REFUSED) {
		tap_ok(true, "%s # skip the kernel, or who runs it, does not allow it", name);
		return;
	}
	tap_ok((narrow & ~SEES_RELATIVE) == SEES_INSIDE, "%s: the operand and nothing else (%d)", name,
	    narrow);
	tap_ok(wide == (SEES_INSIDE | SEES_RELATIVE | SEES_OUTSIDE),
	    "%s, everywhere: all, by its own name, and nothing is written (%d)", name, wide);
}

int
main(void)
{
	char place[] = "/tmp/test_sandbox.XXXXXX", *here;
	int fd;

	here = mkdtemp(place);
	if (here == NULL || chdir(here) == -1 || mkdir("tree", 0700) == -1)
		return 1;
	snprintf(inside, sizeof(inside), "%s/tree/file", here);
	snprintf(outside, sizeof(outside), "%s/outside", here);
	snprintf(made, sizeof(made), "%s/made", here);
	for (int i = 0; i < 2; i++) {
		fd = open(i == 0 ? inside : outside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd == -1)
			return 1;
		close(fd);
	}
	test_view(SANDBOX_JAIL, "a mount jail");
	test_view(SANDBOX_LANDLOCK, "Landlock");
	tap_ok(outcome(SANDBOX_OFF, false) == (SEES_INSIDE | SEES_RELATIVE | SEES_OUTSIDE | MADE),
	    "no sandbox: all of it");
	unlink(made);
	unlink(inside);
	unlink(outside);
	rmdir("tree");
	if (chdir("/") == 0)
		rmdir(here);
	return tap_done();
}
