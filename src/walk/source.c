#include "source.h"

#include <errno.h>
#include <limits.h>

/* What a batch holds besides the strings of one entry, at most. */
enum { OVERHEAD = 128 };

/* Files that may be passed over before something else gets its turn. */
enum { PASSED_MAX = 1024 };

void
source_init(struct source *s, struct walk *walk)
{
	*s = (struct source){ .walk = walk };
}

void
source_fini(struct source *s)
{
	batch_builder_free(&s->builder);
}

int
source_next(struct source *s, uint32_t items)
{
	struct walk_entry entry;
	int got, passed = 0;

	batch_builder_clear(&s->builder);
	while (s->builder.items < items && s->builder.size < SOURCE_BATCH_BYTES) {
		if (passed == PASSED_MAX && s->builder.items > 0)
			break;
		if (passed == PASSED_MAX) {
			errno = EINTR;
			return -1;
		}
		got = walk_next(s->walk, &entry);
		if (got == -1 && errno == EINTR && s->builder.items > 0)
			break;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		if (entry.path_length + entry.name_length > SOURCE_BATCH_MAX - SOURCE_BATCH_BYTES -
		    OVERHEAD)
			entry = (struct walk_entry){ .kind = WALK_ERROR, .error = ENAMETOOLONG,
				.path = "", .name = entry.path, .name_length = PATH_MAX };
		if (entry.kind < WALK_ERROR && s->pass != NULL &&
		    s->pass(s->ctx, walk_directory(s->walk, &entry), &entry)) {
			passed++;
			continue;
		}
		if (batch_builder_add(&s->builder, &entry) == -1)
			return -1;
	}
	return s->builder.items > 0;
}
