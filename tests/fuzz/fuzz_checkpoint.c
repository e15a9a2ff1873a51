/*
 * The checkpoint of --resume and the state of --since-state: files that a disk may have
 * damaged.  The checksums are put right first, or nothing behind them would be reached.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jobs/checkpoint.h"
#include "jobs/siphash.h"
#include "jobs/state.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Bytes of the input in memory of their very size, the last eight their checksum. */
static unsigned char *
summed(const unsigned char *data, size_t size)
{
	unsigned char *bytes = malloc(size);
	uint64_t sum;

	memcpy(bytes, data, size);
	sum = htole64(siphash_sum(bytes, size - sizeof(sum)));
	memcpy(bytes + size - sizeof(sum), &sum, sizeof(sum));
	return bytes;
}

/* What is read is what is written again, byte for byte. */
static void
try_checkpoint(const void *bytes, size_t size)
{
	struct checkpoint c;
	size_t again_size;
	void *again;

	if (checkpoint_decode(&c, bytes, size) == 0) {
		again = checkpoint_encode(&c, &again_size);
		if (again_size != size || memcmp(again, bytes, size) != 0)
			abort();
		free(again);
	}
	checkpoint_free(&c);
}

static void
try_state(const unsigned char *bytes, size_t size)
{
	char path[64];
	struct state_writer w;
	struct state *s;
	int fd = memfd_create("state", MFD_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, bytes, size) == (ssize_t)size && (s = state_open(path)) != NULL) {
		for (uint64_t i = 0; i < 64; i++)
			state_has(s, i * 0x9e3779b97f4a7c15U);
		state_writer_init(&w, path);
		if (state_writer_add_all(&w, s) == -1 || w.count != state_count(s))
			abort();
		state_writer_fini(&w);
		state_close(s);
	}
	close(fd);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	unsigned char *bytes;

	try_checkpoint(data, size);
	if (size < sizeof(uint64_t))
		return 0;
	bytes = summed(data, size);
	try_checkpoint(bytes, size);
	try_state(bytes, size);
	free(bytes);
	return 0;
}
