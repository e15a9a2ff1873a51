/*
 * Reading and writing all of what is asked for, or failing.  Parent only.
 *
 * Source: read(2), pread(2), write(2).
 */
#ifndef JOBS_WHOLE_H
#define JOBS_WHOLE_H

#include <stddef.h>
#include <sys/types.h>

/* Reads size bytes at an offset. Returns 0, or -1 with errno; EBADMSG: there are fewer. */
int whole_read(int fd, void *to, size_t size, off_t at);

/* Writes size bytes. Returns 0, or -1 with errno. */
int whole_write(int fd, const void *bytes, size_t size);

#endif
