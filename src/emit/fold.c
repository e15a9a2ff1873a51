#include "fold.h"

#include <errno.h>

#include "shm/lane.h"

/* Whether the range in hand is of another view than the first. */
static bool
disagrees(const struct fold *f)
{
	return f->any && f->in_whole != f->whole;
}

bool
fold_frame(struct fold *f, const struct frame *frame)
{
	const bool last = !(frame->flags & LANE_MORE);
	const bool selected = frame->flags & FRAME_SELECTED;
	bool shown;

	f->in_whole = frame->flags & FRAME_WHOLE;
	if (f->failed || disagrees(f))
		return false;
	f->selected += last && selected;
	f->hidden |= (selected && f->binary) || (frame->flags & FRAME_HIDDEN);
	shown = frame->flags & FRAME_BINARY ? f->hidden : !f->binary;
	/* What came of this range came before its NUL. */
	f->binary |= last && (frame->flags & FRAME_NUL);
	return shown;
}

static void
take_status(struct fold *f, enum file_status status, uint32_t value)
{
	/* A line of which there was too much to do says more than one that is too long. */
	if (status == STATUS_CUT_SHORT && f->status == STATUS_CUT_SHORT && value != CUT_MATCH_LIMIT)
		return;
	/* The file was reached. */
	if (status == STATUS_UNDONE && value == UNDONE_DEADLINE && f->any) {
		status = STATUS_TIMED_OUT;
		value = TIMEOUT_DEADLINE;
	}
	f->status = status;
	f->value = value;
}

void
fold_status(struct fold *f, const struct fold_rules *rules, enum file_status status,
    uint32_t value)
{
	bool fails;

	if (disagrees(f) && !f->settled && (status == STATUS_SEARCHED || status == STATUS_CUT_SHORT)) {
		status = STATUS_UNREADABLE;
		value = ESTALE;
	}
	fails = status != STATUS_SEARCHED && status != STATUS_CUT_SHORT;
	if (status != STATUS_SEARCHED && !f->failed && (!f->settled || (fails && rules->last))) {
		take_status(f, status, value);
		f->failed = fails;
	}
	if (!f->any)
		f->whole = f->in_whole;
	f->any = true;
	f->in_whole = false;
	f->settled = f->failed || f->hidden || (rules->one_settles && f->selected > 0);
}
