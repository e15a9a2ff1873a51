/*
 * An errand: work that may take too long, or too much memory, or go wrong.  A
 * process of its own does it and sends the result back, or has had its time.
 * Parent only; before the first worker, so that none inherits the pipe.
 */
#ifndef POOL_ERRAND_H
#define POOL_ERRAND_H

#include <stddef.h>

struct errand {
	/* In the process: returns the result, size bytes that malloc gave, or NULL. */
	char *(*work)(void *ctx, size_t *size);
	void *ctx;
	unsigned int patience_ms;
	size_t memory;     /* bytes that the process may write to, what it inherited with them */
	size_t result_max; /* bytes */
};

/*
 * Runs it and waits.  Returns the result, to be freed, or NULL: there is none,
 * its limits were met, or a signal asks the program to end.  The caller believes the result
 * as it would its own: the process knows nothing but what its parent knew.
 */
char *errand_run(const struct errand *e, size_t *size);

#endif
