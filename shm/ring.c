#include "ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

static uint64_t
frame_size(uint32_t length)
{
	uint64_t size = sizeof(struct frame) + (uint64_t)length;

	return (size + RING_ALIGN - 1) & ~(uint64_t)(RING_ALIGN - 1);
}

void
ring_writer_init(struct ring_writer *w, const struct region *region, uint64_t pos)
{
	*w = (struct ring_writer){ .region = region, .pos = pos, .drained = pos };
}

bool
ring_writer_fits(const struct ring_writer *w, uint64_t drained, size_t free_bytes)
{
	return w->region->ring - (w->pos - drained) >= free_bytes;
}

void
ring_writer_open(struct ring_writer *w)
{
	w->open = true;
	w->length = 0;
}

uint64_t
ring_writer_close(struct ring_writer *w, uint32_t item, uint16_t kind, uint16_t flags,
    uint32_t value)
{
	const struct frame frame = { .length = w->length, .item = item, .kind = kind,
		.flags = flags, .value = value };

	memcpy(region_at(w->region, w->pos), &frame, sizeof(frame));
	w->pos += frame_size(w->length);
	w->open = false;
	w->length = 0;
	return w->pos;
}

int
ring_reader_extend(struct ring_reader *r, uint64_t claimed)
{
	if (claimed < r->end || claimed - r->drained > r->region->ring ||
	    claimed % RING_ALIGN != 0) {
		errno = EBADMSG;
		return -1;
	}
	r->end = claimed;
	return 0;
}

/* Each word of the header is loaded exactly once: the writer may be hostile. */
static void
load_frame(const char *from, struct frame *frame)
{
	const _Atomic uint64_t *words = (const void *)from;
	uint64_t copy[2];

	copy[0] = atomic_load_explicit(&words[0], memory_order_relaxed);
	copy[1] = atomic_load_explicit(&words[1], memory_order_relaxed);
	memcpy(frame, copy, sizeof(copy));
}

int
ring_reader_peek(const struct ring_reader *r, uint64_t limit, struct frame *frame,
    const char **text)
{
	uint64_t left = limit - r->pos;

	if (left == 0)
		return 0;
	if (left < sizeof(*frame))
		goto bad;
	load_frame(region_at(r->region, r->pos), frame);
	if (frame->length > RING_TEXT_MAX || frame_size(frame->length) > left)
		goto bad;
	*text = region_at(r->region, r->pos) + sizeof(*frame);
	return 1;
bad:
	errno = EBADMSG;
	return -1;
}

void
ring_reader_skip(struct ring_reader *r, const struct frame *frame)
{
	r->pos += frame_size(frame->length);
}
