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

/* Digits; what is beyond all numbers is the largest. */
int values_count(const char *text, const char *option, uint64_t *value, char **message);

/* K/N with 1 <= K <= N. */
int values_fraction(const char *text, const char *option, uint64_t *part, uint64_t *parts,
    char **message);

/* Bytes, with K, M, G or T (powers of 1024), from least to most. */
int values_size(const char *text, const char *option, uint64_t least, uint64_t most,
    uint64_t *value, char **message);

/* The same of memory: at most a terabyte. */
int values_memory(const char *text, const char *option, uint64_t least, size_t *value,
    char **message);

/* ms, s, m, h or d; a plain number is seconds. ns: at most 73 years, so that sums do not overflow. */
int values_duration(const char *text, const char *option, int64_t *ns, char **message);

/*
 * A time, as ns since the epoch: when a file was modified, or @SECONDS, or
 * YYYY-MM-DD, or that with [T ]HH:MM[:SS] and perhaps Z, else local time.
 */
int values_time(const char *text, const char *option, int64_t *ns, char **message);

/* A duration before now, likewise. */
int values_ago(const char *text, const char *option, int64_t *ns, char **message);

/* One of count words. Returns which. message may be NULL. */
int values_word(const char *text, const char *option, const char *const *words, size_t count,
    char **message);

#endif
