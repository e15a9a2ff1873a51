#include "names.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	BYTES_MIN = 64 * 1024,
	LIST_MIN = 4096,
	BEFORE = sizeof(uint16_t) + 1, /* a name: its length and its mark */
	BEHIND = 5, /* its '/' and NUL, and what is read of a short one besides */
	FEW = 8, /* names that are sorted by insertion */
};

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

/* Of a name with PREFIX readable bytes, at least; what lies behind its NUL does not count. */
static uint32_t
prefix_of(const char *name, size_t length)
{
	uint32_t prefix;

	memcpy(&prefix, name, sizeof(prefix));
	prefix = be32toh(prefix);
	return length < sizeof(prefix) ? prefix & ~(UINT32_MAX >> 8 * length) : prefix;
}

static int
reserve(struct names *n, size_t bytes)
{
	if (n->used + bytes <= n->size && n->count < n->capacity)
		return 0;
	if (grow((void **)&n->bytes, &n->size, n->used + bytes, 1, BYTES_MIN) == -1)
		return -1;
	return grow((void **)&n->list, &n->capacity, n->count + 1, sizeof(*n->list), LIST_MIN);
}

int
names_push(struct names *n, const char *name, bool directory, unsigned char mark)
{
	size_t length = strlen(name);
	uint16_t kept;
	char *to;

	if (reserve(n, BEFORE + length + BEHIND) == -1)
		return -1;
	if (n->used >= UINT32_MAX - BEFORE || length >= UINT16_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	to = n->bytes + n->used + BEFORE;
	memcpy(to, name, length);
	if (directory)
		to[length++] = '/';
	to[length] = '\0';
	to[-1] = (char)mark;
	kept = (uint16_t)length;
	memcpy(to - BEFORE, &kept, sizeof(kept));
	n->list[n->count++] = (struct name){ prefix_of(to, length), (uint32_t)(to - n->bytes) };
	n->used += BEFORE + length + 1;
	return 0;
}

static inline bool
is_before(const struct name *a, const struct name *b, const char *bytes)
{
	return a->prefix != b->prefix ? a->prefix < b->prefix
	    : strcmp(bytes + a->at, bytes + b->at) < 0;
}

static void
sort_few(struct name *list, size_t count, const char *bytes)
{
	for (size_t i = 1; i < count; i++) {
		const struct name one = list[i];
		size_t at = i;

		for (; at > 0 && is_before(&one, &list[at - 1], bytes); at--)
			list[at] = list[at - 1];
		list[at] = one;
	}
}

/* By merging: spare holds half of them.  qsort_r(3) takes three times as long for short lists. */
static void
sort(struct name *list, size_t count, struct name *spare, const char *bytes)
{
	const size_t half = count / 2;
	struct name *from = spare, *end = spare + half, *right = list + half, *to = list;

	if (count <= FEW) {
		sort_few(list, count, bytes);
		return;
	}
	sort(list, half, spare, bytes);
	sort(right, count - half, spare, bytes);
	memcpy(spare, list, half * sizeof(*list));
	while (from < end && right < list + count)
		*to++ = is_before(right, from, bytes) ? *right++ : *from++;
	/* What is left of the other half stands where it belongs. */
	memcpy(to, from, (size_t)(end - from) * sizeof(*to));
}

int
names_sort(struct names *n, size_t first)
{
	size_t count = n->count - first;

	if (grow((void **)&n->spare, &n->spare_capacity, count / 2, sizeof(*n->spare),
	    LIST_MIN) == -1)
		return -1;
	sort(n->list + first, count, n->spare, n->bytes);
	return 0;
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

void
names_free(struct names *n)
{
	free(n->bytes);
	free(n->list);
	free(n->spare);
	*n = (struct names){ 0 };
}
