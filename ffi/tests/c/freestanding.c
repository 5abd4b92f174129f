/*
 * The library in a program without a C library, as in a kernel: memory functions of our own, and an exit system call
 * of x86-64 Linux in place of a boot loader. Exit status 0 when a file is parsed, loaded and refused as it must be; with
 * -DBUILDER, when an image is built, too.
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

#ifdef BUILDER
/* A kernel's memory: a heap that only grows, and counts what it is to get back. */
static struct heap {
    unsigned char bytes[1 << 16];
    size_t used, limit;
    int held;
} heap;

static void *take(void *context, size_t size)
{
    struct heap *from = context;
    void *memory = from->bytes + from->used;

    size = (size + 15) & ~(size_t)15;
    if (size > from->limit - from->used)
        return NULL;
    from->used += size;
    from->held++;
    return memory;
}

static void give_back(void *context, void *memory)
{
    struct heap *to = context;

    if (memory != NULL)
        to->held--;
}

static int build(void)
{
    static const uint8_t code[] = { 0xb8, 1, 0, 0, 0, 0xcd, 0x80 };
    static uint8_t file[1 << 16];
    execfmt_coyotos_memory memory;
    execfmt_coyotos_builder *builder = NULL;
    execfmt_coyotos_capability bank, space = { 0 }, process;
    execfmt_coyotos_image image;
    execfmt_coyotos_leaf leaf;
    char message[100];
    size_t length;

    memory.malloc = take;
    memory.free = give_back;
    memory.context = &heap;
    if (execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, NULL, &builder) != EXECFMT_E_NULL)
        return 11;
    for (heap.limit = 0; builder == NULL; heap.limit += 64) {
        const execfmt_status status = execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, &memory, &builder);
        if (status != (builder == NULL ? EXECFMT_COYOTOS_E_MEMORY : EXECFMT_OK) || heap.limit == sizeof heap.bytes)
            return 12;
        heap.used = builder == NULL ? 0 : heap.used;
    }
    if (execfmt_coyotos_builder_prime_bank(builder, &bank) != EXECFMT_OK)
        return 13;
    if (execfmt_coyotos_builder_emit(builder, &bank, &space, 0x5000, code, sizeof code, 0) != EXECFMT_COYOTOS_E_MEMORY)
        return 14;
    if (execfmt_coyotos_builder_message(builder, message, sizeof message) < 20)
        return 15;
    heap.limit = sizeof heap.bytes;
    if (execfmt_coyotos_builder_emit(builder, &bank, &space, 0x5000, code, sizeof code, 0) != EXECFMT_OK)
        return 16;
    if (execfmt_coyotos_builder_runnable_process(builder, &bank, &space, 0x5000, &process) != EXECFMT_OK)
        return 17;
    if (execfmt_coyotos_builder_write(builder, file, sizeof file, &length) != EXECFMT_OK)
        return 18;
    if (execfmt_coyotos_builder_destroy(builder) != EXECFMT_OK || heap.held != 0)
        return 19;
    if (execfmt_coyotos_open(file, length, 0, &image, NULL) != EXECFMT_OK)
        return 20;
    if (execfmt_coyotos_check(file, length, NULL, NULL, NULL) != EXECFMT_OK)
        return 21;
    if (execfmt_coyotos_find_leaf(&image, &space, 0x5003, &leaf) != EXECFMT_OK || leaf.offset != 3)
        return 22;
    return memcmp(file + 0x1000, code, sizeof code) == 0 ? 0 : 23;
}
#else
static int build(void)
{
    return 0;
}
#endif

static int run(void)
{
    const int checked = check();

    return checked != 0 ? checked : build();
}

void _start(void)
{
    __asm__ volatile("andq $-16, %rsp");
    __asm__ volatile("syscall" : : "a"(60), "D"(run()));
    for (;;)
        ;
}
