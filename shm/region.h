/*
 * A region: one memfd, mapped as a head and a ring.
 *
 *   file      | head | ring |
 *   mapping   | head | ring | ring again |
 *
 * The ring is mapped twice in a row, so a record that wraps is contiguous
 * in memory and can be read, written and handed to writev in one piece.
 *
 * The file is sealed against shrinking (a load beyond a truncated file is a
 * SIGBUS), growing and further sealing; a read-only region also against
 * any writable mapping after the creator's own.  Source: memfd_create(2),
 * F_SEAL_FUTURE_WRITE in fcntl(2).
 *
 * Mappings of the creator are MADV_DONTFORK: a child starts with none of
 * them, and maps from the descriptor only the regions it is given.
 */
#ifndef SHM_REGION_H
#define SHM_REGION_H

#include <stddef.h>
#include <stdint.h>

enum region_access { REGION_WRITE, REGION_READ };

struct region {
	int fd;      /* -1 once given up */
	size_t head; /* bytes, a multiple of the page */
	size_t ring; /* bytes, a power of two and a multiple of the page */
	char *base;  /* head, ring, ring */
};

/*
 * Creates and maps a region, read-write for the caller.  others says what
 * later mappings of the descriptor may do.  name shows in /proc/PID/maps.
 * Returns 0, or -1 with errno.
 */
int region_create(struct region *r, const char *name, size_t head, size_t ring,
    enum region_access others);

/*
 * Maps, in a child, a region of its parent's.  theirs is the parent's struct
 * as inherited; mine is filled with a mapping of the child's own.
 * Returns 0, or -1 with errno.
 */
int region_attach(struct region *mine, const struct region *theirs, enum region_access access);

/* Unmaps and closes. Harmless on a zeroed or already closed region. */
void region_close(struct region *r);

/* Where the ring starts. */
static inline char *
region_ring(const struct region *r)
{
	return r->base + r->head;
}

/* The address of byte position pos, an ever growing count of ring bytes. */
static inline char *
region_at(const struct region *r, uint64_t pos)
{
	return region_ring(r) + (pos & (r->ring - 1));
}

#endif
