#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), result;

	if (fd == -1)
		return -1;
	result = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return result;
}

/* A user namespace in which we are who we were: unmapped, we could make no mount point. */
static int
unshare_as_user(void)
{
	const unsigned int uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return -1;
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (write_file("/proc/self/uid_map", map) == -1)
		return -1;
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	if (write_file("/proc/self/setgroups", "deny") == -1)
		return -1;
	return write_file("/proc/self/gid_map", map);
}

static int
unshare_mounts(void)
{
	if (unshare(CLONE_NEWNS) == -1 && unshare_as_user() == -1)
		return -1;
	/* Neither ours reach others, nor theirs us. */
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static int
make_read_only(int mount_fd)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
		MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

	return mount_setattr(mount_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
	    sizeof(attributes));
}

/* A read-only copy of all mounts at and beneath path. Returns a descriptor, or -1. */
static int
copy_tree(const char *path)
{
	int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	int saved;

	if (tree != -1 && make_read_only(tree) == -1) {
		saved = errno;
		close(tree);
		errno = saved;
		return -1;
	}
	return tree;
}

/* An empty file system, mounted over /, where no path finds it. */
static int
mount_base(void)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), base = -1, saved;

	if (context == -1)
		return -1;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		base = fsmount(context, FSMOUNT_CLOEXEC,
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	saved = errno;
	close(context);
	errno = saved;
	if (base != -1 && move_mount(base, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) == -1) {
		saved = errno;
		close(base);
		errno = saved;
		return -1;
	}
	return base;
}

static int
make_mount_point(int base, const char *name, mode_t type)
{
	return S_ISDIR(type) ? mkdirat(base, name, 0700)
	    : mknodat(base, name, S_IFREG | 0600, 0);
}

/* Whether a path leads to the root of the tree, and not to what lies over it. */
static bool
leads_to(int base, const char *name, const struct stat *tree)
{
	struct stat st;

	return fstatat(base, name, &st, 0) == 0 && st.st_dev == tree->st_dev &&
	    st.st_ino == tree->st_ino;
}

/* Puts an operand's tree into the jail under its number. */
static int
mount_root(int base, int tree, size_t number)
{
	char name[3 * sizeof(number) + 1];
	struct stat st;

	snprintf(name, sizeof(name), "%zu", number);
	if (fstat(tree, &st) == -1 || make_mount_point(base, name, st.st_mode) == -1 ||
	    move_mount(tree, "", base, name, MOVE_MOUNT_F_EMPTY_PATH) == -1)
		return -1;
	/* Else files would seem to have vanished. */
	if (!leads_to(base, name, &st)) {
		errno = ESTALE;
		return -1;
	}
	return 0;
}

/* Makes the mount the root, and lets go of the old one. */
static int
pivot(int mount_fd)
{
	if (fchdir(mount_fd) == -1 || syscall(SYS_pivot_root, ".", ".") == -1)
		return -1;
	/* The old root now lies over the new one. */
	return umount2(".", MNT_DETACH) == -1 || chdir("/") == -1 ? -1 : 0;
}

/* Copies the operands' trees: before there is a base, which would be among them. */
static int
copy_trees(const char *const *roots, size_t count, int *trees)
{
	for (size_t i = 0; i < count; i++) {
		trees[i] = roots[i] == NULL ? -1 : copy_tree(roots[i]);
		/* The walk has told of one that is not there. */
		if (trees[i] == -1 && roots[i] != NULL && errno != ENOENT && errno != ENOTDIR &&
		    errno != EACCES && errno != ELOOP)
			return -1;
	}
	return 0;
}

static int
mount_trees(const int *trees, size_t count)
{
	int base = mount_base();

	for (size_t i = 0; base != -1 && i < count; i++) {
		if (trees[i] == -1)
			continue;
		if (mount_root(base, trees[i], i) == -1)
			return -1;
		close(trees[i]);
	}
	if (base == -1 || make_read_only(base) == -1)
		return -1;
	return pivot(base);
}

static int
enter_roots(const char *const *roots, size_t count)
{
	int *trees = reallocarray(NULL, count, sizeof(*trees)), result = -1;

	if (trees != NULL && copy_trees(roots, count, trees) == 0)
		result = mount_trees(trees, count);
	free(trees);
	return result;
}

/* The paths stay as they are, also the one that relative ones start from. */
static int
enter_everywhere(void)
{
	char *here = getcwd(NULL, 0);
	int tree = here == NULL ? -1 : copy_tree("/"), result = -1;

	if (tree != -1 && move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) == 0 &&
	    pivot(tree) == 0)
		result = chdir(here);
	free(here);
	return result;
}

int
jail_enter(const char *const *roots, size_t count, bool everywhere)
{
	int here, result, saved;

	if (unshare_mounts() == -1)
		return -1;
	here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (here == -1)
		return -1;
	result = everywhere ? enter_everywhere() : enter_roots(roots, count);
	saved = errno;
	/* Relative names must mean what they meant. */
	if (result == -1 && fchdir(here) == -1)
		saved = ESTALE;
	close(here);
	errno = saved;
	return result;
}
