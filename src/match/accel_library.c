#include "accel_library.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Of hs_compile.h. */
enum {
	HS_SUCCESS = 0,
	HS_FLAG_MULTILINE = 4,
	HS_FLAG_ALLOWEMPTY = 16,
	HS_MODE_BLOCK = 1,
};

/*
 * Hyperscan is believed.  Vectorscan has the same interface and name, and misses
 * matches: 5.4.9 some that end a text, as tests/unit/test_engine.c finds.
 */
static bool
is_believed(const char *version)
{
	static const char *const believed[] = { "5.4.0 ", "5.4.1 ", "5.4.2 " };

	for (size_t i = 0; i < sizeof(believed) / sizeof(believed[0]); i++)
		if (strncmp(version, believed[i], strlen(believed[i])) == 0)
			return true;
	return false;
}

bool
accel_library_load(struct accel_library *l)
{
	void *handle = dlopen("libhs.so.5", RTLD_NOW | RTLD_LOCAL);
	const struct {
		const char *name;
		void *function;
	} functions[] = {
		{ "hs_version", &l->version },
		{ "hs_valid_platform", &l->valid_platform },
		{ "hs_compile_multi", &l->compile_multi },
		{ "hs_serialize_database", &l->serialize },
		{ "hs_deserialize_database", &l->deserialize },
		{ "hs_alloc_scratch", &l->alloc_scratch },
		{ "hs_free_scratch", &l->free_scratch },
		{ "hs_free_database", &l->free_database },
		{ "hs_free_compile_error", &l->free_compile_error },
		{ "hs_scan", &l->scan },
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *found = handle != NULL ? dlsym(handle, functions[i].name) : NULL;

		if (found == NULL)
			return false;
		/* POSIX: what dlsym returns may be a function. */
		memcpy(functions[i].function, &found, sizeof(found));
	}
	return l->valid_platform() == HS_SUCCESS && is_believed(l->version());
}

char *
accel_library_compile(const struct accel_library *l, const char *const *expressions,
    unsigned int count, size_t *size)
{
	unsigned int *flags = reallocarray(NULL, count, sizeof(*flags));
	struct hs_compile_error *error = NULL;
	struct hs_database *db = NULL;
	char *bytes = NULL;

	for (unsigned int i = 0; flags != NULL && i < count; i++)
		flags[i] = HS_FLAG_MULTILINE | HS_FLAG_ALLOWEMPTY;
	/* Without numbers they are all number 0: which it was does not matter. */
	if (flags != NULL && l->compile_multi(expressions, flags, NULL, count, HS_MODE_BLOCK, NULL,
	    &db, &error) == HS_SUCCESS && l->serialize(db, &bytes, size) != HS_SUCCESS)
		bytes = NULL;
	l->free_compile_error(error);
	l->free_database(db);
	free(flags);
	return bytes;
}
