/* Uses everything that an image must get right: code on several pages, constants, initialised data, a bss that begins in
   the middle of a page, a stack, pointers that are data. Prints what it computed, and exits with a sum. */
#include "call.h"

#define COUNT 3000

static const char DIGITS[] = "0123456789abcdef";
static const unsigned PRIMES[] = { 2, 3, 5, 7, 11, 13, 17, 19 };
static char line[] = "........\n";
static unsigned calls = 40;
static unsigned table[COUNT];
static unsigned char tail[5];

static unsigned fold(unsigned sum, unsigned value)
{
    return (sum << 5 | sum >> 27) ^ value;
}

static unsigned fibonacci(unsigned n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static unsigned primes(unsigned n)
{
    return PRIMES[n % 8];
}

/* Code that lies pages away from the rest. */
__attribute__((section(".text.far"), aligned(16384), noinline)) static unsigned far(unsigned n)
{
    return n * 2654435761u;
}

static unsigned (*volatile steps[])(unsigned) = { fibonacci, primes, far };

static void print(const char *name, long length, unsigned value)
{
    put(name, length);
    for (int i = 0; i < 8; i++)
        line[i] = DIGITS[value >> (28 - 4 * i) & 15];
    put(line, sizeof line - 1);
    calls++;
}

void program(void)
{
    unsigned zeros = 0, sum = 0;
    for (int i = 0; i < COUNT; i++)
        zeros |= table[i];
    for (unsigned i = 0; i < sizeof tail; i++)
        zeros |= tail[i];
    for (unsigned i = 0; i < COUNT; i++)
        table[i] = far(i);
    for (unsigned i = 0; i < COUNT; i++)
        sum = fold(sum, table[i]);
    print("zeros ", 6, zeros);
    print("table ", 6, sum);
    sum = 0;
    for (unsigned i = 0; i < 24; i++)
        sum = fold(sum, steps[i % 3](i / 3 + 4));
    print("steps ", 6, sum);
    leave((int)calls);
}
