#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MIN = 64 * 1024, LIST_MIN = 4096 };

/* Room for one more element. mremap makes the growth of a large array cheap. */
static int
grow(void **array, size_t *capacity, size_t needed, size_t unit, size_t minimum)
{
	size_t target = *capacity ? *capacity : minimum;
	void *bigger;

	while (target < needed)
		target += target / 2;
	if (target == *capacity)
		return 0;
	bigger = reallocarray(*array, target, unit);
	if (bigger == NULL)
		return -1;
	*array = bigger;
	*capacity = target;
	return 0;
}

static uint32_t
prefix_of(const char *name)
{
	uint32_t prefix = 0;

	for (int shift = 24; shift >= 0 && *name != '\0'; shift -= 8)
		prefix |= (uint32_t)(unsigned char)*name++ << shift;
	return prefix;
}

int
names_push(struct names *n, const char *name, bool directory, unsigned char mark)
{
	size_t length = strlen(name);
	char *to;

	if (grow((void **)&n->bytes, &n->size, n->used + length + 3, 1, BYTES_MIN) == -1 ||
	    grow((void **)&n->list, &n->capacity, n->count + 1, sizeof(*n->list), LIST_MIN) == -1)
		return -1;
	if (n->used >= UINT32_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	to = n->bytes + n->used;
	*to++ = (char)mark;
	memcpy(to, name, length);
	if (directory)
		to[length++] = '/';
	to[length] = '\0';
	n->list[n->count++] = (struct name){ prefix_of(to), (uint32_t)n->used + 1 };
	n->used += length + 2;
	return 0;
}

static int
compare(const void *left, const void *right, void *bytes)
{
	const struct name *a = left, *b = right;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return strcmp((const char *)bytes + a->at, (const char *)bytes + b->at);
}

void
names_sort(struct names *n, size_t first)
{
	if (n->count > first)
		qsort_r(n->list + first, n->count - first, sizeof(*n->list), compare, n->bytes);
}

int
names_filter(struct names *n, size_t first, int (*keep)(void *ctx, const char *name), void *ctx)
{
	size_t kept = first;

	for (size_t i = first; i < n->count; i++) {
		int result = keep(ctx, names_get(n, i));

		if (result == -1)
			return -1;
		if (result == 1)
			n->list[kept++] = n->list[i];
	}
	n->count = kept;
	return 0;
}

void
names_drop(struct names *n, size_t count, size_t used)
{
	n->count = count;
	n->used = used;
}

const char *
names_get(const struct names *n, size_t i)
{
	return n->bytes + n->list[i].at;
}

void
names_free(struct names *n)
{
	free(n->bytes);
	free(n->list);
	*n = (struct names){ 0 };
}
