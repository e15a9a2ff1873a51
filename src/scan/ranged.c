#include "ranged.h"

#include <errno.h>
#include <unistd.h>

#include "scan/decode.h"

static bool
may_have_mark(const struct ranged *r, const struct batch_range *range)
{
	unsigned char first;

	return pread(r->fd, &first, 1, (off_t)range->origin) == 1 && first >= DECODE_MARK_MIN;
}

/* The parent has looked for those of standard input, whose offset all workers share. */
static bool
has_holes(const struct ranged *r)
{
	off_t hole;

	if (r->fd == STDIN_FILENO)
		return false;
	hole = lseek(r->fd, 0, SEEK_HOLE);
	return lseek(r->fd, 0, SEEK_SET) == 0 && hole != -1 && hole < r->st.st_size;
}

int
ranged_open(struct ranged *r, struct opener *o, const struct batch_item *item, bool marks)
{
	const struct batch_range *range = &item->section->range;

	ranged_close(r, item);
	if (r->open)
		return 0;
	r->fd = opener_file(o, item, &r->st);
	if (r->fd == -1)
		return -1;
	r->open = true;
	r->opener = o;
	r->operand = item->section->operand;
	if (r->st.st_dev != range->device || r->st.st_ino != range->inode) {
		ranged_close(r, NULL);
		errno = ESTALE;
		return -1;
	}
	r->whole = (marks && may_have_mark(r, range)) || has_holes(r);
	return 0;
}

void
ranged_close(struct ranged *r, const struct batch_item *item)
{
	if (!r->open || (item != NULL && item->section->range.count > 0 &&
	    item->section->operand == r->operand))
		return;
	opener_done(r->opener, r->fd);
	r->open = false;
}
