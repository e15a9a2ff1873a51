#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pool/signals.h"
#include "pool/supervise.h"
#include "watch/state.h"

enum { POLL_NS_MIN = 2000000000 }; /* between looks at what cannot be watched */

/* So many times as long as a look takes. */
enum { POLL_SHARE = 20 };

/* Now, as file systems have it: their clock may be ahead of that for coarse times. */
static int64_t
file_time(void)
{
	const int fd = memfd_create("pgrep-r time", MFD_CLOEXEC);
	struct timespec t = { 0 };
	struct stat st;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	if (fd != -1 && fstat(fd, &st) == 0)
		t = st.st_ctim;
	if (fd != -1)
		close(fd);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct watch *
watch_open(const struct watch_options *options)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->options = *options;
	w->started = file_time();
	w->overflow = true;
	RB_INIT(&w->paths);
	RB_INIT(&w->watches);
	RB_INIT(&w->places);
	RB_INIT(&w->files);
	TAILQ_INIT(&w->ready);
	TAILQ_INIT(&w->fresh);
	TAILQ_INIT(&w->strays);
	w->inotify = notify_open();
	if (roots_open(w) == 0)
		return w;
	watch_close(w);
	errno = ENOMEM;
	return NULL;
}

/* The flight number i of those that are not told. */
static struct watch_flight *
flight_at(struct watch *w, size_t i)
{
	return &w->flights[(w->flight_first + i) % w->flight_capacity];
}

void
watch_close(struct watch *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->flight_count; i++) {
		struct watch_file *f = flight_at(w, i)->file;

		f->where = WATCH_IDLE;
		if (f->forgotten)
			free(f);
	}
	tables_free(w);
	roots_close(w);
	batch_builder_free(&w->builder);
	free(w->flights);
	free(w->path);
	free(w->trail);
	if (w->inotify != -1)
		close(w->inotify);
	free(w);
}

char *const *
watch_roots(const struct watch *w, size_t *count)
{
	*count = w->root_count;
	return w->root_names;
}

void
watch_say(struct watch *w, const struct watch_directory *d, const char *name, const char *text)
{
	const struct report_file file = { .path = d->path, .name = name };

	report_note(w->options.report, &file, text);
}

void
watch_lost_rest(struct watch *w, const char *path)
{
	const struct report_file file = { .path = "", .name = path };

	report_note(w->options.report, &file, "gone before the last of it could be searched");
	w->options.report->files[STATUS_UNREADABLE]++;
}

/* Whether something will be told of by nobody. */
static bool
is_polling(const struct watch *w)
{
	return w->unwatched > 0 || w->missing > 0;
}

/* When to look at what cannot be watched, and for what is missing. */
static int64_t
poll_at(const struct watch *w)
{
	const int64_t pause = w->poll_took * POLL_SHARE;

	return w->polled + (pause > POLL_NS_MIN ? pause : POLL_NS_MIN);
}

/* Finds what is new. Returns 0, or -1 with errno. */
static int
find(struct watch *w)
{
	if (w->ending)
		return 0;
	if (w->options.deadline != 0 && supervise_now() >= w->options.deadline) {
		w->ending = true;
		queue_last(w);
		return 0;
	}
	if (is_polling(w) && supervise_now() >= poll_at(w)) {
		w->overflow |= w->unwatched > 0 || roots_look(w);
		w->polled = supervise_now();
	}
	queue_purge(w);
	return events_take(w);
}

int
watch_next(struct watch *w, uint32_t files, struct pool_batch *batch)
{
	if (find(w) == -1)
		return -1;
	if (w->renews && w->flight_count > 0)
		return POOL_DRY;
	if (queue_deal(w, files) == -1)
		return -1;
	*batch = (struct pool_batch){ .bytes = w->builder.bytes, .size = w->builder.size,
		.files = w->builder.items, .renews = w->renews };
	w->renews &= w->builder.items == 0;
	if (w->builder.items > 0)
		return POOL_BATCH;
	if (w->flight_count > 0 || !queue_is_empty(w))
		return POOL_DRY;
	if (!w->ending && RB_EMPTY(&w->paths) && w->missing == 0) {
		report_message("nothing is left to watch");
		w->options.report->unwatched = true;
		w->ending = true;
	}
	return w->ending ? POOL_END : POOL_DRY;
}

/* Until when to sleep at most; 0: for ever. */
static int64_t
wake_at(const struct watch *w)
{
	int64_t at = w->options.deadline;

	if (is_polling(w) && (at == 0 || poll_at(w) < at))
		at = poll_at(w);
	return at;
}

int
watch_wait(struct watch *w, uint32_t alarm)
{
	/* Of an output nothing is asked but whether it is closed. */
	struct pollfd fds[] = { { .fd = w->inotify, .events = POLLIN },
		{ .fd = w->options.output } };

	if (signals_poll(fds, sizeof(fds) / sizeof(fds[0]), wake_at(w), alarm) <= 0 ||
	    fds[1].revents == 0)
		return 0;
	/* It would say so again and again. */
	w->options.output = -1;
	if (!(fds[1].revents & POLLERR))
		return 0;
	/* As the next write would find. */
	raise(SIGPIPE);
	if (signals_ended() != 0)
		return 0;
	errno = EPIPE;
	return -1;
}

bool
watch_frame(struct watch *w, const struct frame *frame, const char *text)
{
	struct watch_flight *flight;

	if (frame->item >= w->flight_count)
		return false;
	flight = flight_at(w, frame->item);
	flight->selected |= (frame->flags & FRAME_SELECTED) != 0;
	flight->status = frame->kind;
	if (!(frame->flags & FRAME_PIECE))
		return false;
	flight->replied = frame->length == sizeof(flight->reply);
	if (flight->replied)
		memcpy(&flight->reply, text, sizeof(flight->reply));
	return true;
}

void
watch_lost(struct watch *w, uint32_t file)
{
	if (file < w->flight_count)
		flight_at(w, file)->lost = true;
}

void
watch_finished(struct watch *w, uint32_t files)
{
	for (; files > 0 && w->flight_count > 0; files--) {
		const struct watch_flight flight = *flight_at(w, 0);

		w->flight_first = (w->flight_first + 1) % w->flight_capacity;
		w->flight_count--;
		queue_land(w, &flight);
	}
}
