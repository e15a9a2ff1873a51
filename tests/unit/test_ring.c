/*
 * Frames in a region's ring: what is written comes out, at the wrap too, and
 * the reader takes nothing that does not fit.
 *
 * TEST_SEED replays a run.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "random.h"
#include "shm/ring.h"
#include "tap.h"

enum { RING = RING_SIZE_MIN, ROUNDS = 4000, QUEUE = 4096 };

struct rig {
	struct region region;
	struct ring_writer writer;
	struct ring_reader reader;
};

static struct rig rig;

/* Both ends at position pos of an empty ring. */
static void
start_at(uint64_t pos)
{
	memset(region_ring(&rig.region), 0xee, RING);
	ring_writer_init(&rig.writer, &rig.region, pos);
	rig.reader = (struct ring_reader){ &rig.region, pos, pos, pos };
}

/* Byte number i of the text of frame number item. */
static char
text_byte(uint32_t item, uint32_t i)
{
	return (char)(item * 7 + i * 13 + (i >> 8));
}

static uint64_t
put(uint32_t item, uint32_t length)
{
	char *to;

	ring_writer_open(&rig.writer);
	to = ring_writer_text(&rig.writer);
	for (uint32_t i = 0; i < length; i++)
		to[i] = text_byte(item, i);
	rig.writer.length += length;
	return ring_writer_close(&rig.writer, item, (uint16_t)(item + 1), (uint16_t)(item + 2),
	    item + 3);
}

/* Whether the next frame is the one of put. */
static bool
get(uint32_t item, uint32_t length)
{
	struct frame f;
	const char *text;

	if (ring_reader_peek(&rig.reader, rig.reader.end, &f, &text) != 1)
		return false;
	if (f.length != length || f.item != item || f.kind != (uint16_t)(item + 1) ||
	    f.flags != (uint16_t)(item + 2) || f.value != item + 3)
		return false;
	for (uint32_t i = 0; i < length; i++)
		if (text[i] != text_byte(item, i))
			return false;
	ring_reader_skip(&rig.reader, &f);
	return true;
}

static void
test_wrap(void)
{
	const char *ring = region_ring(&rig.region);
	struct frame f;
	const char *text;

	start_at(RING - 24);
	tap_ok(ring_reader_extend(&rig.reader, put(1, 100)) == 0, "a frame across the wrap is published");
	tap_ok(ring[0] == text_byte(1, 8), "its text goes on at the start of the ring");
	tap_ok(ring_reader_peek(&rig.reader, rig.reader.end, &f, &text) == 1 &&
	    text == ring + RING - 8, "and is read in one piece");
	tap_ok(rig.reader.pos == RING - 24, "a look does not go past the frame");
	tap_ok(get(1, 100), "the frame is as written");
	tap_ok(rig.reader.pos == rig.reader.end && rig.reader.pos % RING_ALIGN == 0,
	    "the reader stands at the end");
	tap_ok(ring_reader_peek(&rig.reader, rig.reader.end, &f, &text) == 0, "where nothing is left");

	start_at(3 * (uint64_t)RING - 8);
	tap_ok(ring_reader_extend(&rig.reader, put(2, 5)) == 0 && get(2, 5),
	    "a header across the wrap is as written");
	start_at(RING - 16);
	tap_ok(ring_reader_extend(&rig.reader, put(3, 0)) == 0 && get(3, 0) &&
	    rig.reader.pos == RING, "a frame without text ends at the wrap");
}

static void
test_largest(void)
{
	uint64_t end;

	start_at(RING - 1000);
	ring_writer_open(&rig.writer);
	tap_ok(ring_writer_left(&rig.writer) == RING_TEXT_MAX, "an open frame takes the longest text");
	end = put(4, RING_TEXT_MAX);
	tap_ok(end - (RING - 1000) <= RING_FRAME_MAX, "which takes no more than RING_FRAME_MAX");
	tap_ok(ring_reader_extend(&rig.reader, end) == 0 && get(4, RING_TEXT_MAX),
	    "the longest text is as written");
}

static void
test_fits(void)
{
	start_at(RING);
	put(0, 16);
	tap_ok(ring_writer_fits(&rig.writer, RING, RING - 32), "what is left of the ring fits");
	tap_ok(!ring_writer_fits(&rig.writer, RING, RING - 31), "one byte more does not");
	tap_ok(ring_writer_fits(&rig.writer, RING + 32, RING), "all of a drained ring fits");
}

/* Whether the reader refuses an end, and stays as it is. */
static bool
refuses_end(uint64_t claimed)
{
	uint64_t before = rig.reader.end;

	errno = 0;
	return ring_reader_extend(&rig.reader, claimed) == -1 && errno == EBADMSG &&
	    rig.reader.end == before;
}

static void
test_ends(void)
{
	const uint64_t start = 5 * (uint64_t)RING, later = start + 64;

	start_at(start);
	tap_ok(ring_reader_extend(&rig.reader, later) == 0, "an end that grows is taken");
	tap_ok(ring_reader_extend(&rig.reader, later) == 0, "an end that stays is taken");
	tap_ok(refuses_end(later - 8), "an end that goes back is refused");
	tap_ok(refuses_end(0), "an end of 0 is refused");
	tap_ok(refuses_end(later + 4), "an unaligned end is refused");
	tap_ok(refuses_end(start + RING + 8), "an end beyond one ring is refused");
	tap_ok(refuses_end(UINT64_MAX - 7), "an enormous end is refused");
	tap_ok(ring_reader_extend(&rig.reader, start + RING) == 0, "an end of one full ring is taken");
	rig.reader.pos = start + 64;
	tap_ok(refuses_end(start + RING + 8), "what was read and not drained makes no room");
	rig.reader.drained = start + 64;
	tap_ok(ring_reader_extend(&rig.reader, start + RING + 64) == 0, "what was drained does");
}

/* Whether the reader refuses the frame at pos below limit, and stays where it is. */
static bool
refuses_frame(uint64_t limit)
{
	uint64_t before = rig.reader.pos;
	struct frame f;
	const char *text;

	errno = 0;
	return ring_reader_peek(&rig.reader, limit, &f, &text) == -1 && errno == EBADMSG &&
	    rig.reader.pos == before;
}

static void
claim_length(uint32_t length)
{
	const struct frame f = { .length = length };

	memcpy(region_at(&rig.region, rig.reader.pos), &f, sizeof(f));
}

static void
test_frames(void)
{
	const uint64_t start = RING - 40, all = start + RING;
	struct frame f;
	const char *text;

	start_at(start);
	ring_reader_extend(&rig.reader, all);
	claim_length(RING_TEXT_MAX);
	tap_ok(ring_reader_peek(&rig.reader, all, &f, &text) == 1, "the longest length is taken");
	claim_length(RING_TEXT_MAX + 1);
	tap_ok(refuses_frame(all), "a length beyond the longest is refused");
	claim_length(UINT32_MAX);
	tap_ok(refuses_frame(all), "a length that would wrap is refused");
	claim_length(UINT32_MAX - 15);
	tap_ok(refuses_frame(all), "a length that would wrap to 0 is refused");
	claim_length(32);
	tap_ok(ring_reader_peek(&rig.reader, start + 48, &f, &text) == 1,
	    "a text that ends at the limit is taken");
	claim_length(33);
	tap_ok(refuses_frame(start + 48), "a text beyond the limit is refused");
	claim_length(1);
	tap_ok(refuses_frame(start + 16), "a text whose limit follows the header is refused");
	claim_length(0);
	tap_ok(refuses_frame(start + 8), "a header cut by the limit is refused");
	tap_ok(ring_reader_peek(&rig.reader, start, &f, &text) == 0, "at the limit there is none");
}

/* Frames in flight. */
struct queue {
	uint32_t lengths[QUEUE];
	uint32_t first, next;
};

static uint32_t
random_length(struct random *r)
{
	static const uint32_t limits[] = { 2, 16, 300, RING_TEXT_MAX + 1 };

	return (uint32_t)random_below(r, limits[random_below(r, 4)]);
}

/* Writes frames while they fit, n at most. Returns the end. */
static uint64_t
put_some(struct random *r, struct queue *q, size_t n)
{
	while (n-- > 0 && q->next - q->first < QUEUE &&
	    ring_writer_fits(&rig.writer, rig.reader.drained, RING_FRAME_MAX)) {
		uint32_t length = random_length(r);

		q->lengths[q->next % QUEUE] = length;
		put(q->next++, length);
	}
	return rig.writer.pos;
}

/* Reads frames, n at most. Returns whether all were as written. */
static bool
get_some(struct queue *q, size_t n)
{
	for (; n > 0 && q->first != q->next; n--, q->first++)
		if (!get(q->first, q->lengths[q->first % QUEUE]))
			return false;
	return true;
}

static void
test_random(struct random *r)
{
	static struct queue q;
	bool good = true;

	start_at(random_next(r) >> 8 & ~(uint64_t)(RING_ALIGN - 1));
	for (int round = 0; good && round < ROUNDS; round++) {
		uint64_t end = put_some(r, &q, random_below(r, 8));

		good = ring_reader_extend(&rig.reader, end) == 0 && get_some(&q, random_below(r, 8));
		if (random_once_in(r, 3))
			rig.reader.drained = rig.reader.pos;
	}
	good = good && get_some(&q, QUEUE) && rig.reader.pos == rig.writer.pos;
	tap_ok(good, "random frames come out as they went in");
	tap_note("%u frames", q.first);
}

int
main(void)
{
	struct random r = { random_seed() };

	if (region_create(&rig.region, "test ring", (size_t)sysconf(_SC_PAGESIZE), RING,
	    REGION_WRITE) == -1) {
		perror("region_create");
		return 1;
	}
	test_wrap();
	test_largest();
	test_fits();
	test_ends();
	test_frames();
	test_random(&r);
	region_close(&rig.region);
	return tap_done();
}
