#include "piece.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "match/text.h"
#include "shm/lane_worker.h"

enum { STEP = 64 * 1024 };

/* A file that is looked at before it is searched. */
struct look {
	const struct piece_options *options;
	struct lane_worker *lane;
	int fd;
	char bytes[STEP];
};

/* Reads up to length bytes, at most STEP, at an offset. Returns how many, or -1. */
static ssize_t
read_at(struct look *l, uint64_t offset, size_t length)
{
	size_t filled = 0;

	if (lseek(l->fd, (off_t)offset, SEEK_SET) == -1)
		return -1;
	while (filled < length) {
		ssize_t got = read(l->fd, l->bytes + filled, length - filled);

		if (got == -1 && errno != EINTR)
			return -1;
		if (got == 0)
			break;
		filled += got > 0 ? (size_t)got : 0;
	}
	lane_worker_beat(l->lane);
	return (ssize_t)filled;
}

static size_t
step(uint64_t left)
{
	return left < STEP ? (size_t)left : STEP;
}

/* How many lines end in [from, to); only whether any does, if that is enough. -1: errno. */
static int64_t
count_lines(struct look *l, uint64_t from, uint64_t to, bool enough)
{
	int64_t count = 0;

	while (from < to && !(enough && count > 0)) {
		ssize_t got = read_at(l, from, step(to - from));

		if (got <= 0)
			return got == 0 ? count : -1;
		count += (int64_t)text_newlines(l->bytes, (size_t)got, l->options->terminator);
		from += (uint64_t)got;
	}
	return count;
}

/*
 * Goes back to where the line starts that goes on at *offset.  Returns 1, 0 if
 * that is too far, or -1 with errno.
 */
static int
find_start(struct look *l, uint64_t *offset)
{
	uint64_t at = *offset;

	while (at > 0) {
		size_t size = step(at);
		const char *end;
		ssize_t got = read_at(l, at - size, size);

		if (got == -1)
			return -1;
		end = memrchr(l->bytes, l->options->terminator, (size_t)got);
		at -= size;
		if (end != NULL) {
			*offset = at + (uint64_t)(end + 1 - l->bytes);
			return 1;
		}
		if (*offset - at > l->options->max_line)
			return 0;
	}
	*offset = 0;
	return 1;
}

/* Where the search begins. Returns PIECE_SEARCHED, PIECE_CHANGED, or -1 with errno. */
static int
find_beginning(struct look *l, const struct batch_piece *piece, struct reader_piece *part)
{
	ssize_t got = piece->offset == 0 ? 0 : read_at(l, piece->offset - 1, 1);
	int found = 0;

	part->from = piece->offset;
	if (got == -1)
		return -1;
	if (piece->offset == 0 || (got == 1 && *l->bytes == l->options->terminator))
		return PIECE_SEARCHED;
	if (got == 0 || piece->start == BATCH_AT_LINE)
		return PIECE_CHANGED;
	if (piece->start == BATCH_IN_LINE && (found = find_start(l, &part->from)) == -1)
		return -1;
	part->skip = found == 0;
	return PIECE_SEARCHED;
}

/* Fills in where the search begins and how many lines come before; as find_beginning. */
static int
prepare(struct look *l, const struct batch_piece *piece, struct reader_piece *part,
    uint64_t *lines)
{
	int state = find_beginning(l, piece, part);
	int64_t count;

	*lines = piece->lines;
	if (state != PIECE_SEARCHED)
		return state;
	if (l->options->numbers && piece->uncounted) {
		count = count_lines(l, 0, part->from, false);
		if (count == -1)
			return -1;
		/* One that is passed over is one more. */
		*lines = (uint64_t)count + part->skip;
	}
	return lseek(l->fd, (off_t)part->from, SEEK_SET) == -1 ? -1 : PIECE_SEARCHED;
}

/* Whether there is no whole line yet: then nothing need be read a second time. */
static bool
is_waiting(struct look *l, const struct batch_piece *piece)
{
	return !piece->last && piece->start == BATCH_AT_LINE && piece->scanned > piece->offset &&
	    count_lines(l, piece->scanned, piece->end, true) == 0;
}

static struct search_result
search(struct search *s, struct look *l, const struct batch_piece *piece, const struct stat *st,
    struct piece_reply *reply)
{
	struct search_result result = { .status = STATUS_SEARCHED };
	struct reader_piece part = { .to = piece->end, .hold = !piece->last };
	struct search_place reached;
	uint64_t lines;
	int state;

	if (is_waiting(l, piece))
		return result;
	state = prepare(l, piece, &part, &lines);
	if (state == -1) {
		reply->reached = piece->end;
		return (struct search_result){ STATUS_UNREADABLE, (uint32_t)errno, false };
	}
	reply->state = (uint32_t)state;
	if (state != PIECE_SEARCHED)
		return result;
	result = search_piece(s, l->fd, st, &part, lines);
	reached = search_reached(s);
	reply->reached = reached.offset;
	reply->lines = reached.lines;
	if (reached.in_line)
		reply->state = PIECE_IN_LINE;
	return result;
}

struct search_result
piece_search(struct search *s, const struct piece_options *options,
    const struct batch_piece *piece, struct lane_worker *lane, int fd, const struct stat *st)
{
	struct piece_reply reply = { .reached = piece->offset, .lines = piece->lines };
	struct search_result result = { .status = STATUS_VANISHED };
	struct look l;

	l.options = options;
	l.lane = lane;
	l.fd = fd;
	if (st->st_dev != piece->device || st->st_ino != piece->inode)
		reply.state = PIECE_OTHER;
	else
		result = search(s, &l, piece, st, &reply);
	lane_worker_remark(lane, FRAME_PIECE, &reply, sizeof(reply));
	return result;
}
