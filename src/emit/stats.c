#include "stats.h"

#include <inttypes.h>
#include <stdio.h>

/* In the order of enum file_status. */
static const char *const keys[STATUS_COUNT] = { "searched", "skipped", "unreadable", "vanished",
	"cut_short", "crashed", "timed_out", "not_reached" };

static void
print_text(const struct stats *s)
{
	fprintf(stderr, "files: %" PRIu64 " searched", s->report->files[STATUS_SEARCHED]);
	for (size_t i = STATUS_SEARCHED + 1; i < STATUS_COUNT; i++)
		if (s->report->files[i] > 0)
			fprintf(stderr, ", %" PRIu64 " %s", s->report->files[i],
			    report_status((enum file_status)i));
	fprintf(stderr, "\nbytes: %" PRIu64 " searched, %" PRIu64 " printed\n",
	    s->totals.bytes_searched, s->totals.bytes_printed);
	fprintf(stderr, "found: %" PRIu64 " lines, %" PRIu64 " matches\n", s->totals.matched_lines,
	    s->totals.matches);
	fprintf(stderr, "time: %.3f s\n", s->seconds);
	fprintf(stderr, "workers: %" PRIu64 " started, %" PRIu64 " lost", s->workers_started,
	    s->workers_lost);
	if (s->workers_abandoned > 0)
		fprintf(stderr, ", %" PRIu64 " of them could not be killed", s->workers_abandoned);
	fprintf(stderr, "\nengine: %s", s->engine);
	if (s->repeated > 0)
		fprintf(stderr, " (%" PRIu64 " files searched again without libhs)", s->repeated);
	fprintf(stderr, "\nsandbox: %s, %s", s->view,
	    s->filtered ? "filter of system calls" : "no filter of system calls");
	if (s->missed != NULL)
		fprintf(stderr, " (could not have %s: %s)", s->missed, s->reason);
	fputc('\n', stderr);
}

static void
print_json(const struct stats *s)
{
	fputs("{\"files\":{", stderr);
	for (size_t i = 0; i < STATUS_COUNT; i++)
		fprintf(stderr, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", keys[i], s->report->files[i]);
	fprintf(stderr, "},\"bytes_searched\":%" PRIu64 ",\"bytes_printed\":%" PRIu64
	    ",\"matched_lines\":%" PRIu64 ",\"matches\":%" PRIu64, s->totals.bytes_searched,
	    s->totals.bytes_printed, s->totals.matched_lines, s->totals.matches);
	fprintf(stderr, ",\"seconds\":%.6f,\"workers\":{\"started\":%" PRIu64 ",\"lost\":%" PRIu64
	    ",\"abandoned\":%" PRIu64 "},\"engine\":\"%s\",\"repeated\":%" PRIu64, s->seconds,
	    s->workers_started, s->workers_lost, s->workers_abandoned, s->engine, s->repeated);
	fprintf(stderr, ",\"sandbox\":{\"view\":\"%s\",\"filter\":%s", s->view,
	    s->filtered ? "true" : "false");
	/* Texts of the C library and our own: no character that JSON would have escaped. */
	if (s->missed != NULL)
		fprintf(stderr, ",\"missed\":\"%s\",\"reason\":\"%s\"", s->missed, s->reason);
	fputs("}}\n", stderr);
}

void
stats_print(const struct stats *s, bool json)
{
	if (json)
		print_json(s);
	else
		print_text(s);
}

void
stats_print_listing(const struct stats_listing *s, bool json)
{
	if (json)
		fprintf(stderr, "{\"files\":{\"listed\":%" PRIu64 "},\"directories\":{\"read\":%" PRIu64
		    "},\"unreadable\":%" PRIu64 ",\"bytes_printed\":%" PRIu64 ",\"seconds\":%.6f}\n",
		    s->listed, s->directories, s->unreadable, s->bytes, s->seconds);
	else
		fprintf(stderr, "files: %" PRIu64 " listed\ndirectories: %" PRIu64
		    " read\nunreadable: %" PRIu64 "\nbytes: %" PRIu64 " printed\ntime: %.3f s\n",
		    s->listed, s->directories, s->unreadable, s->bytes, s->seconds);
}
