/*
 * Values of options: numbers, sizes, durations, words.  Each returns -1 with
 * one line in *message, to be freed, that names the option and says what is
 * wrong with the text (NULL: no memory).
 */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stddef.h>
#include <stdint.h>

/* Digits, at most most. */
int values_number(const char *text, long long most, const char *option, uint64_t *value,
    char **message);

/* Bytes, with K, M, G or T (powers of 1024), from least to most. */
int values_size(const char *text, const char *option, uint64_t least, uint64_t most,
    uint64_t *value, char **message);

/* The same of memory: at most a terabyte. */
int values_memory(const char *text, const char *option, uint64_t least, size_t *value,
    char **message);

/* ms, s, m, h or d; a plain number is seconds. ns: at most 73 years, so that sums do not overflow. */
int values_duration(const char *text, const char *option, int64_t *ns, char **message);

/* One of count words. Returns which. */
int values_word(const char *text, const char *option, const char *const *words, size_t count,
    char **message);

#endif
