/* The smallest program: stops the machine. */
#include "syscall.h"

int main(void)
{
    Halt();
}
