#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/siphash.h"
#include "jobs/state.h"
#include "jobs/state_format.h"
#include "jobs/whole.h"

enum {
	MEMORY_MOST = 512 * 1024, /* numbers held in memory */
	MEMORY_LEAST = 1024,
	CHUNK = 64 * 1024,
};

/* The file on its way out. */
struct out {
	int fd;
	struct siphash sum;
	size_t used;
	int error;
	unsigned char bytes[CHUNK];
};

void
state_writer_init(struct state_writer *w, const char *beside)
{
	*w = (struct state_writer){ .beside = beside, .fd = -1 };
}

void
state_writer_fini(struct state_writer *w)
{
	if (w->fd != -1)
		close(w->fd);
	free(w->numbers);
	*w = (struct state_writer){ .fd = -1 };
}

/* A file without a name, on the disk that the state will be on. Returns -1 with errno. */
static int
open_nameless(const char *beside)
{
	const char *slash = strrchr(beside, '/');
	char *path;
	int fd;

	if (asprintf(&path, "%.*s", slash != NULL ? (int)(slash - beside + 1) : 1,
	    slash != NULL ? beside : ".") == -1)
		return -1;
	fd = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	free(path);
	/* Not all file systems have such files. */
	if (fd != -1 || asprintf(&path, "%s.XXXXXX", beside) == -1)
		return fd;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd != -1)
		unlink(path);
	free(path);
	return fd;
}

static int
spill(struct state_writer *w)
{
	if (w->fd == -1)
		w->fd = open_nameless(w->beside);
	if (w->fd == -1 || whole_write(w->fd, w->numbers, w->count * sizeof(*w->numbers)) == -1)
		return -1;
	w->spilt += w->count;
	w->count = 0;
	return 0;
}

int
state_writer_add(struct state_writer *w, uint64_t number)
{
	if (w->count == MEMORY_MOST && spill(w) == -1)
		return -1;
	if (w->count == w->capacity) {
		size_t capacity = w->capacity > 0 ? 2 * w->capacity : MEMORY_LEAST;
		uint64_t *bigger = reallocarray(w->numbers, capacity, sizeof(*bigger));

		if (bigger == NULL)
			return -1;
		w->numbers = bigger;
		w->capacity = capacity;
	}
	w->numbers[w->count++] = number;
	return 0;
}

static void
put(struct out *o, const void *bytes, size_t size)
{
	siphash_add(&o->sum, bytes, size);
	if (o->used + size > CHUNK) {
		if (o->error == 0 && whole_write(o->fd, o->bytes, o->used) == -1)
			o->error = errno;
		o->used = 0;
	}
	memcpy(o->bytes + o->used, bytes, size);
	o->used += size;
}

static void
put_word(struct out *o, uint64_t word)
{
	word = htole64(word);
	put(o, &word, sizeof(word));
}

static int
compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* Puts the numbers in memory, each once, in order; takes note of how many each bucket has. */
static int
put_numbers(struct out *o, const struct state_writer *w, unsigned int bits, uint16_t *counts,
    uint64_t *total)
{
	if (w->count > 0)
		qsort(w->numbers, w->count, sizeof(*w->numbers), compare);
	for (size_t i = 0; i < w->count; i++) {
		uint64_t number = htole64(w->numbers[i]);
		uint16_t *count = &counts[state_format_bucket(w->numbers[i], bits)];

		if (i > 0 && w->numbers[i] == w->numbers[i - 1])
			continue;
		if (*count == UINT16_MAX) {
			errno = EOVERFLOW;
			return -1;
		}
		++*count;
		++*total;
		put(o, &number, state_format_width(bits));
	}
	return 0;
}

/* Takes those numbers from the file that are in one of so many parts of all. */
static int
take_part(struct state_writer *w, uint64_t part, uint64_t parts)
{
	const uint64_t size = UINT64_MAX / parts + 1;
	uint64_t chunk[CHUNK / sizeof(uint64_t)];
	off_t at = 0;

	w->count = 0;
	for (uint64_t left = w->spilt; left > 0;) {
		size_t some = left < CHUNK / sizeof(uint64_t) ? (size_t)left : CHUNK / sizeof(uint64_t);
		ssize_t got = pread(w->fd, chunk, some * sizeof(uint64_t), at);

		if (got == -1 && errno == EINTR)
			continue;
		if (got < (ssize_t)sizeof(uint64_t)) {
			errno = got == -1 ? errno : EIO;
			return -1;
		}
		some = (size_t)got / sizeof(uint64_t);
		at += (off_t)(some * sizeof(uint64_t));
		left -= some;
		for (size_t i = 0; i < some; i++) {
			if (chunk[i] / size != part)
				continue;
			if (w->count == MEMORY_MOST) {
				errno = EOVERFLOW;
				return -1;
			}
			w->numbers[w->count++] = chunk[i];
		}
	}
	return 0;
}

/* Puts all numbers, in order, however many there are. */
static int
put_all(struct out *o, struct state_writer *w, unsigned int bits, uint16_t *counts, uint64_t *total)
{
	uint64_t parts;

	if (w->spilt == 0)
		return put_numbers(o, w, bits, counts, total);
	if (spill(w) == -1)
		return -1;
	/* They are spread evenly: no part has a quarter more than its share. */
	parts = w->spilt / (MEMORY_MOST / 4 * 3) + 1;
	for (uint64_t part = 0; part < parts; part++)
		if (take_part(w, part, parts) == -1 ||
		    put_numbers(o, w, bits, counts, total) == -1)
			return -1;
	return 0;
}

/* Puts all there is behind the numbers. */
static void
put_end(struct out *o, const uint64_t words[STATE_WORDS], const uint16_t *counts)
{
	struct siphash sum;

	for (size_t i = 0; i < (size_t)1 << words[STATE_BITS]; i++) {
		uint16_t count = htole16(counts[i]);

		put(o, &count, sizeof(count));
	}
	for (size_t i = 0; i < STATE_SUM; i++)
		put_word(o, words[i]);
	sum = o->sum;
	put_word(o, siphash_end(&sum));
	if (o->error == 0 && whole_write(o->fd, o->bytes, o->used) == -1)
		o->error = errno;
}

uint64_t
state_writer_count(const struct state_writer *w)
{
	return w->spilt + w->count;
}

int
state_writer_write(struct state_writer *w, int fd, const uint64_t key[2], uint64_t command,
    uint64_t largest)
{
	static const uint64_t zeros[2];
	unsigned int bits = state_format_bits(state_writer_count(w));
	uint64_t words[STATE_WORDS] = { [STATE_KEY_0] = key[0], [STATE_KEY_1] = key[1],
		[STATE_COMMAND] = command, [STATE_LARGEST] = largest, [STATE_BITS] = bits };
	uint16_t *counts = calloc((size_t)1 << bits, sizeof(*counts));
	struct out *o = calloc(1, sizeof(*o));
	int result = -1;

	if (counts != NULL && o != NULL) {
		o->fd = fd;
		siphash_init(&o->sum, zeros);
		put(o, STATE_MAGIC, STATE_MAGIC_SIZE);
		result = put_all(o, w, bits, counts, &words[STATE_COUNT]);
		if (result == 0)
			put_end(o, words, counts);
		if (result == 0 && o->error != 0) {
			errno = o->error;
			result = -1;
		}
	}
	free(o);
	free(counts);
	return result;
}
