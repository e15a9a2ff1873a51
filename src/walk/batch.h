/*
 * A batch: what the parent deals in one piece.  Directories, and in each the
 * names of files to search, in the order of the walk.
 *
 *   +---------+------+-------+-------+-----+---------+------+-------+----
 *   | section | path | name0 | name1 | ... | section | path | name0 |
 *   +---------+------+-------+-------+-----+---------+------+-------+----
 *     aligned   strings, each with its NUL    aligned
 *
 * A large file may come as several ranges, each alone in its batch, one after the other
 * from the first to the last.
 *
 * Only the parent writes batches; both processes read them.  Items are
 * counted from 0 through all sections.  A walk's error is an item too, so
 * that its message comes in its place; a worker passes over it.
 */
#ifndef WALK_BATCH_H
#define WALK_BATCH_H

#include "walk.h"

enum { BATCH_ALIGN = 8 };

/* A range of a file: the lines that start in [from, to). */
struct batch_range {
	uint32_t number, count; /* of all its ranges; count 0: it is the whole file */
	uint64_t origin;        /* where in the file the text starts: the others count from there */
	uint64_t from, to;      /* to: UINT64_MAX in the last range; from = to: nothing is wanted of it */
	uint64_t device, inode; /* of the file that was seen */
};

struct batch_section {
	uint32_t size; /* of the whole section with padding, bytes */
	uint32_t items;
	uint32_t kind; /* enum walk_kind */
	int32_t error; /* as struct walk_entry */
	uint32_t directory; /* its number in the walk; 0: the names are operands */
	uint32_t path_length;
	uint32_t root_length;
	uint32_t used; /* of size, without the padding */
	uint32_t operand; /* as struct walk_entry */
	uint32_t padding;
	struct batch_range range;
};

/*
 * What is to be searched of a file, of WALK_PIECE: the last thing in its
 * section, which has that one item.  All from offset to end, in bytes.
 */
struct batch_piece {
	uint64_t offset, end;
	uint64_t scanned; /* from offset up to there no line ends; or less than offset */
	uint64_t lines;   /* before offset */
	uint64_t device, inode; /* another file is not the one */
	uint32_t start;   /* enum batch_start: what is known of offset */
	uint32_t last;    /* 1: what lacks its end at the end is a line, too */
	uint32_t uncounted; /* 1: lines is not known */
	uint32_t padding;
};

enum batch_start {
	BATCH_AT_LINE, /* a line starts there; if not, the file is not what it was */
	BATCH_IN_LINE, /* any place: the line that it is in is searched, from its start */
	BATCH_PAST_LINE, /* any place: the line that it is in is not, unless it starts there */
};

/* A batch being written, in the parent's private memory. */
struct batch_builder {
	char *bytes;
	size_t size, capacity;
	size_t section; /* offset of the last section */
	uint32_t items;
};

/* Adds an entry of the walk. Returns 0, or -1 with errno ENOMEM. */
int batch_builder_add(struct batch_builder *b, const struct walk_entry *entry);
/* The same, of one of WALK_PIECE. */
int batch_builder_add_piece(struct batch_builder *b, const struct walk_entry *entry,
    const struct batch_piece *piece);
/* Makes a range of the entry that was added last, which is alone in its batch. */
void batch_builder_set_range(struct batch_builder *b, const struct batch_range *range);
void batch_builder_clear(struct batch_builder *b);
void batch_builder_free(struct batch_builder *b);

/* One item of a batch; pointers into the batch. */
struct batch_item {
	const struct batch_section *section;
	const char *path; /* of the directory: empty, or ends with '/' */
	const char *name;
	uint32_t number; /* in the batch */
};

/* Of an item of WALK_PIECE. */
const struct batch_piece *batch_item_piece(const struct batch_item *item);

/* The range that a batch is, or NULL. */
static inline const struct batch_range *
batch_range(const void *batch)
{
	const struct batch_section *first = batch;

	return first->range.count > 0 ? &first->range : NULL;
}

static inline bool
batch_range_is_last(const struct batch_range *r)
{
	return r->number == r->count - 1;
}

/* Reads a batch from its first item on. */
struct batch_reader {
	const char *at;      /* the next section */
	const char *next;    /* the next name */
	const struct batch_section *section;
	uint32_t left;       /* items left in the section */
	uint32_t number;     /* of the next item */
};

void batch_reader_init(struct batch_reader *r, const void *batch);

/* The next item. The caller knows how many there are. */
void batch_reader_next(struct batch_reader *r, struct batch_item *item);

/*
 * Passes over what is left of a section of files, in one step, if that comes
 * before item number below.  Returns how many files that were.
 */
uint32_t batch_reader_pass(struct batch_reader *r, uint32_t below);

#endif
