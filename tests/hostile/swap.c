/*
 * swap A B [A B]...: exchanges each two names, one pair after the other and in random
 * order, until standard input ends.  A name is always there; what it names changes at
 * once.  Prints how many times it did.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	unsigned long done = 0;

	for (unsigned long i = 0; i % 16 != 0 || poll(&input, 1, 0) == 0; i++) {
		char **pair = argv + 1 + 2 * (rand() % ((argc - 1) / 2));

		if (renameat2(AT_FDCWD, pair[0], AT_FDCWD, pair[1], RENAME_EXCHANGE) == -1) {
			perror(pair[0]);
			return 1;
		}
		done++;
	}
	printf("%lu\n", done);
	return 0;
}
