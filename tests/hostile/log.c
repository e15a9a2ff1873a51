#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "evil.h"
#include "walk/batch.h"

enum { LOG_SIZE = 1 << 20, LINE_MAX_ = 512 };

struct log {
	_Atomic uint32_t used; /* bytes of text */
	_Atomic uint32_t processes;
	_Atomic uint32_t first;
	uint32_t unused;
	char text[];
};

static struct log *shared;

void
log_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd == -1 || ftruncate(fd, LOG_SIZE) == -1)
		_exit(70);
	shared = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		_exit(70);
	close(fd);
}

unsigned int
log_process(void)
{
	return atomic_fetch_add(&shared->processes, 1);
}

bool
log_first(void)
{
	return atomic_exchange(&shared->first, 1) == 0;
}

void
log_line(const char *what, unsigned int process, const char *a, const char *b)
{
	char line[LINE_MAX_];
	int length = snprintf(line, sizeof(line), "%s %u %s%s\n", what, process, a, b);
	uint32_t at;

	if (length < 0 || length >= LINE_MAX_)
		_exit(70);
	at = atomic_fetch_add(&shared->used, (uint32_t)length);
	if (at + (uint32_t)length <= LOG_SIZE - sizeof(*shared))
		memcpy(shared->text + at, line, (size_t)length);
}

void
log_batch(const struct evil *e, const void *batch, uint32_t first, uint32_t files)
{
	struct batch_reader reader;
	struct batch_item item;

	batch_reader_init(&reader, batch);
	while (reader.number < files) {
		batch_reader_next(&reader, &item);
		if (item.number >= first)
			log_line("file", e->process, item.path, item.name);
	}
}

void
log_queue(struct evil *e, uint64_t most)
{
	const struct region *region = &e->lane->jobs;
	const struct lane_jobs *jobs = (const void *)region->base;
	uint64_t dealt = atomic_load(&jobs->dealt);

	for (; e->logged < dealt && most > 0; e->logged++, most--) {
		const struct lane_batch_head *head = (const void *)region_at(region, e->logged_at);
		bool resumed = e->logged == e->lane->batch && e->lane->files == 0;

		log_batch(e, head + 1, resumed ? e->lane->resume : 0, head->files);
		e->logged_at += sizeof(*head) + ((head->size + RING_ALIGN - 1) & ~(uint64_t)(RING_ALIGN - 1));
	}
}
