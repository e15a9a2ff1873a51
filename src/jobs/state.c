#include "state.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs/siphash.h"
#include "jobs/state_format.h"
#include "jobs/whole.h"

enum { CHUNK = 64 * 1024 };

struct state {
	int fd;
	uint64_t words[STATE_WORDS];
	unsigned int bits;
	size_t buckets, width;
	uint64_t *starts; /* of each bucket, in numbers; and of the end */
	unsigned char *bucket; /* room for the largest */
};

/* So many bytes of what a state begins with may be damaged. */
enum { OTHER_MOST = 2 };

/* Whether the checksum, the last word, is that of all before. Returns 0, or -1 with errno. */
static int
check_sum(int fd, off_t size, uint64_t sum)
{
	static const uint64_t zeros[2];
	unsigned char *chunk = malloc(CHUNK);
	struct siphash h;
	int result = chunk != NULL ? 0 : -1;

	siphash_init(&h, zeros);
	for (off_t at = 0; result == 0 && at < size;) {
		size_t part = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		result = whole_read(fd, chunk, part, at);
		if (result == 0)
			siphash_add(&h, chunk, part);
		at += (off_t)part;
	}
	free(chunk);
	if (result == -1 || siphash_end(&h) == sum)
		return result;
	errno = EBADMSG;
	return -1;
}

/* Whether a file is a state, or was one before it was damaged: else it is somebody's. */
static bool
was_state(int fd)
{
	char magic[STATE_MAGIC_SIZE];
	ssize_t got = pread(fd, magic, sizeof(magic), 0);
	size_t other = 0;

	for (ssize_t i = 0; i < got; i++)
		other += magic[i] != STATE_MAGIC[i];
	return other <= OTHER_MOST;
}

static int
check_magic(int fd)
{
	char magic[STATE_MAGIC_SIZE];

	if (whole_read(fd, magic, sizeof(magic), 0) == -1)
		return -1;
	if (memcmp(magic, STATE_MAGIC, sizeof(magic)) == 0)
		return 0;
	errno = memcmp(magic, STATE_MAGIC, STATE_VERSION_AT) == 0 &&
	    magic[STATE_VERSION_AT] != STATE_MAGIC[STATE_VERSION_AT] ? EPROTONOSUPPORT : EBADMSG;
	return -1;
}

/* Whether the words go with the file's size. */
static bool
is_sound(struct state *s, off_t size)
{
	uint64_t count = s->words[STATE_COUNT];

	if (s->words[STATE_BITS] > 16 || s->words[STATE_BITS] % 8 != 0 || count > (uint64_t)size)
		return false;
	s->bits = (unsigned int)s->words[STATE_BITS];
	s->buckets = (size_t)1 << s->bits;
	s->width = state_format_width(s->bits);
	return (uint64_t)size == STATE_MAGIC_SIZE + count * s->width +
	    s->buckets * sizeof(uint16_t) + sizeof(s->words);
}

/* Reads how many numbers each bucket has. Returns 0, or -1 with errno. */
static int
read_index(struct state *s, off_t size)
{
	const size_t bytes = s->buckets * sizeof(uint16_t);
	uint16_t *counts = malloc(bytes);
	size_t most = 1;
	int result = -1;

	s->starts = reallocarray(NULL, s->buckets + 1, sizeof(*s->starts));
	if (counts != NULL && s->starts != NULL)
		result = whole_read(s->fd, counts, bytes, size - (off_t)(bytes + sizeof(s->words)));
	if (result == 0)
		s->starts[0] = 0;
	for (size_t i = 0; result == 0 && i < s->buckets; i++) {
		uint16_t count = le16toh(counts[i]);

		s->starts[i + 1] = s->starts[i] + count;
		if (count > most)
			most = count;
	}
	free(counts);
	if (result == 0 && s->starts[s->buckets] != s->words[STATE_COUNT]) {
		errno = EBADMSG;
		result = -1;
	}
	if (result == 0 && (s->bucket = malloc(most * s->width)) == NULL)
		result = -1;
	return result;
}

static int
load(struct state *s)
{
	struct stat st;

	if (fstat(s->fd, &st) == -1)
		return -1;
	errno = EINVAL;
	if (S_ISREG(st.st_mode) && !was_state(s->fd))
		return -1;
	errno = EBADMSG;
	if (!S_ISREG(st.st_mode) || st.st_size < STATE_MAGIC_SIZE + (off_t)sizeof(s->words))
		return -1;
	if (check_magic(s->fd) == -1 ||
	    whole_read(s->fd, s->words, sizeof(s->words), st.st_size - (off_t)sizeof(s->words)) == -1)
		return -1;
	for (size_t i = 0; i < STATE_WORDS; i++)
		s->words[i] = le64toh(s->words[i]);
	errno = EBADMSG;
	if (!is_sound(s, st.st_size))
		return -1;
	if (check_sum(s->fd, st.st_size - (off_t)sizeof(uint64_t), s->words[STATE_SUM]) == -1)
		return -1;
	return read_index(s, st.st_size);
}

struct state *
state_open(const char *path)
{
	struct state *s = calloc(1, sizeof(*s));
	int error;

	if (s == NULL)
		return NULL;
	s->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (s->fd != -1 && load(s) == 0)
		return s;
	error = errno;
	state_close(s);
	errno = error;
	return NULL;
}

void
state_close(struct state *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	free(s->starts);
	free(s->bucket);
	free(s);
}

uint64_t
state_command(const struct state *s)
{
	return s->words[STATE_COMMAND];
}

const uint64_t *
state_key(const struct state *s)
{
	return s->words + STATE_KEY_0;
}

uint64_t
state_largest(const struct state *s)
{
	return s->words[STATE_LARGEST];
}

uint64_t
state_count(const struct state *s)
{
	return s->words[STATE_COUNT];
}

/* Reads a bucket. Returns how many numbers it has, 0 as well if it cannot be read. */
static size_t
read_bucket(struct state *s, size_t bucket)
{
	size_t count = (size_t)(s->starts[bucket + 1] - s->starts[bucket]);
	off_t at = STATE_MAGIC_SIZE + (off_t)(s->starts[bucket] * s->width);

	return count > 0 && whole_read(s->fd, s->bucket, count * s->width, at) == 0 ? count : 0;
}

bool
state_has(struct state *s, uint64_t number)
{
	size_t count = read_bucket(s, state_format_bucket(number, s->bits));
	uint64_t wanted = htole64(number);

	/* Little-endian, so that the first bytes are the last. */
	for (size_t i = 0; i < count; i++)
		if (memcmp(s->bucket + i * s->width, &wanted, s->width) == 0)
			return true;
	return false;
}

int
state_writer_add_all(struct state_writer *w, struct state *s)
{
	for (size_t bucket = 0; bucket < s->buckets; bucket++) {
		size_t count = read_bucket(s, bucket);

		for (size_t i = 0; i < count; i++) {
			uint64_t number = 0;

			memcpy(&number, s->bucket + i * s->width, s->width);
			number = le64toh(number);
			if (s->bits > 0)
				number |= (uint64_t)bucket << (64 - s->bits);
			if (state_writer_add(w, number) == -1)
				return -1;
		}
	}
	return 0;
}
