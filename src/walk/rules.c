#include "rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "walk/letter.h"
#include "walk/rules_table.h"

/* A line being read; its parts lie in the text. */
struct line {
	char *pattern;
	size_t length;
	bool directory;
	uint32_t number; /* counted from 1 */
};

static bool
is_special(char c)
{
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

static size_t
plain_length(const char *pattern, size_t length)
{
	size_t plain = 0;

	while (plain < length && !is_special(pattern[plain]))
		plain++;
	return plain;
}

/* Takes backslashes away, if nothing else is special. Returns whether all is plain then. */
static bool
make_plain(struct line *l)
{
	size_t to = 0;

	for (size_t i = 0; i < l->length; i++) {
		if (l->pattern[i] == '\\')
			i++;
		else if (is_special(l->pattern[i]))
			return false;
	}
	for (size_t i = 0; i < l->length; i++) {
		if (l->pattern[i] == '\\' && ++i == l->length)
			return false;
		l->pattern[to++] = l->pattern[i];
	}
	l->length = to;
	return true;
}

static int
add_key(struct rules *r, const struct line *l, enum keys_kind kind, const char *bytes,
    size_t length)
{
	uint64_t hash = kind == KEYS_SUFFIX ? keys_hash_back(r->base, bytes, length)
	    : keys_hash(0, r->base, bytes, length);
	struct key *key;

	if (length > KEYS_LENGTH_MAX)
		return 0;
	key = keys_add(&r->keys, kind, hash, (uint32_t)(bytes - r->text), (uint32_t)length);
	if (key == NULL)
		return -1;
	if (l->directory)
		key->directory_line = l->number;
	else
		key->line = l->number;
	return 0;
}

static void
add_length(struct lengths *l, size_t length)
{
	if (l->has[length])
		return;
	l->has[length] = true;
	l->list[l->count++] = (uint8_t)length;
}

static struct rule *
reserve_glob(struct rules *r)
{
	size_t capacity = r->glob_capacity ? 2 * r->glob_capacity : 16;
	struct glob_edges *edges;
	struct rule *bigger;

	if (r->glob_count == RULES_GLOBS_MAX) {
		errno = EFBIG;
		return NULL;
	}
	if (r->glob_count < r->glob_capacity)
		return &r->globs[r->glob_count];
	bigger = reallocarray(r->globs, capacity, sizeof(*bigger));
	if (bigger == NULL)
		return NULL;
	r->globs = bigger;
	edges = reallocarray(r->edges, capacity, sizeof(*edges));
	if (edges == NULL)
		return NULL;
	r->edges = edges;
	r->glob_capacity = capacity;
	return &r->globs[r->glob_count];
}

/*
 * The plain start of a path is compared by itself, and what follows is a
 * pattern of its own, so that a double star may stand at its start: as git.
 */
static int
add_glob(struct rules *r, const struct line *l, bool path)
{
	size_t prefix = path ? plain_length(l->pattern, l->length) : 0;
	struct rule *rule;
	const char *why;

	if (l->length > RULES_GLOB_LENGTH_MAX)
		return 0;
	rule = reserve_glob(r);
	if (rule == NULL)
		return -1;
	*rule = (struct rule){ .line = l->number, .path = path, .directory = l->directory,
		.prefix_at = (uint32_t)(l->pattern - r->text), .prefix_length = (uint16_t)prefix };
	rule->glob = glob_compile(l->pattern + prefix, l->length - prefix,
	    r->fold ? GLOB_CASELESS : 0, &why);
	if (rule->glob == NULL)
		return errno == EINVAL ? 0 : -1;
	glob_edges(rule->glob, &r->edges[r->glob_count]);
	/* A path starts elsewhere, and where it ends there may be more than a name. */
	if (path)
		r->edges[r->glob_count] = (struct glob_edges){ 0 };
	r->glob_count++;
	r->globs_size += glob_size(rule->glob);
	return 0;
}

/* A pattern without a slash. */
static int
add_name(struct rules *r, struct line *l)
{
	size_t plain = plain_length(l->pattern, l->length);
	bool starts = plain + 1 == l->length && l->pattern[plain] == '*';
	bool ends = plain == 0 && l->length > 0 && l->pattern[0] == '*' &&
	    plain_length(l->pattern + 1, l->length - 1) == l->length - 1;

	if (!starts && !ends)
		return make_plain(l) ? add_key(r, l, KEYS_NAME, l->pattern, l->length)
		    : add_glob(r, l, false);
	if (l->length - 1 > RULES_NAME_MAX)
		return 0;
	add_length(ends ? &r->ends : &r->starts, l->length - 1);
	return ends ? add_key(r, l, KEYS_SUFFIX, l->pattern + 1, l->length - 1)
	    : add_key(r, l, KEYS_PREFIX, l->pattern, l->length - 1);
}

static int
add_path(struct rules *r, struct line *l)
{
	const char *slash;
	size_t directory;

	if (!make_plain(l))
		return add_glob(r, l, true);
	slash = memrchr(l->pattern, '/', l->length);
	directory = slash != NULL ? (size_t)(slash + 1 - l->pattern) : 0;
	if (add_key(r, l, KEYS_DIRECTORY, l->pattern, directory) == -1)
		return -1;
	return add_key(r, l, KEYS_PATH, l->pattern, l->length);
}

static int
note_line(struct rules *r, bool kept)
{
	size_t byte = r->lines / 8;

	if (byte >= r->kept_size) {
		size_t size = 2 * byte + 64;
		uint8_t *bigger = realloc(r->kept, size);

		if (bigger == NULL)
			return -1;
		memset(bigger + r->kept_size, 0, size - r->kept_size);
		r->kept = bigger;
		r->kept_size = size;
	}
	r->kept[byte] |= (uint8_t)(kept << r->lines % 8);
	r->lines++;
	return 0;
}

/* Adds a line, its end found, which is neither empty nor a comment. */
static int
add_line(struct rules *r, char *pattern, size_t length)
{
	struct line l = { .pattern = pattern, .length = length };
	bool kept = length > 0 && *pattern == '!';

	if (kept)
		l.pattern++, l.length--;
	if (note_line(r, kept) == -1)
		return -1;
	l.number = r->lines;
	if (l.length > 0 && l.pattern[l.length - 1] == '/') {
		l.directory = true;
		l.length--;
	}
	if (r->fold)
		for (size_t i = 0; i < l.length; i++)
			l.pattern[i] = letter_fold(l.pattern[i]);
	if (memchr(l.pattern, '/', l.length) == NULL)
		return add_name(r, &l);
	if (*l.pattern == '/')
		l.pattern++, l.length--;
	while (l.length >= 3 && memcmp(l.pattern, "**/", 3) == 0) {
		/* In any directory: a matter of the name alone, if no other slash follows. */
		if (memchr(l.pattern + 3, '/', l.length - 3) == NULL) {
			l.pattern += 3, l.length -= 3;
			return add_name(r, &l);
		}
		if (memcmp(l.pattern + 3, "**/", l.length - 3 < 3 ? l.length - 3 : 3) != 0)
			break;
		l.pattern += 3, l.length -= 3;
	}
	return add_path(r, &l);
}

/* Without the spaces at the end, but for one that a backslash stands before. */
static size_t
trimmed(const char *line, size_t length)
{
	size_t end = 0;

	for (size_t i = 0; i < length; i++) {
		if (line[i] == '\\') {
			/* Nothing can be known of what follows the line's last backslash. */
			if (++i >= length)
				return length;
			end = i + 1;
		} else if (line[i] != ' ') {
			end = i + 1;
		}
	}
	return end;
}

static int
parse(struct rules *r, char *text, size_t length)
{
	static const char mark[] = "\xef\xbb\xbf";
	char *at = text, *end = text + length;

	if (length >= 3 && memcmp(text, mark, 3) == 0)
		at += 3;
	while (at < end) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		char *stop = newline != NULL ? newline : end;
		size_t size = (size_t)(stop - at);

		if (size > 0 && *at != '#') {
			/* The end of a text is the end of a line. */
			size -= at[size - 1] == '\r';
			size = strnlen(at, size);
			if (add_line(r, at, trimmed(at, size)) == -1)
				return -1;
			r->text_size = (size_t)(at - text) + size + 1;
		}
		at = stop + 1;
	}
	return 0;
}

/* Lets go of what follows the last rule. */
static void
shrink(struct rules *r, size_t length)
{
	char *smaller;

	if (r->text_size >= length)
		return;
	smaller = realloc(r->text, r->text_size + 1);
	if (smaller != NULL)
		r->text = smaller;
	r->keys.text = r->text;
}

struct rules *
rules_parse(const char *text, size_t length, bool fold)
{
	struct rules *r;

	if (length > RULES_TEXT_MAX) {
		errno = EFBIG;
		return NULL;
	}
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->fold = fold;
	r->base = keys_base();
	r->text = malloc(length + 1);
	if (r->text != NULL) {
		memcpy(r->text, text, length);
		r->text[length] = '\0';
		r->keys.text = r->text;
	}
	if (r->text == NULL || parse(r, r->text, length) == -1) {
		int saved = errno;

		rules_free(r);
		errno = saved;
		return NULL;
	}
	shrink(r, length);
	return r;
}

void
rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->glob_count; i++)
		free(r->globs[i].glob);
	free(r->globs);
	free(r->edges);
	free(r->kept);
	keys_free(&r->keys);
	free(r->text);
	free(r);
}

size_t
rules_size(const struct rules *r)
{
	/* A view has a number for each glob. */
	return sizeof(*r) + r->text_size + r->kept_size + r->glob_count * sizeof(uint32_t) +
	    r->keys.capacity * sizeof(*r->keys.list) + r->glob_capacity * (sizeof(*r->globs) + sizeof(*r->edges)) + r->globs_size;
}

bool
rules_fold(const struct rules *r)
{
	return r->fold;
}

bool
rules_empty(const struct rules *r)
{
	return r->keys.count == 0 && r->glob_count == 0;
}
