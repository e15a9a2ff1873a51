/*
 * A file that appears with all that was written, or not at all.
 *
 *   FILE.pgrep-r~    written, locked, fsynced ──rename──► FILE, then its directory is fsynced
 *
 * The lock is what tells a stale temporary, of a run that was killed, from one
 * that another run is writing: the first is taken over, the second is left
 * alone.  A symbolic link is followed: what it points to is replaced.  An
 * existing file's permissions and, where allowed, its owner are kept.
 *
 * What exists and is no regular file (a FIFO, /dev/full), and a file that is
 * standard output or error as well, is written in place: there the promise
 * cannot be kept.
 *
 * Parent only.  Source: rename(2), flopen(3bsd), flock(2), fsync(2).
 */
#ifndef EMIT_ATOMIC_FILE_H
#define EMIT_ATOMIC_FILE_H

#include <stdbool.h>
#include <sys/types.h>

struct atomic_file {
	int fd;          /* to write to; neither the caller's to close nor a worker's to see */
	char *target;    /* no symbolic link */
	char *temporary; /* NULL: target is written in place */
};

/* Which temporary was written, and how much of it is good. */
struct atomic_file_place {
	dev_t device;
	ino_t inode;
	off_t offset;
};

/*
 * Opens path for writing, empty.  Returns 0, or -1 with errno: EWOULDBLOCK when
 * another process is writing it, EEXIST when the temporary's name is taken by
 * what is not ours to overwrite, else as open(2).
 */
int atomic_file_open(struct atomic_file *a, const char *path);

/*
 * Puts what was written in its place.  May block for as long as the disk does.
 * Returns 0, or -1 with errno: then path is what it was, unless it was the
 * directory's fsync that failed.  Either way the file is closed.
 */
int atomic_file_commit(struct atomic_file *a);

/*
 * Opens the temporary that another run has kept, cut to the offset, to go on
 * writing there.  Returns 0; 1 when it is gone and path is that very file: it
 * was put in its place already, and nothing is open; or -1 with errno: ENOENT
 * when it is gone, ESTALE when it is another or too short, else as
 * atomic_file_open.
 */
int atomic_file_reopen(struct atomic_file *a, const char *path,
    const struct atomic_file_place *place);

/*
 * Opens a file, with O_NONBLOCK among the flags, and locks it, as flopen(3bsd),
 * but waits up to a second for the lock: one whose holder was just killed comes.
 */
int atomic_file_lock(const char *path, int flags);

/* Puts what was written in its place, as atomic_file_commit, but it stays open and locked. */
int atomic_file_put(struct atomic_file *a);

/* Closes it and leaves the temporary for atomic_file_reopen. Keeps errno. */
void atomic_file_keep(struct atomic_file *a);

/* Removes path itself, after atomic_file_put, and closes it. Returns 0, or -1 with errno. */
int atomic_file_remove(struct atomic_file *a);

/*
 * Whether a name in a directory, which may be AT_FDCWD and the name a path, is
 * the file or its temporary.
 */
bool atomic_file_is(const struct atomic_file *a, int directory, const char *name);

/* Closes it and leaves path as it was. Keeps errno. Nothing after a commit, or of zeros. */
void atomic_file_discard(struct atomic_file *a);

#endif
