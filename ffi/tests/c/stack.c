/*
 * How much of the stack the functions on NOFF, a.out, NE and COFF take, measured: each runs on a painted stack, on a
 * file made by hand and on damaged copies of it. Prints the functions with their deepest call; fails when one takes
 * more than the 8 KiB that the documentation promises.
 *
 *     cc -std=gnu99 -I include -DEXECFMT_FREESTANDING -o stack ffi/tests/c/stack.c libexecfmt.a
 */
#include <execfmt.h>

#include "check.h"
#include "stack.h"

enum { MOST = 8192, LONGEST = 512, COPIES = 24 };

static uint8_t bytes[LONGEST], good[LONGEST];
static uint32_t length;
static unsigned long heard;
static char text[512];
static execfmt_finding found;
static uint8_t memory[1 << 16];

static int32_t hear(void *context, const execfmt_finding *finding)
{
    (void)context;
    found = *finding;
    heard++;
    return 0;
}

static uint32_t read_at(void *context, uint32_t offset, void *destination, uint32_t count)
{
    (void)context;
    if (offset > length || count > length - offset)
        return 0;
    memcpy(destination, bytes + offset, count);
    return count;
}

static void put(uint8_t *to, unsigned long value, int count)
{
    int i;

    for (i = 0; i < count; i++)
        to[i] = (uint8_t)(value >> 8 * i & 0xff);
}

static void run_nothing(void) {}

static void run_version(void) { (void)execfmt_version(); }
static void run_status(void) { (void)execfmt_status_message(EXECFMT_NOFF_E_ADDRESS); }

/* NOFF */

static execfmt_noff noff;
static execfmt_noff_page page;
static uint32_t number, other;
static size_t size;
static execfmt_noff_profile profile;
static const char *const words[3] = { "prog", "one", "two" };

static void noff_parse(void) { execfmt_noff_parse(bytes, length, NULL, &noff, &found); }
static void noff_header(void) { execfmt_noff_parse_header(bytes, length, length, NULL, &noff, &found); }
static void noff_message(void) { execfmt_noff_finding_message(&found, text, sizeof text); }
static void noff_profile_at(void) { execfmt_noff_profile_at(0, &profile); }
static void noff_named(void) { execfmt_noff_profile_named(profile.name, &profile); }
static void noff_call(void)
{
    static execfmt_noff_system_call_info call;
    execfmt_noff_system_call(profile.name, 0, &call);
}
static void noff_check(void)
{
    static execfmt_noff_check_options options = { sizeof options, 0, 1, 0, &profile };
    execfmt_noff_check(bytes, length, &options, hear, NULL);
}
static void noff_check_header(void)
{
    static execfmt_noff_check_options options = { sizeof options, 0, 0, 0, &profile };
    execfmt_noff_check_header(bytes, length < 52 ? length : 52, length, &options, hear, NULL);
}
static void noff_count(void) { execfmt_noff_page_count(&noff, 128, 1024, &number); }
static void noff_pointer(void) { execfmt_noff_stack_pointer(&noff, 128, 1024, &number); }
static void noff_segment(void) { execfmt_noff_segment_at(&noff, 8, &number); }
static void noff_offset(void) { execfmt_noff_file_offset(&noff, 8, &number, &other); }
static void noff_describe(void) { execfmt_noff_describe_page(&noff, 0, 128, &page); }
static void noff_read_page(void) { execfmt_noff_read_page(&noff, bytes, length, 0, memory, 128); }
static void noff_load_page(void) { execfmt_noff_load_page(&noff, read_at, NULL, 0, memory, 128); }
static void noff_load_pages(void) { execfmt_noff_load_pages(&noff, read_at, NULL, 0, 128, memory, 1280); }
static void noff_load(void) { execfmt_noff_load(&noff, read_at, NULL, memory, sizeof memory); }
static execfmt_noff_arguments arguments;
static void noff_push(void) { execfmt_noff_push_arguments(words, 3, 4096, memory, 1024, &arguments); }
static void noff_page(void) { execfmt_noff_argument_page(words, 3, 4096, memory, 1024, &arguments); }
static execfmt_noff_contents contents = { 3, EXECFMT_LITTLE_ENDIAN, { good, 8, 0 }, { good, 4, 8 }, { NULL, 0, 0 }, 12, 4 };
static void noff_built(void) { execfmt_noff_built_len(&contents, &size); }
static void noff_build(void) { execfmt_noff_build(&contents, memory, sizeof memory, &size); }

/* a.out and compression */

static execfmt_aout aout;
static execfmt_elks_layout layout;
static execfmt_aout_row row;
static void aout_message(void) { execfmt_aout_finding_message(&found, text, sizeof text); }
static void aout_names(void) { (void)execfmt_aout_section_name(1), (void)execfmt_aout_target_name(0xfffe); }
static void aout_header(void) { execfmt_aout_read_header(bytes, length, &aout, &found); }
static void aout_parse(void) { execfmt_aout_parse(bytes, length, &aout, &found); }
static void aout_section(void)
{
    static size_t offset;
    execfmt_aout_section(bytes, length, EXECFMT_AOUT_DATA, &offset, &size);
}
static void aout_relocation(void)
{
    static execfmt_aout_relocation relocation;
    execfmt_aout_relocation_at(bytes, length, EXECFMT_AOUT_TEXT, 0, &relocation);
}
static void aout_symbol(void)
{
    static execfmt_aout_symbol symbol;
    execfmt_aout_cursor cursor = { 0, 0 };
    execfmt_aout_next_symbol(bytes, length, &cursor, &symbol);
}
static void aout_check(void)
{
    static execfmt_aout_check_options options = { sizeof options, 0, 0, 0 };
    options.kernel = (options.kernel + 1) % 4;
    execfmt_aout_check(bytes, length, &options, hear, NULL);
}
static void elks_layout(void) { execfmt_aout_elks_layout(bytes, length, NULL, &layout, &found); }
static void elks_exec(void) { execfmt_aout_elks_exec(bytes, length, NULL, &layout, &found); }
static void elks_errno(void) { (void)execfmt_aout_elks_errno(EXECFMT_E_NULL); }
static void elks_explain(void) { execfmt_aout_elks_explain(bytes, length, NULL, text, sizeof text); }
static void elks_load(void)
{
    static execfmt_elks_memory to = { memory, 1 << 15, memory + (1 << 15), 1 << 15, 0x100, 0x200 };
    execfmt_aout_elks_load(bytes, length, NULL, &to, read_at, NULL);
}
static void aout_row(void) { execfmt_aout_chmem_row(&aout, &row); }
static void aout_chmem(void) { execfmt_aout_chmem(&aout, 4096, 4096, &number); }
static void aout_encode(void) { execfmt_aout_encode_header(&aout, memory, sizeof memory, &size); }
static execfmt_aout_contents parts;
static void aout_parts(void)
{
    parts.header = aout;
    parts.text.bytes = parts.data.bytes = parts.symbols.bytes = good;
    parts.text.length = parts.data.length = 16;
    parts.symbols.length = 0;
}
static void aout_built(void) { execfmt_aout_built_len(&parts, &size); }
static void aout_build(void) { execfmt_aout_build(&parts, memory, sizeof memory, &size); }
static void aout_decode(void) { execfmt_aout_decode(bytes, length, memory, 4096, &found); }
static void aout_in_place(void)
{
    memcpy(memory, bytes, length);
    execfmt_aout_decode_in_place(memory, sizeof memory, length, 4096, &found);
}
static void aout_limits(void)
{
    static execfmt_aout_footprint footprint;
    execfmt_aout_check_kernel_limits(bytes, length, 4096, &footprint, &found);
}

/* NE */

static execfmt_ne ne, after;
static execfmt_elks_ne_layout ne_layout;
static void ne_message(void) { execfmt_ne_finding_message(&found, text, sizeof text); }
static void ne_names(void)
{
    (void)execfmt_ne_elks_errno(EXECFMT_E_NULL), (void)execfmt_ne_system_name(1), (void)execfmt_ne_kind_name(1);
}
static void ne_parse(void) { execfmt_ne_parse(bytes, length, &ne, &found); }
static void ne_segment(void)
{
    static execfmt_ne_segment segment;
    execfmt_ne_segment_at(bytes, length, 1, &segment);
}
static void ne_relocation(void)
{
    static execfmt_ne_relocation relocation;
    execfmt_ne_relocation_at(bytes, length, 1, 0, &relocation);
}
static void ne_name(void)
{
    static execfmt_ne_name name;
    execfmt_ne_cursor cursor = { 0, 0, 0 };
    execfmt_ne_next_name(bytes, length, &cursor, &name);
}
static void ne_check(void) { execfmt_ne_check(bytes, length, NULL, hear, NULL); }
static void ne_elks(void) { execfmt_ne_elks_layout(bytes, length, NULL, &ne_layout, &found); }
static void ne_load(void)
{
    static execfmt_ne_memory to[2] = { { memory, 1 << 15, 0x100 }, { memory + (1 << 15), 1 << 15, 0x200 } };
    execfmt_ne_elks_load(bytes, length, NULL, to, 2, &found);
}
static void ne_chmem(void)
{
    memcpy(memory, bytes, length);
    execfmt_ne_chmem(memory, length, 0x200, 0x300, &ne, &after, &found);
}

/* COFF */

static execfmt_coff coff;
static void coff_message(void) { execfmt_coff_finding_message(&found, text, sizeof text); }
static void coff_names(void) { (void)execfmt_coff_kind_name(1); }
static void coff_parse(void) { execfmt_coff_parse(bytes, length, &coff, &found); }
static void coff_section(void)
{
    static execfmt_coff_section section;
    execfmt_coff_section_at(bytes, length, 0, &section, &found);
}
static void coff_check(void)
{
    static execfmt_coff_options options = { sizeof options, 0, 0, 1 };
    options.loader = (options.loader + 1) % 4;
    execfmt_coff_check(bytes, length, &options, hear, NULL);
}

typedef struct call {
    const char *name;
    void (*run)(void);
} call;

#define CALL(name) { #name, name }
static const call of_noff[] = {
    CALL(run_version), CALL(run_status), CALL(noff_profile_at), CALL(noff_named), CALL(noff_call), CALL(noff_parse),
    CALL(noff_header), CALL(noff_check), CALL(noff_check_header), CALL(noff_message), CALL(noff_count),
    CALL(noff_pointer), CALL(noff_segment), CALL(noff_offset), CALL(noff_describe), CALL(noff_read_page),
    CALL(noff_load_page), CALL(noff_load_pages), CALL(noff_load), CALL(noff_push), CALL(noff_page), CALL(noff_built),
    CALL(noff_build)
};
static const call of_aout[] = {
    CALL(aout_names), CALL(aout_header), CALL(aout_parse), CALL(aout_section), CALL(aout_relocation),
    CALL(aout_symbol), CALL(aout_check), CALL(aout_message), CALL(elks_layout), CALL(elks_exec), CALL(elks_errno),
    CALL(elks_explain), CALL(elks_load), CALL(aout_row), CALL(aout_chmem), CALL(aout_encode), CALL(aout_parts),
    CALL(aout_built), CALL(aout_build), CALL(aout_decode), CALL(aout_in_place), CALL(aout_limits), CALL(aout_message)
};
static const call of_ne[] = {
    CALL(ne_names), CALL(ne_parse), CALL(ne_segment), CALL(ne_relocation), CALL(ne_name), CALL(ne_check),
    CALL(ne_message), CALL(ne_elks), CALL(ne_load), CALL(ne_chmem)
};
static const call of_coff[] = {
    CALL(coff_names), CALL(coff_parse), CALL(coff_section), CALL(coff_check), CALL(coff_message)
};

static size_t deepest;
static const char *deepest_name = "";

/* Each function on the file in `good`, and on copies with a few bytes changed. */
static void measure(const call *calls, size_t count, size_t most)
{
    static size_t used[32];
    const size_t beneath = stack_of(run_nothing);
    uint32_t seed = 20261126;
    int copy, change;
    size_t i;

    memset(used, 0, sizeof used);
    heard = 0;
    for (copy = 0; copy < COPIES; copy++) {
        memcpy(bytes, good, LONGEST);
        for (change = 0; change < copy; change++) {
            seed = seed * 1103515245u + 12345u;
            bytes[(seed >> 8) % length] = (uint8_t)(seed >> 24);
        }
        for (i = 0; i < count; i++) {
            const size_t now = stack_of(calls[i].run) - beneath;
            if (now > used[i])
                used[i] = now;
        }
    }
    for (i = 0; i < count; i++) {
        check_row = calls[i].name;
        CHECK(used[i] <= most);
        printf("%6lu %s\n", (unsigned long)used[i], calls[i].name);
        if (used[i] > deepest)
            deepest = used[i], deepest_name = calls[i].name;
    }
    CHECK(heard > 10);
    CHECK_EQ(stack_of(run_nothing), beneath);
}

int main(void)
{
    /* NOFF: code, data and bss. */
    static const unsigned long noff_words[10] = { 0xbadfad, 0, 40, 64, 64, 104, 32, 96, 0, 64 };
    static const uint8_t aout_head[8] = { 1, 3, 0x30, 4, 0x40, 0, 1, 0 };
    static const uint8_t symbols[14] = { 'T', 6, 0, 4, 'm', 'a', 'i', 'n', 'D', 2, 0, 1, 'x', 0 };
    int i;

    for (i = 0; i < 10; i++)
        put(good + 4 * i, noff_words[i], 4);
    length = 136;
    measure(of_noff, COUNT(of_noff), MOST);

    /* a.out: text, far text and data, a relocation in each, symbols; the data are compressed. */
    memset(good, 0, sizeof good);
    memcpy(good, aout_head, 8);
    put(good + 8, 32, 4), put(good + 12, 64, 4), put(good + 16, 32, 4), put(good + 28, 14, 4);
    put(good + 32, 8, 4), put(good + 48, 16, 4), put(good + 58, 16, 2);
    put(good + 128, 4, 4), put(good + 132, 0xfffd, 2), put(good + 134, 80, 2);
    memcpy(good + 136, symbols, sizeof symbols);
    length = 150;
    measure(of_aout, COUNT(of_aout), MOST);

    /* NE: code with a relocation, data. */
    memset(good, 0, sizeof good);
    good[0] = 'M', good[1] = 'Z', good[0x3c] = 64, good[64] = 'N', good[65] = 'E', good[64 + 0x0c] = 2;
    put(good + 64 + 0x0e, 2, 2), put(good + 64 + 0x10, 0x100, 2), put(good + 64 + 0x12, 0x200, 2);
    put(good + 64 + 0x16, 1, 2), put(good + 64 + 0x1a, 2, 2), put(good + 64 + 0x1c, 2, 2);
    put(good + 64 + 0x22, 64, 2), put(good + 64 + 0x26, 80, 2), put(good + 64 + 0x32, 4, 2), good[64 + 0x36] = 1;
    put(good + 128, 10, 2), put(good + 130, 4, 2), put(good + 132, 0x0d00, 2), put(good + 134, 4, 2);
    put(good + 136, 11, 2), put(good + 138, 2, 2), put(good + 140, 0x0c01, 2), put(good + 142, 6, 2);
    memcpy(good + 144, "\3abc\0\0", 7);
    put(good + 164, 1, 2), good[166] = EXECFMT_NE_SOURCE_SEGMENT, put(good + 168, 1, 2), good[170] = 2;
    length = 178;
    measure(of_ne, COUNT(of_ne), MOST);

    /* COFF: two sections. */
    memset(good, 0, sizeof good);
    put(good, 0x162, 2), put(good + 2, 2, 2), put(good + 16, 56, 2), put(good + 18, 7, 2);
    put(good + 20, 0x107, 2), put(good + 24, 16, 4), put(good + 32, 32, 4);
    memcpy(good + 76, ".text", 5);
    put(good + 92, 16, 4), put(good + 96, 156, 4), put(good + 112, 0x20, 4);
    memcpy(good + 116, ".bss", 4);
    put(good + 124, 16, 4), put(good + 128, 16, 4), put(good + 132, 32, 4), put(good + 152, 0x80, 4);
    length = 172;
    measure(of_coff, COUNT(of_coff), MOST);

    printf("deepest: %lu bytes, %s\n", (unsigned long)deepest, deepest_name);
    return check_summary("stack");
}
