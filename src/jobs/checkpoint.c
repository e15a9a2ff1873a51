#include "checkpoint.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/siphash.h"
#include "jobs/whole.h"

static const char magic[] = "pgrep-r checkpoint 1\n";

/* What may be said in the version's place. */
enum { MAGIC = sizeof(magic) - 1, VERSION_AT = MAGIC - 2 };

/* A path of more is none. */
enum { SIZE_MOST = 64 * 1024 * 1024 };

/*
 * Words on their way to the file, or from it: both are done by one walk through
 * the struct, so that they agree.
 */
struct words {
	unsigned char *at;  /* NULL: they are only counted */
	size_t count, most; /* read: there are no more than that */
	bool reads;
	bool wrong;
};

static void
word(struct words *w, uint64_t *value)
{
	uint64_t raw = htole64(*value);

	if (w->at != NULL && w->reads) {
		if (w->count == w->most) {
			w->wrong = true;
			return;
		}
		memcpy(&raw, w->at, sizeof(raw));
		*value = le64toh(raw);
	} else if (w->at != NULL) {
		memcpy(w->at, &raw, sizeof(raw));
	}
	if (w->at != NULL)
		w->at += sizeof(raw);
	w->count++;
}

/* A word of a smaller range, from 0 to most. */
static uint64_t
small(struct words *w, uint64_t value, uint64_t most)
{
	word(w, &value);
	if (value > most) {
		w->wrong = true;
		return 0;
	}
	return value;
}

static void
file_words(struct words *w, struct checkpoint_file *f)
{
	f->regular = small(w, f->regular, 1) != 0;
	f->place.device = (dev_t)small(w, f->place.device, UINT64_MAX);
	f->place.inode = (ino_t)small(w, f->place.inode, UINT64_MAX);
	f->place.offset = (off_t)small(w, (uint64_t)f->place.offset, INT64_MAX);
}

static void
totals_words(struct words *w, struct lane_totals *t)
{
	word(w, &t->searches);
	word(w, &t->searches_with_match);
	word(w, &t->bytes_searched);
	word(w, &t->bytes_printed);
	word(w, &t->matched_lines);
	word(w, &t->matches);
}

static void
all_words(struct words *w, struct checkpoint *c, uint64_t *path_length)
{
	word(w, &c->command);
	word(w, &c->roots);
	c->ended = small(w, c->ended, 1) != 0;
	c->has_newer = small(w, c->has_newer, 1) != 0;
	c->newer = (int64_t)small(w, (uint64_t)c->newer, UINT64_MAX);
	c->mark.grouped = small(w, c->mark.grouped, 1) != 0;
	c->mark.report.selected = small(w, c->mark.report.selected, 1) != 0;
	for (size_t i = 0; i < STATUS_COUNT; i++)
		word(w, &c->mark.report.files[i]);
	word(w, &c->mark.report.outputs);
	totals_words(w, &c->mark.totals);
	word(w, &c->beyond);
	file_words(w, &c->output);
	file_words(w, &c->ledger);
	c->mark.placed = small(w, c->mark.placed, 1) != 0;
	c->mark.operand = (uint32_t)small(w, c->mark.operand, UINT32_MAX);
	word(w, path_length);
}

int
checkpoint_file_of(struct checkpoint_file *f, int fd, off_t offset)
{
	struct stat st;

	*f = (struct checkpoint_file){ 0 };
	if (fstat(fd, &st) == -1)
		return -1;
	f->regular = S_ISREG(st.st_mode);
	if (f->regular)
		f->place = (struct atomic_file_place){ st.st_dev, st.st_ino, offset };
	return 0;
}

void *
checkpoint_encode(const struct checkpoint *c, size_t *size)
{
	struct checkpoint copy = *c;
	uint64_t length = c->mark.placed ? strlen(c->mark.path) : 0, sum;
	struct words w = { 0 };
	unsigned char *bytes;

	all_words(&w, &copy, &length);
	*size = MAGIC + w.count * sizeof(uint64_t) + length + sizeof(sum);
	bytes = malloc(*size);
	if (bytes == NULL)
		return NULL;
	memcpy(bytes, magic, MAGIC);
	w = (struct words){ .at = bytes + MAGIC };
	all_words(&w, &copy, &length);
	if (length > 0)
		memcpy(w.at, c->mark.path, length);
	sum = htole64(siphash_sum(bytes, *size - sizeof(sum)));
	memcpy(bytes + *size - sizeof(sum), &sum, sizeof(sum));
	return bytes;
}

/* Whether it starts as a file of some version does, and which is not this one's. */
static bool
is_other_version(const unsigned char *bytes, size_t size)
{
	return size >= MAGIC && memcmp(bytes, magic, VERSION_AT) == 0 &&
	    bytes[VERSION_AT] != magic[VERSION_AT];
}

/* Takes the path, which is all that is left. */
static int
take_path(struct mark *m, const unsigned char *at, uint64_t length)
{
	if (length == 0 || memchr(at, '\0', length) != NULL) {
		errno = EBADMSG;
		return m->placed ? -1 : 0;
	}
	m->path = strndup((const char *)at, length);
	m->capacity = length + 1;
	return m->path != NULL ? 0 : -1;
}

int
checkpoint_decode(struct checkpoint *c, const void *bytes, size_t size)
{
	const unsigned char *from = bytes;
	uint64_t sum = 0, length = 0;
	struct words w;

	*c = (struct checkpoint){ 0 };
	errno = EBADMSG;
	if (is_other_version(from, size))
		errno = EPROTONOSUPPORT;
	if (size < MAGIC + sizeof(sum) || memcmp(from, magic, MAGIC) != 0)
		return -1;
	size -= sizeof(sum);
	memcpy(&sum, from + size, sizeof(sum));
	if (le64toh(sum) != siphash_sum(from, size))
		return -1;
	w = (struct words){ .at = (unsigned char *)(uintptr_t)from + MAGIC, .reads = true,
		.most = (size - MAGIC) / sizeof(uint64_t) };
	all_words(&w, c, &length);
	if (w.wrong || length != size - MAGIC - w.count * sizeof(uint64_t) ||
	    (length > 0) != c->mark.placed)
		return -1;
	return take_path(&c->mark, w.at, length);
}

void
checkpoint_free(struct checkpoint *c)
{
	free(c->mark.path);
	*c = (struct checkpoint){ 0 };
}

static int
decode_file(struct checkpoint *c, int fd)
{
	struct stat st;
	void *bytes;
	int result = -1;

	if (fstat(fd, &st) == -1)
		return -1;
	errno = EBADMSG;
	if (!S_ISREG(st.st_mode) || st.st_size > SIZE_MOST || st.st_size == 0)
		return -1;
	bytes = malloc((size_t)st.st_size);
	if (bytes != NULL && whole_read(fd, bytes, (size_t)st.st_size, 0) == 0)
		result = checkpoint_decode(c, bytes, (size_t)st.st_size);
	free(bytes);
	return result;
}

int
checkpoint_read(struct checkpoint *c, const char *path)
{
	int fd = atomic_file_lock(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), result, error;

	*c = (struct checkpoint){ 0 };
	if (fd == -1)
		return errno == ENOENT ? 1 : -1;
	result = decode_file(c, fd);
	error = errno;
	close(fd);
	errno = error;
	return result;
}

int
checkpoint_write(const struct checkpoint *c, const char *path, struct atomic_file *a)
{
	struct atomic_file next;
	size_t size;
	void *bytes = checkpoint_encode(c, &size);

	if (bytes == NULL || atomic_file_open(&next, path) == -1) {
		free(bytes);
		return -1;
	}
	if (next.temporary == NULL)
		errno = EEXIST;
	if (next.temporary == NULL || whole_write(next.fd, bytes, size) == -1 ||
	    atomic_file_put(&next) == -1) {
		atomic_file_discard(&next);
		free(bytes);
		return -1;
	}
	atomic_file_discard(a);
	*a = next;
	free(bytes);
	return 0;
}
