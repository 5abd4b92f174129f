/* What a program may not do, one deed a program: compiled with -DDEED=...; the others are proved by this one's end. */
#include "call.h"

static const int constant = 1;
static int variable = 1;
static unsigned char code[64] = { 1 };

#if defined __i386__
#define TRAP "int $0x30"
#elif defined __m68k__
#define TRAP "trap #1"
#elif defined __arm__
#define TRAP "bkpt #0"
#endif

void program(void);

__attribute__((noinline)) static void deed(unsigned long nowhere)
{
    DEED;
    /* Keeps the variables, and the frame of the deed. */
    variable += constant + code[nowhere & 63];
}

void program(void)
{
    deed(0x00f00000);
    leave(variable);
}
