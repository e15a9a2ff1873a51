/*
 * The escape sequences of coloured output, as grep writes them: the only ones
 * that a worker writes of its own, and that the guard lets pass.  Any process.
 *
 * Source: ECMA-48, Select Graphic Rendition and Erase in Line; grep(1).
 */
#ifndef EMIT_COLOR_H
#define EMIT_COLOR_H

enum color { COLOR_END, COLOR_FILE, COLOR_NUMBER, COLOR_SEPARATOR, COLOR_MATCH, COLOR_COUNT };

enum { COLOR_SEQUENCE_MAX = 16 }; /* bytes of the longest, at most */

/* The sequence that starts a colour, or with COLOR_END the one that ends any. */
const char *color_sequence(enum color color);

#endif
