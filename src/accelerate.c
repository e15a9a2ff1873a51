#include "accelerate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "match/engine.h"
#include "pool/errand.h"
#include "settings.h"

enum {
	/* To load and to compile takes 3 to 10 ms, and libhs gains some ms a megabyte. */
	LARGE_OPERAND = 8 * 1024 * 1024,
	/* Of single patterns 1 to 12 ms; those that take longer are no faster in libhs. */
	PATIENCE_MS = 250,
	PATIENCE_ALWAYS_MS = 2500, /* of a user who insists */
	COMPILE_MEMORY = 128 * 1024 * 1024,
	CODE_MAX = 8 * 1024 * 1024,
};

bool
accelerate_init(struct accelerate *a, const struct options *o, struct pattern *pattern,
    const struct pattern_text *texts)
{
	*a = (struct accelerate){ .options = o, .pattern = pattern, .texts = texts };
	/* Lines of a shape are found faster without it. */
	return o->accel != OPTION_ACCEL_OFF && accel_gains(pattern) &&
	    (o->accel == OPTION_ACCEL_ALWAYS || pattern_shape(pattern) == NULL);
}

void
accelerate_fini(struct accelerate *a)
{
	pattern_set_accel(a->pattern, NULL);
	accel_close(a->accel);
	a->accel = NULL;
}

static bool
is_large(const char *path)
{
	const bool input = strcmp(path, "-") == 0;
	struct stat st;

	return (input ? fstat(STDIN_FILENO, &st) : stat(path, &st)) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size >= LARGE_OPERAND;
}

static bool
has_large_operand(const struct options *o)
{
	for (size_t i = 0; i < o->path_count; i++)
		if (is_large(o->paths[i]))
			return true;
	return settings_reads_input(o) && is_large("-");
}

static char *
compile(void *ctx, size_t *size)
{
	return accel_compile(ctx, size);
}

/* Whether the accelerator is ready. */
static bool
make_ready(struct accel *accel, bool insists)
{
	const struct errand errand = { .work = compile, .ctx = accel,
		.patience_ms = insists ? PATIENCE_ALWAYS_MS : PATIENCE_MS, .memory = COMPILE_MEMORY, .result_max = CODE_MAX };
	size_t size;
	char *code;
	bool ready;

	if (!accel_must_compile(accel))
		return true;
	if (!accel_load(accel))
		return false;
	code = errand_run(&errand, &size);
	ready = code != NULL && accel_use(accel, code, size);
	free(code);
	return ready;
}

bool
accelerate_prepare(struct accelerate *a, bool large)
{
	const bool insists = a->options->accel == OPTION_ACCEL_ALWAYS;
	struct accel *accel;

	if (!large && !insists && !has_large_operand(a->options))
		return false;
	accel = accel_open(a->pattern, a->texts, a->options->pattern_count);
	if (accel == NULL || !make_ready(accel, insists)) {
		accel_close(accel);
		return false;
	}
	a->accel = accel;
	pattern_set_accel(a->pattern, accel);
	return true;
}

const char *
accelerate_engine(const struct accelerate *a, char *text, size_t size)
{
	const char *name = a->accel != NULL ? accel_name(a->accel) : "";

	snprintf(text, size, "%s%s%s", engine_name(a->pattern), *name != '\0' ? " + " : "", name);
	return text;
}
