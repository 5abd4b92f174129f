/*
 * The library in a program without a C library, as in a kernel: memory functions of our own, and an exit system call
 * of x86-64 Linux in place of a boot loader. Exit status 0 when a file is parsed, loaded and refused as it must be.
 */
#include <execfmt.h>

void *memcpy(void *to, const void *from, size_t length)
{
    unsigned char *target = to;
    const unsigned char *source = from;
    while (length-- > 0)
        *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t length)
{
    unsigned char *target = to;
    const unsigned char *source = from;
    if (target <= source)
        return memcpy(to, from, length);
    while (length-- > 0)
        target[length] = source[length];
    return to;
}

void *memset(void *to, int value, size_t length)
{
    unsigned char *target = to;
    while (length-- > 0)
        *target++ = (unsigned char)value;
    return to;
}

int memcmp(const void *first, const void *second, size_t length)
{
    const unsigned char *a = first, *b = second;
    for (; length > 0; a++, b++, length--)
        if (*a != *b)
            return *a < *b ? -1 : 1;
    return 0;
}

/* Magic, code {0, 40, 4}, initData {4, 44, 4}, uninitData {8, 0, 8}; then their bytes. */
static const uint8_t file[48] = {
    0xad, 0xdf, 0xba, 0, 0, 0, 0, 0, 40, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 44, 0, 0, 0,
    4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
};

static int check(void)
{
    execfmt_noff noff;
    execfmt_finding finding;
    uint8_t page[16];
    char message[200];
    int i;

    if (execfmt_noff_parse(file, sizeof file, NULL, &noff, NULL) != EXECFMT_OK || noff.memory_end != 16)
        return 1;
    if (execfmt_noff_read_page(&noff, file, sizeof file, 0, page, sizeof page) != EXECFMT_OK)
        return 2;
    for (i = 0; i < 16; i++)
        if (page[i] != (i < 8 ? i + 1 : 0))
            return 3;
    if (execfmt_noff_parse(file, sizeof file - 1, NULL, &noff, &finding) != EXECFMT_NOFF_E_PAST_EOF)
        return 4;
    if (finding.offset != 24 || finding.found != 4 || finding.expected != 3)
        return 5;
    return execfmt_noff_finding_message(&finding, message, sizeof message) > 40 ? 0 : 6;
}

void _start(void)
{
    __asm__ volatile("andq $-16, %rsp");
    __asm__ volatile("syscall" : : "a"(60), "D"(check()));
    for (;;)
        ;
}
