/* What the programs that run others on Unicorn's processors share. PROGRAM is the name that they go by. */
#ifndef EMULATOR_H
#define EMULATOR_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>

enum { FAILED = 125 };

/* Says why there is no exit status, and ends. */
static void fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fflush(stdout);
    fputs(PROGRAM ": ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    exit(FAILED);
}

static void check(uc_err error)
{
    if (error != UC_ERR_OK)
        fail("Unicorn: %s", uc_strerror(error));
}

/* Calls back for events at all addresses, with `context`. */
static void add_hook(uc_engine *engine, int events, void (*callback)(void), void *context)
{
    uc_hook handle; /* goes with the engine */
    void *untyped;
    /* The way from a function pointer to the `void *` that Unicorn wants. */
    memcpy(&untyped, &callback, sizeof untyped);
    /* A range that begins after its end means all addresses. */
    check(uc_hook_add(engine, &handle, events, untyped, context, (uint64_t)1, (uint64_t)0));
}

#endif
