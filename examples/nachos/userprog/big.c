/* Arrays and structs: copies of structs, a table that is sorted, a sieve, half-words, an array with initial values. */
#include "string.h"
#include "syscall.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

struct record {
    int key;
    char name[20];
    short number;
    unsigned char bytes[6];
};

static struct record table[16];
static char composite[400];
const unsigned short halves[64] = { 1,   2,   3,   5,    8,    13,   21,   34,   55,    89,    144,   233,
                                    377, 610, 987, 1597, 2584, 4181, 6765, 10946, 17711, 28657, 46368, 9489 };
struct record first = { 7, "seven", -3, { 1, 2, 3, 4, 5, 6 } };

static void print(const char *text)
{
    Write(text, (int)strlen(text), ConsoleOutput);
}

static void print_number(int value)
{
    char digits[12];
    int at = sizeof digits;
    unsigned left = value < 0 ? -(unsigned)value : (unsigned)value;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0)
        digits[--at] = '-';
    Write(digits + at, (int)sizeof digits - at, ConsoleOutput);
}

static void fill_and_sort(void)
{
    int i, j;

    for (i = 0; i < COUNT(table); i++) {
        table[i] = first;
        table[i].key = (i * 37 + 11) % COUNT(table);
        table[i].number = (short)(table[i].number - i);
        table[i].bytes[i % 6] ^= (unsigned char)i;
    }
    for (i = 0; i < COUNT(table); i++)
        for (j = 0; j + 1 < COUNT(table) - i; j++)
            if (table[j].key > table[j + 1].key) {
                struct record swapped = table[j];

                table[j] = table[j + 1];
                table[j + 1] = swapped;
            }
}

int main(void)
{
    unsigned hash = 2166136261u;
    int primes = 0;
    int i, j;

    fill_and_sort();
    for (i = 0; i < COUNT(table); i++) {
        const unsigned char *bytes = (const unsigned char *)&table[i];

        for (j = 0; j < (int)sizeof table[i]; j++)
            hash = (hash ^ bytes[j]) * 16777619u;
    }
    for (i = 2; i < COUNT(composite); i++)
        if (!composite[i]) {
            primes++;
            for (j = i * 2; j < COUNT(composite); j += i)
                composite[j] = 1;
        }
    for (i = 0; i < COUNT(halves); i++)
        hash = hash * 31 + halves[i];
    print("hash ");
    print_number((int)hash);
    print(" primes ");
    print_number(primes);
    print("\n");
    {
        char line[80] = "";

        strcat(line, "ok\n");
        print(line);
    }
    Halt();
}
