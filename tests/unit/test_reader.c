/*
 * Reading and decoding in windows of any size, of input that comes in pieces
 * of any size, must give the same bytes as a plain decoder that sees all at
 * once; lines that are too long are cut where a plain model cuts them.
 *
 * TEST_SEED replays a run, TEST_CASES sets how many files are tried.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "random.h"
#include "scan/reader.h"
#include "tap.h"

enum {
	CASES = 3000,
	FILE_MAX = 240, /* bytes */
	TEXT_MAX = 4 * FILE_MAX,
	NO_LIMIT = 1 << 20,
	GUARDED = 8,
	REPORTED_MAX = 5,
};

struct bytes {
	char data[TEXT_MAX];
	size_t length;
};

static void
put(struct bytes *b, const void *from, size_t length)
{
	if (length > sizeof(b->data) - b->length)
		abort();
	memcpy(b->data + b->length, from, length);
	b->length += length;
}

static void
put_byte(struct bytes *b, unsigned int byte)
{
	const char c = (char)byte;

	put(b, &c, 1);
}

static void
put_text(struct bytes *b, const char *text)
{
	put(b, text, strlen(text));
}

static void
put_character(struct bytes *b, uint32_t c)
{
	if (c < 0x80) {
		put_byte(b, c);
	} else if (c < 0x800) {
		put_byte(b, 0xc0 | c >> 6);
		put_byte(b, 0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		put_byte(b, 0xe0 | c >> 12);
		put_byte(b, 0x80 | (c >> 6 & 0x3f));
		put_byte(b, 0x80 | (c & 0x3f));
	} else {
		put_byte(b, 0xf0 | c >> 18);
		put_byte(b, 0x80 | (c >> 12 & 0x3f));
		put_byte(b, 0x80 | (c >> 6 & 0x3f));
		put_byte(b, 0x80 | (c & 0x3f));
	}
}

/* The Encoding Standard's decoder of UTF-16, byte by byte as it is written there. */
static void
model_utf16(struct bytes *to, const unsigned char *from, size_t length, bool big)
{
	int lead_byte = -1, lead = -1;

	for (size_t i = 0; i < length; i++) {
		unsigned int unit;

		if (lead_byte == -1) {
			lead_byte = from[i];
			continue;
		}
		unit = big ? (unsigned int)lead_byte << 8 | from[i]
		    : (unsigned int)from[i] << 8 | (unsigned int)lead_byte;
		lead_byte = -1;
		if (lead != -1) {
			unsigned int first = (unsigned int)lead;

			lead = -1;
			if (unit >= 0xdc00 && unit <= 0xdfff) {
				put_character(to, 0x10000 + ((first - 0xd800) << 10) +
				    (unit - 0xdc00));
				continue;
			}
			put_character(to, 0xfffd);
		}
		if (unit >= 0xd800 && unit <= 0xdbff)
			lead = (int)unit;
		else
			put_character(to, unit >= 0xdc00 && unit <= 0xdfff ? 0xfffd : unit);
	}
	if (lead_byte != -1 || lead != -1)
		put_character(to, 0xfffd);
}

/* The same of UTF-8. */
static void
model_utf8(struct bytes *to, const unsigned char *from, size_t length)
{
	unsigned int c = 0, seen = 0, needed = 0, low = 0x80, high = 0xbf;

	for (size_t i = 0; i < length; i++) {
		unsigned int byte = from[i];

		if (needed > 0) {
			bool good = byte >= low && byte <= high;

			low = 0x80, high = 0xbf;
			if (good) {
				c = c << 6 | (byte & 0x3f);
				if (++seen == needed) {
					put_character(to, c);
					needed = seen = 0;
				}
				continue;
			}
			needed = seen = 0;
			put_character(to, 0xfffd);
		}
		if (byte < 0x80) {
			put_character(to, byte);
		} else if (byte >= 0xc2 && byte <= 0xf4) {
			needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
			c = byte & (needed == 1 ? 0x1f : needed == 2 ? 0xf : 7);
			low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
			high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
		} else {
			put_character(to, 0xfffd);
		}
	}
	if (needed > 0)
		put_character(to, 0xfffd);
}

/* Windows-1252: iconv knows these alone, the others are the same in Latin 1. */
static void
model_1252(struct bytes *to, const unsigned char *from, size_t length)
{
	static const uint16_t high[32] = { 0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020,
		0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018,
		0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a,
		0x153, 0x9d, 0x17e, 0x178 };

	for (size_t i = 0; i < length; i++)
		put_character(to, from[i] >= 0x80 && from[i] < 0xa0 ? high[from[i] - 0x80] : from[i]);
}

/* UTF-32: a unit that is no character, and what is left at the end, is replaced. */
static void
model_utf32(struct bytes *to, const unsigned char *from, size_t length)
{
	size_t i;

	for (i = 0; i + 4 <= length; i += 4) {
		uint32_t c = (uint32_t)from[i] | (uint32_t)from[i + 1] << 8 |
		    (uint32_t)from[i + 2] << 16 | (uint32_t)from[i + 3] << 24;

		put_character(to, c);
	}
	if (i < length)
		put_character(to, 0xfffd);
}

enum name { AUTO, NONE, UTF8, UTF16LE, UTF16BE, LATIN1, UTF32LE, SJIS, EUC_JP, GB18030, ISO_2022_JP,
	NAMES };
static const char *const names[] = { NULL, "none", "utf-8", "utf-16", "UTF-16BE", "latin1",
	"utf-32le", "x-sjis", "euc-jp", "gb18030", "iso-2022-jp" };
static struct encoding encodings[NAMES];

/* A file, and what is to be searched of it. */
struct subject {
	enum name name;
	struct bytes file, text;
	bool modelled;
};

static const uint32_t characters[] = { 'a', 'b', '\n', '\n', ' ', 0, 0xe9, 0x3b1, 0x7ff, 0x800, 0x3042,
	0x6f22, 0xfffd, 0xffff, 0xfeff, 0x10000, 0x1f600, 0x10ffff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xa0a };

static uint32_t
random_character(struct random *r)
{
	return characters[random_below(r, sizeof(characters) / sizeof(characters[0]))];
}

static void
put_unit(struct bytes *b, uint32_t unit, bool big)
{
	put_byte(b, big ? unit >> 8 : unit & 0xff);
	put_byte(b, big ? unit & 0xff : unit >> 8);
}

static void
fill_utf16(struct bytes *file, struct random *r, size_t length, bool big)
{
	bool ascii = random_once_in(r, 3);

	while (file->length + 4 <= length) {
		uint32_t c = ascii && !random_once_in(r, 20) ? characters[random_below(r, 5)]
		    : random_character(r);

		if (c >= 0x10000)
			put_unit(file, 0xd800 + ((c - 0x10000) >> 10), big);
		put_unit(file, c < 0x10000 ? c : 0xdc00 + (c & 0x3ff), big);
	}
	if (random_once_in(r, 3))
		put_byte(file, random_once_in(r, 2) ? 0xd8 : 0);
}

static void
fill_bytes(struct bytes *file, struct random *r, size_t length)
{
	static const unsigned char some[] = "ab \n\n0\x80\x81\x8e\x8f\x90\xa0\xa1\xc3\xa9\xe0\xe3\xed\xf0"
	    "\x9f\x98\xf4\xfe\xff\x1b$B(";

	while (file->length + 4 < length) {
		if (random_once_in(r, 3))
			put_byte(file, some[random_below(r, sizeof(some) - 1)]);
		else if (random_once_in(r, 2))
			put_byte(file, some[random_below(r, 5)]);
		else
			put_character(file, random_character(r));
	}
}

static void
fill_utf32(struct bytes *file, struct random *r, size_t length)
{
	while (file->length + 4 < length) {
		uint32_t c = random_character(r);

		if (c >= 0xd800 && c < 0xe000)
			c = 'x';
		put_unit(file, c & 0xffff, false);
		put_unit(file, c >> 16, false);
	}
	for (size_t rest = random_below(r, 4); rest > 0; rest--)
		put_byte(file, 'a');
}

static bool
has_start(const struct bytes *b, const char *start)
{
	return b->length >= strlen(start) && memcmp(b->data, start, strlen(start)) == 0;
}

/* What is searched; *modelled: nothing but another reader can tell. */
static void
model(struct subject *s)
{
	const unsigned char *data = (const unsigned char *)s->file.data;
	bool marked = s->name != NONE && s->name != UTF32LE;
	enum name name = s->name == NONE ? AUTO : s->name;
	size_t skip = 0;

	if (marked && has_start(&s->file, "\xff\xfe"))
		name = UTF16LE, skip = 2;
	else if (marked && has_start(&s->file, "\xfe\xff"))
		name = UTF16BE, skip = 2;
	else if (marked && has_start(&s->file, "\xef\xbb\xbf"))
		name = name == AUTO ? AUTO : UTF8, skip = 3;
	s->text.length = 0;
	s->modelled = true;
	if (name == AUTO)
		put(&s->text, data + skip, s->file.length - skip);
	else if (name == UTF8)
		model_utf8(&s->text, data + skip, s->file.length - skip);
	else if (name == UTF16LE || name == UTF16BE)
		model_utf16(&s->text, data + skip, s->file.length - skip, name == UTF16BE);
	else if (name == LATIN1)
		model_1252(&s->text, data + skip, s->file.length - skip);
	else if (name == UTF32LE)
		model_utf32(&s->text, data + skip, s->file.length - skip);
	else
		s->modelled = false;
}

static void
make(struct subject *s, struct random *r)
{
	static const char *const marks[] = { "\xff\xfe", "\xfe\xff", "\xef\xbb\xbf", "\xef\xbb", "\xef",
		"\xff", "\xfe" };
	size_t length = random_once_in(r, 6) ? random_below(r, 6) : random_below(r, FILE_MAX - 8);
	const char *mark = "";

	s->name = (enum name)random_below(r, NAMES);
	s->file.length = 0;
	if (s->name != UTF32LE && random_once_in(r, s->name == AUTO ? 1 : 5))
		mark = marks[random_below(r, sizeof(marks) / sizeof(marks[0]))];
	put_text(&s->file, mark);
	if (s->name == UTF16LE || s->name == UTF16BE || strcmp(mark, "\xff\xfe") == 0 ||
	    strcmp(mark, "\xfe\xff") == 0)
		fill_utf16(&s->file, r, length, s->name == UTF16BE || *mark == '\xfe');
	else if (s->name == UTF32LE)
		fill_utf32(&s->file, r, length);
	else
		fill_bytes(&s->file, r, length);
	model(s);
}

/* A file that comes in pieces: each when the one before was read. */
struct pieces {
	const struct bytes *file;
	size_t at, most;
	int from, to; /* ends of a pipe */
	struct random *random;
};

/* After each read. */
static void
next_piece(void *ctx)
{
	struct pieces *p = ctx;
	size_t left = p->file->length - p->at, length;
	int waiting;

	if (p->to == -1 || ioctl(p->from, FIONREAD, &waiting) == -1 || waiting > 0)
		return;
	if (left == 0) {
		close(p->to);
		p->to = -1;
		return;
	}
	length = 1 + random_below(p->random, p->most);
	length = length < left ? length : left;
	if (write(p->to, p->file->data + p->at, length) != (ssize_t)length)
		abort();
	p->at += length;
}

/* A descriptor that yields the file: a regular one, or pieces of random sizes up to p->most. */
static int
open_file(struct pieces *p)
{
	int fds[2];

	if (p->most > 0) {
		if (pipe(fds) == -1)
			abort();
		p->from = fds[0], p->to = fds[1];
		next_piece(p);
		return p->from;
	}
	p->to = -1;
	p->from = memfd_create("test_reader", 0);
	if (write(p->from, p->file->data, p->file->length) != (ssize_t)p->file->length ||
	    lseek(p->from, 0, SEEK_SET) != 0)
		abort();
	return p->from;
}

/* What a reader gave. */
struct given {
	struct bytes text;
	size_t windows;
	bool cut, split;
	const char *wrong; /* or NULL */
};

/* What must be so of any window. */
static const char *
check_window(const struct reader *r, const char *text, size_t length, uint64_t end, bool cut)
{
	static const char newlines[] = "\n\n\n\n\n\n\n\n";

	if (length == 0)
		return "a window is empty";
	if (r->offset < end || (!cut && r->offset != end))
		return "an offset";
	if (memcmp(r->buffer + r->filled, newlines, GUARDED) != 0)
		return "no newlines behind what was read";
	if (text[length - 1] != r->options.terminator && !r->skipping && !r->ended)
		return "a window ends within a line";
	return NULL;
}

/* Up to most windows. */
static void
read_windows(struct reader *r, const struct bytes *file, size_t piece, struct random *random,
    size_t most, struct given *g)
{
	struct pieces pieces = { .file = file, .most = piece, .random = random };
	int fd = open_file(&pieces), got = 1;
	uint64_t end = 0;
	struct stat st;
	size_t length;
	char *text;

	*g = (struct given){ 0 };
	if (fstat(fd, &st) == -1)
		abort();
	r->beat = next_piece;
	r->ctx = &pieces;
	reader_file(r, fd, &st);
	while (g->windows < most && g->wrong == NULL &&
	    (got = reader_next(r, &text, &length)) == 1) {
		g->windows++;
		put(&g->text, text, length);
		g->wrong = check_window(r, text, length, end, r->cut);
		end = r->offset + length;
	}
	if (got == -1)
		g->wrong = strerror(errno);
	g->cut = r->cut;
	g->split = r->split;
	close(fd);
	if (pieces.to != -1)
		close(pieces.to);
}

static void
show(const char *what, const struct bytes *b)
{
	printf("# %s:", what);
	for (size_t i = 0; i < b->length; i++)
		printf(" %02x", (unsigned char)b->data[i]);
	putchar('\n');
}

/* Whether the reader gives the text. */
static bool
gives(const struct subject *s, const struct reader_options *options, size_t piece, struct random *random,
    const struct bytes *text, struct given *g)
{
	static unsigned int reported;
	struct reader r;

	if (reader_init(&r, options) == -1)
		abort();
	/* The second time it has seen a file before, and the third a part of one. */
	for (int i = 0; i < 2 && g->wrong == NULL; i++) {
		if (i > 0)
			read_windows(&r, &s->file, piece, random, 1, g);
		read_windows(&r, &s->file, piece, random, SIZE_MAX, g);
		if (g->wrong == NULL && (g->text.length != text->length ||
		    memcmp(g->text.data, text->data, text->length) != 0))
			g->wrong = "the text";
	}
	reader_fini(&r);
	if (g->wrong == NULL)
		return true;
	if (reported++ < REPORTED_MAX) {
		printf("# %s: %s, window %zu, max_line %zu, pieces of %zu\n", g->wrong,
		    s->name == AUTO ? "auto" : names[s->name], options->window, options->max_line,
		    piece);
		show("file", &s->file);
		show("wanted", text);
		show("given", &g->text);
	}
	return false;
}

static const size_t windows[] = { 1, 2, 3, 4, 5, 7, 16, 63, 64, 65, 100, 4096 };
enum { WINDOWS = sizeof(windows) / sizeof(windows[0]) };

static struct reader_options
options_for(const struct subject *s, size_t window)
{
	return (struct reader_options){ .window = window, .max_line = NO_LIMIT, .terminator = '\n',
		.encoding = s->name == AUTO ? NULL : &encodings[s->name] };
}

/* Without a model, what one window of a regular file gives is what all should. */
static void
take_for_model(struct subject *s, struct random *random)
{
	struct reader_options options = options_for(s, 4096);
	struct given g = { 0 };
	struct reader r;

	if (reader_init(&r, &options) == -1)
		abort();
	read_windows(&r, &s->file, 0, random, SIZE_MAX, &g);
	reader_fini(&r);
	s->text = g.text;
}

static void
test_windows(struct random *random, unsigned long cases)
{
	static const size_t pieces[] = { 0, 1, 3, 50 };
	unsigned long failed = 0, modelled = 0, several = 0;
	static struct subject s;

	for (unsigned long i = 0; i < cases; i++) {
		struct reader_options options;
		struct given g = { 0 };

		make(&s, random);
		modelled += s.modelled;
		if (!s.modelled)
			take_for_model(&s, random);
		options = options_for(&s, windows[random_below(random, WINDOWS)]);
		options.terminator = random_once_in(random, 6) ? '\0' : '\n';
		failed += !gives(&s, &options, pieces[random_below(random, 4)], random, &s.text, &g);
		several += g.windows > 1;
	}
	tap_ok(failed == 0 && modelled > 0 && modelled < cases && several > 0,
	    "%lu files, %lu of them modelled, %lu in several windows: %lu wrong", cases, modelled,
	    several, failed);
}

/* Lines of the text, cut. Returns whether any was. */
static bool
cut_lines(struct bytes *to, const struct bytes *text, size_t max_line)
{
	bool cut = false;

	to->length = 0;
	for (size_t at = 0, end; at < text->length; at = end + 1) {
		const char *newline = memchr(text->data + at, '\n', text->length - at);

		end = newline == NULL ? text->length : (size_t)(newline - text->data);
		if (end - at > max_line) {
			put(to, text->data + at, max_line);
			cut = true;
		} else {
			put(to, text->data + at, end - at + (newline != NULL));
		}
	}
	return cut;
}

/* Of a window that is not smaller than a line may be, and of smaller ones. */
static void
test_cut_lines(struct random *random, unsigned long cases)
{
	unsigned long failed = 0, cut = 0;
	static struct subject s;
	static struct bytes wanted;

	for (unsigned long i = 0; i < cases; i++) {
		struct reader_options options;
		struct given g = { 0 };
		bool is_cut;

		make(&s, random);
		if (!s.modelled)
			continue;
		options = options_for(&s, windows[random_below(random, WINDOWS)]);
		options.max_line = 1 + random_below(random, 40);
		is_cut = cut_lines(&wanted, &s.text, options.max_line);
		if (!gives(&s, &options, random_below(random, 3), random, &wanted, &g) ||
		    g.cut != is_cut)
			failed++;
		cut += is_cut;
	}
	tap_ok(failed == 0 && cut > 0, "lines of %lu files are cut: %lu wrong", cut, failed);
}

/* All in one window, or in several and then it is said. */
static void
test_whole(struct random *random, unsigned long cases)
{
	unsigned long failed = 0, split = 0;
	static struct subject s;
	static struct bytes wanted;

	for (unsigned long i = 0; i < cases; i++) {
		struct reader_options options;
		struct given g = { 0 };
		bool fits;

		make(&s, random);
		if (!s.modelled)
			continue;
		options = options_for(&s, windows[random_below(random, WINDOWS)]);
		options.whole = true;
		options.max_line = random_once_in(random, 2) ? s.text.length
		    : 1 + random_below(random, 300);
		if (options.max_line == 0)
			continue;
		fits = s.text.length <= options.max_line;
		cut_lines(&wanted, &s.text, options.max_line);
		if (!gives(&s, &options, random_below(random, 3), random, &wanted, &g) ||
		    g.split == fits || (fits && g.windows > 1))
			failed++;
		split += !fits;
	}
	tap_ok(failed == 0 && split > 0, "files in one window, %lu of them too large: %lu wrong", split,
	    failed);
}

/* What ripgrep 15 makes of these. */
static void
test_fixed(struct random *random)
{
	static const struct {
		const char *name, *bytes;
		size_t length;
		const char *text;
	} cases[] = {
#define BYTES(bytes) bytes, sizeof(bytes) - 1
		{ NULL, BYTES("\xff\xfe" "a\0\0\xd8" "A"), "a\xef\xbf\xbd" },
		{ NULL, BYTES("\xff\xfe" "\0\xdc\0\xd8\0\xd8\0\xdc"), "\xef\xbf\xbd\xef\xbf\xbd\xf0\x90\x80\x80" },
		{ NULL, BYTES("\xfe\xff\n\0\0\n"), "\xe0\xa8\x80\n" },
		{ NULL, BYTES("\xff\xfe"), "" },
		{ NULL, BYTES("\xef\xbb\xbf"), "" },
		{ NULL, BYTES("\xef\xbb"), "\xef\xbb" },
		{ NULL, BYTES("\xff"), "\xff" },
		{ NULL, BYTES("\xef\xbb\xbf" "ab\xff"), "ab\xff" },
		{ NULL, BYTES("\xef\xbb\xbf\xef\xbb\xbf" "a"), "\xef\xbb\xbf" "a" },
		{ "none", BYTES("\xef\xbb\xbf" "a"), "\xef\xbb\xbf" "a" },
		{ "utf8", BYTES("\xef\xbb\xbf" "ab\xff\xfe\n\xc3\n"), "ab\xef\xbf\xbd\xef\xbf\xbd\n\xef\xbf\xbd\n" },
		{ "UTF-8", BYTES("\xf0\x9f\x98" "a\xc0\x80\xe2\x82"), "\xef\xbf\xbd" "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "latin1", BYTES("\xff\xfe" "a\0"), "a" },
		{ "ISO-8859-1", BYTES("\x80\x81\xe9"), "\xe2\x82\xac\xc2\x81\xc3\xa9" },
		{ "sjis", BYTES("\x81\xff\x81" "a\x80\xa0\xfd\n\x81"),
			"\xef\xbf\xbd\xe2\x88\xa5\xc2\x80\xef\xbf\xbd\xef\xbf\xbd\n\xef\xbf\xbd" },
		{ "gbk", BYTES("\x81\xff\x81" "a\x80\x81\x30\x81" "a"),
			"\xef\xbf\xbd\xe4\xb9\xa4\xe2\x82\xac\xef\xbf\xbd" "0\xe4\xb9\xa4" },
		{ "big5", BYTES("\xa4\xa4\x88\x62"), "\xe4\xb8\xad\xc3\x8a\xcc\x84" },
		/* A mark could follow: iconv keeps it until the end. */
		{ "windows-1258", BYTES("ba"), "ba" },
		{ "utf-32", BYTES("\xff\xfe\0\0" "a\0\0\0\n\0\0\0" "b\0\0\0" "c\0\0\0" "d\0\0\0"
			"e\0\0\0" "f\0\0\0" "g\0\0\0" "h\0\0\0" "i\0\0\0" "j\0\0\0" "k\0\0\0"
			"l\0\0\0" "m\0\0\0" "n\0\0\0" "o\0\0\0" "p\0\0\0" "q\0\0\0"),
			"a\nbcdefghijklmnopq" },
#undef BYTES
	};
	static struct subject s;
	static struct bytes text;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = true;

		if (encoding_open(&encodings[NONE], cases[i].name) == -1) {
			tap_ok(false, "%s: %s", cases[i].name, strerror(errno));
			continue;
		}
		s.name = NONE;
		s.file.length = text.length = 0;
		put(&s.file, cases[i].bytes, cases[i].length);
		put_text(&text, cases[i].text);
		for (size_t w = 0; w < 2 * WINDOWS; w++) {
			struct reader_options options = options_for(&s, windows[w / 2]);
			struct given g = { 0 };

			good &= gives(&s, &options, w % 2, random, &text, &g);
		}
		encoding_close(&encodings[NONE]);
		tap_ok(good, "fixed case %zu: %s", i, cases[i].name != NULL ? cases[i].name : "auto");
	}
}

static void
test_names(void)
{
	static const char *const unknown[] = { "", "nonsense", "latin1//IGNORE", "utf-8 latin1", "latin", "/" };
	struct encoding e;

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		tap_ok(encoding_open(&e, unknown[i]) == -1 && errno == EINVAL && e.kind == ENCODING_PLAIN,
		    "'%s' is no encoding", unknown[i]);
	tap_ok(encoding_open(&e, "AUTO") == 0 && e.kind == ENCODING_PLAIN && e.marks, "auto");
	tap_ok(encoding_open(&e, "None") == 0 && e.kind == ENCODING_PLAIN && !e.marks, "none");
}

/* A file of zeros but for its beginning: whether it has a hole that is passed; -1: contradictory. */
static int
has_hole(const char *start, const char *name)
{
	const struct stat st = { .st_mode = S_IFREG, .st_size = 1 << 20 };
	int fd = memfd_create("test_reader", 0);
	struct reader_options options = { .window = 4096, .max_line = NO_LIMIT, .terminator = '\n' };
	struct encoding encoding;
	struct reader r;
	uint64_t sum = 0;
	size_t length;
	char *text;
	bool hole;

	options.encoding = &encoding;
	if (encoding_open(&encoding, name) == -1 || reader_init(&r, &options) == -1 ||
	    write(fd, start, strlen(start)) == -1 || ftruncate(fd, st.st_size) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1)
		abort();
	reader_file(&r, fd, &st);
	hole = reader_has_hole(&r);
	reader_pass_holes(&r);
	while (reader_next(&r, &text, &length) == 1)
		sum += length;
	reader_fini(&r);
	encoding_close(&encoding);
	close(fd);
	return hole == (sum <= 1 << 16) ? hole : -1;
}

/* Bytes of a mapping that are in memory. */
static size_t
resident(const char *from, size_t length)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t lead = (uintptr_t)from % page, pages = (lead + length + page - 1) / page;
	unsigned char *in = malloc(pages);
	size_t found = 0;

	if (in == NULL || mincore((void *)(uintptr_t)(from - lead), pages * page, in) == -1)
		abort();
	for (size_t i = 0; i < pages; i++)
		found += in[i] & 1;
	free(in);
	return found * page;
}

/* What is in memory of the buffer after a file of so many bytes, of which half are read again. */
static size_t
rests(size_t window, size_t kept, size_t size)
{
	const struct stat st = { .st_mode = S_IFREG, .st_size = (off_t)size };
	const struct reader_options options = { .window = window, .max_line = NO_LIMIT,
		.terminator = '\n', .kept = kept };
	int fd = memfd_create("test_reader", 0);
	struct reader r;
	size_t length, left, sum = 0;
	char *text;

	if (reader_init(&r, &options) == -1 || ftruncate(fd, (off_t)size) == -1)
		abort();
	for (off_t from = 0; from <= (off_t)size / 2; from += (off_t)size / 2) {
		lseek(fd, from, SEEK_SET);
		reader_file(&r, fd, &st);
		while (reader_next(&r, &text, &length) == 1)
			for (size_t i = 0; i < length; i++)
				sum += text[i] == '\0';
		reader_rest(&r);
	}
	tap_ok(sum == size + size / 2, "kept %zu: all is read", kept);
	left = resident(r.buffer, r.capacity);
	reader_fini(&r);
	close(fd);
	return left;
}

int
main(void)
{
	struct random random = { random_seed() };
	unsigned long cases = random_cases(CASES);

	test_names();
	test_fixed(&random);
	for (size_t i = 0; i < NAMES; i++)
		if (encoding_open(&encodings[i], names[i]) == -1) {
			printf("Bail out! %s\n", names[i]);
			return 1;
		}
	test_windows(&random, 4 * cases);
	test_cut_lines(&random, 2 * cases);
	test_whole(&random, 2 * cases);
	tap_ok(has_hole("a\n", NULL) == 1, "a hole is passed");
	tap_ok(has_hole("\xef\xbb\xbf" "a\n", NULL) == 1, "a hole behind a mark of UTF-8 is passed");
	tap_ok(has_hole("a\n", "none") == 1, "a hole of what is not decoded is passed");
	tap_ok(has_hole("\xff\xfe" "a", NULL) == 0, "a hole of UTF-16 is read");
	tap_ok(rests(1 << 20, 1 << 16, 1 << 20) <= (1 << 16) + (1 << 13), "memory is given back");
	tap_ok(rests(1 << 20, SIZE_MAX, 1 << 20) >= 1 << 20, "or is not, if all is kept");
	tap_ok(rests(1 << 20, 1 << 16, 1 << 15) >= 1 << 15, "or if little was read");
	tap_ok(has_hole("a\n", "latin1") == 0, "a hole of what is decoded is read");
	for (size_t i = 0; i < NAMES; i++)
		encoding_close(&encodings[i]);
	return tap_done();
}
