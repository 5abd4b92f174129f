# The first instructions of every program, and a stub for every system call.
#
# Most Nachos kernels know no entry point: they set the program counter to 0 (Bordeaux: to 0x80) and run. __start has a
# section of its own, which the linker scripts put there whatever the order of the files on the command line.
#
# How a system call is made: its number in $2 ($v0), up to four arguments in $4 to $7 ($a0 to $a3), then `syscall`.
# The kernel leaves the result in $2. That is where a C function takes its arguments and leaves its result, so a stub
# has nothing to do but to load the number. Nachos 5.0j takes some arguments in another order.
#
# The file goes through the C preprocessor, which has the numbers from syscall.h. The assembler fills the delay slots.

#include "syscall.h"

        .section .text.start, "ax", @progbits
        .globl  __start
        .ent    __start
__start:
        jal     main            # Nachos 5.0j has set $4 and $5 to argc and argv
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
        stub    Create, SC_Create
        stub    Open,   SC_Open
        stub    Close,  SC_Close
#ifdef SC_Remove
        stub    Remove, SC_Remove
#endif
#ifdef SC_Fork
        stub    Fork,   SC_Fork
#endif
#ifdef SC_Yield
        stub    Yield,  SC_Yield
#endif

#ifndef KERNEL_nachos5j
        stub    Exec,   SC_Exec
        stub    Join,   SC_Join
        stub    Read,   SC_Read
        stub    Write,  SC_Write
#else
        # read(file, buffer, size), write(file, buffer, size)
        .macro  transfer name, number
        .globl  \name
        .ent    \name
\name:
        move    $8, $4
        move    $4, $6
        move    $6, $5
        move    $5, $8
        li      $2, \number
        syscall
        jr      $31
        .end    \name
        .endm

        transfer Read,  SC_Read
        transfer Write, SC_Write

        # exec(name, argc, argv)
        .globl  Exec
        .ent    Exec
Exec:
        move    $5, $0
        move    $6, $0
        li      $2, SC_Exec
        syscall
        jr      $31
        .end    Exec

        # join(process, pointer to the status)
        .globl  Join
        .ent    Join
Join:
        addiu   $29, $29, -8
        move    $5, $29
        sw      $0, 0($29)
        li      $2, SC_Join
        syscall
        lw      $2, 0($29)
        addiu   $29, $29, 8
        jr      $31
        .end    Join
#endif
