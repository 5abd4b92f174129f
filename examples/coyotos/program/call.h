/* The two calls that run_coyotos serves, and where a program starts. */
#ifndef CALL_H
#define CALL_H

enum { SYS_EXIT = 1, SYS_WRITE = 4, STACK_BYTES = 8192 };

static inline long call(long number, long first, const void *second, long third)
{
#if defined __i386__
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory");
    return result;
#elif defined __m68k__
    register long d0 __asm__("d0") = number;
    register long d1 __asm__("d1") = first;
    register const void *d2 __asm__("d2") = second;
    register long d3 __asm__("d3") = third;
    __asm__ volatile("trap #0" : "+d"(d0) : "d"(d1), "d"(d2), "d"(d3) : "memory");
    return d0;
#elif defined __arm__
    register long r7 __asm__("r7") = number;
    register long r0 __asm__("r0") = first;
    register const void *r1 __asm__("r1") = second;
    register long r2 __asm__("r2") = third;
    __asm__ volatile("svc #0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r7) : "memory");
    return r0;
#else
#error "no such processor"
#endif
}

static inline void put(const char *text, long length)
{
    call(SYS_WRITE, 1, text, length);
}

static inline void leave(int status)
{
    for (;;)
        call(SYS_EXIT, status, 0, 0);
}

/* The stack pointer is set here: an image says where a program starts and nothing else of its registers. */
#if defined __i386__
__asm__(".globl _start\n_start: mov $stack + 8192, %esp\n call program\n");
#elif defined __m68k__
__asm__(".globl _start\n_start: lea stack + 8192, %sp\n jsr program\n");
#elif defined __arm__
__asm__(".globl _start\n_start: ldr sp, =stack + 8192\n bl program\n .ltorg\n");
#endif
_Alignas(16) char stack[STACK_BYTES];

#endif
