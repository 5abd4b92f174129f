/* Recursion, switch tables, signed division and shifts, strings. */
#include "string.h"
#include "syscall.h"

static char line[64];

static void print(const char *text)
{
    Write(text, (int)strlen(text), ConsoleOutput);
}

static void print_number(int value)
{
    char digits[12];
    int first = sizeof digits;
    unsigned left = value < 0 ? -(unsigned)value : (unsigned)value;

    do {
        digits[--first] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0)
        digits[--first] = '-';
    Write(digits + first, (int)sizeof digits - first, ConsoleOutput);
}

static int fibonacci(int n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static int ackermann(int m, int n)
{
    if (m == 0)
        return n + 1;
    return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static void hanoi(int discs, int from, int to, int other, int *moves)
{
    if (discs == 0)
        return;
    hanoi(discs - 1, from, other, to, moves);
    ++*moves;
    hanoi(discs - 1, other, to, from, moves);
}

static const char *name_of(int number)
{
    switch (number) {
    case 0: return "sun";
    case 1: return "mon";
    case 2: return "tue";
    case 3: return "wed";
    case 4: return "thu";
    case 5: return "fri";
    case 6: return "sat";
    case 9: return "nine";
    case 11: return "eleven";
    default: return "?";
    }
}

static int operation(int which, int a, int b)
{
    switch (which) {
    case 0: return a + b;
    case 1: return a - b;
    case 2: return a * b;
    case 3: return b != 0 ? a / b : -1;
    case 4: return b != 0 ? a % b : -1;
    case 5: return (int)((unsigned)a << (b & 31));
    case 6: return a >> (b & 31);
    case 7: return a & b;
    case 8: return a | b;
    case 9: return a ^ b;
    default: return 0;
    }
}

static void reverse(char *text)
{
    int first = 0;
    int last = (int)strlen(text) - 1;

    for (; first < last; first++, last--) {
        char swapped = text[first];

        text[first] = text[last];
        text[last] = swapped;
    }
}

int main(void)
{
    int moves = 0;
    int i;

    print("fib ");
    print_number(fibonacci(15));
    print(" ack ");
    print_number(ackermann(2, 3));
    hanoi(6, 0, 1, 2, &moves);
    print(" hanoi ");
    print_number(moves);
    print("\n");
    for (i = 0; i < 12; i++) {
        print(name_of(i));
        print(" ");
    }
    print("\n");
    for (i = 0; i < 10; i++) {
        print_number(operation(i, -1234567, 89));
        print(" ");
    }
    print("\n");
    strcpy(line, "Nachos kit");
    reverse(line);
    print(line);
    print("\n");
    Halt();
}
