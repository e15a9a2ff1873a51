/*
 * --since-state's file: which files were searched whole, as a set of numbers.
 *
 * The number of a file is a keyed hash of its path and of all by which a change
 * of it shows.  That a number is in the set says: a file that was just so was
 * searched whole.  This stays true whatever becomes of the file.  That another
 * file should have such a number is as likely as one in 2^64 / files, and the
 * key, made at random for each file of state, keeps anybody from looking for one.
 *
 *   magic | numbers, in B buckets by their first bits, without those | how many
 *   each bucket has | key, command, largest, how many, bits | checksum (siphash_sum)
 *
 * From 65,536 files on a file takes six bytes and its share of the 128 KiB that
 * say how many each bucket has.  What is read is the bucket that is asked for.
 *
 * Parent only.
 */
#ifndef JOBS_STATE_H
#define JOBS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state;

/* Opens a file and checks all of it. NULL with errno: EBADMSG, it is damaged; EINVAL, it never was
 * one; EPROTONOSUPPORT, of another version; ENOMEM; else as open(2). */
struct state *state_open(const char *path);
void state_close(struct state *s);

uint64_t state_command(const struct state *s);
const uint64_t *state_key(const struct state *s); /* two words */
uint64_t state_count(const struct state *s);
uint64_t state_largest(const struct state *s); /* as it was written */

/* Whether a number is in it; what cannot be read any more is not. */
bool state_has(struct state *s, uint64_t number);

/* A set being made. Beyond some megabytes it lies in a file without a name. */
struct state_writer {
	const char *beside; /* path of the state: that file is in the same directory */
	uint64_t *numbers;
	size_t count, capacity;
	int fd;         /* the file; -1: none yet */
	uint64_t spilt; /* numbers in it */
};

void state_writer_init(struct state_writer *w, const char *beside);
void state_writer_fini(struct state_writer *w);

/* Adds a number, once or more often. Returns 0, or -1 with errno. */
int state_writer_add(struct state_writer *w, uint64_t number);

/* Adds all of another set. Returns 0, or -1 with errno. */
int state_writer_add_all(struct state_writer *w, struct state *s);

/* How many were added. */
uint64_t state_writer_count(const struct state_writer *w);

/*
 * Writes the set, which is used up.  largest: so many numbers a run has had of its
 * own, of those since all was known last.  Returns 0, or -1 with errno.
 */
int state_writer_write(struct state_writer *w, int fd, const uint64_t key[2], uint64_t command,
    uint64_t largest);

#endif
