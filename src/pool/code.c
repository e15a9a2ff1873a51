#include "code.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* struct procmap_query of linux/fs.h, which the header may be too old for. */
struct map_query {
	uint64_t size, flags, address;
	uint64_t start, end;
	uint64_t rest[4];
	uint32_t more[4];
	uint64_t names[2];
};
_Static_assert(sizeof(struct map_query) == 104, "kernel ABI");
static const unsigned long query_request = _IOWR('f', 17, struct map_query);
/* What can be written and executed, at the address or next behind it. */
static const uint64_t query_flags = 0x2 | 0x4 | 0x10;

/* Returns whether there was room. */
static bool
add(struct code *code, uint64_t start, uint64_t end)
{
	if (code->count == CODE_MAX) {
		code->error = ENOSPC;
		return false;
	}
	code->list[code->count++] = (struct code_stretch){ (void *)(uintptr_t)start,
		(size_t)(end - start) };
	return true;
}

/* Asks the kernel for that alone. Returns false where it does not know how. */
static bool
ask(struct code *code, int maps)
{
	struct map_query query = { .size = sizeof(query), .flags = query_flags };

	while (ioctl(maps, query_request, &query) == 0) {
		if (!add(code, query.start, query.end))
			return true;
		query.address = query.end;
	}
	return errno == ENOENT;
}

/* Finds it in the list of all memory. */
static void
search(struct code *code, FILE *maps)
{
	unsigned long long start, end;
	char line[512], rights[5];

	*code = (struct code){ 0 };
	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%llx-%llx %4s", &start, &end, rights) == 3 &&
		    memcmp(rights + 1, "wx", 2) == 0 && !add(code, start, end))
			break;
	if (ferror(maps))
		code->error = EIO;
}

void
code_find(struct code *code)
{
	FILE *maps = fopen("/proc/self/maps", "re");

	*code = (struct code){ .error = maps == NULL ? errno : 0 };
	if (maps == NULL)
		return;
	if (!ask(code, fileno(maps)))
		search(code, maps);
	fclose(maps);
}

int
code_protect(const struct code *code)
{
	if (code->error != 0) {
		errno = code->error;
		return -1;
	}
	for (size_t i = 0; i < code->count; i++)
		if (mprotect(code->list[i].start, code->list[i].length, PROT_READ | PROT_EXEC) == -1)
			return -1;
	return 0;
}
