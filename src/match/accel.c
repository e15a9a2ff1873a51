#include "accel.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accel_library.h"
#include "accel_view.h"
#include "accel_wide.h"
#include "needles.h"

enum {
	TEXTS_MAX = 64, /* see above */
	NAME_MAX_BYTES = 32,
};

struct accel {
	struct buffer expressions[TEXTS_MAX];
	unsigned int count;
	struct accel_library library;
	struct accel_view view;
	char name[NAME_MAX_BYTES];
};

/* Whether PCRE2 finds where matches of a unit may start at the speed of memory. */
static bool
starts_fast(const void *code)
{
	uint32_t type = 0;
	size_t jit = 0;

	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &type);
	pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &jit);
	return type == 1 && jit > 0;
}

static bool
matches_empty(const void *code)
{
	uint32_t empty = 1;

	pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &empty);
	return empty != 0;
}

bool
accel_gains(const struct pattern *p)
{
	bool fast = true;

	if (!accel_wide_serves(p) || pattern_required(p) != NULL || pattern_needles(p, TEXT_ASCII)->count > 0)
		return false;
	for (size_t i = 0; i < pattern_units(p); i++) {
		const void *code = pattern_code(p, i, TEXT_ASCII);

		if (matches_empty(code))
			return false;
		fast &= starts_fast(code);
	}
	return !fast;
}

struct accel *
accel_open(const struct pattern *p, const struct pattern_text *texts, size_t count)
{
	const struct composer composer = accel_wide_composer(p, texts, count);
	struct accel *a = NULL;
	bool refused = false;

	if (accel_wide_serves(p) && count <= TEXTS_MAX)
		a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->view = (struct accel_view){ .terminator = composer.options->terminator,
		.beyond = accel_wide_goes_beyond(&composer, p) };
	for (size_t i = 0; i < count && !refused; i++) {
		enum accel_text text = accel_wide_put(&composer, &texts[i], false,
		    &a->expressions[a->count++]);

		refused = text == ACCEL_TEXT_REFUSED;
		a->view.ascii |= text == ACCEL_TEXT_PUT;
	}
	if (!refused)
		return a;
	accel_close(a);
	return NULL;
}

void
accel_close(struct accel *a)
{
	if (a == NULL)
		return;
	if (a->view.scratch != NULL)
		a->library.free_scratch(a->view.scratch);
	if (a->view.database != NULL)
		a->library.free_database(a->view.database);
	for (unsigned int i = 0; i < a->count; i++)
		buffer_free(&a->expressions[i]);
	free(a);
}

bool
accel_must_compile(const struct accel *a)
{
	return a->view.ascii;
}

bool
accel_load(struct accel *a)
{
	const char *version;

	if (!accel_must_compile(a))
		return true;
	if (!accel_library_load(&a->library))
		return false;
	a->view.scan = a->library.scan;
	/* "5.4.9 2023-03-23" */
	version = a->library.version();
	snprintf(a->name, sizeof(a->name), "libhs %.*s", (int)strcspn(version, " "), version);
	return true;
}

char *
accel_compile(const struct accel *a, size_t *size)
{
	const char *expressions[TEXTS_MAX];

	for (unsigned int i = 0; i < a->count; i++)
		expressions[i] = a->expressions[i].bytes;
	return accel_library_compile(&a->library, expressions, a->count, size);
}

bool
accel_use(struct accel *a, const char *code, size_t size)
{
	/* The code has a checksum. */
	return a->library.deserialize(code, size, &a->view.database) == 0 &&
	    a->library.alloc_scratch(a->view.database, &a->view.scratch) == 0;
}

const char *
accel_name(const struct accel *a)
{
	return a->name;
}

const struct accel_view *
accel_view(const struct accel *a)
{
	return &a->view;
}
