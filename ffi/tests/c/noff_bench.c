/* What parsing a NOFF header and filling a page cost, beside the same in C.

   noff_bench time          nanoseconds, and the ratio to C
   noff_bench parse FILE    1000 calls of execfmt_noff_parse_header, for callgrind
   noff_bench c FILE        1000 calls of the C rendering */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <execfmt/noff.h>

#define COUNTED 1000

static uint32_t little(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t big(const unsigned char *at)
{
    return at[3] | (uint32_t)at[2] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[0] << 24;
}

static execfmt_noff_segment record(const unsigned char *at, int is_big)
{
    execfmt_noff_segment segment;

    segment.virtual_addr = is_big ? big(at) : little(at);
    segment.in_file_addr = is_big ? big(at + 4) : little(at + 4);
    segment.size = is_big ? big(at + 8) : little(at + 8);
    return segment;
}

static uint32_t start(execfmt_noff_segment segment)
{
    return segment.size == 0 ? 0xffffffffu : segment.in_file_addr;
}

static uint64_t end_of(execfmt_noff_segment segment)
{
    return (uint64_t)segment.virtual_addr + segment.size;
}

/* The rules of error severity, as a careful programmer writes them in C. */
static execfmt_status check(execfmt_noff *noff)
{
    const uint32_t header_size = noff->layout == 4 ? 52 : 40;
    execfmt_noff_segment segments[4];
    uint64_t end = 0;
    int i, j;

    segments[0] = noff->code;
    segments[1] = noff->init_data;
    segments[2] = noff->readonly_data;
    segments[3] = noff->uninit_data;
    for (i = 0; i < 4; i++) {
        if (segments[i].size == 0)
            continue;
        if (end_of(segments[i]) > 0xffffffffu)
            return EXECFMT_NOFF_E_ADDRESS;
        if (i != 3 && (uint64_t)segments[i].in_file_addr + segments[i].size > noff->file_len)
            return EXECFMT_NOFF_E_PAST_EOF;
        if (i != 3 && segments[i].in_file_addr < header_size)
            return EXECFMT_NOFF_E_HEADER_OVERLAP;
        if (end_of(segments[i]) > end)
            end = end_of(segments[i]);
    }
    for (i = 1; i < 4; i++) {
        for (j = 0; j < i; j++) {
            const execfmt_noff_segment first = segments[j], second = segments[i];

            if (first.size == 0 || second.size == 0)
                continue;
            if (end_of(first) <= second.virtual_addr || end_of(second) <= first.virtual_addr)
                continue;
            if (j == 1 && i == 3 && second.virtual_addr >= first.virtual_addr
                && end_of(first) - second.virtual_addr <= 15)
                continue;
            return EXECFMT_NOFF_E_OVERLAP;
        }
    }
    noff->memory_end = (uint32_t)end;
    return EXECFMT_OK;
}

/* As execfmt_noff_parse_header without options and finding. */
__attribute__((noinline, noclone)) static execfmt_status rendering(const unsigned char *prefix, size_t prefix_len,
                                                          uint32_t file_len, execfmt_noff *out)
{
    static const execfmt_noff_segment none;
    execfmt_noff noff;
    execfmt_status status;
    int is_big;

    if (prefix == NULL || out == NULL)
        return EXECFMT_E_NULL;
    if (prefix_len > file_len)
        prefix_len = file_len;
    if (prefix_len < 4)
        return EXECFMT_NOFF_E_TRUNCATED;
    is_big = big(prefix) == EXECFMT_NOFF_MAGIC;
    if (!is_big && little(prefix) != EXECFMT_NOFF_MAGIC)
        return EXECFMT_NOFF_E_BAD_MAGIC;
    if (prefix_len < 40)
        return EXECFMT_NOFF_E_TRUNCATED;
    noff.byte_order = is_big ? EXECFMT_BIG_ENDIAN : EXECFMT_LITTLE_ENDIAN;
    noff.file_len = file_len;
    noff.code = record(prefix + 4, is_big);
    noff.init_data = record(prefix + 16, is_big);
    if (start(noff.code) == 40 || start(noff.init_data) == 40) {
        noff.layout = 3;
        noff.readonly_data = none;
        noff.uninit_data = record(prefix + 28, is_big);
    } else if (prefix_len < 52) {
        return EXECFMT_NOFF_E_TRUNCATED;
    } else {
        noff.layout = 4;
        noff.readonly_data = record(prefix + 28, is_big);
        noff.uninit_data = record(prefix + 40, is_big);
        if (start(noff.code) != 52 && start(noff.init_data) != 52 && start(noff.readonly_data) != 52)
            return EXECFMT_NOFF_E_LAYOUT;
    }
    status = check(&noff);
    if (status == EXECFMT_OK)
        *out = noff;
    return status;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static execfmt_noff noff;
static unsigned char file[4096], frame[128];
static size_t length;

static void ours(void)
{
    execfmt_noff_parse_header(file, 52, (uint32_t)length, NULL, &noff, NULL);
}

static void theirs(void)
{
    rendering(file, 52, (uint32_t)length, &noff);
}

static void page(void)
{
    execfmt_noff_read_page(&noff, file, length, 1, frame, sizeof frame);
}

static void copy(void)
{
    memcpy(frame, file + 52, sizeof frame);
    __asm__ volatile("" : : "r"(frame) : "memory");
}

/* The best of many short runs, in nanoseconds a call. */
static double best(void (*call)(void))
{
    double least = 1e9;
    int run, i;

    for (run = 0; run < 300; run++) {
        const double started = seconds();
        double took;

        for (i = 0; i < 2000; i++)
            call();
        took = (seconds() - started) * 1e9 / 2000;
        if (took < least)
            least = took;
    }
    return least;
}

/* A program of `layout` segments in the given byte order. */
static void make(uint32_t layout, uint32_t byte_order)
{
    static unsigned char bytes[600];
    execfmt_noff_contents contents;

    memset(&contents, 0, sizeof contents);
    contents.layout = layout;
    contents.byte_order = byte_order;
    contents.code.bytes = bytes;
    contents.code.length = 512;
    contents.init_data.bytes = bytes;
    contents.init_data.length = 96;
    contents.init_data.virtual_addr = 640;
    if (layout == 4) {
        contents.readonly_data.bytes = bytes;
        contents.readonly_data.length = 128;
        contents.readonly_data.virtual_addr = 512;
    }
    contents.uninit_addr = 736;
    contents.uninit_size = 64;
    if (execfmt_noff_build(&contents, file, sizeof file, &length) != EXECFMT_OK)
        exit(2);
}

static void time_all(void)
{
    static const struct {
        const char *name;
        uint32_t layout, byte_order;
    } kinds[] = {
        { "three segments, little-endian", 3, EXECFMT_LITTLE_ENDIAN },
        { "four segments, little-endian", 4, EXECFMT_LITTLE_ENDIAN },
        { "three segments, big-endian", 3, EXECFMT_BIG_ENDIAN },
        { "four segments, big-endian", 4, EXECFMT_BIG_ENDIAN },
    };
    double one, other;
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        execfmt_noff by_library;

        make(kinds[i].layout, kinds[i].byte_order);
        ours();
        by_library = noff;
        memset(&noff, 0, sizeof noff);
        theirs();
        if (memcmp(&noff, &by_library, sizeof noff) != 0)
            exit(3);
        one = best(ours);
        other = best(theirs);
        printf("noff in C: parse a header, %-30s %6.1f ns = %.2f of the same in C (%.1f ns)\n", kinds[i].name, one,
               one / other, other);
    }
    one = best(page);
    other = best(copy);
    printf("noff in C: fill one page of 128 bytes                      %6.1f ns (memcpy %.1f ns)\n", one, other);
}

int main(int argc, char **argv)
{
    int i;

    if (argc == 2 && strcmp(argv[1], "time") == 0) {
        time_all();
        return 0;
    }
    if (argc == 3) {
        FILE *in = fopen(argv[2], "rb");

        if (in == NULL)
            return 2;
        length = fread(file, 1, sizeof file, in);
        fclose(in);
        for (i = 0; i < COUNTED; i++)
            (strcmp(argv[1], "c") == 0 ? theirs : ours)();
        return noff.layout == 0;
    }
    return 2;
}
