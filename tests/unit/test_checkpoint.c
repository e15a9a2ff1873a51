/*
 * Checkpoints: what is written is read again, and nothing else is: not with any
 * bit of it changed, nor cut or longer.
 *
 * TEST_SEED replays a run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/checkpoint.h"
#include "random.h"
#include "tap.h"

static struct random choices;

static struct checkpoint
some(char *path)
{
	struct checkpoint c = { .command = random_next(&choices), .roots = random_next(&choices),
		.has_newer = true, .newer = -5, .beyond = random_below(&choices, 1000),
		.mark = { .grouped = true, .operand = 3, .placed = path != NULL, .path = path,
			.report = { .selected = true, .outputs = 7 },
			.totals = { 1, 2, 3, 4, 5, UINT64_MAX } },
		.output = { true, { 8, 1234567, 98765432100 } }, .ledger = { false, { 0, 0, 0 } } };

	for (size_t i = 0; i < STATUS_COUNT; i++)
		c.mark.report.files[i] = random_next(&choices);
	return c;
}

static bool
same_file(const struct checkpoint_file *a, const struct checkpoint_file *b)
{
	return a->regular == b->regular && a->place.device == b->place.device &&
	    a->place.inode == b->place.inode && a->place.offset == b->place.offset;
}

static bool
same(const struct checkpoint *a, const struct checkpoint *b)
{
	const struct mark *m = &a->mark, *n = &b->mark;

	return a->command == b->command && a->roots == b->roots && a->ended == b->ended &&
	    a->has_newer == b->has_newer && a->newer == b->newer && a->beyond == b->beyond &&
	    m->grouped == n->grouped && m->placed == n->placed && m->operand == n->operand &&
	    (!m->placed || strcmp(m->path, n->path) == 0) &&
	    m->report.selected == n->report.selected && m->report.outputs == n->report.outputs &&
	    memcmp(m->report.files, n->report.files, sizeof(m->report.files)) == 0 &&
	    memcmp(&m->totals, &n->totals, sizeof(m->totals)) == 0 &&
	    same_file(&a->output, &b->output) && same_file(&a->ledger, &b->ledger);
}

/* Whether a copy of the bytes, of that size and perhaps with a byte changed, is refused. */
static bool
refused(const unsigned char *bytes, size_t size, size_t at, unsigned char change)
{
	/* Of the very size, for those that watch over memory. */
	unsigned char *copy = malloc(size > 0 ? size : 1);
	struct checkpoint c;
	bool is;

	memcpy(copy, bytes, size);
	if (change != 0)
		copy[at] ^= change;
	is = checkpoint_decode(&c, copy, size) == -1 && (errno == EBADMSG || errno == EPROTONOSUPPORT);
	checkpoint_free(&c);
	free(copy);
	return is;
}

static void
test_damage(const struct checkpoint *c, const char *name)
{
	size_t size, taken = 0;
	unsigned char *bytes = checkpoint_encode(c, &size);
	struct checkpoint read;

	tap_ok(checkpoint_decode(&read, bytes, size) == 0 && same(c, &read), "%s: it is read again", name);
	checkpoint_free(&read);
	for (size_t i = 0; i < size; i++)
		for (unsigned int change = 1; change < 256; change++)
			taken += !refused(bytes, size, i, (unsigned char)change);
	tap_ok(taken == 0, "%s: any other byte in any of its %zu places is refused", name, size);
	for (size_t i = 0; i < size; i++)
		taken += !refused(bytes, i, 0, 0);
	tap_ok(taken == 0, "%s: cut anywhere it is refused", name);
	bytes = realloc(bytes, size + 8);
	memset(bytes + size, 0, 8);
	for (size_t i = 1; i <= 8; i++)
		taken += !refused(bytes, size + i, 0, 0);
	tap_ok(taken == 0, "%s: longer it is refused", name);
	free(bytes);
}

static void
test_version(const struct checkpoint *c)
{
	size_t size;
	unsigned char *bytes = checkpoint_encode(c, &size);
	struct checkpoint read;

	bytes[strlen("pgrep-r checkpoint ")]++;
	tap_ok(checkpoint_decode(&read, bytes, size) == -1 && errno == EPROTONOSUPPORT,
	    "another version is called so");
	free(bytes);
}

static void
test_files(const struct checkpoint *c)
{
	static char directory[] = "/tmp/test_checkpoint.XXXXXX";
	char path[sizeof(directory) + 8];
	struct atomic_file held = { .fd = -1 };
	struct checkpoint read, other = *c;
	int fd;

	if (mkdtemp(directory) == NULL)
		exit(1);
	snprintf(path, sizeof(path), "%s/file", directory);
	tap_ok(checkpoint_read(&read, path) == 1, "no file is no checkpoint");
	tap_ok(checkpoint_write(c, path, &held) == 0, "one is written");
	tap_ok(checkpoint_read(&read, path) == -1 && errno == EWOULDBLOCK,
	    "who has written it has it in use");
	other.beyond++;
	tap_ok(checkpoint_write(&other, path, &held) == 0, "one takes the other's place");
	atomic_file_keep(&held);
	tap_ok(checkpoint_read(&read, path) == 0 && same(&other, &read), "the later one is read");
	checkpoint_free(&read);
	fd = open(path, O_WRONLY | O_TRUNC);
	close(fd);
	tap_ok(checkpoint_read(&read, path) == -1 && errno == EBADMSG, "an empty one is none");
	unlink(path);
	tap_ok(mkfifo(path, 0600) == 0 && checkpoint_read(&read, path) == -1, "a FIFO is none");
	unlink(path);
	tap_ok(rmdir(directory) == 0, "no temporary is left");
}

int
main(void)
{
	struct checkpoint c, none;

	choices.state = random_seed();
	c = some((char *)(uintptr_t)"tree/some/path with\n strange \xff letters");
	none = some(NULL);
	none.ended = true;
	test_damage(&c, "with a path");
	test_damage(&none, "with none");
	test_version(&c);
	test_files(&c);
	return tap_done();
}
