/* float and double, for which gcc calls the kit's library: float_ops.c. */
#include "syscall.h"

/* volatile: the compiler must not compute the results itself. */
volatile float half = 1.5f;
volatile double third = 1.0 / 3;
volatile int count = -7;

static void print(const char *text)
{
    int size = 0;

    while (text[size] != '\0')
        size++;
    Write(text, size, ConsoleOutput);
}

static void print_number(unsigned value)
{
    char digits[10];
    int first = sizeof digits;

    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    Write(digits + first, (int)sizeof digits - first, ConsoleOutput);
}

int main(void)
{
    print_number((unsigned)(half * 3.0f));
    print(" ");
    print_number((unsigned)(third * 1e9 + half));
    print(" ");
    print_number((unsigned)(count / -third));
    print(half < 1.6f && third > half / 4.6 ? " less\n" : " not less\n");
    Halt();
}
