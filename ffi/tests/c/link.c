/*
 * A small program that uses the library as others do: what `cargo xtask links` builds with each compiler, linker and set
 * of flags. It prints "linked" when everything that it calls answers as it should. C89 and C++98 alike.
 */
#include <execfmt.h>
#include <stdio.h>

/* Magic, code {0, 40, 4}, initData {4, 44, 4}, uninitData {8, 0, 8}; then their bytes. */
static const uint8_t program[48] = {
    0xad, 0xdf, 0xba, 0, 0, 0, 0, 0, 40, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 44, 0, 0, 0,
    4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8
};

#ifdef __cplusplus
extern "C" {
#endif
static uint32_t read_program(void *context, uint32_t offset, void *to, uint32_t length)
{
    const uint8_t *from = (const uint8_t *)context;
    uint32_t done = 0;

    for (; done < length && offset + done < sizeof program; done++)
        ((uint8_t *)to)[done] = from[offset + done];
    return done;
}
#ifdef __cplusplus
}
#endif

static int reads(void)
{
    execfmt_noff noff;
    execfmt_finding finding;
    uint8_t memory[16];
    uint8_t copy[sizeof program];
    size_t i;

    for (i = 0; i < sizeof copy; i++)
        copy[i] = program[i];
    if (execfmt_noff_parse(copy, sizeof copy, NULL, &noff, &finding) != EXECFMT_OK || noff.memory_end != 16)
        return 1;
    if (execfmt_noff_load(&noff, read_program, copy, memory, sizeof memory) != EXECFMT_OK)
        return 2;
    if (memory[0] != 1 || memory[7] != 8 || memory[8] != 0)
        return 3;
    return execfmt_noff_parse(copy, 30, NULL, &noff, &finding) == EXECFMT_OK ? 4 : 0;
}

#ifdef EXECFMT_FREESTANDING
static int allocates(void)
{
    return 0;
}
#else
static int allocates(void)
{
    static uint8_t in[4000], out[8000];
    execfmt_coyotos_builder *builder = NULL;
    size_t written = 0, i;

    for (i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i / 100);
    if (execfmt_aout_encode_bound(sizeof in) > sizeof out)
        return 5;
    if (execfmt_aout_encode(in, sizeof in, EXECFMT_AOUT_BEST, out, sizeof out, &written, NULL) != EXECFMT_OK
        || written > 1000)
        return 6;
    if (execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, NULL, &builder) != EXECFMT_OK)
        return 7;
    return execfmt_coyotos_builder_destroy(builder) == EXECFMT_OK ? 0 : 8;
}
#endif

int main(void)
{
    int failed = reads();

    if (failed == 0)
        failed = allocates();
    if (failed == 0)
        printf("linked\n");
    return failed;
}
