/*
 * The four functions that gcc may call without being asked to: for the assignment of a large struct, for an array that
 * is initialised on the stack. It expects them even of a freestanding program. They come out of a library, so that
 * only programs that need them carry them.
 */
#include "string.h"

void *memcpy(void *to, const void *from, size_t size)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    while (size-- != 0)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if (t < f)
        while (size-- != 0)
            *t++ = *f++;
    else
        while (size-- != 0)
            t[size] = f[size];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    unsigned char *t = to;

    while (size-- != 0)
        *t++ = (unsigned char)byte;
    return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *l = left;
    const unsigned char *r = right;

    for (; size-- != 0; l++, r++)
        if (*l != *r)
            return *l - *r;
    return 0;
}
