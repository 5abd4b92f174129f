/* long long, for whose division and shifts gcc calls the kit's library: longlong_ops.c. */
#include "syscall.h"

/* volatile: the compiler must not compute the results itself. */
volatile unsigned long long a = 0x123456789abcdef0ull, b = 0xfedcba987ull;
volatile long long negative = -1234567890123456789ll;
volatile int shift = 13;

static void print(const char *text)
{
    int size = 0;

    while (text[size] != '\0')
        size++;
    Write(text, size, ConsoleOutput);
}

static void print_hex(unsigned long long value, const char *after)
{
    char digits[16];
    int i;

    for (i = 15; i >= 0; i--) {
        digits[i] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
    Write(digits, sizeof digits, ConsoleOutput);
    print(after);
}

int main(void)
{
    print_hex(a + b, " ");
    print_hex(a * b, "\n");
    print_hex(a / b, " ");
    print_hex(a % b, "\n");
    print_hex((unsigned long long)(negative / 1000003), " ");
    print_hex((unsigned long long)(negative % 1000003), "\n");
    print_hex(a >> shift, " ");
    print_hex(a << shift, " ");
    print_hex((unsigned long long)(negative >> shift), "\n");
    Halt();
}
