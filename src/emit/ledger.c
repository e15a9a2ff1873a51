#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "match/text.h"

int
ledger_open(struct ledger *l, const char *path, bool all, const struct atomic_file_place *place)
{
	int fd, opened;

	*l = (struct ledger){ .all = all };
	opened = place == NULL ? atomic_file_open(&l->file, path)
	    : atomic_file_reopen(&l->file, path, place);
	if (opened != 0)
		return opened;
	/* A descriptor for the stream to close. */
	fd = fcntl(l->file.fd, F_DUPFD_CLOEXEC, 0);
	l->stream = fd != -1 ? fdopen(fd, "w") : NULL;
	if (l->stream == NULL) {
		if (fd != -1)
			close(fd);
		ledger_discard(l);
		return -1;
	}
	/* What others may write to, or read as it comes, gets whole lines. */
	if (l->file.temporary == NULL)
		setvbuf(l->stream, NULL, _IOLBF, BUFSIZ);
	return 0;
}

/* The content of a JSON string, of UTF-8. A terminal may show it: C1 and DEL are escaped, too. */
static void
put_string(FILE *to, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0)
			fprintf(to, "\\u%04x", (unsigned char)text[++i]);
		else if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(to, "\\u%04x", c);
		else
			putc_unlocked(c, to);
	}
}

static void
put_base64(FILE *to, const char *bytes, size_t length)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t at = 0; at < length; at += 3) {
		size_t part = length - at < 3 ? length - at : 3;
		uint32_t bits = 0;

		for (size_t i = 0; i < 3; i++)
			bits = bits << 8 | (i < part ? (unsigned char)bytes[at + i] : 0);
		for (size_t i = 0; i < 4; i++)
			putc_unlocked(i <= part ? digits[bits >> (18 - 6 * i) & 63] : '=', to);
	}
}

static void
put_path(FILE *to, const char *path)
{
	size_t length = strlen(path);
	bool utf8 = text_kind_of(path, length) != TEXT_BYTES;

	fprintf(to, "\"path\":{\"%s\":\"", utf8 ? "text" : "bytes");
	(utf8 ? put_string : put_base64)(to, path, length);
	fputs("\"}", to);
}

static void
note_error(struct ledger *l, bool failed)
{
	if (failed && l->error == 0)
		l->error = errno;
}

void
ledger_file(struct ledger *l, const struct report_file *file, enum file_status status,
    uint32_t value)
{
	char reason[REPORT_REASON_MAX], *path;

	if (l->error != 0 || (status == STATUS_SEARCHED && !l->all))
		return;
	path = report_name(file);
	if (path == NULL) {
		note_error(l, true);
		return;
	}
	fputs("{\"type\":\"file\",", l->stream);
	put_path(l->stream, path);
	fprintf(l->stream, ",\"status\":\"%s\"", report_status(status));
	report_reason(reason, status, value);
	if (*reason != '\0')
		fprintf(l->stream, ",\"reason\":\"%s\"", reason);
	fputs("}\n", l->stream);
	note_error(l, ferror(l->stream));
	free(path);
}

static void
put_summary(FILE *to, const struct report *r, bool complete)
{
	uint64_t files = 0;

	for (size_t i = 0; i < STATUS_COUNT; i++)
		files += r->files[i];
	fprintf(to, "{\"type\":\"summary\",\"complete\":%s,\"files\":%llu",
	    complete ? "true" : "false", (unsigned long long)files);
	for (size_t i = 0; i < STATUS_COUNT; i++) {
		fputs(",\"", to);
		for (const char *word = report_status((enum file_status)i); *word != '\0'; word++)
			putc(*word == ' ' ? '_' : *word, to);
		fprintf(to, "\":%llu", (unsigned long long)r->files[i]);
	}
	fputs("}\n", to);
}

int
ledger_commit(struct ledger *l, const struct report *report, bool ended)
{
	if (l->error == 0) {
		put_summary(l->stream, report, ended && report_complete(report));
		note_error(l, fflush(l->stream) == EOF || ferror(l->stream));
	}
	if (l->error == 0 && atomic_file_commit(&l->file) == -1)
		l->error = errno;
	errno = l->error;
	ledger_discard(l);
	return l->error == 0 ? 0 : -1;
}

off_t
ledger_offset(const struct ledger *l)
{
	off_t offset = ftello(l->stream);

	/* A FIFO has none. */
	return offset == -1 ? 0 : offset;
}

int
ledger_flush(struct ledger *l)
{
	note_error(l, fflush(l->stream) == EOF || ferror(l->stream));
	errno = l->error;
	return l->error == 0 ? 0 : -1;
}

static void
close_stream(struct ledger *l)
{
	if (l->stream != NULL)
		fclose(l->stream);
	l->stream = NULL;
}

void
ledger_keep(struct ledger *l)
{
	int saved = errno;

	close_stream(l);
	atomic_file_keep(&l->file);
	errno = saved;
}

void
ledger_discard(struct ledger *l)
{
	int saved = errno;

	close_stream(l);
	atomic_file_discard(&l->file);
	errno = saved;
}
