/* Checks that count, and say where they failed. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static unsigned long checks_done;
static unsigned long checks_failed;

/* Which row of a table is at work; printed with a failure. */
static const char *check_row = "";

static int check_that(int good, const char *file, int line, const char *what)
{
    checks_done++;
    if (good)
        return 1;
    checks_failed++;
    printf("%s:%d: %s%s%s\n", file, line, check_row, *check_row != '\0' ? ": " : "", what);
    return 0;
}

static int check_equal(uint64_t found, uint64_t expected, const char *file, int line, const char *what)
{
    if (check_that(found == expected, file, line, what))
        return 1;
    printf("    found %#lx:%08lx, expected %#lx:%08lx\n", (unsigned long)(found >> 32),
           (unsigned long)(found & 0xffffffffu), (unsigned long)(expected >> 32),
           (unsigned long)(expected & 0xffffffffu));
    return 0;
}

#define CHECK(condition) check_that((condition) ? 1 : 0, __FILE__, __LINE__, #condition)
#define CHECK_EQ(found, expected)                                                                                    \
    check_equal((uint64_t)(found), (uint64_t)(expected), __FILE__, __LINE__, #found " == " #expected)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Prints the summary; gives what main returns. */
static int check_summary(const char *program)
{
    if (checks_failed != 0) {
        printf("%s: %lu of %lu checks FAILED\n", program, checks_failed, checks_done);
        return 1;
    }
    printf("%s: %lu checks passed\n", program, checks_done);
    return 0;
}

#endif
