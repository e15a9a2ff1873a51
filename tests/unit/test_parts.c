/*
 * A file that is read in parts comes in the same windows as one that is read
 * whole, with the same bytes behind them: what depends on windows does not depend on
 * how many workers there are.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many files are tried.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "random.h"
#include "scan/reader.h"
#include "tap.h"

enum { CASES = 4000, FILE_MAX = 4000, WINDOWS_MAX = 2 * FILE_MAX, REPORTED_MAX = 3 };

/* A window, and what was read behind it. */
struct seen {
	uint64_t offset;
	size_t length, filled;
	bool skipping, done;
	char bytes[FILE_MAX];
};

struct record {
	size_t count;
	bool cut;
	uint64_t taken;
	struct seen *windows;
};

struct file {
	char bytes[FILE_MAX];
	size_t length;
	uint64_t origin;
	int fd;
	struct stat st;
};

static void
record_windows(struct reader *r, struct record *record)
{
	size_t length;
	char *text;
	int got;

	while ((got = reader_next(r, &text, &length)) == 1 && record->count < WINDOWS_MAX) {
		struct seen *w = &record->windows[record->count++];

		w->offset = r->offset;
		w->length = length;
		w->filled = r->filled;
		w->skipping = r->skipping;
		w->done = reader_at_end(r);
		memcpy(w->bytes, text, r->filled < FILE_MAX ? r->filled : FILE_MAX);
	}
	if (got != 0)
		abort();
	record->cut |= r->cut;
	record->taken += reader_taken(r);
}

/* Lines about as long as a window, so that they end anywhere about its end. */
static void
make_file(struct file *f, struct random *random, size_t window)
{
	const size_t size = random_below(random, FILE_MAX / 2), most = 1 + random_below(random, 3 * window);

	f->length = 0;
	f->origin = random_once_in(random, 3) ? random_below(random, FILE_MAX / 4) : 0;
	memset(f->bytes, 'x', f->origin);
	f->length = f->origin;
	while (f->length < f->origin + size) {
		size_t line = random_below(random, most + 1);

		/* Right up to the end of a window. */
		if (random_once_in(random, 5))
			line = window - 1 - (f->length - f->origin) % window + random_below(random, 2);
		for (size_t i = 0; i < line && f->length < FILE_MAX - 1; i++)
			f->bytes[f->length++] = (char)('a' + random_below(random, 26));
		f->bytes[f->length++] = '\n';
		if (f->length >= FILE_MAX - 1)
			break;
	}
	if (f->length > f->origin && random_once_in(random, 3))
		f->length--;
	f->fd = memfd_create("test_parts", 0);
	if (f->fd == -1 || write(f->fd, f->bytes, f->length) != (ssize_t)f->length ||
	    fstat(f->fd, &f->st) == -1)
		abort();
}

static bool
same_windows(const struct record *a, const struct record *b)
{
	if (a->count != b->count || a->cut != b->cut)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct seen *x = &a->windows[i], *y = &b->windows[i];

		if (x->offset != y->offset || x->length != y->length || x->filled != y->filled ||
		    x->skipping != y->skipping || x->done != y->done ||
		    memcmp(x->bytes, y->bytes, x->filled) != 0)
			return false;
	}
	return true;
}

/* The windows are the file, but for the rests of lines that were cut. */
static bool
is_file(const struct file *f, const struct record *record, size_t window)
{
	uint64_t at = 0;

	for (size_t i = 0; i < record->count; i++) {
		const struct seen *w = &record->windows[i];

		if (w->offset < at || (w->offset != at && !record->cut))
			return false;
		if (memcmp(w->bytes, f->bytes + f->origin + w->offset, w->length) != 0)
			return false;
		/* Its lines start in one segment. */
		for (size_t b = 0; b + 1 < w->length; b++)
			if (w->bytes[b] == '\n' &&
			    (w->offset + b + 1) / window != w->offset / window)
				return false;
		at = w->offset + w->length;
	}
	return record->cut || at == f->length - f->origin;
}

static void
show(const char *name, const struct record *r)
{
	printf("# %s:", name);
	for (size_t i = 0; i < r->count && i < 40; i++)
		printf(" %zu+%zu/%zu%s", (size_t)r->windows[i].offset, r->windows[i].length,
		    r->windows[i].filled, r->windows[i].skipping ? "!" : "");
	putchar('\n');
}

static struct record whole, parts;

static void
read_parts(struct reader *r, const struct file *f, uint64_t size)
{
	const uint64_t left = f->length - f->origin;

	for (uint64_t from = 0; from == 0 || from < left; from += size) {
		const struct reader_part part = { .origin = f->origin, .from = from,
			.to = from + size >= left ? UINT64_MAX : from + size };

		reader_file_part(r, f->fd, &f->st, &part);
		record_windows(r, &parts);
	}
}

static bool
try(struct random *random)
{
	static unsigned int reported;
	const size_t window = 16 + random_below(random, random_once_in(random, 4) ? 300 : 50);
	const size_t max_line = window * (1 + random_below(random, 4)) + random_below(random, 9);
	const uint64_t size = window * (1 + random_below(random, 4));
	const struct reader_options options = { .window = window, .terminator = '\n',
		.max_line = random_once_in(random, 2) ? FILE_MAX : max_line };
	struct reader one, other;
	struct file f;
	bool good;

	make_file(&f, random, window);
	whole.count = parts.count = 0;
	whole.cut = parts.cut = false;
	whole.taken = parts.taken = 0;
	if (reader_init(&one, &options) == -1 || reader_init(&other, &options) == -1 ||
	    lseek(f.fd, (off_t)f.origin, SEEK_SET) == -1)
		abort();
	/* A size that does not tell where it ends is as good. */
	if (f.origin > 0)
		f.st.st_size = (off_t)f.length;
	reader_file(&one, f.fd, &f.st);
	if (f.origin > 0)
		one.size = f.length - f.origin;
	record_windows(&one, &whole);
	read_parts(&other, &f, size);
	good = same_windows(&whole, &parts) && is_file(&f, &whole, window) &&
	    (whole.cut || (whole.taken == f.length - f.origin && parts.taken == whole.taken));
	if (!good && reported++ < REPORTED_MAX) {
		printf("# %zu bytes from %zu on, window %zu, longest line %zu, parts of %zu\n", f.length,
		    (size_t)f.origin, window, options.max_line, (size_t)size);
		show("whole", &whole);
		show("parts", &parts);
	}
	reader_fini(&one);
	reader_fini(&other);
	close(f.fd);
	return good;
}

int
main(void)
{
	struct random random = { random_seed() };
	unsigned long cases = random_cases(CASES), good = 0, cut = 0, several = 0;

	whole.windows = calloc(WINDOWS_MAX, sizeof(*whole.windows));
	parts.windows = calloc(WINDOWS_MAX, sizeof(*parts.windows));
	for (unsigned long i = 0; i < cases; i++) {
		good += try(&random);
		cut += whole.cut;
		several += whole.count > 2;
	}
	tap_ok(good == cases, "%lu of %lu files come in the same windows, whole or in parts", good, cases);
	tap_ok(cut > cases / 20 && several > cases / 4, "%lu with lines that are cut, %lu in some windows",
	    cut, several);
	free(whole.windows);
	free(parts.windows);
	return tap_done();
}
