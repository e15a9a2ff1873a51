/*
 * Loops over the bytes of a text, many at a time: once for each width of
 * vector, in the instructions that go with it (kernel_loops.h).  What the
 * machine has is asked when the program runs.
 *
 * None reads a byte outside of [text, text + length).  Any process; no
 * allocation, no system call.
 */
#ifndef MATCH_KERNEL_H
#define MATCH_KERNEL_H

#include "match/matcher.h"
#include "match/needles.h"
#include "match/shape.h"

enum kernel_level {
	KERNEL_PLAIN, /* any machine: eight bytes in a register */
	KERNEL_SSE2,
	KERNEL_SSSE3,
	KERNEL_AVX2,
	KERNEL_AVX512,
	KERNEL_LEVELS
};

struct kernel {
	/* How often a byte is in a text. */
	size_t (*count)(const char *text, size_t length, char byte);
	/* The offset of the first byte above 0x7f, or length. */
	size_t (*ascii)(const char *text, size_t length);
	/* The first of a needle's two bytes, at or after from, as the needle is; or length. */
	size_t (*find)(const struct needles *n, const char *text, size_t length, size_t from);
	/*
	 * The next line that has a needle, without its terminator; from: where a
	 * line starts.  If the text's terminators are counted up to there, they are
	 * up to the line.
	 */
	bool (*line)(const struct needles *n, struct matcher_text *text, size_t from,
	    struct span *line);
	/*
	 * Whether a line at or after from, where one starts, has the shape; *at is
	 * then in the first that has, or its terminator.  from is no lower than it
	 * was since the search was started.
	 */
	bool (*shape)(const struct shape *s, struct shape_search *search, size_t from, size_t *at);
};

/* NULL if this machine does not have it. */
const struct kernel *kernel_at(enum kernel_level level);
const struct kernel *kernel_plain(void);
const struct kernel *kernel_sse2(void);
const struct kernel *kernel_ssse3(void);
const struct kernel *kernel_avx2(void);
const struct kernel *kernel_avx512(void);

/* The widest that this machine has. */
const struct kernel *kernel_best(void);

#endif
