/*
 * Bits of output, written into the lane's ring, in the worker.
 */
#ifndef EMIT_PUT_H
#define EMIT_PUT_H

#include "emit/format.h"

void put_string(struct format *f, const char *s);
void put_char(struct format *f, char c);

/* With spaces before it, it is at least so wide. */
void put_number(struct format *f, uint64_t number, int width);

/* Starts a colour, if there is one. Returns whether it must be ended. */
bool put_color(struct format *f, enum color color);
void put_color_end(struct format *f, bool begun);

#endif
