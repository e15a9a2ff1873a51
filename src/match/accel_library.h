/*
 * libhs, which is Hyperscan: loaded if it is there, and never needed.  What of
 * its interface is used is declared here, so that building the program does
 * not ask for it.
 *
 * Source: the Hyperscan Developer's Reference Guide, hs_compile.h and hs_runtime.h.
 */
#ifndef MATCH_ACCEL_LIBRARY_H
#define MATCH_ACCEL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct hs_database;
struct hs_scratch;
struct hs_compile_error;
struct hs_platform_info;

/* A match that ends behind to bytes. Returns 0 to go on. */
typedef int (*accel_library_match)(unsigned int id, unsigned long long from, unsigned long long to,
    unsigned int flags, void *ctx);

struct accel_library {
	const char *(*version)(void);
	int (*valid_platform)(void);
	int (*compile_multi)(const char *const *expressions, const unsigned int *flags,
	    const unsigned int *ids, unsigned int count, unsigned int mode,
	    const struct hs_platform_info *platform, struct hs_database **db,
	    struct hs_compile_error **error);
	int (*serialize)(const struct hs_database *db, char **bytes, size_t *length);
	int (*deserialize)(const char *bytes, size_t length, struct hs_database **db);
	int (*alloc_scratch)(const struct hs_database *db, struct hs_scratch **scratch);
	int (*free_scratch)(struct hs_scratch *scratch);
	int (*free_database)(struct hs_database *db); /* or NULL, as the next one */
	int (*free_compile_error)(struct hs_compile_error *error);
	int (*scan)(const struct hs_database *db, const char *text, unsigned int length,
	    unsigned int flags, struct hs_scratch *scratch, accel_library_match on_match,
	    void *ctx);
};

/*
 * Loads it, for good.  False: it is not there, not for this processor, or of a version
 * that is not known to be right.  Parent only.
 */
bool accel_library_load(struct accel_library *l);

/*
 * Compiles expressions into one database, and returns its serialized form, to
 * be freed, or NULL.  May take long, and much memory: see accel.h.
 */
char *accel_library_compile(const struct accel_library *l, const char *const *expressions,
    unsigned int count, size_t *size);

#endif
