/*
 * Executable memory that can be written: PCRE2 leaves its code in such.  A
 * worker, which makes no code, takes the right to write it away.
 *
 * Source: proc_pid_maps(5), PROCMAP_QUERY of linux/fs.h (Linux 6.11).
 */
#ifndef POOL_CODE_H
#define POOL_CODE_H

#include <stddef.h>

enum { CODE_MAX = 64 }; /* stretches of such memory */

struct code {
	struct code_stretch {
		void *start;
		size_t length;
	} list[CODE_MAX];
	size_t count;
	int error; /* errno: not all of them are known; 0: all are */
};

/* Finds all that there is, in the process itself. */
void code_find(struct code *code);

/* Protects what was found. Returns 0, or -1 with errno. */
int code_protect(const struct code *code);

#endif
