#include "since.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "jobs/siphash.h"

static const int64_t second = 1000000000;

/* The coarsest clock of a file system: two seconds, of FAT. */
static const int64_t tick = 2000000000;

enum { LINE_LEAST = 1024 };

static int64_t
ns_of(const struct timespec *t)
{
	return t->tv_sec * second + t->tv_nsec;
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ns_of(&t);
}

int
since_open(struct since *s, const char *path, uint64_t command, bool follow, int *refused)
{
	*s = (struct since){ .path = path, .follow = follow, .command = command,
		.racy = now() - tick };
	*refused = 0;
	state_writer_init(&s->set, path);
	/* First of all, so that no other run can write it meanwhile. */
	if (atomic_file_open(&s->file, path) == -1)
		return -1;
	if (s->file.temporary == NULL) {
		atomic_file_discard(&s->file);
		errno = EINVAL;
		return -1;
	}
	s->set.beside = s->file.target;
	s->old = state_open(path);
	if (s->old == NULL && errno == EINVAL) {
		atomic_file_discard(&s->file);
		errno = EINVAL;
		return -1;
	}
	if (s->old == NULL && errno != ENOENT)
		*refused = errno;
	if (s->old != NULL && state_command(s->old) != command) {
		*refused = ESRCH;
		state_close(s->old);
		s->old = NULL;
	}
	if (s->old != NULL)
		memcpy(s->key, state_key(s->old), sizeof(s->key));
	else if (getrandom(s->key, sizeof(s->key), 0) != sizeof(s->key)) {
		since_discard(s);
		return -1;
	}
	return 0;
}

/* The file's number; never 0. */
static uint64_t
number_of(const struct since *s, const struct walk_entry *e, const struct stat *st)
{
	const uint64_t words[] = { st->st_dev, st->st_ino, (uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
		(uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec };
	struct siphash h;
	uint64_t number;

	siphash_init(&h, s->key);
	siphash_add(&h, words, sizeof(words));
	siphash_add(&h, e->path, e->path_length);
	siphash_add(&h, e->name, e->name_length);
	number = siphash_end(&h);
	return number != 0 ? number : 1;
}

/*
 * Whether the file could be written to once more without a change of its times.
 * A time of modification that lies ahead was set, and says nothing.
 */
static bool
is_racy(const struct since *s, const struct stat *st)
{
	return ns_of(&st->st_ctim) >= s->racy ||
	    (ns_of(&st->st_mtim) >= s->racy && ns_of(&st->st_mtim) <= now() + tick);
}

static void
fail(struct since *s)
{
	if (s->error == 0)
		s->error = errno;
}

static void
add(struct since *s, uint64_t number)
{
	if (s->error == 0 && state_writer_add(&s->set, number) == -1)
		fail(s);
}

static void
push(struct since *s, uint64_t number)
{
	if (s->error != 0)
		return;
	if (s->count == s->capacity) {
		size_t capacity = s->capacity > 0 ? 2 * s->capacity : LINE_LEAST;
		uint64_t *bigger = reallocarray(NULL, capacity, sizeof(*bigger));

		if (bigger == NULL) {
			fail(s);
			return;
		}
		for (size_t i = 0; i < s->count; i++)
			bigger[i] = s->line[(s->first + i) & (s->capacity - 1)];
		free(s->line);
		s->line = bigger;
		s->first = 0;
		s->capacity = capacity;
	}
	s->line[(s->first + s->count++) & (s->capacity - 1)] = number;
}

bool
since_pass(struct since *s, int directory, const struct walk_entry *e)
{
	int flags = s->follow || e->directory == 0 ? 0 : AT_SYMLINK_NOFOLLOW;
	uint64_t number = 0;
	struct stat st;

	/* What cannot be looked at, whoever opens it will find out. */
	if (e->kind == WALK_FILE && (directory >= 0 || directory == AT_FDCWD) &&
	    fstatat(directory, e->name, &st, flags) == 0 && S_ISREG(st.st_mode)) {
		number = number_of(s, e, &st);
		if (s->old != NULL && state_has(s->old, number)) {
			add(s, number);
			s->met++;
			return true;
		}
		if (is_racy(s, &st))
			number = 0;
	}
	push(s, number);
	return false;
}

/* Whether there is nothing more to be found in a file that stays as it is. */
static bool
is_done(enum file_status status, uint32_t value)
{
	return status == STATUS_SEARCHED ||
	    (status == STATUS_SKIPPED && (value == SKIP_BINARY || value == SKIP_TOO_LARGE));
}

void
since_told(struct since *s, uint64_t files, enum file_status status, uint32_t value)
{
	const bool done = is_done(status, value);

	for (; files > 0 && s->error == 0; files--) {
		uint64_t number;

		if (s->count == 0) {
			errno = EPROTO;
			fail(s);
			return;
		}
		number = s->line[s->first];
		s->first = (s->first + 1) & (s->capacity - 1);
		s->count--;
		if (done && number != 0)
			add(s, number);
	}
}

/* Keeps what is known of files that were not met. Returns as since.h says of the largest. */
static uint64_t
keep_rest(struct since *s)
{
	const uint64_t own = state_writer_count(&s->set), before = state_largest(s->old);
	const uint64_t largest = own > before ? own : before;

	if (s->error == 0 && state_count(s->old) <= s->met + largest &&
	    state_writer_add_all(&s->set, s->old) == -1)
		fail(s);
	return largest;
}

int
since_commit(struct since *s, bool cut)
{
	uint64_t largest = state_writer_count(&s->set);
	int result = -1;

	if (cut && s->old != NULL)
		largest = keep_rest(s);
	errno = s->error;
	if (s->error == 0 &&
	    state_writer_write(&s->set, s->file.fd, s->key, s->command, largest) == 0)
		result = atomic_file_commit(&s->file);
	since_discard(s);
	return result;
}

void
since_discard(struct since *s)
{
	int saved = errno;

	if (s->path == NULL)
		return;
	state_close(s->old);
	s->old = NULL;
	state_writer_fini(&s->set);
	atomic_file_discard(&s->file);
	free(s->line);
	s->line = NULL;
	s->path = NULL;
	errno = saved;
}
