/* The parser of git's configuration, which a tree can hold. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "walk/gitconfig.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	const struct gitconfig_place place = { .at = AT_FDCWD, .absolute = "/home/user/tree/.git" };
	struct gitconfig config;

	if (fd == -1) {
		fd = memfd_create("configuration", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		setenv("GIT_CONFIG_GLOBAL", path, 1);
		setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	}
	if (ftruncate(fd, 0) == -1 || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	if (gitconfig_read(&config, &place) == 0)
		free(config.excludes);
	return 0;
}
