/*
 * Parts of the files: each file is in exactly one of them, the same on every
 * machine, whatever the operand is called.
 *
 * Source: Fowler, Noll, Vo: FNV-1a, 64 bits; the last mix is MurmurHash3's.
 */
#ifndef WALK_SHARD_H
#define WALK_SHARD_H

#include <stddef.h>
#include <stdint.h>

/* Of no path yet. */
#define SHARD_START 0xcbf29ce484222325U

/* Goes on with a path: from its operand on, slashes among it. */
static inline uint64_t
shard_add(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3U;
	return hash;
}

/* Which of so many parts it is in, counted from 1. */
static inline uint64_t
shard_of(uint64_t hash, uint64_t shards)
{
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdU;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53U;
	return (hash ^ hash >> 33) % shards + 1;
}

#endif
