/*
 * Test results in the Test Anything Protocol, for one test program.
 *
 * A line "ok N - name" or "not ok N - name" for each check, "# ..." for what
 * explains it, and the plan "1..N" at the end: a program that dies early has
 * no plan, and so fails.
 *
 * Source: https://testanything.org/tap-version-12-specification.html
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static unsigned int tap_count, tap_failed;

/* One check; returns whether it passed. */
__attribute__((format(printf, 2, 3))) static inline bool
tap_ok(bool passed, const char *format, ...)
{
	va_list arguments;

	tap_count++;
	tap_failed += !passed;
	printf("%sok %u - ", passed ? "" : "not ", tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	return passed;
}

/* A line that explains. */
__attribute__((format(printf, 1, 2))) static inline void
tap_note(const char *format, ...)
{
	va_list arguments;

	fputs("# ", stdout);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

/* The plan. Returns the program's exit status. */
static inline int
tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed == 0 && fflush(stdout) == 0 ? 0 : 1;
}

#endif
