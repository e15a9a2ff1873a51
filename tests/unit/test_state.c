/*
 * Files of state: what is put in is in, nothing else is, whatever their number;
 * a file with any bit of it changed, cut or longer is refused.  And the hash
 * that they are made of.
 *
 * TEST_SEED replays a run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs/siphash.h"
#include "jobs/state.h"
#include "random.h"
#include "tap.h"

static struct random choices;
static char directory[] = "/tmp/test_state.XXXXXX";
static char path[sizeof(directory) + 8];
static const uint64_t key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

/* The numbers of a set: by their place, as if at random. */
static uint64_t
number(uint64_t seed, uint64_t i)
{
	const uint64_t both[2] = { seed, i };

	return siphash_sum(both, sizeof(both));
}

static void
test_siphash(void)
{
	unsigned char bytes[64];
	struct siphash h;
	bool alike = true;
	uint64_t whole;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	siphash_init(&h, key);
	tap_ok(siphash_end(&h) == 0x726fdb47dd0e0e31, "nothing has the hash of the paper's code");
	siphash_init(&h, key);
	siphash_add(&h, bytes, 15);
	tap_ok(siphash_end(&h) == 0xa129ca6149be45e5, "the paper's example has the paper's hash");
	siphash_init(&h, key);
	siphash_add(&h, bytes, sizeof(bytes));
	whole = siphash_end(&h);
	for (size_t i = 0; i < sizeof(bytes); i++)
		for (size_t j = i; j < sizeof(bytes); j++) {
			siphash_init(&h, key);
			siphash_add(&h, bytes, i);
			siphash_add(&h, bytes + i, j - i);
			siphash_add(&h, bytes + j, sizeof(bytes) - j);
			alike &= siphash_end(&h) == whole;
		}
	tap_ok(alike, "in pieces it is the same");
}

/* Writes a set of so many numbers, each twice every so often. */
static bool
write_set(uint64_t seed, uint64_t count)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct state_writer w;
	bool done = true;

	state_writer_init(&w, path);
	for (uint64_t i = 0; i < count; i++)
		for (uint64_t times = 0; times <= (i % 1000 == 7); times++)
			done = done && state_writer_add(&w, number(seed, i)) == 0;
	done = done && state_writer_write(&w, fd, key, 42, 7) == 0;
	state_writer_fini(&w);
	close(fd);
	return done;
}

static void
test_set(uint64_t count)
{
	const uint64_t seed = random_next(&choices), step = count / 5000 + 1;
	uint64_t missing = 0, strange = 0;
	struct state *s = NULL;
	struct stat st;

	if (!tap_ok(write_set(seed, count) && (s = state_open(path)) != NULL,
	    "a set of %llu is written and opened", (unsigned long long)count))
		return;
	stat(path, &st);
	tap_note("%llu files: %.3f bytes a file", (unsigned long long)count,
	    count > 0 ? (double)st.st_size / (double)count : 0.0);
	for (uint64_t i = 0; i < count; i += step)
		missing += !state_has(s, number(seed, i));
	for (uint64_t i = 0; i < 5000; i++)
		strange += state_has(s, number(seed, count + i));
	tap_ok(missing == 0 && strange == 0 && state_count(s) == count && state_largest(s) == 7,
	    "of %llu all are in, once, and no others", (unsigned long long)count);
	tap_ok(state_command(s) == 42 && memcmp(state_key(s), key, sizeof(key)) == 0,
	    "with key and command");
	state_close(s);
}

/* Whether the file is refused. */
static bool
is_refused(void)
{
	struct state *s = state_open(path);
	bool refused = s == NULL && (errno == EBADMSG || errno == EPROTONOSUPPORT);

	state_close(s);
	return refused;
}

static void
test_damage(uint64_t count, unsigned int step)
{
	unsigned char bytes[8192], changed;
	size_t size, taken = 0;
	int fd;

	write_set(random_next(&choices), count);
	fd = open(path, O_RDWR);
	size = (size_t)read(fd, bytes, sizeof(bytes));
	for (size_t i = 0; i < size; i++)
		for (unsigned int change = 1; change < 256; change += step) {
			changed = (unsigned char)(bytes[i] ^ change);
			if (pwrite(fd, &changed, 1, (off_t)i) != 1)
				exit(1);
			taken += !is_refused();
			if (pwrite(fd, &bytes[i], 1, (off_t)i) != 1)
				exit(1);
		}
	tap_ok(taken == 0 && !is_refused(), "a set of %llu with a byte changed in any of %zu places",
	    (unsigned long long)count, size);
	if (pwrite(fd, "\0", 1, (off_t)size) != 1)
		exit(1);
	taken += !is_refused();
	for (size_t i = size; i-- > 0;) {
		if (ftruncate(fd, (off_t)i) == -1)
			exit(1);
		taken += !is_refused();
	}
	tap_ok(taken == 0, "or longer, or cut anywhere, is refused");
	close(fd);
}

static void
test_union(void)
{
	const uint64_t one = random_next(&choices), other = random_next(&choices);
	struct state *s;
	struct state_writer w;
	uint64_t missing = 0;
	int fd;

	write_set(one, 70000);
	s = state_open(path);
	state_writer_init(&w, path);
	for (uint64_t i = 0; i < 1000; i++)
		state_writer_add(&w, number(other, i));
	state_writer_add_all(&w, s);
	state_close(s);
	fd = open(path, O_WRONLY | O_TRUNC);
	state_writer_write(&w, fd, key, 42, 7);
	close(fd);
	state_writer_fini(&w);
	s = state_open(path);
	for (uint64_t i = 0; i < 70000; i += 10)
		missing += !state_has(s, number(one, i));
	for (uint64_t i = 0; i < 1000; i++)
		missing += !state_has(s, number(other, i));
	tap_ok(missing == 0 && state_count(s) == 71000, "one set is added to another");
	state_close(s);
}

int
main(void)
{
	unsigned int step;

	choices.state = random_seed();
	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/state", directory);
	test_siphash();
	test_set(0);
	test_set(1);
	test_set(255);
	test_set(256);
	test_set(65535);
	test_set(65536);
	test_set(random_cases(1000000));
	step = random_cases(1000) == 1000 ? 1 : 53;
	test_damage(0, step);
	test_damage(3, step);
	test_damage(300, 29);
	test_union();
	tap_ok(unlink(path) == 0 && rmdir(directory) == 0, "no other file is left");
	return tap_done();
}
