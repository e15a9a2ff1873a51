#include "report.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "emit/escape.h"

/* In a crash's value, instead of a signal. */
enum { EXITED = 0x10000, VIOLATION = 0x20000 };

/* For a message when memory ran out: a path and some words. */
enum { ROOM = 4096 + 256 };

/* Where there is no memory for a message: as much as fits, and nothing but ASCII. */
static void
say_in_little_room(const char *format, va_list arguments)
{
	char message[ROOM];

	vsnprintf(message, sizeof(message), format, arguments);
	for (char *p = message; *p != '\0'; p++)
		if (*p < 0x20 || *p >= 0x7f)
			*p = '?';
	fprintf(stderr, "pgrep-r: %s\n", message);
}

void
report_message(const char *format, ...)
{
	char *message, *escaped = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&message, format, arguments);
	va_end(arguments);
	/* What the user typed may be in it. One write, so that lines do not mix. */
	if (length != -1) {
		escaped = escape_text(message, (size_t)length, false);
		free(message);
	}
	if (escaped != NULL) {
		fprintf(stderr, "pgrep-r: %s\n", escaped);
	} else {
		va_start(arguments, format);
		say_in_little_room(format, arguments);
		va_end(arguments);
	}
	free(escaped);
}

char *
report_name(const struct report_file *file)
{
	size_t path = strlen(file->path), name = strlen(file->name);
	const char *start = path + name > 0 ? file->path : ".";
	char *plain;

	/* A directory goes without its last slash, unless that is all. */
	if (name == 0 && path != 1)
		path = path > 0 ? path - 1 : 1;
	return asprintf(&plain, "%.*s%s", (int)path, start, file->name) == -1 ? NULL : plain;
}

/* The file's name, escaped, to be freed. */
static char *
escaped_name(const struct report_file *file)
{
	char *plain = report_name(file);
	char *escaped = plain ? escape_text(plain, strlen(plain), true) : NULL;

	free(plain);
	return escaped;
}

const char *
report_status(enum file_status status)
{
	static const char *const words[STATUS_COUNT] = {
		[STATUS_SEARCHED] = "searched",
		[STATUS_SKIPPED] = "skipped",
		[STATUS_UNREADABLE] = "unreadable",
		[STATUS_VANISHED] = "vanished",
		[STATUS_CUT_SHORT] = "cut short",
		[STATUS_CRASHED] = "crashed",
		[STATUS_TIMED_OUT] = "timed out",
		[STATUS_UNDONE] = "not reached",
	};

	return words[status];
}

uint32_t
report_violation(void)
{
	return VIOLATION;
}

uint32_t
report_death(int code, int status)
{
	return code == CLD_EXITED ? EXITED | (uint32_t)status : (uint32_t)status;
}

static void
name_death(char text[REPORT_REASON_MAX], uint32_t value)
{
	const char *name = value >= EXITED ? NULL : sigabbrev_np((int)value);

	if (value == VIOLATION)
		snprintf(text, REPORT_REASON_MAX, "protocol violation");
	else if (value & EXITED)
		snprintf(text, REPORT_REASON_MAX, "exit status %u", value & ~(uint32_t)EXITED);
	else if (name != NULL)
		snprintf(text, REPORT_REASON_MAX, "SIG%s", name);
	else
		snprintf(text, REPORT_REASON_MAX, "signal %u", value);
}

static void
name_error(char text[REPORT_REASON_MAX], int error)
{
	const char *name = strerrorname_np(error);

	if (name != NULL)
		snprintf(text, REPORT_REASON_MAX, "%s", name);
	else
		snprintf(text, REPORT_REASON_MAX, "error %d", error);
}

void
report_reason(char text[REPORT_REASON_MAX], enum file_status status, uint32_t value)
{
	static const char *const skips[SKIP_COUNT] = {
		[SKIP_NOT_REGULAR] = "not a regular file",
		[SKIP_BINARY] = "binary",
		[SKIP_IS_OUTPUT] = "output",
		[SKIP_TOO_LARGE] = "too large",
	};
	static const char *const cut[CUT_COUNT] = {
		[CUT_LONG_LINE] = "line too long",
		[CUT_MATCH_LIMIT] = "match limit",
		[CUT_CONTEXT] = "context too long",
		[CUT_MULTILINE] = "too large for multiline",
	};
	const char *words = "";

	if (status == STATUS_CRASHED) {
		name_death(text, value);
		return;
	}
	if (status == STATUS_UNREADABLE) {
		name_error(text, (int)value);
		return;
	}
	if (status == STATUS_SKIPPED)
		words = skips[value];
	else if (status == STATUS_CUT_SHORT)
		words = cut[value];
	else if (status == STATUS_TIMED_OUT)
		words = value == TIMEOUT_FILE ? "no progress" : "deadline";
	else if (status == STATUS_UNDONE)
		words = value == UNDONE_NO_WORKER ? "no worker" : "deadline";
	snprintf(text, REPORT_REASON_MAX, "%s", words);
}

static void
describe_death(char *text, size_t size, uint32_t value)
{
	char reason[REPORT_REASON_MAX];

	name_death(reason, value);
	snprintf(text, size, "crashed (%s)",
	    value == VIOLATION ? "its worker broke the protocol" : reason);
}

/* Whether a file that was named could not be searched, because it is written. */
static bool
is_output(const struct report_file *file, enum file_status status, uint32_t value)
{
	return status == STATUS_SKIPPED && value == SKIP_IS_OUTPUT && file->operand;
}

/* What there is to say of a file, or NULL. */
static const char *
describe(char *text, size_t size, const struct report_file *file, enum file_status status,
    uint32_t value)
{
	static const char *const cut[CUT_COUNT] = {
		[CUT_LONG_LINE] = "searched in part: a line is too long",
		[CUT_MATCH_LIMIT] = "searched in part: matching a line takes too many steps",
		[CUT_CONTEXT] = "printed in part: lines before a selected one are too long",
		[CUT_MULTILINE] = "searched in pieces: too large for --multiline (see --max-line)",
	};

	switch (status) {
	case STATUS_SKIPPED:
		return is_output(file, status, value) ? "input file is also the output" : NULL;
	case STATUS_UNREADABLE:
		return strerror((int)value);
	case STATUS_CUT_SHORT:
		return cut[value];
	case STATUS_CRASHED:
		describe_death(text, size, value);
		return text;
	case STATUS_TIMED_OUT:
		return value == TIMEOUT_FILE ? "timed out: no progress"
		    : "timed out: the deadline has passed";
	case STATUS_UNDONE:
		return value == UNDONE_NO_WORKER ? "not searched: no worker can be started" : NULL;
	default:
		return NULL;
	}
}

void
report_note(const struct report *r, const struct report_file *file, const char *text)
{
	char *name;

	if (r->silent)
		return;
	if (r->before != NULL)
		r->before(r->ctx);
	name = escaped_name(file);
	if (name != NULL)
		report_message("%s: %s", name, text);
	else
		report_message("%s%s: %s", file->path, file->name, text);
	free(name);
}

void
report_unruled(const struct report *r, const struct report_file *file, int error)
{
	char text[128];

	snprintf(text, sizeof(text), "ignore file not used: %s", strerror(error));
	report_note(r, file, text);
}

void
report_file(struct report *r, const struct report_file *file, enum file_status status,
    uint32_t value)
{
	char buffer[2 * REPORT_REASON_MAX];
	const char *text = describe(buffer, sizeof(buffer), file, status, value);

	r->files[status]++;
	r->outputs += is_output(file, status, value);
	if (text != NULL)
		report_note(r, file, text);
}

static uint64_t
incomplete(const struct report *r)
{
	return r->outputs + r->files[STATUS_UNREADABLE] + r->files[STATUS_CUT_SHORT] +
	    r->files[STATUS_CRASHED] + r->files[STATUS_TIMED_OUT] + r->files[STATUS_UNDONE];
}

bool
report_complete(const struct report *r)
{
	return incomplete(r) == 0 && !r->unfinished && !r->unwatched;
}

void
report_summary(const struct report *r)
{
	static const enum file_status reasons[] = { STATUS_UNREADABLE, STATUS_CUT_SHORT,
		STATUS_CRASHED, STATUS_TIMED_OUT, STATUS_UNDONE };
	uint64_t total = incomplete(r);
	char text[256] = "";
	size_t used = 0;

	if (r->silent)
		return;
	if (r->unfinished)
		report_message("the walk was not finished: the deadline has passed");
	if (total == 0)
		return;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (r->files[reasons[i]] > 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%llu %s",
			    used > 0 ? ", " : "", (unsigned long long)r->files[reasons[i]],
			    report_status(reasons[i]));
	if (r->outputs > 0)
		snprintf(text + used, sizeof(text) - used, "%s%llu also the output",
		    used > 0 ? ", " : "", (unsigned long long)r->outputs);
	report_message("%llu file%s not searched whole: %s", (unsigned long long)total,
	    total == 1 ? "" : "s", text);
}
