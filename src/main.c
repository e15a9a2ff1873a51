/*
 * pgrep-r: grep -r made parallel out of processes.
 *
 * A map of the source, in the order in which a search passes through it:
 *
 *   parent                                   worker (one per lane, disposable)
 *   ------                                   ------
 *   cli/table     every option, once
 *   cli/options   command line -> struct, by
 *   cli/config    lines of a file, and
 *   cli/words     words: getopt,
 *   cli/parse     one option,
 *   cli/patterns  -e and -f,
 *   cli/values    numbers, sizes, times
 *   cli/help      --help                   scan/title     what ps shows of it
 *   match/pattern   patterns -> code,        pool/process  how a worker starts
 *     posix, repeat   -E and -G to Perl's,   pool/sandbox  what it can still do:
 *     bracket, smart  classes, case            pool/jail     what it sees,
 *     perl, compose   joined into one text     pool/landlock   one way or the other
 *     check, analysis  what it can touch       pool/filter, code  calls; it writes no code
 *     unit, words, literals, literals_make  scan/scan     batches -> files
 *     prefilter, required  what all need     scan/opener, ranged  names -> descriptors
 *     propose, needles  looked for first     scan/reader   files -> windows
 *     nibbles, grams  many of them at once
 *     shape, shape_build, shape_sample  or classes of bytes
 *   match/accel     what libhs is told,
 *     accel_wide, accel_text, accel_item,
 *     accel_library, engine
 *   match/replacement  --replace               match/kernel  loops over bytes
 *   scan/encoding   names -> decoders          scan/decode   to UTF-8
 *   walk/select   names, by options:         scan/search   windows, of a file or a range
 *     types, types_table, braces             scan/sweep    a window -> selected lines
 *   walk/ignore   names, by ignore files:      match/text    what kind of bytes
 *     frame         those in force             match/matcher next line, next match
 *     rules, rules_view, keys  one file's        find, lines   of all the codes
 *     glob, bracket   true globs             scan/selection  selected lines: counted, shown
 *     repository, gitconfig, content           scan/context  with the lines around them
 *   walk/mounts   what is not walked into    scan/show     what is shown of a line (body),
 *   walk/walk     directories -> files,        block         or of a match of several
 *     levels        from where it started,     matches       one match after the other
 *     meet, names   what each holds          emit/format   lines -> output bytes
 *   walk/batch    files -> batches             head, put     what stands before them
 *   walk/source   of about the right size      emit/json     or messages
 *   watch/watch   or, without end:           scan/piece    what is new of a file
 *     roots         operands -> directories
 *     notify, events  what happens there
 *     meet          names -> files
 *     queue, tables how far these are searched
 *   pool/pool     the loop: state.h
 *   pool/deal     batches -> lanes
 *   pool/errand   what may take too long, in a process of its own
 *   pool/tend     dead workers
 *   pool/relay    counts, from range to range
 *   pool/watch    slow workers
 *   pool/supervise  what they lose
 *   pool/collect  results, in order
 *   pool/wait     until there is news (signals)
 *   pool/look     how far it is, for
 *   jobs/progress   --progress, SIGUSR1, ps
 *   emit/sink     results -> text, statuses
 *     fold          ranges -> files
 *     stream        files -> one text
 *     guard           fit for a terminal
 *   emit/output   writev
 *   emit/listing  --files
 *   emit/report   messages, exit status
 *   emit/stats    --stats
 *   emit/ledger   --ledger, in an
 *   emit/atomic_file  all or nothing
 *   jobs/lock     --lock
 *   emit/mark     between two files
 *   jobs/job      the files of a run:
 *     resume        --resume, by a
 *     checkpoint      file of marks
 *     since         --since-state, by a
 *     state, state_writer  set of files
 *     command       what is asked for
 *
 *   both: emit/escape, text fit to print; emit/color, the sequences of colours;
 *   match/buffer and match/fold, text that grows and letters without their case;
 *   jobs/siphash, numbers for names; jobs/whole, all of what is read or written;
 *   pool/processors, how many there are
 *
 * Between the two columns lies shm/: lane.h draws the protocol, lane_parent
 * and lane_worker are its two ends, lane_death says what a dead worker costs;
 * on ring (frames), doorbell and futex (waking), region (sealed memory).
 *
 * settings says what each part is told, ranges which files several workers
 * share, accelerate whether libhs is asked, run wires them; list does without
 * workers.  This file alone ends the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit/report.h"
#include "list.h"
#include "pool/signals.h"
#include "run.h"

/* A closed standard stream must not become some file: then its use shall fail. */
static void
occupy_standard_streams(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_WRONLY };

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", modes[fd]) == -1)
			_Exit(EXIT_SYSTEM);
}

int
main(int argc, char **argv, char **envp)
{
	struct options options;
	char *message = NULL;
	int status = EXIT_SELECTED;

	setproctitle_init(argc, argv, envp);
	signals_listen();
	occupy_standard_streams();
	if (options_parse(&options, argc, argv, &message) == -1)
		status = message != NULL ? EXIT_BAD_USAGE : EXIT_SYSTEM;
	if (options.warning != NULL)
		report_message("%s", options.warning);
	if (status != EXIT_SELECTED) {
		report_message("%s", message != NULL ? message : strerror(ENOMEM));
	} else if (options.mode == MODE_HELP || options.mode == MODE_VERSION) {
		bool printed = options.mode == MODE_HELP ? options_print_help(options.all_help)
		    : puts("pgrep-r " VERSION) != EOF && fflush(stdout) == 0;

		if (!printed)
			report_message("standard output: %s", strerror(errno));
		status = printed ? EXIT_SELECTED : EXIT_WRITE;
	} else if (options.mode == MODE_TYPES) {
		status = run_types(&options);
	} else {
		status = options.mode == MODE_FILES ? list_files(&options) : run_search(&options);
	}
	free(message);
	options_free(&options);
	return status;
}
