#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "watch/state.h"

/* IN_ATTRIB: what could not be opened may be opened now. */
static const uint32_t wanted = IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO |
    IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

int
notify_open(void)
{
	return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

int
notify_add(int inotify, int fd, const char *path)
{
	char link[64];
	int watch;

	if (inotify == -1) {
		errno = EMFILE;
		return -1;
	}
	/* Its path may lead elsewhere by now. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	watch = inotify_add_watch(inotify, link, wanted);
	if (watch == -1 && errno == ENOENT)
		watch = inotify_add_watch(inotify, *path == '\0' ? "." : path, wanted | IN_DONT_FOLLOW);
	return watch;
}

int
notify_add_names(int inotify, const char *path)
{
	return inotify_add_watch(inotify, path, IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
	    IN_ONLYDIR | IN_MASK_ADD);
}

void
notify_remove(int inotify, int watch)
{
	/* It may be gone already. */
	if (watch != -1)
		(void)inotify_rm_watch(inotify, watch);
}
