/*
 * Right results on the machines that Nachos simulates, which are not quite a MIPS.
 *
 * In most of them srl and srlv shift the sign in from the left, as sra does: x >> 4 of an unsigned x with its top bit set
 * gives another number than on the host. That of Nachos 3.4 takes the first register of `or` for both, so that a | b
 * is a. That of Nachos 5.0j takes the number in lbu, lhu and sltiu as unsigned: p[-1]
 * of an unsigned char *p faults. The Makefile puts this file before each source; from here on the assembler makes other
 * instructions of them, which are right on every machine. That takes up to four instructions more, and the registers $1
 * (of the assembler) and $27 (of the kernel, which is not a program of this machine). gcc must leave delay slots to the
 * assembler: -fno-delayed-branch.
 */
#ifndef NACHOS_MACHINE_FAULTS_H
#define NACHOS_MACHINE_FAULTS_H

#ifdef KERNEL_nachos3
__asm__(".set nachos3, 1");
#endif
#ifdef KERNEL_nachos5j
__asm__(".set nachos5j, 1");
#endif
__asm__(".include \"machine_faults.s\"");

#endif
