/* How much of the stack a call takes: it runs on a stack of its own that was painted before. */
#ifndef STACK_H
#define STACK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { STACK_SIZE = 1 << 20, STACK_PAINT = 0xa5 };

static ucontext_t stack_caller, stack_callee;

/* The bytes of stack that a function and what it calls write to. */
static size_t stack_of(void (*function)(void))
{
    unsigned char *stack = malloc(STACK_SIZE);
    size_t untouched = 0;

    if (stack == NULL) {
        fprintf(stderr, "no memory\n");
        exit(2);
    }
    memset(stack, STACK_PAINT, STACK_SIZE);
    getcontext(&stack_callee);
    stack_callee.uc_stack.ss_sp = stack;
    stack_callee.uc_stack.ss_size = STACK_SIZE;
    stack_callee.uc_link = &stack_caller;
    makecontext(&stack_callee, function, 0);
    swapcontext(&stack_caller, &stack_callee);
    while (untouched < STACK_SIZE && stack[untouched] == STACK_PAINT)
        untouched++;
    free(stack);
    return STACK_SIZE - untouched;
}

#endif
