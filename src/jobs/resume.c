#include "resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"
#include "jobs/command.h"
#include "pool/supervise.h"

/* Between two checkpoints at least, in ns, and in times of what the last one took. */
static const int64_t pause_least = 100000000;
enum { PAUSE_TIMES = 64 };

static int
refuse(const struct resume *r, const char *what)
{
	report_message("%s: %s; remove it to start anew", r->path, what);
	return EXIT_BAD_USAGE;
}

static int
say_read_error(const struct resume *r)
{
	switch (errno) {
	case EBADMSG:
		return refuse(r, "is damaged, or no checkpoint");
	case EPROTONOSUPPORT:
		return refuse(r, "is a checkpoint of another version");
	case EWOULDBLOCK:
		report_message("%s: another process is writing it", r->path);
		return EXIT_CANNOT_CREATE;
	default:
		report_message("%s: %s", r->path, strerror(errno));
		return EXIT_CANNOT_CREATE;
	}
}

int
resume_open(struct resume *r, const struct options *o)
{
	const uint64_t command = command_output(o), roots = command_roots(o);
	struct checkpoint *c = &r->checkpoint;
	int got;

	*r = (struct resume){ .path = o->resume, .fd = -1 };
	got = checkpoint_read(c, r->path);
	if (got == -1)
		return say_read_error(r);
	if (got == 1) {
		c->command = command;
		c->roots = roots;
		c->has_newer = o->has_newer;
		c->newer = o->newer;
		return 0;
	}
	r->goes_on = true;
	if (c->command != command)
		return refuse(r, "is a checkpoint of another command line");
	if (c->roots != roots)
		return refuse(r, "is a checkpoint of other directories");
	r->marks.next = c->mark;
	r->marks.next.path = NULL;
	r->marks.next.capacity = 0;
	if (c->mark.placed &&
	    mark_place_at(&r->marks.next, c->mark.operand, c->mark.path, "") == -1) {
		report_message("%s", strerror(errno));
		return EXIT_SYSTEM;
	}
	r->marks.next.ledger = c->ledger.place.offset;
	marks_written(&r->marks, 0);
	return 0;
}

int
resume_standard_output(struct resume *r)
{
	const struct atomic_file_place *place = &r->checkpoint.output.place;
	struct stat st;

	if (!r->goes_on || !r->checkpoint.output.regular)
		return 0;
	if (fstat(STDOUT_FILENO, &st) == -1) {
		report_message("standard output: %s", strerror(errno));
		return EXIT_WRITE;
	}
	if (st.st_dev != place->device || st.st_ino != place->inode)
		return refuse(r, "goes on with another file than standard output is");
	if (st.st_size < place->offset)
		return refuse(r, "goes on with more than standard output holds "
		    "(it needs >>, not >)");
	if (ftruncate(STDOUT_FILENO, place->offset) == -1 ||
	    lseek(STDOUT_FILENO, place->offset, SEEK_SET) == -1) {
		report_message("standard output: %s", strerror(errno));
		return EXIT_WRITE;
	}
	return 0;
}

uint64_t
resume_beyond(const struct resume *r)
{
	return r->goes_on ? r->checkpoint.beyond : 0;
}

/* Where in its file the output is, or -1. */
static off_t
position(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return lseek(fd, 0, flags != -1 && (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
}

/* Has the files on the disk, up to the mark and perhaps beyond. Returns 0, or -1 with errno. */
static int
sync_files(const struct resume *r)
{
	if (r->checkpoint.output.regular && fdatasync(r->fd) == -1)
		return -1;
	if (r->ledger == NULL)
		return 0;
	if (ledger_flush(r->ledger) == -1)
		return -1;
	return r->checkpoint.ledger.regular ? fdatasync(r->ledger->file.fd) : 0;
}

/* Writes the mark that counts as a checkpoint. Returns 0, or -1 with errno. */
static int
keep(struct resume *r, uint64_t beyond)
{
	struct checkpoint c = r->checkpoint;

	c.mark = r->marks.written;
	c.beyond = c.output.regular ? 0 : beyond;
	if (c.output.regular)
		c.output.place.offset = r->base + (off_t)c.mark.offset;
	if (c.ledger.regular)
		c.ledger.place.offset = c.mark.ledger;
	if (sync_files(r) == -1)
		return -1;
	return checkpoint_write(&c, r->path, &r->file);
}

/* The same, at a time when the search goes on whether it succeeds or not. */
static void
keep_or_say(struct resume *r, uint64_t beyond)
{
	r->kept = r->marks.counted;
	if (keep(r, beyond) == 0 || r->failed)
		return;
	r->failed = true;
	report_message("%s: %s", r->path, strerror(errno));
}

int
resume_begin(struct resume *r, int fd, struct ledger *ledger)
{
	struct checkpoint *c = &r->checkpoint;

	r->fd = fd;
	r->ledger = ledger;
	r->due = supervise_now() + pause_least;
	if (checkpoint_file_of(&c->output, fd, 0) == -1 ||
	    (ledger != NULL && checkpoint_file_of(&c->ledger, ledger->file.fd, 0) == -1))
		return -1;
	if (ledger != NULL && !r->goes_on)
		r->marks.next.ledger = r->marks.written.ledger = ledger_offset(ledger);
	r->base = c->output.regular ? position(fd) : 0;
	if (r->base == -1)
		return -1;
	return keep(r, c->beyond);
}

/* The output is written up to a mark: where that is in its file, and behind it. */
static void
count(struct resume *r, const struct output *output)
{
	if (r->checkpoint.output.regular) {
		/* Somebody else may write there, too: messages, perhaps. */
		off_t at = position(r->fd);

		if (at == -1)
			return;
		r->base = at - (off_t)output_written(output);
	}
	marks_written(&r->marks, output_written(output));
}

/* Bytes behind the mark that are written. */
static uint64_t
beyond(const struct resume *r, const struct output *output)
{
	return output_written(output) - r->marks.written.offset + output->skip;
}

void
resume_flushed(struct resume *r, const struct output *output)
{
	int64_t before, after, pause;

	if (r->marks.set != r->marks.counted)
		count(r, output);
	if (r->kept == r->marks.counted || r->marks.frozen)
		return;
	before = supervise_now();
	if (before < r->due)
		return;
	keep_or_say(r, beyond(r, output));
	after = supervise_now();
	pause = PAUSE_TIMES * (after - before);
	r->due = after + (pause > pause_least ? pause : pause_least);
}

void
resume_stop(struct resume *r, const struct output *output)
{
	int saved = errno;
	off_t end;

	if (r->marks.set != r->marks.counted)
		count(r, output);
	keep_or_say(r, beyond(r, output));
	end = r->base + (off_t)r->marks.written.offset;
	/* What cannot be taken back now, the next run takes back. */
	if (r->checkpoint.output.regular && ftruncate(r->fd, end) == 0)
		(void)!lseek(r->fd, end, SEEK_SET);
	errno = saved;
}

int
resume_end(struct resume *r, const struct sink *s)
{
	struct mark *m = &r->marks.next;

	m->offset = output_written(&s->output);
	m->grouped = s->stream.grouped;
	m->report = s->report;
	m->totals = s->totals;
	if (r->ledger != NULL)
		m->ledger = ledger_offset(r->ledger);
	r->marks.set++;
	count(r, &s->output);
	r->checkpoint.ended = true;
	return keep(r, 0);
}

int
resume_remove(struct resume *r)
{
	int result = 0;

	/* What has ended before has not written any. */
	if (r->file.target == NULL)
		result = atomic_file_open(&r->file, r->path);
	if (result == 0)
		result = atomic_file_remove(&r->file);
	resume_close(r);
	return result;
}

void
resume_close(struct resume *r)
{
	int saved = errno;

	if (r->path != NULL)
		atomic_file_keep(&r->file);
	checkpoint_free(&r->checkpoint);
	marks_free(&r->marks);
	r->path = NULL;
	errno = saved;
}
