#include "shape.h"

#include <string.h>

#include "kernel.h"

/* Program text, prose, tables and logs, of about the lines that trees are made of. */
static const char sample[] =
    "/*\n"
    " * Returns the number of bytes that were copied, or a negative error.\n"
    " */\n"
    "static int device_read(struct device *dev, char *buffer, size_t length)\n"
    "{\n"
    "\tunsigned int i, left = length;\n"
    "\n"
    "\tif (!dev->ready)\n"
    "\t\treturn -EAGAIN;\n"
    "\tfor (i = 0; i < dev->count; i++) {\n"
    "\t\tstruct entry *e = &dev->entries[i];\n"
    "\n"
    "\t\tif (e->flags & ENTRY_VALID)\n"
    "\t\t\tmemcpy(buffer + i * sizeof(*e), e, min(left, sizeof(*e)));\n"
    "\t}\n"
    "\tpr_debug(\"%s: %u of %zu bytes\\n\", dev->name, left, length);\n"
    "\treturn 0;\n"
    "}\n"
    "#include <linux/module.h>\n"
    "#define DEVICE_MAX_ENTRIES\t64\n"
    "#define REG_STATUS 0x0c\t\t\t/* read only */\n"
    "#ifdef CONFIG_DEVICE_POLL\n"
    "#endif\n"
    "\t{ 0x1a, 0x00, \"first\" },\n"
    "\t.open = device_open,\n"
    "Most of the options can be given in any order, and some of them more\n"
    "than once. If the file does not exist, a new one is made, which is\n"
    "owned by the user who started the program; it may be removed later.\n"
    "\n"
    "  * The default is 10 seconds.\n"
    "2023-04-17 09:21:55 INFO server[812]: 192.168.0.17 GET /index.html 200\n"
    "Apr 17 09:22:01 host daemon[1044]: service closed for user root\n"
    "    \"version\": \"1.4.2\",\n"
    "    \"files\": [ \"lib/main.js\", \"README.md\" ],\n"
    "<td class=\"name\"><a href=\"page.html\">Overview</a></td>\n"
    "def parse(self, text, strict=False):\n"
    "    return [line.strip() for line in text.split(\"\\n\") if line]\n"
    "obj-$(CONFIG_DEVICE) += device.o core/\n"
    "id,name,amount,date\n"
    "1007,Miller,250.00,2021-11-30\n";

enum {
	LENGTH = sizeof(sample) - 1,
	RARE = 4, /* one line of so many, at most */
	/* So many lines that PCRE2 need not be asked about are worth the search for a shape. */
	SPARED = 7,
};

/* How many of its lines have a shape. */
static size_t
lines_shaped(const struct shape *s)
{
	const struct kernel *k = kernel_best();
	struct shape_search search;
	size_t found = 0, at;
	const char *end;

	shape_search_start(&search, sample, LENGTH, false);
	for (size_t from = 0; k->shape(s, &search, from, &at); from = (size_t)(end + 1 - sample)) {
		found++;
		end = memchr(sample + at, '\n', LENGTH - at);
	}
	return found;
}

static size_t
lines_with_needle(const struct needles *n)
{
	const struct kernel *k = kernel_best();
	struct matcher_text text = { .bytes = sample, .length = LENGTH };
	struct span line;
	size_t found = 0;

	for (size_t from = 0; from < LENGTH && k->line(n, &text, from, &line); from = line.end + 1)
		found++;
	return found;
}

bool
shape_is_rare(const struct shape *s)
{
	/* With other ends of lines the sample has none. */
	return s->terminator != '\n' ||
	    lines_shaped(s) * RARE <= kernel_best()->count(sample, LENGTH, '\n');
}

bool
shape_may_beat(const struct needles *n)
{
	return n->terminator == '\n' && lines_with_needle(n) >= SPARED;
}

bool
shape_beats_needles(const struct shape *s, const struct needles *n)
{
	return s->terminator == '\n' && lines_with_needle(n) >= lines_shaped(s) + SPARED;
}
