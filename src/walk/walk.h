/*
 * The walk: every file beneath the operands that is to be searched, in the
 * byte order of the paths within an operand, the operands in the order given.
 *
 * Reads directories with getdents64 and nothing else: no stat of an entry,
 * unless the file system does not tell its type, or an option asks for what
 * only that tells.  A bounded number of directories is open at a time; depth
 * is bounded by memory alone.  Only the parent walks.
 *
 * Source: getdents64(2), inode(7).
 */
#ifndef WALK_WALK_H
#define WALK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ignore;
struct select;
struct stat;

/* What to do with an operand that is a directory; or a device, FIFO or socket. */
enum walk_action { WALK_TAKE, WALK_PASS, WALK_REFUSE };

struct walk_options {
	bool hidden;              /* names that start with a dot, too */
	struct select *select;    /* by options that name globs; NULL: all. Taken over */
	struct ignore *ignore;    /* by ignore files; NULL: none. Taken over */
	bool follow;              /* symbolic links */
	uint64_t max_depth;       /* of files beneath an operand: 1 is in it; 0: operands only */
	bool one_file_system;
	bool every_file_system;   /* skip_fs is not looked at */
	const char *skip_fs;      /* as mounts_open */
	bool has_newer;
	int64_t newer;            /* only files modified at or after that; ns since the epoch */
	uint64_t shard, shards;   /* as walk/shard.h; 0 shards: all */
	enum walk_action directories_action; /* REFUSE: an error */
	enum walk_action devices_action;     /* TAKE or PASS */
	bool keep_open;           /* each directory, while its files are told: for walk_directory */
	unsigned int directories; /* open at a time; 0: as many as is sensible */
	/* Asked at each directory, if set: whether to pause, with errno EINTR. */
	bool (*pause)(void *ctx);
	void *ctx;
};

enum walk_kind {
	WALK_FILE,     /* a regular file */
	WALK_STREAM,   /* an operand that is neither file nor directory: it may take its time */
	WALK_INPUT,    /* the operand "-": standard input; the same */
	WALK_PIECE,    /* a piece of a regular file; not of a walk (batch.h) */
	WALK_ERROR,    /* a directory or operand that could not be walked, or not to its end */
	WALK_VANISHED, /* a directory that was gone when its turn came */
	WALK_LOOP,     /* a directory that the walk is in already: links lead in a circle */
	WALK_UNRULED,  /* an ignore file that cannot be used; error says why */
};

struct walk_entry {
	enum walk_kind kind;
	int error;           /* errno of WALK_ERROR and UNRULED; of WALK_INPUT 1 if it was named before */
	uint32_t operand;    /* counted from 0 */
	uint32_t directory;  /* its directory's number in this walk; 0: none, an operand */
	const char *path;    /* its directory: empty, or ends with '/' */
	size_t path_length;
	size_t root_length;  /* how much of path names the operand */
	const struct stat *stat; /* of an operand that is a regular file; else NULL */
	const char *name;    /* empty when the entry is the directory itself */
	size_t name_length;
};

struct walk;

/*
 * paths must outlive the walk. No path at all: the current directory.  NULL:
 * errno; select and ignore are closed then, too.
 */
struct walk *walk_open(const struct walk_options *options, char *const *paths, size_t count);

/*
 * The next entry; its strings are valid until the next call.
 * Returns 1, 0 at the end, or -1 with errno when memory ran out, or EINTR: it
 * can be called again.
 */
int walk_next(struct walk *w, struct walk_entry *entry);

/*
 * Before the first walk_next: passes over all up to a path, as entries name it
 * (path and name), of an operand.  What lies before it is not read.  path must
 * outlive the walk.
 */
void walk_go_on(struct walk *w, uint32_t operand, const char *path);

/* The same as options.newer, for a walk that goes on. */
void walk_set_newer(struct walk *w, int64_t newer);

/*
 * The directory that the last entry's name is in, to be looked at with
 * fstatat(2); AT_FDCWD of an operand; or a negative number that is no
 * descriptor: it is not open any more.
 */
int walk_directory(const struct walk *w, const struct walk_entry *entry);

/*
 * Starts anew, with count operands, counted from 0, from first on.  trail, if
 * not NULL: names from such an operand down, each but perhaps the last of a
 * directory and ending with '/'.  Then nothing is gone to that does not lie
 * on it or beneath its end.  It must last as long as the walk is used so.
 */
void walk_start(struct walk *w, size_t first, size_t count, const char *trail);

/*
 * From now on entered is called for each directory, before its names are read:
 * an entry as of one that could not be walked, and a descriptor.  Returns 0; 1:
 * it is passed over; or -1 with errno: then so does walk_next.
 */
void walk_watch(struct walk *w, int (*entered)(void *ctx, const struct walk_entry *directory,
    int fd), void *ctx);

/* FIFOs, sockets, devices and symbolic links that were met and passed over. */
uint64_t walk_skipped(const struct walk *w);

/* Directories that were gone into. */
uint64_t walk_directories(const struct walk *w);

void walk_close(struct walk *w);

#endif
