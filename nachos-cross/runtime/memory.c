/*
 * What compilers call without being asked to, and memory functions of old sources. One function an object: WANT names it,
 * so that a program that has its own memset keeps it.
 */
typedef unsigned int size;

#ifdef WANT_memcpy
void *memcpy(void *to, const void *from, size bytes)
{
    char *t = to;
    const char *f = from;

    while (bytes--)
        *t++ = *f++;
    return to;
}
#endif

#ifdef WANT_memset
void *memset(void *to, int byte, size bytes)
{
    char *t = to;

    while (bytes--)
        *t++ = byte;
    return to;
}
#endif

#if defined WANT_memmove || defined WANT_bcopy
static void move(char *t, const char *f, size bytes)
{
    if (t < f)
        while (bytes--)
            *t++ = *f++;
    else
        while (bytes--)
            t[bytes] = f[bytes];
}
#endif

#ifdef WANT_memmove
void *memmove(void *to, const void *from, size bytes)
{
    move(to, from, bytes);
    return to;
}
#endif

#ifdef WANT_bcopy
void bcopy(const void *from, void *to, size bytes)
{
    move(to, from, bytes);
}
#endif

#ifdef WANT_memcmp
int memcmp(const void *one, const void *other, size bytes)
{
    const unsigned char *a = one, *b = other;

    for (; bytes--; a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}
#endif
