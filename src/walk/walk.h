/*
 * The walk: every file beneath the operands, in the byte order of the paths
 * within an operand, the operands in the order given.
 *
 * Reads directories with getdents64 and nothing else: no stat of an entry,
 * unless the file system does not tell its type.  A bounded number of
 * directories is open at a time; depth is bounded by memory alone.  Only the
 * parent walks.
 *
 * Source: getdents64(2), inode(7).
 */
#ifndef WALK_WALK_H
#define WALK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct walk_options {
	bool hidden;              /* names that start with a dot, too */
	unsigned int directories; /* open at a time; 0: as many as is sensible */
	/* Asked at each directory, if set: whether to pause, with errno EINTR. */
	bool (*pause)(void *ctx);
	void *ctx;
};

enum walk_kind {
	WALK_FILE,     /* a regular file */
	WALK_STREAM,   /* an operand that is neither file nor directory: it may take its time */
	WALK_INPUT,    /* the operand "-": standard input; the same */
	WALK_ERROR,    /* a directory or operand that could not be walked, or not to its end */
	WALK_VANISHED, /* a directory that was gone when its turn came */
};

struct walk_entry {
	enum walk_kind kind;
	int error;           /* errno of WALK_ERROR; of WALK_INPUT 1 if it was named before */
	uint32_t operand;    /* counted from 0 */
	uint32_t directory;  /* its directory's number in this walk; 0: none, an operand */
	const char *path;    /* its directory: empty, or ends with '/' */
	size_t path_length;
	size_t root_length;  /* how much of path names the operand */
	const char *name;    /* empty when the entry is the directory itself */
	size_t name_length;
};

struct walk;

/* paths must outlive the walk. No path at all: the current directory. NULL: errno. */
struct walk *walk_open(const struct walk_options *options, char *const *paths, size_t count);

/*
 * The next entry; its strings are valid until the next call.
 * Returns 1, 0 at the end, or -1 with errno when memory ran out, or EINTR: it
 * can be called again.
 */
int walk_next(struct walk *w, struct walk_entry *entry);

/* FIFOs, sockets, devices and symbolic links that were met and passed over. */
uint64_t walk_skipped(const struct walk *w);

void walk_close(struct walk *w);

#endif
