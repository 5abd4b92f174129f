/*
 * What a Nachos machine does not allow, a letter for each: the console's first byte says which. The reasons that
 * run_nachos is to give are in misbehave.txt. For a machine that lets such things pass, the runs of the other programs
 * would prove little.
 */
#include "../userprog/syscall.h"

/* Above the 1 MiB that run_nachos allows. */
#define BEYOND 0x200000u

volatile int zero;
volatile int largest = 0x7fffffff;

static volatile int *at(unsigned address) { return (volatile int *)(address + zero); }

static int deep(int count) { return count == 0 ? zero : deep(count - 1) + 2 * count + zero; }

int main(void)
{
    char which = 0;
    int value = 0;

    Read(&which, 1, ConsoleInput);
    switch (which) {
    case 'a':
        for (;;)
            ;
    case 'b':
        return *at(BEYOND);
    case 'c':
        *at(BEYOND) = 1;
        return 0;
    case 'd': /* a mirror of address 0, for a kernel only */
        return *at(0x80000000u);
    case 'e':
        return *at(2);
    case 'f': /* the code */
        *at(0) = 1;
        return 0;
    case 'g':
        ((void (*)(void))at(BEYOND))();
        return 0;
    case 'h': /* break 7, which gcc puts there for a divisor of zero */
        return 5 / zero;
    case 'i':
        __asm__ volatile("add %0, %1, %1" : "=r"(value) : "r"(largest));
        return value;
    case 'j': /* the load delay slot */
        __asm__ volatile(".set noreorder\n\tlw %0, %1\n\taddu %0, %0, %0\n\t.set reorder" : "=r"(value) : "m"(zero));
        return value;
    case 'k':
        __asm__ volatile(".set noreorder\n\tb 1f\n\tsyscall\n1:\n\t.set reorder");
        return 0;
    case 'l': /* for the kernel: mtc0 */
        __asm__ volatile(".word 0x40826000");
        return 0;
    case 'm': /* of MIPS II: beql */
        __asm__ volatile(".word 0x50000000\n\tnop");
        return 0;
    case 'n':
        return deep(1000000);
    case 'o':
        Create("file");
        return 0;
    case 'p':
        Write((char *)at(BEYOND), 1, ConsoleOutput);
        return 0;
    case 'q':
        Write(&which, -1, ConsoleOutput);
        return 0;
    case 'r':
        return Read((char *)at(BEYOND), 1, ConsoleInput);
    case 's': /* the kernel must not do for a program what the program may not do */
        return Read((char *)at(0), 1, ConsoleInput);
    case 't':
        Write(&which, 1, ConsoleInput);
        return 0;
    case 'u': /* a part of a word at an address that is not a multiple of 4 */
        __asm__ volatile("lwl %0, 2(%1)" : "=r"(value) : "r"(&largest));
        return value;
    case 'v':
        *at(0xa0000000u) = 1;
        return 0;
    case 'w':
        ((void (*)(void))at(0x80000000u))();
        return 0;
    case 'y': /* not forbidden */
        Exit(-2);
    case 'z':
        return which;
    }
    return 1;
}
