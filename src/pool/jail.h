/*
 * The mount jail: a file system of its own for one worker, in which operand
 * number I is /I and nothing else is.  Worker only.
 *
 * Source: pivot_root(2) "pivot_root(".", ".")", mount_setattr(2),
 * user_namespaces(7).
 */
#ifndef POOL_JAIL_H
#define POOL_JAIL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Moves the process into a jail that holds the operands (one that is
 * NULL, or gone, is left out), all read-only; everywhere: all the file system
 * in its place, read-only.  Descriptors that are open, also some of its own, still
 * lead outside: the caller closes them.  Returns 0, or -1 with errno; then the process may be in
 * namespaces of its own, but sees what it saw before.
 */
int jail_enter(const char *const *roots, size_t count, bool everywhere);

#endif
