#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What the kernel may know and its older header does not: rights by the
 * version of the interface that brought them.
 */
enum {
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_NETWORK = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6,
};
static const uint64_t first_rights = (1ULL << 13) - 1; /* EXECUTE to MAKE_SYM */
static const uint64_t right_refer = 1ULL << 13;
static const uint64_t right_truncate = 1ULL << 14;
static const uint64_t right_ioctl = 1ULL << 15;
static const uint64_t network_rights = 3; /* bind and connect, TCP */
static const uint64_t scopes = 3;         /* abstract sockets, signals */

/* struct landlock_ruleset_attr as of ABI_SCOPE; older kernels take a shorter one. */
struct ruleset_attributes {
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
};

static int
make_ruleset(void)
{
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset_attributes attributes = { .files = first_rights };
	size_t size = sizeof(attributes.files);

	if (abi < 1)
		return -1;
	attributes.files |= (abi >= ABI_REFER ? right_refer : 0) |
	    (abi >= ABI_TRUNCATE ? right_truncate : 0) | (abi >= ABI_IOCTL ? right_ioctl : 0);
	if (abi >= ABI_NETWORK) {
		attributes.network = network_rights;
		size += sizeof(attributes.network);
	}
	if (abi >= ABI_SCOPE) {
		attributes.scoped = scopes;
		size += sizeof(attributes.scoped);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
}

/* Allows reading at and beneath path. */
static int
add_root(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE };
	struct stat st;
	long result = -1;
	int saved;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -1 : 0;
	/* Of a file the right to list it would be refused. */
	if (fstat(rule.parent_fd, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
		result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0);
		/* A pipe or a socket has no place in the file system, and needs no rule. */
		if (result == -1 && errno == EBADFD)
			result = 0;
	}
	saved = errno;
	close(rule.parent_fd);
	errno = saved;
	return (int)result;
}

int
landlock_open(const char *const *roots, size_t count, bool everywhere)
{
	int ruleset = make_ruleset(), result = 0, saved;

	if (ruleset == -1)
		return -1;
	if (everywhere)
		result = add_root(ruleset, "/");
	for (size_t i = 0; !everywhere && result == 0 && i < count; i++)
		if (roots[i] != NULL)
			result = add_root(ruleset, roots[i]);
	if (result == 0)
		return ruleset;
	saved = errno;
	close(ruleset);
	errno = saved;
	return -1;
}

int
landlock_enter(int ruleset, const char *const *roots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (roots[i] != NULL && strncmp(roots[i], "/proc/", 6) == 0 &&
		    add_root(ruleset, roots[i]) == -1)
			return -1;
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
}
