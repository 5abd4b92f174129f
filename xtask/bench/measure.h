/* Functions of the library beside the same in C.

   PROGRAM list          a line for each pair: its name, the library's function, the function in C
   PROGRAM time          a line for each pair: its name, nanoseconds a call of the library and of C
   PROGRAM 0|1 NUMBER    COUNTED calls of the library (0) or of C (1), of the pair with this number, for callgrind

   Both functions of a pair must return the same status, EXECFMT_OK unless the name begins with "refuse", and leave the
   same in `result`, or nothing is measured. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <execfmt.h>

#define COUNTED 1000
#define RUNS 400

/* A function in C that is called and not inlined, as one of a library is. */
#define IN_C __attribute__((noinline, noclone)) static

struct pair {
    const char *name, *library_function, *c_function;
    /* Of the library, and in C. */
    int (*call[2])(void);
    /* Makes the input; may be NULL. */
    void (*prepare)(void);
    void *result;
    size_t result_size;
    /* Calls in one run of some 20 microseconds; 0 for 1000. */
    int calls;
};

static unsigned char file[65536];
static size_t length;

static uint16_t half(const unsigned char *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t little(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t big(const unsigned char *at)
{
    return at[3] | (uint32_t)at[2] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[0] << 24;
}

static void read_file(const char *path)
{
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        perror(path);
        exit(2);
    }
    memset(file, 0, sizeof file);
    length = fread(file, 1, sizeof file, in);
    fclose(in);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void agree(const struct pair *pair)
{
    static unsigned char results[2][4096];
    int which, returned[2];

    if (pair->prepare != NULL)
        pair->prepare();
    for (which = 0; which < 2; which++) {
        memset(pair->result, 0, pair->result_size);
        returned[which] = pair->call[which]();
        memcpy(results[which], pair->result, pair->result_size);
    }
    if (returned[0] != returned[1] || (returned[0] != EXECFMT_OK) != (strncmp(pair->name, "refuse", 6) == 0)
        || memcmp(results[0], results[1], pair->result_size) != 0) {
        fprintf(stderr, "%s: the library returns %d, C %d, or the results differ\n", pair->name, returned[0],
                returned[1]);
        exit(3);
    }
}

/* The best of many short runs of both in turns: what disturbs the machine disturbs both. */
static void time_both(const struct pair *pair)
{
    const int calls = pair->calls == 0 ? 1000 : pair->calls;
    double best[2] = { 1e9, 1e9 };
    int run, which, i;

    for (run = 0; run < RUNS; run++) {
        for (which = 0; which < 2; which++) {
            int (*const call)(void) = pair->call[which];
            const double started = seconds();
            double took;

            for (i = 0; i < calls; i++)
                call();
            took = (seconds() - started) * 1e9 / calls;
            if (took < best[which])
                best[which] = took;
        }
    }
    printf("%s\t%.2f\t%.2f\n", pair->name, best[0], best[1]);
}

static int measure(int argc, char **argv, const struct pair *pairs, size_t count)
{
    size_t i, number;

    for (i = 0; i < count; i++)
        agree(&pairs[i]);
    if (argc == 2 && (strcmp(argv[1], "time") == 0 || strcmp(argv[1], "list") == 0)) {
        for (i = 0; i < count; i++) {
            if (pairs[i].prepare != NULL)
                pairs[i].prepare();
            if (strcmp(argv[1], "time") == 0)
                time_both(&pairs[i]);
            else
                printf("%s\t%s\t%s\n", pairs[i].name, pairs[i].library_function, pairs[i].c_function);
        }
        return 0;
    }
    if (argc != 3 || (number = (size_t)atoi(argv[2])) >= count)
        return 2;
    if (pairs[number].prepare != NULL)
        pairs[number].prepare();
    for (i = 0; i < COUNTED; i++)
        pairs[number].call[atoi(argv[1]) != 0]();
    return 0;
}

#endif
