#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static int
create_file(const char *name)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);

	/* Kernels before 6.3 do not know MFD_NOEXEC_SEAL. */
	if (fd == -1 && errno == EINVAL)
		fd = memfd_create(name, flags);
	return fd;
}

/* Maps head, ring and the ring's second view side by side. */
static int
map(struct region *r, int protection)
{
	size_t total = r->head + 2 * r->ring;
	/* What of it lies behind the file's end holds the place of the second view. */
	char *base = mmap(NULL, total, protection, MAP_SHARED, r->fd, 0);
	int saved;

	if (base == MAP_FAILED)
		return -1;
	if (mmap(base + r->head + r->ring, r->ring, protection, MAP_SHARED | MAP_FIXED, r->fd,
	    (off_t)r->head) == MAP_FAILED)
		goto err;
	if (madvise(base, total, MADV_DONTFORK) == -1)
		goto err;
	r->base = base;
	return 0;
err:
	saved = errno;
	munmap(base, total);
	errno = saved;
	return -1;
}

int
region_create(struct region *r, const char *name, size_t head, size_t ring,
    enum region_access others)
{
	int seals = F_SEAL_SHRINK | F_SEAL_GROW;

	*r = (struct region){ .head = head, .ring = ring };
	r->fd = create_file(name);
	if (r->fd == -1)
		return -1;
	if (ftruncate(r->fd, (off_t)(head + ring)) == -1)
		goto err;
	if (map(r, PROT_READ | PROT_WRITE) == -1)
		goto err;
	if (others == REGION_READ)
		seals |= F_SEAL_FUTURE_WRITE;
	/* The seal on seals comes last and alone: MFD_NOEXEC_SEAL adds its own. */
	if (fcntl(r->fd, F_ADD_SEALS, seals) == -1 ||
	    fcntl(r->fd, F_ADD_SEALS, F_SEAL_SEAL) == -1)
		goto err;
	return 0;
err:
	region_close(r);
	return -1;
}

int
region_attach(struct region *mine, const struct region *theirs, enum region_access access)
{
	*mine = *theirs;
	mine->base = NULL;
	return map(mine, access == REGION_READ ? PROT_READ : PROT_READ | PROT_WRITE);
}

void
region_close(struct region *r)
{
	int saved = errno;

	if (r->base != NULL)
		munmap(r->base, r->head + 2 * r->ring);
	if (r->ring != 0 && r->fd >= 0)
		close(r->fd);
	*r = (struct region){ .fd = -1 };
	errno = saved;
}
