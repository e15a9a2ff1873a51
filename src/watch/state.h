/*
 * The state of a watch, for the files of this folder:
 *
 *   watch     the source of batches
 *   roots     operands -> directories that workers see
 *   notify    the kernel's events, as they come
 *   events    what each of them means
 *   meet      names -> files, with the walk's help
 *   queue     files -> pieces, replies -> how far files are searched
 *   tables    directories, places and files, and how they are found
 *
 * Functions return 0, or -1 with errno (ENOMEM, or EINTR: a signal wants the
 * program to end), unless they say otherwise.
 */
#ifndef WATCH_STATE_H
#define WATCH_STATE_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "scan/piece.h"
#include "watch/watch.h"

/* A directory. */
struct watch_directory {
	RB_ENTRY(watch_directory) by_path, by_watch;
	int watch;       /* its number in inotify, or -1: it could not be watched */
	uint32_t number; /* as in batches: never used twice */
	uint32_t operand; /* its root, as in batches */
	uint32_t walked;  /* the operand that the walk came from */
	uint32_t path_length, root_length;
	dev_t device;
	ino_t inode;
	bool whole;      /* the walk says which names in it are wanted; else those named are */
	bool root;       /* an operand, or holds one */
	bool seen;       /* in a rescan */
	const char *path; /* empty, or ends with '/' */
	char bytes[];
};

struct watch_file;

/* A name in a directory. */
struct watch_place {
	RB_ENTRY(watch_place) by_name;
	struct watch_directory *directory;
	struct watch_file *file; /* that is found there, or NULL */
	bool named;    /* an operand: it stays when the file goes */
	bool unwanted; /* the walk does not take it */
	bool seen;     /* in a rescan */
	const char *name;
	char bytes[];
};

/* What makes a file the same: an inode's number is used again, the moment of birth is not. */
struct watch_identity {
	dev_t device;
	ino_t inode;
	int64_t born; /* ns since the epoch; 0: not known */
};

enum watch_where {
	WATCH_IDLE,
	WATCH_READY,  /* queued: there may be something new */
	WATCH_FRESH,  /* the same, and it has just come to be */
	WATCH_FLYING, /* a piece of it is being searched */
	WATCH_STRAY,  /* it has lost its name, and may turn up under another */
};

struct watch_file {
	RB_ENTRY(watch_file) by_identity;
	TAILQ_ENTRY(watch_file) link; /* in the queue that where says, if any */
	struct watch_place *place;    /* where it was found last, or NULL */
	struct watch_identity id;
	uint64_t offset;  /* searched up to there */
	uint64_t scanned; /* dealt up to there; at least offset */
	uint64_t lines;   /* before offset */
	int64_t strayed;  /* when; CLOCK_MONOTONIC in ns */
	char *was;        /* where it was found, if not all of it was searched when it strayed */
	uint8_t where;    /* enum watch_where */
	uint8_t start;    /* enum batch_start, of offset */
	bool uncounted;   /* lines is not known */
	bool dirty;       /* something may be new behind scanned */
	bool due;         /* files that are fresh wait for it */
	bool linked;      /* it has several names */
	bool refused;     /* it cannot be opened */
	bool done;        /* nothing more is wanted of it */
	bool forgotten;   /* not in the table any more */
};

TAILQ_HEAD(watch_queue, watch_file);

/* A piece that was dealt, until it is told. */
struct watch_flight {
	struct watch_file *file;
	uint64_t from, end;
	bool selected, lost, replied;
	uint16_t status;
	struct piece_reply reply;
};

/* What was named, or the current directory. */
struct watch_operand {
	uint32_t root;
	char *name; /* in the root, of what was no directory at first; or NULL */
	bool wanted;
	bool missing; /* its root */
};

/* A directory that workers see: one that was named, or in which a name lies that was. */
struct watch_root {
	char *path; /* as the walk has it */
	int above;  /* where it is told that it comes and goes: inotify's number, or -1 */
	char *base; /* its name there */
};

struct watch {
	struct watch_options options;
	int inotify;          /* -1: there is none */
	bool overflow;        /* events were lost */
	bool limited;         /* that a directory cannot be watched was said */
	size_t unwatched;     /* directories that are not */
	int64_t polled;       /* when it was looked for them last, and how long the walk took */
	int64_t poll_took;
	int64_t started;      /* CLOCK_REALTIME in ns, as file systems have it */
	bool begun;           /* the first walk is done */
	bool rescanning;
	bool ending;          /* the deadline has passed */
	char **root_names;    /* directories, by their numbers in batches */
	struct watch_root *roots; /* the same */
	size_t root_count;
	size_t missing;       /* operands whose root is not there */
	bool renews;          /* workers do not see a root that came later */
	struct watch_operand *operands;
	size_t operand_count;
	RB_HEAD(watch_paths, watch_directory) paths;
	RB_HEAD(watch_watches, watch_directory) watches;
	RB_HEAD(watch_places, watch_place) places;
	RB_HEAD(watch_files, watch_file) files;
	uint32_t numbers;     /* of directories so far */
	struct watch_queue ready, fresh, strays;
	size_t due;           /* files that others wait for */
	struct watch_flight *flights; /* a ring, in the order of dealing */
	size_t flight_first, flight_count, flight_capacity;
	struct batch_builder builder;
	char *path;           /* made of a directory and a name */
	size_t path_capacity;
	char *trail;          /* for the walk */
};

/* What is known of what a name leads to. */
struct watch_look {
	struct watch_identity id;
	uint64_t size;
	bool regular, directory, linked;
};

/* roots */
int roots_open(struct watch *w);
/* Whether a directory that the walk enters lies in its operand's, with no link from there on. */
bool roots_lead_to(const struct watch *w, const struct walk_entry *directory);
/* From now on it is noticed when one comes or goes: it may be held by those who see it. */
void roots_guard(struct watch *w, uint32_t root);
/* A name has come or gone that may be a root's. */
void roots_moved(struct watch *w, int above, const char *name, bool arrived);
/* A root is gone: says so, and forgets what is in it. */
void roots_gone(struct watch *w, struct watch_directory *d);
/* Which are missing. Returns whether one is there that was missing when it was looked last. */
bool roots_look(struct watch *w);
/* Those that are missing now are, too; those that were stay so until they are looked for. */
void roots_miss(struct watch *w);
void roots_close(struct watch *w);

/* tables */
struct watch_directory *tables_directory(struct watch *w, const char *path);
struct watch_directory *tables_watched(struct watch *w, int watch);
/* entry: of a directory, as the walk enters it. NULL: errno ENOMEM. */
struct watch_directory *tables_add_directory(struct watch *w, const struct walk_entry *entry,
    int watch);
void tables_set_watch(struct watch *w, struct watch_directory *d, int watch);
/* Its places go, too; their files stray. */
void tables_drop_directory(struct watch *w, struct watch_directory *d);
/* The first whose path begins so; the next one after d. */
struct watch_directory *tables_beneath(struct watch *w, const char *path);
struct watch_directory *tables_next_beneath(const char *path, struct watch_directory *d);
struct watch_place *tables_place(struct watch *w, struct watch_directory *d, const char *name);
/* Finds or adds it. */
struct watch_place *tables_add_place(struct watch *w, struct watch_directory *d, const char *name);
/* The first in a directory; the next one there. */
struct watch_place *tables_first_place(struct watch *w, struct watch_directory *d);
struct watch_place *tables_next_place(struct watch_place *p);
/* Takes it away, unless an operand names it; its file strays. */
void tables_drop_place(struct watch *w, struct watch_place *p);
struct watch_file *tables_file(struct watch *w, const struct watch_identity *id);
struct watch_file *tables_first_file(struct watch *w);
struct watch_file *tables_next_file(struct watch_file *f);
struct watch_file *tables_add_file(struct watch *w, const struct watch_identity *id);
/* The file is found there, from now on, and nowhere else. */
void tables_move(struct watch *w, struct watch_file *f, struct watch_place *p);
/* Not one of these any more; as soon as no piece of it is being searched, freed. */
void tables_drop_file(struct watch *w, struct watch_file *f);
void tables_free(struct watch *w);

/* notify */
enum { NOTIFY_BUFFER = 64 * 1024 };
struct inotify_event;
int notify_open(void);
/* Watches the directory that is open as fd. Returns its number, or -1 with errno. */
int notify_add(int inotify, int fd, const char *path);
void notify_remove(int inotify, int watch);
/* Watches, besides whatever else, which names the directory above has. As notify_add. */
int notify_add_names(int inotify, const char *path);

/* events: all that have come. */
int events_take(struct watch *w);
/* What was a directory's is not there any more. */
void events_forget(struct watch *w, const char *path);

/* meet */
/* The path of a name in a directory, and then end, until the next call. NULL: errno ENOMEM. */
const char *meet_path(struct watch *w, const struct watch_directory *d, const char *name,
    const char *end);
/* Whether a directory is still where it was. */
bool meet_is_there(struct watch *w, const struct watch_directory *d);
/* What a name leads to. Returns 0, or -1 with errno of statx. */
int meet_look(struct watch *w, const struct watch_directory *d, const char *name,
    struct watch_look *look);
/* Finds all that there is: at first, and again, when events were lost. */
int meet_all(struct watch *w);
/* A name that is there now, or was. arrived: it was not before. */
int meet_name(struct watch *w, struct watch_directory *d, const char *name, bool arrived);
/* A directory of that name: all beneath it. */
int meet_tree(struct watch *w, struct watch_directory *d, const char *name);

/* queue */
/* There may be something new in it. */
void queue_add(struct watch *w, struct watch_file *f);
/* It has lost its name. */
void queue_stray(struct watch *w, struct watch_file *f);
/* Nothing will be searched of it any more. */
void queue_remove(struct watch *w, struct watch_file *f);
/* It is to be searched before what is fresh. */
void queue_make_due(struct watch *w, struct watch_file *f);
/* Fills the builder with up to so many pieces. */
int queue_deal(struct watch *w, uint32_t files);
/* Queues, a last time, what lacks its end. */
void queue_last(struct watch *w);
bool queue_is_empty(const struct watch *w);
/* A piece was told. */
void queue_land(struct watch *w, const struct watch_flight *flight);
/* Forgets files that have been astray for long. */
void queue_purge(struct watch *w);

/* watch */
/* A file is gone of which not all was searched. */
void watch_lost_rest(struct watch *w, const char *path);
/* Says something of a name, or of a directory if that is empty. */
void watch_say(struct watch *w, const struct watch_directory *d, const char *name,
    const char *text);

#endif
