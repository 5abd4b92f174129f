/*
 * A bit of everything that a loader can get wrong: constants, initialised data that are changed, zeroed data that
 * have to be zero, more than one page of each. The checksum is Adler-32, which Python's zlib.adler32 computes too.
 */
#include "syscall.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Not static: the compiler must take their contents from memory, and not from what it knows of this file. */
const char greeting[] = "Hello from a Nachos user program.\n";

const char *const verdict[] = { "Zeroed data are not zero.\n", "Zeroed data are zero.\n" };

unsigned char primes[] = {
    2,   3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,
    67,  71,  73,  79,  83,  89,  97,  101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151,
    157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251,
};

unsigned squares[64];

static void print(const char *text)
{
    int size = 0;

    while (text[size] != '\0')
        size++;
    Write(text, size, ConsoleOutput);
}

static void print_decimal(unsigned value)
{
    char digits[10]; /* enough for 2^32 - 1 */
    int first = COUNT(digits);

    do {
        digits[--first] = '0' + value % 10;
        value /= 10;
    } while (value != 0);
    Write(digits + first, COUNT(digits) - first, ConsoleOutput);
}

static int all_zero(const unsigned *words, unsigned count)
{
    unsigned i;

    for (i = 0; i < count; i++)
        if (words[i] != 0)
            return 0;
    return 1;
}

static unsigned adler32(unsigned sum, const unsigned char *bytes, unsigned size)
{
    unsigned low = sum & 0xffff;
    unsigned high = sum >> 16;
    unsigned i;

    for (i = 0; i < size; i++) {
        low = (low + bytes[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

int main(void)
{
    unsigned sum = 1;
    unsigned i;
    int zeroed;

    print(greeting);

    zeroed = all_zero(squares, COUNT(squares));
    print(verdict[zeroed]);
    if (!zeroed)
        Exit(1);

    for (i = 0; i < COUNT(squares); i++)
        squares[i] = i * i;
    for (i = 0; i < COUNT(primes); i++)
        primes[i] ^= squares[i];

    sum = adler32(sum, (const unsigned char *)greeting, sizeof greeting - 1);
    sum = adler32(sum, primes, sizeof primes);
    sum = adler32(sum, (const unsigned char *)squares, sizeof squares);
    print("Checksum ");
    print_decimal(sum);
    print(".\n");

    Halt();
}
