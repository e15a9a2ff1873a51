/*
 * The lines of one ignore file, compiled: whether a name is ignored takes a
 * time that does not grow with the number of lines, but with those of them
 * that are true globs.
 *
 *   build  *.o  core*        names, their ends, their starts: looked up
 *   /build  src/gen/x.c      paths: looked up, in directories that have one
 *   x?[0-9]  doc/?.txt         globs: tried one by one, the last line first, where
 *                            the directory can have a match
 *
 * What a line means is git's: gitignore(5), and what git does where that is
 * silent.
 */
#ifndef WALK_RULES_H
#define WALK_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RULES_TEXT_MAX = 4 * 1024 * 1024, /* bytes of one file */
	RULES_GLOBS_MAX = 20000,          /* true globs in it */
	RULES_GLOB_LENGTH_MAX = 4096,     /* bytes; longer ones match nothing */
	RULES_NAME_MAX = 255,
	RULES_WORK_MAX = 1 << 20,         /* after that it is asked whether to end */
};

enum rules_verdict { RULES_NONE, RULES_IGNORE, RULES_KEEP };

struct rules;

/*
 * text is copied; fold: letters of ASCII match whatever their case.  NULL:
 * errno ENOMEM, or EFBIG: more than is taken.
 */
struct rules *rules_parse(const char *text, size_t length, bool fold);
void rules_free(struct rules *r);

/* Bytes of memory that they take, with a view of them. */
size_t rules_size(const struct rules *r);
bool rules_fold(const struct rules *r);
bool rules_empty(const struct rules *r);

/* What is done for rules, and what to ask when it is much: a tree can make it last. */
struct rules_work {
	uint64_t done;            /* since it was last asked; about a nanosecond each */
	bool (*pause)(void *ctx); /* whether to end; NULL: never */
	void *ctx;
	bool ended;               /* it said so: what the rules said since is not to be used */
};

/* Much was done. Returns whether it is ended. */
bool rules_work_ask(struct rules_work *w);

/* Adds to it. Returns whether it is ended. */
static inline bool
rules_work_add(struct rules_work *w, uint64_t more)
{
	w->done += more;
	return w->done < RULES_WORK_MAX ? w->ended : rules_work_ask(w);
}

/* A name, and the hashes of all that it starts and ends with. */
struct rules_name {
	uint64_t base; /* of the hashes; 0: not asked for yet */
	const char *path; /* its directory, beneath any of the rules' places, and the name */
	size_t path_length, length; /* of the path with the name; of the name */
	uint64_t starts[RULES_NAME_MAX + 1], ends[RULES_NAME_MAX + 1];
};

/* path: the name behind its directory. The name has at most RULES_NAME_MAX bytes. */
void rules_name_set(struct rules_name *n, const char *path, size_t path_length, size_t length);

/* What of the rules is of use in one directory. */
struct rules_view {
	const struct rules *rules;
	size_t base;       /* bytes of a path that name the place of the rules */
	bool has_paths;
	uint64_t hash;     /* of the directory's path beneath that place */
	uint32_t *globs;   /* those that can match here, the last line first */
	size_t glob_count, glob_capacity;
};

/* A directory as one file's rules see it. */
struct rules_place {
	const char *path; /* empty, or ends with '/' */
	size_t length;
	size_t base;      /* bytes of the path that name the place of the rules */
	uint64_t hash;    /* of what follows them */
	bool beneath;     /* else the rules lie elsewhere, and names alone can match */
};

/* The hash of a path, as a place has it. */
uint64_t rules_hash(const char *path, size_t length);

/* Looks at the rules for the names of a directory. Returns 0, or -1 with errno ENOMEM. */
int rules_view_set(struct rules_view *v, const struct rules *r, const struct rules_place *place,
    struct rules_work *work);
void rules_view_fini(struct rules_view *v);

/* What the last of the lines that match says. */
enum rules_verdict rules_match(const struct rules_view *v, const struct rules_name *n,
    bool directory, struct rules_work *work);

#endif
