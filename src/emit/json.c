#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "emit/put.h"
#include "match/text.h"
#include "shm/lane_worker.h"

static void
put_bytes(struct json *j, const char *bytes, size_t length)
{
	lane_worker_write(j->out, bytes, length);
	j->printed += length;
}

static void
put(struct json *j, const char *text)
{
	put_bytes(j, text, strlen(text));
}

static void
put_count(struct json *j, uint64_t count)
{
	char digits[DIGITS_MAX];

	put_bytes(j, digits, digits_put(digits, count));
}

void
json_init(struct json *j, struct lane_worker *out, bool line_buffered)
{
	*j = (struct json){ .out = out, .line_buffered = line_buffered };
}

void
json_fini(struct json *j)
{
	free(j->replacement);
}

void
json_file(struct json *j, const char *path, const char *name)
{
	j->path = path;
	j->name = name;
	j->begun = false;
	j->printed = 0;
}

bool
json_lost(struct json *j)
{
	bool lost = j->lost;

	j->lost = false;
	return lost;
}

/* RFC 8259, section 7: what cannot stand for itself. */
static bool
is_special(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static void
put_special(struct json *j, unsigned char c)
{
	static const char hex[] = "0123456789abcdef", names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char escape[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 0xf] };

	for (size_t i = 0; i < sizeof(names) - 1; i += 2) {
		if ((unsigned char)names[i] == c) {
			put_bytes(j, (char[]){ '\\', names[i + 1] }, 2);
			return;
		}
	}
	put_bytes(j, escape, sizeof(escape));
}

/* Part of a string, UTF-8. */
static void
put_text(struct json *j, const char *text, size_t length)
{
	while (length > 0) {
		size_t plain = 0;

		while (plain < length && !is_special((unsigned char)text[plain]))
			plain++;
		put_bytes(j, text, plain);
		if (plain < length)
			put_special(j, (unsigned char)text[plain++]);
		text += plain;
		length -= plain;
	}
}

/* Bytes on their way to base64. */
struct base64 {
	struct json *json;
	uint32_t bits;
	int count; /* bytes in bits */
	size_t used;
	char encoded[1024];
};

static void
base64_group(struct base64 *b)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	if (b->used == sizeof(b->encoded)) {
		put_bytes(b->json, b->encoded, b->used);
		b->used = 0;
	}
	for (int shift = 18; shift >= 0; shift -= 6)
		b->encoded[b->used++] = digits[b->bits >> shift & 0x3f];
	b->bits = 0;
	b->count = 0;
}

static void
base64_put(struct base64 *b, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		b->bits |= (uint32_t)(unsigned char)bytes[i] << (16 - 8 * b->count);
		if (++b->count == 3)
			base64_group(b);
	}
}

static void
base64_end(struct base64 *b)
{
	int missing = b->count == 0 ? 0 : 3 - b->count;

	if (missing > 0) {
		base64_group(b);
		memset(b->encoded + b->used - missing, '=', (size_t)missing);
	}
	put_bytes(b->json, b->encoded, b->used);
}

/* Two texts in a row, as one. */
static void
put_data_of_two(struct json *j, const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct base64 base64;

	if (text_kind_of(a, a_length) != TEXT_BYTES && text_kind_of(b, b_length) != TEXT_BYTES) {
		put(j, "{\"text\":\"");
		put_text(j, a, a_length);
		put_text(j, b, b_length);
	} else {
		put(j, "{\"bytes\":\"");
		base64.json = j;
		base64.bits = 0;
		base64.count = 0;
		base64.used = 0;
		base64_put(&base64, a, a_length);
		base64_put(&base64, b, b_length);
		base64_end(&base64);
	}
	put(j, "\"}");
}

static void
put_data(struct json *j, const char *bytes, size_t length)
{
	put_data_of_two(j, bytes, length, "", 0);
}

static void
put_message(struct json *j, const char *type)
{
	put(j, "{\"type\":\"");
	put(j, type);
	put(j, "\",\"data\":{\"path\":");
	/* A path ends with a slash: no character goes from one to the other. */
	put_data_of_two(j, j->path, strlen(j->path), j->name, strlen(j->name));
}

static void
begin_file(struct json *j)
{
	if (j->begun)
		return;
	put_message(j, "begin");
	put(j, "}}\n");
	j->begun = true;
}

void
json_begin(struct json *j, const struct json_line *line)
{
	begin_file(j);
	put_message(j, line->context ? "context" : "match");
	put(j, ",\"lines\":");
	put_data(j, line->bytes, line->length);
	put(j, ",\"line_number\":");
	put_count(j, line->number);
	put(j, ",\"absolute_offset\":");
	put_count(j, line->offset);
	put(j, ",\"submatches\":[");
	j->first = true;
}

void
json_match(struct json *j, const char *line, size_t start, size_t end)
{
	put(j, j->first ? "{\"match\":" : ",{\"match\":");
	put_data(j, line + start, end - start);
	j->first = false;
	j->replaced = false;
	j->length = 0;
}

void
json_replacement(void *json, const char *bytes, size_t length)
{
	struct json *j = json;

	j->replaced = true;
	if (j->lost)
		return;
	if (length > j->capacity - j->length) {
		size_t capacity = 2 * (j->length + length);
		char *bigger = realloc(j->replacement, capacity);

		if (bigger == NULL) {
			j->lost = true;
			return;
		}
		j->replacement = bigger;
		j->capacity = capacity;
	}
	if (length > 0)
		memcpy(j->replacement + j->length, bytes, length);
	j->length += length;
}

void
json_match_end(struct json *j, size_t start, size_t end)
{
	if (j->replaced) {
		put(j, ",\"replacement\":");
		put_data(j, j->length > 0 ? j->replacement : "", j->length);
	}
	put(j, ",\"start\":");
	put_count(j, start);
	put(j, ",\"end\":");
	put_count(j, end);
	put(j, "}");
}

void
json_end(struct json *j)
{
	put(j, "]}}\n");
	if (j->line_buffered)
		lane_worker_flush(j->out);
}

void
json_file_end(struct json *j, const struct json_file *file)
{
	uint64_t printed;

	if (!j->begun && !file->selected)
		return;
	begin_file(j);
	printed = j->printed;
	put_message(j, "end");
	put(j, ",\"binary_offset\":");
	if (file->binary)
		put_count(j, file->binary_offset);
	else
		put(j, "null");
	put(j, ",\"stats\":{\"elapsed\":{\"secs\":0,\"nanos\":0,\"human\":\"0.000000s\"},"
	    "\"searches\":1,\"searches_with_match\":");
	put(j, file->selected ? "1" : "0");
	put(j, ",\"bytes_searched\":");
	put_count(j, file->searched);
	put(j, ",\"bytes_printed\":");
	put_count(j, printed);
	put(j, ",\"matched_lines\":");
	put_count(j, file->lines);
	put(j, ",\"matches\":");
	put_count(j, file->matches);
	put(j, "}}}\n");
	j->printed = printed;
}
