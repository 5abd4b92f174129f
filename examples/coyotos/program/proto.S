/* A ProtoSpace: what a new process of a constructor runs first. The page begins with the PC of the program, a 64-bit word
   that the constructor's form replaces; the code follows at byte 8. It asks for its own address space to be replaced, and
   to go on at that PC: call 100, with the halves of the word as they lie in memory. */
#define SET_SPACE_AND_PC 100

	.text
	.globl _start
	.long 0, 0
_start:
#if defined __i386__
	mov $SET_SPACE_AND_PC, %eax
	mov 0, %ebx
	mov 4, %ecx
	int $0x80
	hlt
#elif defined __m68k__
	move.l #SET_SPACE_AND_PC, %d0
	move.l 0, %d1
	move.l 4, %d2
	trap #0
	illegal
#elif defined __arm__
	mov r1, #0
	ldr r0, [r1]
	ldr r1, [r1, #4]
	mov r7, #SET_SPACE_AND_PC
	svc #0
	udf #0
#else
#error "no such processor"
#endif
