/*
 * --lock: one run at a time.  The lock is the kernel's, on an open file: it ends
 * with the process, however that ends.  The file stays, and is empty while nobody
 * has the lock, unless the last one was killed: what stands in it, the holder's
 * process id, is for people.  To remove it would let two in: one that has opened
 * it, and one that makes another.
 *
 * Workers inherit the descriptor and close it before they see a file.
 *
 * Parent only.  Source: pidfile(3bsd), flock(2).
 */
#ifndef JOBS_LOCK_H
#define JOBS_LOCK_H

#include <sys/types.h>

struct pidfh;

struct lock {
	struct pidfh *file; /* NULL: not held */
	pid_t holder;       /* who has it, when that is somebody else; 0: not known */
};

/*
 * Takes the lock at once, or not at all.  Returns 0, or -1 with errno: EEXIST,
 * somebody holds it (holder); EINVAL, path is there and is no lock: it is left as
 * it is; else as open(2).
 */
int lock_take(struct lock *l, const char *path);

/* The file of a lock that is held, for fstat(2). */
int lock_descriptor(const struct lock *l);

/* Empties the file and lets go of the lock. Nothing if it is not held. Keeps errno. */
void lock_release(struct lock *l);

#endif
