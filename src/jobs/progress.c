#include "progress.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include <libutil.h>

#include "emit/escape.h"
#include "emit/report.h"
#include "pool/supervise.h"
#include "walk/batch.h"

enum { NAME_MOST = 512, TEXT_MOST = 2 * NAME_MOST + 256, WIDTH_USUAL = 80, WIDTH_MOST = 1024 };

/* What is behind the text, up to the end of the row: it goes. Source: ECMA-48, EL. */
static const char erase[] = "\033[K\r";

/* How often, and from when on a file is called slow. */
static const int64_t second = 1000000000;
static const int64_t line_pause = 1000000000 / 4, log_pause = 10000000000, slow_least = 2000000000;

void
progress_start(struct progress *p, bool wanted, const char *input_name)
{
	struct stat out, error;

	*p = (struct progress){ .wanted = wanted, .terminal = isatty(STDERR_FILENO),
		.started = supervise_now(), .input_name = input_name };
	p->next_title = p->started + second;
	p->next_line = p->started + (p->terminal ? line_pause : log_pause);
	if (!wanted || !p->terminal)
		return;
	p->shared = isatty(STDOUT_FILENO) && fstat(STDOUT_FILENO, &out) == 0 &&
	    fstat(STDERR_FILENO, &error) == 0 && out.st_rdev == error.st_rdev;
	p->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

bool
progress_due(const struct progress *p)
{
	int64_t now = supervise_now();

	return now >= p->next_title || (p->wanted && now >= p->next_line);
}

static const char *
size_text(char text[8], uint64_t bytes)
{
	int64_t size = bytes < INT64_MAX ? (int64_t)bytes : INT64_MAX;

	if (humanize_number(text, 6, size, "", HN_AUTOSCALE, HN_DECIMAL | HN_NOSPACE) == -1)
		snprintf(text, 8, "?");
	return text;
}

/* The item of a batch that is in hand, or the last one. */
static void
find_item(const struct lane_batch *batch, struct batch_item *item)
{
	const uint32_t number = batch->done < batch->files ? batch->done : batch->files - 1;
	struct batch_reader reader;

	batch_reader_init(&reader, batch->bytes);
	while (reader.number <= number)
		batch_reader_next(&reader, item);
}

/* A file's name, escaped, and of a long one the start. Empty: no memory. */
static void
file_text(char text[NAME_MOST], const struct report_file *file)
{
	char *plain = report_name(file);
	char *escaped = plain != NULL ? escape_text(plain, strlen(plain), true) : NULL;

	text[0] = '\0';
	if (escaped != NULL)
		strlcpy(text, escaped, NAME_MOST);
	free(plain);
	free(escaped);
}

/* The same, or, directory, where it lies. Empty: not known. */
static void
name_text(const struct progress *p, char text[NAME_MOST], const struct lane_batch *batch,
    bool directory)
{
	struct batch_item item = { 0 };
	struct report_file file;

	text[0] = '\0';
	if (batch == NULL)
		return;
	find_item(batch, &item);
	file = (struct report_file){ .path = item.path, .name = item.name };
	if (item.section->kind == WALK_INPUT)
		file.name = p->input_name;
	else if (directory && (item.path[0] != '\0' || item.section->directory != 0))
		file.name = "";
	file_text(text, &file);
}

/* One line, without its end. */
static void
compose(const struct progress *p, const struct pool_look *look, char text[TEXT_MOST])
{
	const int64_t passed = supervise_now() - p->started;
	const double seconds = passed > 0 ? (double)passed / 1e9 : 1e-9;
	char size[8], rate[8], name[NAME_MOST];
	int used;

	used = snprintf(text, TEXT_MOST, "%" PRIu64 " file%s, %s, %" PRIu64 " line%s, %s/s",
	    look->files, look->files == 1 ? "" : "s", size_text(size, look->totals.bytes_searched),
	    look->totals.matched_lines, look->totals.matched_lines == 1 ? "" : "s",
	    size_text(rate, (uint64_t)((double)look->totals.bytes_searched / seconds)));
	if (look->lost > 0)
		used += snprintf(text + used, (size_t)(TEXT_MOST - used), ", %" PRIu64 " worker%s lost",
		    look->lost, look->lost == 1 ? "" : "s");
	name_text(p, name, look->front, true);
	if (name[0] != '\0')
		used += snprintf(text + used, (size_t)(TEXT_MOST - used), ", in %s", name);
	name_text(p, name, look->slow_for >= slow_least ? look->slow : NULL, false);
	if (name[0] != '\0')
		snprintf(text + used, (size_t)(TEXT_MOST - used), ", on %s for %" PRId64 " s", name,
		    look->slow_for / second);
}

/* Columns of the terminal, but the last one, where some would begin a new line. */
static int
columns(void)
{
	struct winsize size;
	int width = WIDTH_USUAL;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col < WIDTH_MOST ? size.ws_col : WIDTH_MOST;
	return width - 1;
}

/* Whether a character that takes no column does more than to mark the one before. */
static bool
is_directing(wchar_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0x061c;
}

/*
 * Copies as much of a text as takes at most width columns, and no more than
 * room bytes.  Returns how many.
 */
static size_t
fit(locale_t locale, const char *text, int width, char *to, size_t room)
{
	locale_t before = locale != (locale_t)0 ? uselocale(locale) : (locale_t)0;
	size_t left = strlen(text), used = 0;
	mbstate_t state = { 0 };
	int taken = 0;

	while (left > 0) {
		wchar_t c = L'?';
		size_t size = locale != (locale_t)0 ? mbrtowc(&c, text, left, &state) : 1;
		bool whole = size >= 1 && size <= left && (locale != (locale_t)0 || *text > 0);
		int wide = whole && locale != (locale_t)0 ? wcwidth(c) : 1;
		const char *from = whole && wide >= 0 && !is_directing(c) ? text : "?";
		size_t bytes = from == text ? size : 1;

		wide = from == text ? wide : 1;
		size = whole ? size : 1;
		if (taken + wide > width || used + bytes > room)
			break;
		memcpy(to + used, from, bytes);
		used += bytes;
		taken += wide;
		text += size;
		left -= size;
		state = whole ? state : (mbstate_t){ 0 };
	}
	if (before != (locale_t)0)
		uselocale(before);
	return used;
}

/* Whether something written to the terminal is neither held up nor in another's way. */
static bool
is_free(void)
{
	struct pollfd error = { .fd = STDERR_FILENO, .events = POLLOUT };
	pid_t front = tcgetpgrp(STDERR_FILENO);

	return (front == -1 || front == getpgrp()) && poll(&error, 1, 0) == 1 &&
	    (error.revents & POLLOUT) != 0;
}

/* Writes a text over the line that stands there: in one piece, in which nothing can come between. */
static void
draw(struct progress *p, const char *text)
{
	char line[TEXT_MOST + sizeof(erase)];
	size_t used;

	line[0] = '\r';
	used = 1 + fit(p->locale, text, columns(), line + 1, TEXT_MOST);
	memcpy(line + used, erase, sizeof(erase) - 1);
	used += sizeof(erase) - 1;
	(void)!write(STDERR_FILENO, line, used);
	p->drawn = *text != '\0';
}

void
progress_clear(struct progress *p)
{
	if (p->drawn)
		draw(p, "");
}

static void
clear(void *progress)
{
	progress_clear(progress);
}

void
progress_precede(struct progress *p, struct report *report)
{
	report->before = clear;
	report->ctx = p;
}

/* The words that the program was called with, behind its name. */
static void
read_command(struct progress *p)
{
	char text[PROGRESS_TITLE_MAX];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd != -1 ? read(fd, text, sizeof(text) - 1) : -1;
	const char *words;

	if (fd != -1)
		close(fd);
	/* One that is not known is not asked for again. */
	strlcpy(p->command, "-", sizeof(p->command));
	if (length <= 0)
		return;
	text[length] = '\0';
	words = memchr(text, '\0', (size_t)length - 1);
	for (ssize_t i = 0; i < length - 1; i++)
		if (text[i] == '\0' && &text[i] != words)
			text[i] = ' ';
	if (words != NULL && &words[1] < &text[length])
		strlcpy(p->command, words + 1, sizeof(p->command));
}

static void
set_title(struct progress *p, const char *text)
{
	char *escaped;

	if (p->command[0] == '\0')
		read_command(p);
	escaped = escape_text(p->command, strlen(p->command), false);
	if (escaped != NULL)
		setproctitle("%s: %s", text, escaped);
	free(escaped);
}

/* Wherever it is due. */
static void
show(struct progress *p, const char *text, bool asked, bool clean)
{
	int64_t now = supervise_now();
	bool line = p->wanted && now >= p->next_line;

	if (asked || (line && !p->terminal)) {
		progress_clear(p);
		report_message("%s", text);
	}
	if (line && p->terminal && (!p->shared || clean) && is_free())
		draw(p, text);
	if (line)
		p->next_line = now + (p->terminal ? line_pause : log_pause);
	if (now >= p->next_title) {
		set_title(p, text);
		p->next_title = now + second;
	}
}

void
progress_show(struct progress *p, const struct pool_look *look, bool asked, bool clean)
{
	char text[TEXT_MOST];

	compose(p, look, text);
	show(p, text, asked, clean);
}

void
progress_show_listing(struct progress *p, const struct report_file *last, uint64_t names,
    bool asked, bool clean)
{
	char text[TEXT_MOST], name[NAME_MOST] = "";
	struct report_file at;

	if (last != NULL) {
		at = *last;
		at.name = *at.path != '\0' ? "" : at.name;
		file_text(name, &at);
	}
	snprintf(text, sizeof(text), "%" PRIu64 " file%s%s%s", names, names == 1 ? "" : "s",
	    *name != '\0' ? ", in " : "", name);
	show(p, text, asked, clean);
}

void
progress_end(struct progress *p)
{
	progress_clear(p);
	if (p->locale != (locale_t)0)
		freelocale(p->locale);
	p->locale = (locale_t)0;
	p->wanted = false;
}
