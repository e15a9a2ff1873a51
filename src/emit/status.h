/*
 * What became of a file.  Each file that the walk selects ends with exactly
 * one status.  A worker says it in the last frame of a file (frame.kind),
 * with value as noted; a file without a frame is SEARCHED.
 */
#ifndef EMIT_STATUS_H
#define EMIT_STATUS_H

enum file_status {
	STATUS_SEARCHED,
	STATUS_SKIPPED,     /* value: enum skip_reason */
	STATUS_UNREADABLE,  /* value: errno */
	STATUS_VANISHED,
	STATUS_CUT_SHORT,   /* searched in part; value: enum cut_reason */
	STATUS_CRASHED,     /* value: as report_death. Parent only */
	STATUS_TIMED_OUT,   /* value: enum timeout_reason. Parent only */
	STATUS_UNDONE,      /* not reached; value: enum undone_reason. Parent only */
	STATUS_COUNT,
};

enum skip_reason { SKIP_NOT_REGULAR, SKIP_BINARY, SKIP_IS_OUTPUT, SKIP_TOO_LARGE, SKIP_COUNT };
enum cut_reason { CUT_LONG_LINE, CUT_MATCH_LIMIT, CUT_CONTEXT, CUT_MULTILINE,
	CUT_COUNT };
enum timeout_reason { TIMEOUT_FILE, TIMEOUT_DEADLINE };
enum undone_reason { UNDONE_NO_WORKER, UNDONE_DEADLINE };

/* In frame.flags. */
enum {
	FRAME_SELECTED = 1, /* a line was selected */
	FRAME_GROUP = 2,    /* the file's text is to be separated from what was written before */
	FRAME_TALLY = 4,    /* behind the text stands a struct lane_totals of this file */
	FRAME_PIECE = 8,    /* no text, but how far a file that is watched was searched */
	/* Of a range of a file (walk/batch.h): */
	FRAME_NUL = 16,     /* it had a NUL: no line of the ranges behind it is shown */
	FRAME_HIDDEN = 32,  /* a line was selected, and is not shown for a NUL before it */
	FRAME_WHOLE = 128, /* its worker took the file for one that the first range has all of */
	FRAME_BINARY = 64,  /* the text is what is said of a binary file with a selected line */
};

#endif
