/*
 * The ledger's lines: each status with each reason, and paths of every byte.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit/ledger.h"
#include "tap.h"

static char directory[] = "/tmp/test_ledger.XXXXXX";
static char path[sizeof(directory) + 8];
static char text[16 * 1024];

/* What the ledger that was written says, in text. */
static void
read_back(void)
{
	FILE *file = fopen(path, "r");
	size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[length] = '\0';
	if (file != NULL)
		fclose(file);
}

/* Whether one file's status, alone in a ledger, makes this first line. */
static bool
makes(const struct report_file *file, enum file_status status, uint32_t value, const char *line)
{
	struct report report = { .silent = true };
	struct ledger ledger;
	size_t length = strlen(line);

	if (ledger_open(&ledger, path, true, NULL) == -1)
		return false;
	report_file(&report, file, status, value);
	ledger_file(&ledger, file, status, value);
	if (ledger_commit(&ledger, &report, true) == -1)
		return false;
	read_back();
	if (strncmp(text, line, length) == 0 && text[length] == '\n')
		return true;
	tap_note("%.300s", text);
	return false;
}

static void
test_statuses(void)
{
	static const struct {
		enum file_status status;
		uint32_t value;
		const char *words;
	} cases[] = {
		{ STATUS_SEARCHED, 0, "searched" },
		{ STATUS_SKIPPED, SKIP_NOT_REGULAR, "skipped\",\"reason\":\"not a regular file" },
		{ STATUS_SKIPPED, SKIP_BINARY, "skipped\",\"reason\":\"binary" },
		{ STATUS_SKIPPED, SKIP_IS_OUTPUT, "skipped\",\"reason\":\"output" },
		{ STATUS_SKIPPED, SKIP_TOO_LARGE, "skipped\",\"reason\":\"too large" },
		{ STATUS_UNREADABLE, 13, "unreadable\",\"reason\":\"EACCES" },
		{ STATUS_UNREADABLE, 4095, "unreadable\",\"reason\":\"error 4095" },
		{ STATUS_VANISHED, 0, "vanished" },
		{ STATUS_CUT_SHORT, CUT_LONG_LINE, "cut short\",\"reason\":\"line too long" },
		{ STATUS_CUT_SHORT, CUT_MATCH_LIMIT, "cut short\",\"reason\":\"match limit" },
		{ STATUS_CRASHED, 11, "crashed\",\"reason\":\"SIGSEGV" },
		{ STATUS_CRASHED, 40, "crashed\",\"reason\":\"signal 40" },
		{ STATUS_TIMED_OUT, TIMEOUT_FILE, "timed out\",\"reason\":\"no progress" },
		{ STATUS_TIMED_OUT, TIMEOUT_DEADLINE, "timed out\",\"reason\":\"deadline" },
		{ STATUS_UNDONE, UNDONE_NO_WORKER, "not reached\",\"reason\":\"no worker" },
		{ STATUS_UNDONE, UNDONE_DEADLINE, "not reached\",\"reason\":\"deadline" },
	};
	static const struct report_file file = { "src/", "a.c", false };
	char line[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "{\"type\":\"file\",\"path\":{\"text\":\"src/a.c\"},"
		    "\"status\":\"%s\"}", cases[i].words);
		tap_ok(makes(&file, cases[i].status, cases[i].value, line), "%s", line);
	}
	tap_ok(makes(&file, STATUS_CRASHED, report_death(1, 3),
	    "{\"type\":\"file\",\"path\":{\"text\":\"src/a.c\"},\"status\":\"crashed\","
	    "\"reason\":\"exit status 3\"}"), "a worker that exits");
	tap_ok(makes(&file, STATUS_CRASHED, report_violation(),
	    "{\"type\":\"file\",\"path\":{\"text\":\"src/a.c\"},\"status\":\"crashed\","
	    "\"reason\":\"protocol violation\"}"), "a worker that breaks the protocol");
}

static void
test_paths(void)
{
	static const struct {
		const char *path, *name, *told;
	} cases[] = {
		{ "", "a", "{\"text\":\"a\"}" },
		{ "d/", "", "{\"text\":\"d\"}" },
		{ "/", "", "{\"text\":\"/\"}" },
		{ "", "", "{\"text\":\".\"}" },
		{ "d/", "\"\\\1\n\33\177", "{\"text\":\"d/\\\"\\\\\\u0001\\u000a\\u001b\\u007f\"}" },
		{ "", "\302\200\302\237\302\240", "{\"text\":\"\\u0080\\u009f\302\240\"}" },
		{ "d/", "\303\244\360\237\220\252", "{\"text\":\"d/\303\244\360\237\220\252\"}" },
		{ "", "\377", "{\"bytes\":\"/w==\"}" },
		{ "", "\377\376", "{\"bytes\":\"//4=\"}" },
		{ "", "\377\376>", "{\"bytes\":\"//4+\"}" },
		{ "ab/", "\303", "{\"bytes\":\"YWIvww==\"}" },
	};
	char line[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct report_file file = { cases[i].path, cases[i].name, false };

		snprintf(line, sizeof(line),
		    "{\"type\":\"file\",\"path\":%s,\"status\":\"searched\"}", cases[i].told);
		tap_ok(makes(&file, STATUS_SEARCHED, 0, line), "path %zu", i);
	}
}

static void
test_summary(void)
{
	struct report report = { .files = { 1, 2, 3, 4, 5, 6, 7, 8 } };
	struct ledger ledger;

	ledger_open(&ledger, path, false, NULL);
	ledger_file(&ledger, &(struct report_file){ "", "a", true }, STATUS_SEARCHED, 0);
	tap_ok(ledger_commit(&ledger, &report, true) == 0, "a summary is written");
	read_back();
	tap_ok(strcmp(text, "{\"type\":\"summary\",\"complete\":false,\"files\":36,\"searched\":1,"
	    "\"skipped\":2,\"unreadable\":3,\"vanished\":4,\"cut_short\":5,\"crashed\":6,"
	    "\"timed_out\":7,\"not_reached\":8}\n") == 0, "it counts each status, and nothing else is there");
	for (int ended = 0; ended <= 1; ended++) {
		report = (struct report){ .files = { 1, 2, 0, 4 } };
		ledger_open(&ledger, path, false, NULL);
		ledger_commit(&ledger, &report, ended == 1);
		read_back();
		tap_ok(strstr(text, ended ? "\"complete\":true," : "\"complete\":false,") != NULL,
		    "what is skipped or gone is complete, if the walk came to its end: %d", ended);
	}
}

int
main(void)
{
	if (mkdtemp(directory) == NULL) {
		perror(directory);
		return 1;
	}
	snprintf(path, sizeof(path), "%s/ledger", directory);
	test_statuses();
	test_paths();
	test_summary();
	unlink(path);
	tap_ok(rmdir(directory) == 0, "nothing else was left in the directory");
	return tap_done();
}
