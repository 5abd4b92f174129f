# The first instructions of every program, and a stub for every system call.
#
# Nachos knows no entry point: it sets the program counter to 0 and runs. __start has a section of its own, which the
# linker scripts put at address 0 whatever the order of the files on the command line.
#
# How a system call is made: its number in $2 ($v0), up to four arguments in $4 to $7 ($a0 to $a3), then `syscall`.
# The kernel leaves the result in $2. That is where a C function takes its arguments and leaves its result, so a stub
# has nothing to do but to load the number.
#
# The file goes through the C preprocessor, which has the numbers from syscall.h. The assembler fills the delay slots.

#include "syscall.h"

        .section .text.start, "ax", @progbits
        .globl  __start
        .ent    __start
__start:
        jal     main
        move    $4, $2          # what main returns is the exit status
        jal     Exit
        .end    __start

        .text

        .macro  stub name, number
        .globl  \name
        .ent    \name
\name:
        li      $2, \number
        syscall
        jr      $31
        .end    \name
        .endm

        stub    Halt,   SC_Halt
        stub    Exit,   SC_Exit
        stub    Exec,   SC_Exec
        stub    Join,   SC_Join
        stub    Create, SC_Create
        stub    Open,   SC_Open
        stub    Read,   SC_Read
        stub    Write,  SC_Write
        stub    Close,  SC_Close
        stub    Fork,   SC_Fork
        stub    Yield,  SC_Yield
