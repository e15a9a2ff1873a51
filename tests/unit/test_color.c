/*
 * GREP_COLORS: what becomes of it, as GNU grep 3.8 has it.
 */
#include <string.h>

#include "emit/color.h"
#include "tap.h"

static bool
is(const char *value, enum color color, const char *expected)
{
	struct color_scheme scheme;

	color_scheme_init(&scheme, value);
	if (strcmp(color_start(&scheme, color), expected) == 0)
		return true;
	tap_note("%s", color_start(&scheme, color) + (color_start(&scheme, color)[0] == '\33'));
	return false;
}

static bool
ends(const char *value, const char *expected)
{
	struct color_scheme scheme;

	color_scheme_init(&scheme, value);
	return strcmp(color_end(&scheme), expected) == 0;
}

static void
test_defaults(void)
{
	tap_ok(is(NULL, COLOR_FILE, "\33[35m\33[K") && is(NULL, COLOR_NUMBER, "\33[32m\33[K") &&
	    is(NULL, COLOR_OFFSET, "\33[32m\33[K") && is(NULL, COLOR_SEPARATOR, "\33[36m\33[K"),
	    "names, numbers and separators have a colour");
	tap_ok(is(NULL, COLOR_MATCH, "\33[01;31m\33[K") &&
	    is(NULL, COLOR_MATCH_CONTEXT, "\33[01;31m\33[K"), "matches have one");
	tap_ok(is(NULL, COLOR_SELECTED, "") && is(NULL, COLOR_CONTEXT, ""), "lines have none");
	tap_ok(ends(NULL, "\33[m\33[K"), "a colour is ended, and the line erased");
	tap_ok(is("", COLOR_FILE, "\33[35m\33[K"), "an empty value changes nothing");
}

static void
test_values(void)
{
	tap_ok(is("fn=1:ln=2", COLOR_NUMBER, "\33[2m\33[K"), "each capability has its value");
	tap_ok(is("fn=1", COLOR_NUMBER, "\33[32m\33[K"), "those that are not named keep theirs");
	tap_ok(is("fn=1:fn=2", COLOR_FILE, "\33[2m\33[K"), "the last one holds");
	tap_ok(is("fn=", COLOR_FILE, ""), "an empty value is no colour");
	tap_ok(is("sl=1:cx=2:mc=3", COLOR_SELECTED, "\33[1m\33[K") &&
	    is("sl=1:cx=2:mc=3", COLOR_CONTEXT, "\33[2m\33[K") &&
	    is("sl=1:cx=2:mc=3", COLOR_MATCH_CONTEXT, "\33[3m\33[K") &&
	    is("sl=1:cx=2:mc=3", COLOR_MATCH, "\33[01;31m\33[K"), "lines, and matches in context");
	tap_ok(is("mt=7", COLOR_MATCH, "\33[7m\33[K") && is("mt=7", COLOR_MATCH_CONTEXT, "\33[7m\33[K"),
	    "mt is both ms and mc");
	tap_ok(is("ms=7:mt", COLOR_MATCH_CONTEXT, "\33[7m\33[K"), "mt alone makes mc what ms is");
	tap_ok(is("fn=38;2;255;128;0", COLOR_FILE, "\33[38;2;255;128;0m\33[K"), "values may be long");
}

static void
test_flags(void)
{
	struct color_scheme scheme;

	color_scheme_init(&scheme, "fn=1:rv");
	tap_ok(scheme.rv && !scheme.ne, "rv");
	color_scheme_init(&scheme, "ne=1");
	tap_ok(!scheme.rv && scheme.ne, "ne, with a value that is passed over");
	tap_ok(is("ne:fn=1", COLOR_FILE, "\33[1m") && is("fn=1:ne", COLOR_NUMBER, "\33[32m") &&
	    ends("ne", "\33[m"), "with ne nothing is erased");
}

static void
test_mistakes(void)
{
	static const char rest[] = "\33[35m\33[K", set[] = "\33[1m\33[K";
	static char long_value[COLOR_SEQUENCE_MAX + 16] = "fn=1:ln=";

	memset(long_value + strlen(long_value), '1', COLOR_SEQUENCE_MAX);
	tap_ok(is("zz=5:y:::fn=1", COLOR_FILE, set), "what is not known is passed over");
	tap_ok(is("ln=\33:fn=1", COLOR_FILE, rest) && is("fn=1:ln=x", COLOR_FILE, set),
	    "what follows a mistake is passed over, what came before holds");
	tap_ok(is("fn=1\33[31m", COLOR_FILE, rest) && is("fn=1m", COLOR_FILE, rest) &&
	    is("fn=1 ", COLOR_FILE, rest), "only digits and semicolons are a value");
	tap_ok(is("fn=1=2", COLOR_FILE, rest) && is("=1:fn=1", COLOR_FILE, rest) &&
	    is("=:fn=1", COLOR_FILE, rest), "a sign too many, and a name too few");
	tap_ok(is(long_value, COLOR_FILE, set) && is(long_value, COLOR_NUMBER, "\33[32m\33[K"),
	    "a value that is too long");
}

int
main(void)
{
	test_defaults();
	test_values();
	test_flags();
	test_mistakes();
	return tap_done();
}
