/* NOFF: headers parsed and refused, pages filled. */
#include "measure.h"

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
IN_C execfmt_status c_noff_parse_header(const unsigned char *prefix, size_t prefix_len, uint32_t file_len,
                                        execfmt_noff *out)
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

static execfmt_noff noff;
static execfmt_finding finding;
static unsigned char memory[64 * 128];

static int library_parse(void)
{
    return execfmt_noff_parse_header(file, 52, (uint32_t)length, NULL, &noff, NULL);
}

static int library_refuse(void)
{
    return execfmt_noff_parse_header(file, 52, (uint32_t)length, NULL, &noff, &finding);
}

static int c_parse(void)
{
    return c_noff_parse_header(file, 52, (uint32_t)length, &noff);
}

static int library_page(void)
{
    return execfmt_noff_read_page(&noff, file, length, 1, memory, 128);
}

/* A page of bytes from the file, as a kernel copies it that has worked out where they are. */
IN_C int c_page(void)
{
    memcpy(memory, file + 52 + 128, 128);
    __asm__ volatile("" : : "r"(memory) : "memory");
    return 0;
}

static uint32_t read_from(void *context, uint32_t offset, void *place, uint32_t count)
{
    (void)context;
    memcpy(place, file + offset, count);
    return count;
}

static int library_pages(void)
{
    return execfmt_noff_load_pages(&noff, read_from, NULL, 0, 128, memory, sizeof memory);
}

static int library_each_page(void)
{
    uint32_t vpn;

    for (vpn = 0; vpn < 64; vpn++)
        execfmt_noff_read_page(&noff, file, length, vpn, memory + 128 * vpn, 128);
    return 0;
}

IN_C int c_pages(void)
{
    memcpy(memory, file + 52, sizeof memory);
    __asm__ volatile("" : : "r"(memory) : "memory");
    return 0;
}

/* A program of `layout` segments in the given byte order. */
static void make(uint32_t layout, uint32_t byte_order, uint32_t code_length)
{
    static unsigned char bytes[8192];
    execfmt_noff_contents contents;

    memset(&contents, 0, sizeof contents);
    contents.layout = layout;
    contents.byte_order = byte_order;
    contents.code.bytes = bytes;
    contents.code.length = code_length;
    contents.init_data.bytes = bytes;
    contents.init_data.length = 96;
    contents.init_data.virtual_addr = code_length + 128;
    if (layout == 4) {
        contents.readonly_data.bytes = bytes;
        contents.readonly_data.length = 128;
        contents.readonly_data.virtual_addr = code_length;
    }
    contents.uninit_addr = code_length + 224;
    contents.uninit_size = 64;
    memset(file, 0, sizeof file);
    if (execfmt_noff_build(&contents, file, sizeof file, &length) != EXECFMT_OK)
        exit(2);
}

static void three_little(void)
{
    make(3, EXECFMT_LITTLE_ENDIAN, 512);
}

static void four_little(void)
{
    make(4, EXECFMT_LITTLE_ENDIAN, 512);
}

static void three_big(void)
{
    make(3, EXECFMT_BIG_ENDIAN, 512);
}

static void four_big(void)
{
    make(4, EXECFMT_BIG_ENDIAN, 512);
}

static void demo(void)
{
    read_file(DEMO);
}

static void halt(void)
{
    read_file(HALT);
}

/* Four segments, of which the code is cut short. */
static void past_end(void)
{
    four_little();
    length = 300;
}

/* initData begins within the code. */
static void overlapping(void)
{
    four_little();
    file[16] = 0;
    file[17] = 1;
}

static void bad_magic(void)
{
    four_little();
    file[0] ^= 1;
}

/* All of it from the file, so that memcpy does the same. */
static void program(void)
{
    make(4, EXECFMT_LITTLE_ENDIAN, sizeof memory);
    if (c_parse() != EXECFMT_OK)
        exit(2);
}

int main(int argc, char **argv)
{
#define PARSE "execfmt_noff_parse_header", "c_noff_parse_header", { library_parse, c_parse }
#define REFUSE "execfmt_noff_parse_header", "c_noff_parse_header", { library_refuse, c_parse }
    static const struct pair pairs[] = {
        { "parse, three segments, little-endian", PARSE, three_little, &noff, sizeof noff, 0 },
        { "parse, four segments, little-endian", PARSE, four_little, &noff, sizeof noff, 0 },
        { "parse, three segments, big-endian", PARSE, three_big, &noff, sizeof noff, 0 },
        { "parse, four segments, big-endian", PARSE, four_big, &noff, sizeof noff, 0 },
        { "parse demo.noff", PARSE, demo, &noff, sizeof noff, 0 },
        { "parse halt.noff", PARSE, halt, &noff, sizeof noff, 0 },
        { "refuse, past the end", REFUSE, past_end, &noff, sizeof noff, 0 },
        { "refuse, segments overlap", REFUSE, overlapping, &noff, sizeof noff, 0 },
        { "refuse, bad magic", REFUSE, bad_magic, &noff, sizeof noff, 0 },
        { "one page of 128 bytes", "execfmt_noff_read_page", "c_page", { library_page, c_page }, program, memory, 128,
          0 },
        { "64 pages, a call each", "library_each_page", "c_pages", { library_each_page, c_pages }, program, memory,
          128, 20 },
        { "64 pages, one call", "execfmt_noff_load_pages", "c_pages", { library_pages, c_pages }, program, memory,
          128, 200 },
    };

    return measure(argc, argv, pairs, sizeof pairs / sizeof *pairs);
}
