/*
 * Frames: the directories above a place, and it itself, that say something of
 * what is ignored there; and the state that ignore.c shares with the reading of
 * them.
 *
 * Functions return 0, or -1 with errno ENOMEM, unless they say otherwise.
 */
#ifndef WALK_FRAME_H
#define WALK_FRAME_H

#include "walk/ignore.h"

/* Rules that several repositories have: the user's own. */
struct shared {
	char *path;
	bool fold;
	unsigned int users;
	struct rules *rules; /* or NULL */
};

/* By what precedence those of one directory are asked. */
enum source { DOT, GIT, EXCLUDE, GLOBAL, SOURCES };

/* A directory with something that says what is ignored beneath it. */
struct frame {
	struct frame *up;
	size_t base; /* bytes of the path that name the directory, with a '/' */
	uint64_t hashes[2]; /* of them; of them folded */
	bool top;    /* a repository's */
	bool in_repository;
	bool fold;   /* core.ignoreCase of the repository */
	struct rules *own[GLOBAL];
	struct shared *global;
	struct rules_view views[SOURCES]; /* for the directory that was entered last */
};

struct level {
	size_t length; /* of the path */
	uint64_t hashes[2]; /* of the path; of it folded */
	struct frame *frame; /* the nearest; NULL: none */
	bool own;
};

struct trouble {
	char *name;
	int error;
};

struct ignore {
	struct ignore_options options;
	struct level *levels;
	size_t depth, capacity;
	char *path, *folded; /* the real path of the directory, ending with '/' */
	size_t length, path_capacity;
	uint64_t base, hashes[2]; /* as struct level */
	struct frame *parents; /* above the operand */
	char *parents_of;      /* the path that they belong to */
	struct shared *last;   /* the last that was read */
	struct rules **files;
	struct rules_view *file_views;
	uint64_t here_hash;
	size_t here; /* bytes of the path of the working directory, with a '/'; 0: not known */
	char *here_path;
	size_t memory;
	bool active, folds;
	bool above; /* parents are being read */
	struct rules_name name, folded_name;
	struct trouble *troubles;
	size_t trouble_count, trouble_next;
};

/* Goes on with hashes of the path's first bytes, up to an end. */
void frame_add_hashes(const struct ignore *i, uint64_t hashes[2], size_t from, size_t end);

/*
 * Reads a file of rules, which count as memory in use.  NULL: errno; ENOENT also
 * of a file without any rule, EFBIG where it would be too much.
 */
struct rules *frame_read(struct ignore *i, int at, const char *path, bool follow, bool fold);
void frame_drop(struct ignore *i, struct rules *r);

/* Lets go of the user's rules. */
void frame_release(struct ignore *i, struct shared *s);

/*
 * Adds a frame for a directory that holds what was seen, if there is something
 * in it.  bare: nothing in it is to be read but what makes it a repository.
 */
int frame_add(struct ignore *i, struct frame **nearest, int fd, size_t base, unsigned int saw,
    bool bare);
void frame_free(struct ignore *i, struct frame *f);

/* Frees a frame and those above it, but for below, and what is above that. */
void frame_free_chain(struct ignore *i, struct frame *f, const struct frame *below);

/* Frames of all directories above the one that the path names; kept for the next beside it. */
int frame_load_parents(struct ignore *i);

/* Forgets what could not be used. */
void frame_clear_troubles(struct ignore *i);

#endif
