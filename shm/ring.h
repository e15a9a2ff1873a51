/*
 * Frames in a region's ring: one process writes, one reads.
 *
 *   position, an ever growing count of bytes; the ring holds [drained, end)
 *
 *     drained           pos                        end
 *        |   being       |   readable               |   the writer's
 *        |   written out |                          |   open frame
 *   -----+---------------+--------+------+----------+------------- - -
 *        | frame | text  | frame  | text | frame .. | (not published)
 *   -----+---------------+--------+------+----------+------------- - -
 *
 *   writer                            reader
 *   fills header and text             loads end (acquire), checks it
 *   end (release)          -------->  loads the header once, checks it
 *   waits for room         <--------  drained (release), when written out
 *
 * The words end and drained live with whoever owns the protocol (lane.h);
 * this file knows positions only.  The reader trusts nothing: end must lie
 * between what it was and one ring beyond what was drained, a header is
 * loaded once into a copy, a text must lie within [pos, end).
 */
#ifndef SHM_RING_H
#define SHM_RING_H

#include <stdbool.h>

#include "region.h"

/* One frame: header, then text, then padding to RING_ALIGN. */
struct frame {
	uint32_t length; /* bytes of text */
	uint32_t item;   /* what the text belongs to; the protocol's */
	uint16_t kind;   /* the protocol's */
	uint16_t flags;  /* the protocol's */
	uint32_t value;  /* the protocol's */
};
_Static_assert(sizeof(struct frame) == 16, "shared layout");

enum {
	RING_ALIGN = 8,
	RING_TEXT_MAX = 32 * 1024, /* the longest text of one frame */
	RING_FRAME_MAX = RING_TEXT_MAX + (int)sizeof(struct frame) + RING_ALIGN,
	RING_SIZE_MIN = 4 * RING_TEXT_MAX,
};

/* The writer's end, in the writing process. */
struct ring_writer {
	const struct region *region;
	uint64_t pos;     /* where the open or the next frame starts */
	uint64_t drained; /* as last seen */
	uint32_t length;  /* text in the open frame */
	bool open;
};

/* Starts writing at pos, of which nothing has been read. */
void ring_writer_init(struct ring_writer *w, const struct region *region, uint64_t pos);

/* Whether the largest frame fits, given what the reader has drained. */
bool ring_writer_fits(const struct ring_writer *w, uint64_t drained, size_t free_bytes);

/* Opens a frame. It must fit. */
void ring_writer_open(struct ring_writer *w);

/* The text of the open frame: its end, and the bytes that still fit in it. */
static inline char *
ring_writer_text(const struct ring_writer *w)
{
	return region_at(w->region, w->pos) + sizeof(struct frame) + w->length;
}

static inline uint32_t
ring_writer_left(const struct ring_writer *w)
{
	return RING_TEXT_MAX - w->length;
}

/* Closes the open frame. Returns the new end, to be published by the caller. */
uint64_t ring_writer_close(struct ring_writer *w, uint32_t item, uint16_t kind, uint16_t flags,
    uint32_t value);

/* The reader's end, in the reading process. */
struct ring_reader {
	const struct region *region;
	uint64_t pos;     /* the next frame */
	uint64_t end;     /* checked: readable up to here */
	uint64_t drained; /* given back to the writer */
};

/* Takes note of an end that the writer claims. Returns 0, or -1 and EBADMSG. */
int ring_reader_extend(struct ring_reader *r, uint64_t claimed);

/*
 * Looks at the next frame below limit, which is at most r->end, without
 * going past it.  Returns 1 with the header copied to *frame and *text
 * pointing into the ring (contiguous, frame->length bytes, contents still
 * the writer's to change), 0 when there is none, or -1 and EBADMSG.
 */
int ring_reader_peek(const struct ring_reader *r, uint64_t limit, struct frame *frame,
    const char **text);

/* Goes past the frame that was looked at. */
void ring_reader_skip(struct ring_reader *r, const struct frame *frame);

#endif
