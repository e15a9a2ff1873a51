#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "walk/rules_table.h"

enum { STEP_SHIFT = 2 }; /* so many bits of the steps of a glob that is run are not counted */

void
rules_name_set(struct rules_name *n, const char *path, size_t path_length, size_t length)
{
	const char *name = path + path_length - length;
	const uint64_t base = n->base != 0 ? n->base : keys_base();

	n->base = base;
	n->path = path;
	n->path_length = path_length;
	n->length = length;
	n->starts[0] = n->ends[0] = 0;
	for (size_t i = 0; i < length; i++) {
		n->starts[i + 1] = keys_hash_add(n->starts[i], base, (unsigned char)name[i]);
		n->ends[i + 1] = keys_hash_add(n->ends[i], base, (unsigned char)name[length - 1 - i]);
	}
}

uint64_t
rules_hash(const char *path, size_t length)
{
	return keys_hash(0, keys_base(), path, length);
}

bool
rules_work_ask(struct rules_work *w)
{
	if (w->ended)
		return true;
	w->done = 0;
	w->ended = w->pause != NULL && w->pause(w->ctx);
	return w->ended;
}

/* Whether a glob of paths can match a name in this directory. */
static bool
can_match(const struct rules *r, const struct rule *rule, const char *directory, size_t length)
{
	size_t common = rule->prefix_length < length ? rule->prefix_length : length;

	return memcmp(r->text + rule->prefix_at, directory, common) == 0;
}

int
rules_view_set(struct rules_view *v, const struct rules *r, const struct rules_place *place,
    struct rules_work *work)
{
	const char *directory = place->path + place->base;
	const size_t length = place->length - place->base;

	v->rules = r;
	v->base = place->base;
	v->hash = place->hash;
	v->has_paths = place->beneath &&
	    keys_find(&r->keys, KEYS_DIRECTORY, v->hash, directory, length) != NULL;
	v->glob_count = 0;
	if (r->glob_count > v->glob_capacity) {
		uint32_t *bigger = reallocarray(v->globs, r->glob_count, sizeof(*bigger));

		if (bigger == NULL)
			return -1;
		v->globs = bigger;
		v->glob_capacity = r->glob_count;
	}
	if (rules_work_add(work, r->glob_count))
		return 0;
	for (size_t i = r->glob_count; i-- > 0;)
		if (!r->globs[i].path || (place->beneath && can_match(r, &r->globs[i], directory, length)))
			v->globs[v->glob_count++] = (uint32_t)i;
	return 0;
}

void
rules_view_fini(struct rules_view *v)
{
	free(v->globs);
	*v = (struct rules_view){ 0 };
}

static void
take(const struct key *key, bool directory, uint32_t *line)
{
	if (key == NULL)
		return;
	if (key->line > *line)
		*line = key->line;
	if (directory && key->directory_line > *line)
		*line = key->directory_line;
}

/* The last line among those that are looked up. */
static uint32_t
look_up(const struct rules_view *v, const struct rules_name *n, bool directory)
{
	const struct rules *r = v->rules;
	const char *name = n->path + n->path_length - n->length;
	const char *path = n->path + v->base;
	uint32_t line = 0;

	take(keys_find(&r->keys, KEYS_NAME, n->starts[n->length], name, n->length), directory, &line);
	for (size_t i = 0; i < r->starts.count; i++) {
		size_t length = r->starts.list[i];

		if (length <= n->length)
			take(keys_find(&r->keys, KEYS_PREFIX, n->starts[length], name, length), directory,
			    &line);
	}
	for (size_t i = 0; i < r->ends.count; i++) {
		size_t length = r->ends.list[i];

		if (length <= n->length)
			take(keys_find(&r->keys, KEYS_SUFFIX, n->ends[length],
			    name + n->length - length, length), directory, &line);
	}
	if (!v->has_paths)
		return line;
	take(keys_find(&r->keys, KEYS_PATH, keys_hash(v->hash, r->base, name, n->length), path,
	    n->path_length - v->base), directory, &line);
	return line;
}

/* Whether a glob matches, if the work is not ended. */
static bool
matches(const struct rules *r, const struct rule *rule, const struct rules_name *n, size_t base,
    struct rules_work *work)
{
	const char *path = n->path + base;
	size_t length = n->path_length - base;

	/* As much as it can take. */
	if (rules_work_add(work, glob_size(rule->glob) * (rule->path ? length : n->length) >>
	    STEP_SHIFT))
		return false;
	if (!rule->path)
		return glob_match(rule->glob, n->path + n->path_length - n->length, n->length);
	return rule->prefix_length <= length &&
	    memcmp(r->text + rule->prefix_at, path, rule->prefix_length) == 0 &&
	    glob_match(rule->glob, path + rule->prefix_length, length - rule->prefix_length);
}

/* The last of the lines behind line that are globs and match; or line. */
static uint32_t
try_globs(const struct rules_view *v, const struct rules_name *n, bool directory, uint32_t line,
    struct rules_work *work)
{
	const struct rules *r = v->rules;
	const char *name = n->path + n->path_length - n->length;
	const uint32_t head = glob_head(name, n->length), tail = glob_tail(name, n->length);

	for (size_t i = 0; i < v->glob_count; i++) {
		const struct glob_edges *e = &r->edges[v->globs[i]];
		const struct rule *rule;

		if ((head & e->head_mask) != e->head || (tail & e->tail_mask) != e->tail)
			continue;
		rule = &r->globs[v->globs[i]];
		if (rule->line < line)
			break;
		if ((directory || !rule->directory) && matches(r, rule, n, v->base, work))
			return rule->line;
		if (work->ended)
			break;
	}
	return line;
}

enum rules_verdict
rules_match(const struct rules_view *v, const struct rules_name *n, bool directory,
    struct rules_work *work)
{
	uint32_t line;

	rules_work_add(work, v->glob_count + 1);
	line = try_globs(v, n, directory, look_up(v, n, directory), work);
	if (line == 0)
		return RULES_NONE;
	line--;
	return v->rules->kept[line / 8] >> line % 8 & 1 ? RULES_KEEP : RULES_IGNORE;
}
