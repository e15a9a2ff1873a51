/*
 * The accelerator: proposes lines of a text that a pattern may select, faster
 * than PCRE2 finds them.  PCRE2 decides on each, so that what is selected does
 * not depend on it.
 *
 * What proposes is libhs, given a wider pattern for ASCII text (accel_text.h),
 * and a look for bytes above 0x7f:
 * - A line of ASCII characters alone: PCRE2 decides by its ASCII form, or by
 *   another one that answers the same.  If it matches, so does the wider pattern, and
 *   libhs reports where every match ends.  A match lies in its line, since nothing
 *   in the wider pattern matches the terminator; so the line that holds its end
 *   is the one.  An end at a terminator is in the line that this ends.
 * - Any other line, in valid UTF-8 or not, is proposed if the pattern may match
 *   anything beyond ASCII.  If it cannot, libhs sees the line's bytes as it would
 *   between others, and the first argument holds.
 * - ^ and $ are libhs's where lines end in newlines (PCRE2 is asked about a line
 *   without its own); with --crlf and -z they are left out, which proposes more.
 *   A window begins where a line does.
 * - A binary file's NULs become newlines, and then the text is proposed anew.
 *
 * It is not used where strings or classes are known to be in each match (needles.h,
 * literals.h, and shape.h unless a user insists), or PCRE2 knows a character that a match begins with: then these
 * are looked for at the speed of memory.  MB/s, one core, 100 MB of C, windows of
 * 256 KiB, PCRE2 10.42 on ASCII text and libhs 5.4.0, on a busy machine:
 *
 *   [0-9]+\.[0-9]+        395  1740     (un)?lock_\w+\(&       122  2380
 *   [aeiou]{5}            323   555     \w{5}\s+... (5 times)   30   204
 *   ^\s+\w+\s*=\s*\w+;    196   340     \S{60}                  14   967
 *
 * Many regular expressions are beyond libhs, too: 100 of classes alone take it
 * half a second to compile and run at 77, 1,000 of them 7 s and 15.
 *
 * Where many lines are proposed for what they are worth, the rest of the text is
 * left to PCRE2.  That depends on the text alone, and so does the result, even
 * where PCRE2 meets a limit: a line that is not proposed cannot meet one.
 */
#ifndef MATCH_ACCEL_H
#define MATCH_ACCEL_H

#include "match/matcher.h"

/* Immutable once ready: made in the parent, used in workers. */
struct accel;

/* Whether a search of much text would gain by it. Quick. */
bool accel_gains(const struct pattern *p);

/*
 * Reads the patterns, of which p was compiled.  NULL: they are not for libhs,
 * or there is no memory.  Parent only, as the next four.
 */
struct accel *accel_open(const struct pattern *p, const struct pattern_text *texts, size_t count);
void accel_close(struct accel *a);

/* Loads libhs, if it is needed. Returns whether there is what the accelerator needs. */
bool accel_load(struct accel *a);

/* Whether something is to be compiled: not if each match has a byte above 0x7f. */
bool accel_must_compile(const struct accel *a);

/* Compiles: returns the code as bytes, to be freed, or NULL.  To be run as an errand, for it may take long. */
char *accel_compile(const struct accel *a, size_t *size);

/* Makes it ready, with the code. Returns whether it is. */
bool accel_use(struct accel *a, const char *code, size_t size);

/* "libhs 5.4.9", or "" */
const char *accel_name(const struct accel *a);

enum accel_next { ACCEL_NONE, ACCEL_PROPOSED, ACCEL_GAVE_UP };

/* The proposals for one text after the other. */
struct accel_search;

/* NULL with errno ENOMEM. */
struct accel_search *accel_search_open(const struct accel *a);
void accel_search_close(struct accel_search *s);

/*
 * The next line at or after from, the start of a line, that may be selected.
 * ACCEL_GAVE_UP: from there on, any may be, until the text ends.  from 0
 * starts a text; otherwise it is no lower than the last.
 */
enum accel_next accel_search_next(struct accel_search *s, const struct matcher_text *text,
    size_t from, struct span *line);

#endif
