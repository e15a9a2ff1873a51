#include "perl.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

/* Verbs that belong to the pattern that they stand in, wherever that is. */
static const char *const backtracking[] = { "(*ACCEPT)", "(*FAIL)", "(*F)", "(*COMMIT)",
	"(*PRUNE)", "(*SKIP)", "(*THEN)" };

static bool
is_backtracking(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(backtracking) / sizeof(backtracking[0]); i++) {
		size_t n = strlen(backtracking[i]);

		if (n <= length && memcmp(text, backtracking[i], n) == 0)
			return true;
	}
	return false;
}

size_t
perl_verbs(const char *text, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789=";
	size_t at = 0;

	while (length - at > 2 && text[at] == '(' && text[at + 1] == '*') {
		size_t end = at + 2;

		while (end < length && text[end] != '\0' && strchr(letters, text[end]) != NULL)
			end++;
		if (end == at + 2 || end == length || text[end] != ')' ||
		    is_backtracking(text + at, length - at))
			break;
		at = end + 1;
	}
	return at;
}

/* Returns 1, 0, or -1 when there is no memory to tell. */
static int
compiles_grouped(const char *text, size_t length, const char *end, unsigned int options)
{
	struct buffer grouped = { 0 };
	pcre2_code *code = NULL;
	size_t offset;
	int error = PCRE2_ERROR_HEAP_FAILED;

	buffer_puts(&grouped, "(?:");
	buffer_put(&grouped, text, length);
	buffer_puts(&grouped, end);
	buffer_puts(&grouped, ")");
	if (!grouped.failed)
		code = pcre2_compile((PCRE2_SPTR)grouped.bytes, grouped.length, options, &error,
		    &offset, NULL);
	buffer_free(&grouped);
	pcre2_code_free(code);
	if (code == NULL)
		return error == PCRE2_ERROR_HEAP_FAILED ? -1 : 0;
	return 1;
}

bool
perl_put(struct buffer *out, const char *text, size_t length, unsigned int options)
{
	static const char *const ends[] = { "", "\\E", "\n" };
	int fits = 0;

	buffer_put(out, text, length);
	if (memchr(text, '#', length) == NULL && memmem(text, length, "\\Q", 2) == NULL)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && fits == 0; i++) {
		fits = compiles_grouped(text, length, ends[i], options);
		if (fits == 1)
			buffer_puts(out, ends[i]);
	}
	return fits != -1;
}
