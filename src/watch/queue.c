#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pool/supervise.h"
#include "watch/state.h"

enum {
	/* So much of one file at a time: others want their turn. */
	PIECE_MAX = 64 * 1024 * 1024,
	PIECES_BYTES = 64 * 1024, /* of one batch, about */
};

/* How long a name may be missing from one directory before it turns up in another. */
static const int64_t stray_ns = 2000000000;

static struct watch_queue *
queue_of(struct watch *w, const struct watch_file *f)
{
	switch (f->where) {
	case WATCH_READY: return &w->ready;
	case WATCH_FRESH: return &w->fresh;
	case WATCH_STRAY: return &w->strays;
	default: return NULL;
	}
}

static void
put(struct watch *w, struct watch_file *f, enum watch_where where)
{
	struct watch_queue *from = queue_of(w, f), *to;

	if (from != NULL)
		TAILQ_REMOVE(from, f, link);
	f->where = (uint8_t)where;
	to = queue_of(w, f);
	if (to != NULL)
		TAILQ_INSERT_TAIL(to, f, link);
}

static void
clear_due(struct watch *w, struct watch_file *f)
{
	w->due -= f->due;
	f->due = false;
}

void
queue_remove(struct watch *w, struct watch_file *f)
{
	clear_due(w, f);
	if (f->where != WATCH_FLYING)
		put(w, f, WATCH_IDLE);
}

void
queue_add(struct watch *w, struct watch_file *f)
{
	if (f->done || f->refused)
		return;
	f->dirty = true;
	if (f->where == WATCH_IDLE || f->where == WATCH_STRAY)
		put(w, f, f->scanned == 0 && !f->due ? WATCH_FRESH : WATCH_READY);
}

void
queue_make_due(struct watch *w, struct watch_file *f)
{
	queue_add(w, f);
	if (f->due || !f->dirty)
		return;
	f->due = true;
	w->due++;
	if (f->where == WATCH_FRESH)
		put(w, f, WATCH_READY);
}

void
queue_stray(struct watch *w, struct watch_file *f)
{
	clear_due(w, f);
	f->strayed = supervise_now();
	if (f->where != WATCH_FLYING)
		put(w, f, WATCH_STRAY);
}

void
queue_purge(struct watch *w)
{
	const int64_t now = supervise_now();
	struct watch_file *f;

	while ((f = TAILQ_FIRST(&w->strays)) != NULL && now - f->strayed > stray_ns) {
		if (f->was != NULL)
			watch_lost_rest(w, f->was);
		tables_drop_file(w, f);
	}
}

bool
queue_is_empty(const struct watch *w)
{
	return TAILQ_EMPTY(&w->ready) && TAILQ_EMPTY(&w->fresh);
}

/* The file is shorter than what was searched of it: it was written anew. */
static void
start_over(struct watch_file *f)
{
	f->offset = f->scanned = f->lines = 0;
	f->start = BATCH_AT_LINE;
	f->uncounted = f->done = false;
}

static int
reserve_flight(struct watch *w)
{
	size_t capacity = w->flight_capacity > 0 ? 2 * w->flight_capacity : 64;
	struct watch_flight *bigger;

	if (w->flight_count < w->flight_capacity)
		return 0;
	bigger = reallocarray(NULL, capacity, sizeof(*bigger));
	if (bigger == NULL)
		return -1;
	for (size_t i = 0; i < w->flight_count; i++)
		bigger[i] = w->flights[(w->flight_first + i) % w->flight_capacity];
	free(w->flights);
	w->flights = bigger;
	w->flight_capacity = capacity;
	w->flight_first = 0;
	return 0;
}

static int
deal(struct watch *w, struct watch_file *f, uint64_t end, bool last)
{
	const struct watch_directory *d = f->place->directory;
	const struct walk_entry entry = { .kind = WALK_PIECE, .operand = d->operand,
		.directory = d->number, .path = d->path, .path_length = d->path_length,
		.root_length = strlen(w->roots[d->operand].path), .name = f->place->name,
		.name_length = strlen(f->place->name) };
	const struct batch_piece piece = { .offset = f->offset, .end = end, .scanned = f->scanned,
		.lines = f->lines, .device = f->id.device, .inode = f->id.inode,
		.start = f->start, .last = last, .uncounted = f->uncounted };

	if (reserve_flight(w) == -1 || batch_builder_add_piece(&w->builder, &entry, &piece) == -1)
		return -1;
	w->flights[(w->flight_first + w->flight_count++) % w->flight_capacity] =
	    (struct watch_flight){ .file = f, .from = f->start == BATCH_IN_LINE ? 0 : f->offset,
		.end = end };
	put(w, f, WATCH_FLYING);
	f->scanned = end;
	return 0;
}

/* Looks at a file in the queue, and deals what there is. Returns 1: it was nothing. */
static int
deal_file(struct watch *w, struct watch_file *f)
{
	struct watch_place *p = f->place;
	const bool last = w->ending;
	struct watch_look look;
	uint64_t end;

	f->dirty = false;
	if (meet_look(w, p->directory, p->name, &look) == -1 || !look.regular ||
	    memcmp(&look.id, &f->id, sizeof(look.id)) != 0) {
		f->dirty = true;
		/* It has gone elsewhere, and what there is now is told by events yet to come. */
		tables_drop_place(w, p);
		return 1;
	}
	f->linked = look.linked;
	if (look.size < f->scanned)
		start_over(f);
	if (look.size == f->scanned && !(last && f->scanned > f->offset)) {
		clear_due(w, f);
		put(w, f, WATCH_IDLE);
		return 1;
	}
	end = look.size - f->scanned > PIECE_MAX ? f->scanned + PIECE_MAX : look.size;
	f->dirty = end < look.size;
	if (!f->dirty)
		clear_due(w, f);
	return deal(w, f, end, last && !f->dirty);
}

int
queue_deal(struct watch *w, uint32_t files)
{
	struct watch_file *f;

	batch_builder_clear(&w->builder);
	while (w->builder.items < files && w->builder.size < PIECES_BYTES) {
		f = TAILQ_FIRST(&w->ready);
		if (f == NULL && w->due == 0)
			f = TAILQ_FIRST(&w->fresh);
		if (f == NULL)
			break;
		if (deal_file(w, f) == -1)
			return -1;
	}
	return 0;
}

void
queue_last(struct watch *w)
{
	struct watch_file *f;

	for (f = tables_first_file(w); f != NULL; f = tables_next_file(f))
		if (f->place != NULL)
			queue_add(w, f);
}

/* Goes on behind a piece of which it is not known how far it was searched. */
static void
pass(struct watch_file *f, uint64_t end)
{
	f->offset = end;
	f->start = BATCH_PAST_LINE;
	f->uncounted = true;
}

/* Takes note of what the worker says, as far as it can be. */
static void
take_reply(struct watch_file *f, const struct watch_flight *flight)
{
	const struct piece_reply *r = &flight->reply;

	if (r->reached < flight->from || r->reached > flight->end) {
		pass(f, flight->end);
		return;
	}
	f->offset = r->reached;
	f->lines = r->lines;
	f->uncounted = false;
	f->start = r->state == PIECE_IN_LINE ? BATCH_PAST_LINE : BATCH_AT_LINE;
}

static void
settle(struct watch *w, struct watch_file *f, const struct watch_flight *flight)
{
	f->done |= flight->selected && w->options.once;
	if (flight->lost || (!flight->replied && flight->status != STATUS_VANISHED &&
	    flight->status != STATUS_UNREADABLE)) {
		pass(f, flight->end);
	} else if (!flight->replied) {
		/* It was not opened: as if it had not been dealt. */
		f->refused = flight->status == STATUS_UNREADABLE;
		f->scanned = f->offset;
		f->dirty = true;
	} else if (flight->reply.state == PIECE_CHANGED) {
		start_over(f);
		f->dirty = true;
	} else if (flight->reply.state == PIECE_OTHER) {
		f->scanned = f->offset;
		f->dirty = true;
	} else {
		take_reply(f, flight);
	}
}

void
queue_land(struct watch *w, const struct watch_flight *flight)
{
	struct watch_file *f = flight->file;

	f->where = WATCH_IDLE;
	if (f->forgotten) {
		free(f);
		return;
	}
	settle(w, f, flight);
	if (f->done || f->refused)
		clear_due(w, f);
	if (f->place == NULL)
		put(w, f, WATCH_STRAY);
	else if (f->dirty)
		queue_add(w, f);
}
