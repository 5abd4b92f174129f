/* The a.out functions, on a file made by hand and on hostile arguments. */
#include <string.h>

#include "kernel.h"

#include <execfmt.h>
#include <execfmt.h>

#include "check.h"

/* The structs, as a compiler of the other side sees them. */
typedef char aout_is_84_bytes[sizeof(execfmt_aout) == 84 ? 1 : -1];
typedef char relocation_is_8_bytes[sizeof(execfmt_aout_relocation) == 8 ? 1 : -1];
typedef char symbol_is_268_bytes[sizeof(execfmt_aout_symbol) == 268 ? 1 : -1];
typedef char layout_is_40_bytes[sizeof(execfmt_elks_layout) == 40 ? 1 : -1];
typedef char row_is_48_bytes[sizeof(execfmt_aout_row) == 48 ? 1 : -1];

#define FILE_SIZE (64 + 32 + 16 + 16 + 8 + 8 + 8 + 14)
#define CS 0x1000
#define DS 0x2000

/*
 * Version 1: 32 bytes of text, 16 of far text, 16 of data, 32 of bss, a relocation in each, two symbols of ELKS.
 * Relocations: the text's word at 4 is the data's segment, the far text's word at 2 the far text's, the data's word at
 * 0 the text's.
 */
static const uint8_t good[FILE_SIZE] = {
    1, 3, 0x30, 4, 0x40, 0, 1, 0, 32, 0, 0, 0, 16, 0, 0, 0, 32, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0,
    8, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
    4, 0, 0, 0, 0xfd, 0xff, 80, 0,
    2, 0, 0, 0, 0xfb, 0xff, 80, 0,
    0, 0, 0, 0, 0xfe, 0xff, 80, 0,
    'T', 6, 0, 4, 'm', 'a', 'i', 'n', 'D', 2, 0, 1, 'x', 0
};

static uint8_t file[FILE_SIZE + 1];

/* How many bytes a read function gives less than it is asked for. */
static uint32_t missing;

static uint32_t read_at(void *context, uint32_t offset, void *destination, uint32_t length)
{
    if (context != NULL || offset > FILE_SIZE || length > FILE_SIZE - offset)
        return 0;
    memcpy(destination, file + offset, length);
    return length - missing;
}

static void fresh(void)
{
    memcpy(file, good, FILE_SIZE);
    missing = 0;
}

/* The findings that were reported. */
static struct {
    execfmt_finding first;
    int count, stop;
} heard;

static int32_t hear(void *context, const execfmt_finding *finding)
{
    CHECK(context == &heard);
    if (heard.count++ == 0)
        heard.first = *finding;
    return heard.stop;
}

/* Where the relocation of the far text is. */
#define FAR_RELOCATION 136

static void check_parse(void)
{
    execfmt_aout aout;
    execfmt_aout_check_options options;
    execfmt_finding finding;
    char sentence[200];
    size_t offset, size, i;
    static const struct {
        size_t offset, size;
    } places[7] = { { 64, 32 }, { 96, 16 }, { 112, 16 }, { 128, 8 }, { 136, 8 }, { 144, 8 }, { 152, 14 } };

    fresh();
    CHECK_EQ(execfmt_aout_parse(file, FILE_SIZE, &aout, NULL), EXECFMT_OK);
    CHECK_EQ(aout.file_type, 0x04300301);
    CHECK_EQ(aout.hlen, 64);
    CHECK_EQ(aout.version, 1);
    CHECK_EQ(aout.tseg, 32);
    CHECK_EQ(aout.dseg, 16);
    CHECK_EQ(aout.bseg, 32);
    CHECK_EQ(aout.entry, 6);
    CHECK_EQ(aout.syms, 14);
    CHECK_EQ(aout.trsize, 8);
    CHECK_EQ(aout.drsize, 8);
    CHECK_EQ(aout.ftseg, 16);
    CHECK_EQ(aout.ftrsize, 8);
    for (i = 0; i < 7; i++) {
        CHECK_EQ(execfmt_aout_section(file, FILE_SIZE, (uint32_t)i, &offset, &size), EXECFMT_OK);
        CHECK_EQ(offset, places[i].offset);
        CHECK_EQ(size, places[i].size);
    }
    CHECK_EQ(execfmt_aout_section(file, FILE_SIZE, 7, &offset, &size), EXECFMT_E_ARGUMENT);
    heard.count = 0, heard.stop = 0;
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE, NULL, hear, &heard), EXECFMT_OK);
    CHECK_EQ(heard.count, 0);

    /* Cut short by one byte: the symbols, whose size is at byte 28, go beyond the end. */
    memset(&finding, 0x5a, sizeof finding);
    CHECK_EQ(execfmt_aout_parse(file, FILE_SIZE - 1, &aout, &finding), EXECFMT_AOUT_E_PAST_EOF);
    CHECK_EQ(finding.status, EXECFMT_AOUT_E_PAST_EOF);
    CHECK_EQ(finding.severity, EXECFMT_ERROR);
    CHECK_EQ(finding.detail, EXECFMT_AOUT_SYMBOLS);
    CHECK_EQ(finding.offset, 28);
    CHECK_EQ(finding.field, EXECFMT_AOUT_FIELD_SYMS);
    CHECK_EQ(finding.found, 14);
    CHECK_EQ(finding.expected, 13);
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE - 1, NULL, hear, &heard), EXECFMT_AOUT_E_PAST_EOF);
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(heard.first.offset, 28);
    CHECK_EQ(heard.first.field, EXECFMT_AOUT_RECORD_HEADER + 28);
    CHECK(execfmt_aout_finding_message(&heard.first, NULL, 0) > 20);
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE - 1, NULL, NULL, NULL), EXECFMT_AOUT_E_PAST_EOF);
    /* A kernel without medium model refuses the header. */
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.kernel = EXECFMT_AOUT_FOR_ELKS_MINIMAL;
    heard.count = 0;
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE, &options, hear, &heard), EXECFMT_AOUT_E_ELKS + 6);
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(execfmt_aout_elks_errno(heard.first.status), EXECFMT_ELKS_ENOEXEC);
    CHECK_EQ(execfmt_aout_elks_errno(EXECFMT_AOUT_E_PAST_EOF), 0);
    options.size--;
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE, &options, hear, &heard), EXECFMT_E_ARGUMENT);
    options.size++, options.kernel = 4;
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE, &options, hear, &heard), EXECFMT_E_ARGUMENT);
    options.kernel = EXECFMT_AOUT_FOR_ELKS, options.argument_bytes = 0x10000;
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE, &options, hear, &heard), EXECFMT_E_ARGUMENT);
    /* A relocation of the far text: its field and the sentence about it. */
    file[FAR_RELOCATION + 6] = 81;
    heard.count = 0, heard.stop = 1;
    CHECK_EQ(execfmt_aout_check(file, FILE_SIZE, NULL, hear, &heard), EXECFMT_AOUT_E_RELOCATION_TYPE);
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(heard.first.field, EXECFMT_AOUT_FIELD_RELOCATION_TYPE);
    CHECK_EQ(heard.first.index, EXECFMT_AOUT_FAR_TEXT);
    CHECK(strcmp(execfmt_aout_section_name(heard.first.index), "far text") == 0);
    CHECK_EQ(heard.first.offset, FAR_RELOCATION + 6);
    CHECK(execfmt_aout_finding_message(&heard.first, sentence, sizeof sentence) < sizeof sentence);
    CHECK(strstr(sentence, "far text relocation type at byte") == sentence);
    fresh();
    for (i = 0; i < 64; i++)
        CHECK(execfmt_aout_read_header(file, i, &aout, &finding) == EXECFMT_AOUT_E_TRUNCATED);
    file[0] = 0x7f, file[1] = 'E', file[2] = 'L', file[3] = 'F';
    CHECK_EQ(execfmt_aout_parse(file, FILE_SIZE, &aout, &finding), EXECFMT_AOUT_E_BAD_MAGIC);
    CHECK_EQ(execfmt_looks_like(finding.detail), EXECFMT_LOOKS_ELF);
    fresh();
    file[4] = 0x10;
    CHECK_EQ(execfmt_aout_parse(file, FILE_SIZE, &aout, NULL), EXECFMT_AOUT_E_HLEN);
}

static void check_tables(void)
{
    execfmt_aout_relocation relocation;
    execfmt_aout_symbol symbol;
    execfmt_aout_cursor cursor = { 0, 0 };
    uint32_t section;
    static const execfmt_aout_relocation expected[3] = { { 4, 0xfffd, 80 }, { 2, 0xfffb, 80 }, { 0, 0xfffe, 80 } };

    fresh();
    for (section = 0; section < 3; section++) {
        CHECK_EQ(execfmt_aout_relocation_at(file, FILE_SIZE, section, 0, &relocation), EXECFMT_OK);
        CHECK(memcmp(&relocation, &expected[section], sizeof relocation) == 0);
        CHECK_EQ(execfmt_aout_relocation_at(file, FILE_SIZE, section, 1, &relocation), EXECFMT_END);
        CHECK_EQ(execfmt_aout_relocation_at(file, FILE_SIZE, section, 0xffffffffu, &relocation), EXECFMT_END);
    }
    CHECK_EQ(execfmt_aout_relocation_at(file, FILE_SIZE, 3, 0, &relocation), EXECFMT_E_ARGUMENT);

    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, &cursor, &symbol), EXECFMT_OK);
    CHECK_EQ(symbol.value, 6);
    CHECK_EQ(symbol.letter, 'T');
    CHECK_EQ(symbol.name_length, 4);
    CHECK(strcmp(symbol.name, "main") == 0);
    CHECK_EQ(cursor.offset, 8);
    CHECK_EQ(cursor.format, EXECFMT_AOUT_SYMBOLS_ELKS);
    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, &cursor, &symbol), EXECFMT_OK);
    CHECK(strcmp(symbol.name, "x") == 0);
    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, &cursor, &symbol), EXECFMT_END);
    cursor.offset = (size_t)-1;
    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, &cursor, &symbol), EXECFMT_END);
    cursor.offset = 0, cursor.format = 77;
    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, &cursor, &symbol), EXECFMT_E_ARGUMENT);
    file[FILE_SIZE - 1] = 'b'; /* the zero byte that ends the table */
    cursor.offset = 0, cursor.format = 0;
    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, &cursor, &symbol), EXECFMT_AOUT_E_TABLE);
}

static void check_elks(void)
{
    /* All 0: the smallest argument block, of 10 bytes. */
    static const execfmt_elks_options none = { 0, 0, 0 };
    execfmt_elks_options options = { sizeof options, 0, 16 };
    execfmt_elks_memory memory;
    execfmt_elks_layout layout;
    execfmt_finding finding;
    uint8_t text[48], data[8256];
    size_t i;

    /* 16 + 32 of data and bss, 4096 of stack, 4096 of heap, 10, rounded up to 8256; text of 2 paragraphs and far text of 1. */
    fresh();
    CHECK_EQ(execfmt_aout_elks_layout(file, 64, &none, &layout, NULL), EXECFMT_OK);
    CHECK_EQ(layout.text_paras, 3);
    CHECK_EQ(layout.far_text_para, 2);
    CHECK_EQ(layout.data_len, 8256);
    CHECK_EQ(layout.minstack, 4096);
    CHECK_EQ(layout.t_enddata, 48);
    CHECK_EQ(layout.t_endseg, 8256);
    CHECK_EQ(layout.begstack, 8246);
    CHECK_EQ(layout.endbrk, 48);
    CHECK_EQ(layout.entry, 6);
    CHECK_EQ(layout.heap, 4102);
    CHECK_EQ(execfmt_aout_elks_exec(file, FILE_SIZE, &options, &layout, NULL), EXECFMT_OK);
    CHECK_EQ(layout.data_len, 8256);
    CHECK_EQ(layout.begstack, 8240);
    options.size = 0; /* forgotten */
    CHECK_EQ(execfmt_aout_elks_exec(file, FILE_SIZE, &options, &layout, NULL), EXECFMT_E_ARGUMENT);
    options.size = sizeof options;

    /* The refusals that the kernel gives, with their errno. */
    options.argument_bytes = 0, options.without = EXECFMT_ELKS_NO_MEDIUM_MODEL;
    CHECK_EQ(execfmt_aout_elks_layout(file, 64, &options, &layout, &finding), EXECFMT_AOUT_E_ELKS + 6);
    CHECK_EQ(execfmt_aout_elks_errno(finding.status), EXECFMT_ELKS_ENOEXEC);
    CHECK(execfmt_aout_elks_explain(file, FILE_SIZE, &options, NULL, 0) > 20);
    CHECK_EQ(execfmt_aout_elks_explain(file, FILE_SIZE, NULL, NULL, 0), 0);
    options.without = 4;
    CHECK_EQ(execfmt_aout_elks_layout(file, 64, &options, &layout, NULL), EXECFMT_E_ARGUMENT);
    options.without = 0, options.argument_bytes = 0x10000;
    CHECK_EQ(execfmt_aout_elks_layout(file, 64, &options, &layout, NULL), EXECFMT_E_ARGUMENT);
    options.argument_bytes = 60000; /* no longer fit 65535 bytes with the stack and the heap */
    CHECK_EQ(execfmt_aout_elks_layout(file, 64, &options, &layout, &finding), EXECFMT_AOUT_E_ELKS + 15);
    CHECK_EQ(execfmt_aout_elks_errno(finding.status), EXECFMT_ELKS_EFBIG);
    file[40] = 1; /* tbase */
    CHECK_EQ(execfmt_aout_elks_layout(file, 64, &none, &layout, &finding), EXECFMT_AOUT_E_ELKS + 8);
    CHECK_EQ(execfmt_aout_elks_errno(finding.status), EXECFMT_ELKS_EINVAL);
    CHECK_EQ(finding.offset, 40);
    fresh();
    file[134] = 81; /* the type of the text's relocation */
    CHECK_EQ(execfmt_aout_elks_exec(file, FILE_SIZE, &none, &layout, &finding), EXECFMT_AOUT_E_ELKS + 23);
    CHECK_EQ(execfmt_aout_elks_errno(finding.status), EXECFMT_ELKS_EINVAL);
    memory.text = text, memory.text_len = 48, memory.text_segment = CS;
    memory.data = data, memory.data_len = 8256, memory.data_segment = DS;
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_AOUT_E_ELKS + 23);

    fresh();
    memset(text, 0x5a, sizeof text);
    memset(data, 0x5a, sizeof data);
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_OK);
    for (i = 0; i < 48; i++)
        CHECK_EQ(text[i], i == 4 || i == 34 ? (i == 4 ? DS & 0xff : (CS + 2) & 0xff)
                          : i == 5 || i == 35 ? (i == 5 ? DS >> 8 : (CS + 2) >> 8)
                          : i < 32            ? 1
                                              : 2);
    for (i = 0; i < 8256; i++)
        if (data[i] != (i == 0 ? CS & 0xff : i == 1 ? CS >> 8 : i < 16 ? 3 : i < 48 ? 0 : 0x5a))
            break;
    CHECK_EQ(i, 8256);
    missing = 1;
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_E_READ);
    CHECK_EQ(execfmt_aout_elks_load(file, 64, NULL, &memory, NULL, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_elks_load(file, 64, NULL, NULL, read_at, NULL), EXECFMT_E_NULL);
    memory.text_len = 47;
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_E_BUFFER);
    memory.text_len = 48, memory.data_len = 8255;
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_E_BUFFER);
    memory.text_segment = 0x10000;
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_E_ARGUMENT);
    memory.text = data, memory.text_len = 8256, memory.text_segment = CS;
    memory.data = data + 8, memory.data_len = 8248;
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_E_ARGUMENT);
    memory.text = text, memory.text_len = 48, memory.data = file, memory.data_len = FILE_SIZE;
    CHECK_EQ(execfmt_aout_elks_load(file, 64, &none, &memory, read_at, NULL), EXECFMT_E_ARGUMENT);
}

static void check_writing(void)
{
    execfmt_aout aout, other;
    execfmt_aout_row row;
    execfmt_aout_contents contents;
    uint8_t built[FILE_SIZE + 1];
    uint32_t cut = 77;
    size_t length = 0;

    /* Heap and stack of 0 count 4096 each: 48 + 8192; with text and far text 8288. */
    fresh();
    CHECK_EQ(execfmt_aout_parse(file, FILE_SIZE, &aout, NULL), EXECFMT_OK);
    CHECK_EQ(execfmt_aout_chmem_row(&aout, &row), EXECFMT_OK);
    CHECK_EQ(row.total_data, 8240);
    CHECK_EQ(row.total, 8288);
    CHECK_EQ(row.heap, 0);
    CHECK_EQ(row.is_version_0, 0);
    other = aout;
    CHECK_EQ(execfmt_aout_chmem(&other, 0x1234, 2000, &cut), EXECFMT_OK);
    CHECK_EQ(other.chmem, 0x1234);
    CHECK_EQ(other.minstack, 2000);
    CHECK_EQ(cut, 0);
    CHECK_EQ(execfmt_aout_encode_header(&other, built, 64, &length), EXECFMT_OK);
    CHECK_EQ(length, 64);
    CHECK_EQ(built[24], 0x34);
    CHECK_EQ(built[26], 2000 & 0xff);
    CHECK_EQ(execfmt_aout_encode_header(&other, built, 63, &length), EXECFMT_E_BUFFER);
    /* 65520 - 48 - 60000 - 128 = 5344 */
    CHECK_EQ(execfmt_aout_chmem(&other, 10000, 60000, &cut), EXECFMT_OK);
    CHECK_EQ(cut, 5344);
    CHECK_EQ(other.chmem, 5344);
    CHECK_EQ(execfmt_aout_chmem(&other, 65536, EXECFMT_AOUT_KEEP, NULL), EXECFMT_AOUT_E_CHMEM_HEAP);
    CHECK_EQ(execfmt_aout_chmem(&other, EXECFMT_AOUT_KEEP, 65521, NULL), EXECFMT_AOUT_E_CHMEM_STACK);
    CHECK_EQ(execfmt_aout_chmem(&other, 1, 65520, NULL), EXECFMT_AOUT_E_CHMEM_NO_HEAP);
    other = aout, other.version = 0, other.chmem = 40;
    CHECK_EQ(execfmt_aout_chmem(&other, EXECFMT_AOUT_KEEP, 100, NULL), EXECFMT_AOUT_E_CHMEM_TOTAL);
    other = aout, other.version = 2;
    CHECK_EQ(execfmt_aout_chmem(&other, 1, 1, NULL), EXECFMT_AOUT_E_CHMEM_HEADER);
    other = aout, other.hlen = 0x100;
    CHECK_EQ(execfmt_aout_chmem_row(&other, &row), EXECFMT_E_ARGUMENT);

    /* The same file again, from its parts. */
    memset(&contents, 0, sizeof contents);
    contents.header = aout;
#define PART(member, at, size) contents.member.bytes = file + (at), contents.member.length = (size)
    PART(text, 64, 32), PART(far_text, 96, 16), PART(data, 112, 16);
    PART(text_relocations, 128, 8), PART(far_text_relocations, 136, 8), PART(data_relocations, 144, 8);
    PART(symbols, 152, 14);
    CHECK_EQ(execfmt_aout_built_len(&contents, &length), EXECFMT_OK);
    CHECK_EQ(length, FILE_SIZE);
    CHECK_EQ(execfmt_aout_build(&contents, built, FILE_SIZE - 1, &length), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_aout_build(&contents, built, FILE_SIZE, &length), EXECFMT_OK);
    CHECK(memcmp(built, good, FILE_SIZE) == 0);
    CHECK_EQ(execfmt_aout_build(&contents, file, FILE_SIZE, &length), EXECFMT_E_ARGUMENT); /* overlaps its parts */
    CHECK_EQ(execfmt_aout_build(&contents, built, FILE_SIZE, NULL), EXECFMT_E_NULL);
    contents.text.bytes = NULL;
    CHECK_EQ(execfmt_aout_built_len(&contents, &length), EXECFMT_E_NULL);
    PART(text, 64, 32);
    contents.header.compr_tseg = 5, contents.text.length = 0;
    CHECK_EQ(execfmt_aout_built_len(&contents, &length), EXECFMT_AOUT_E_EMPTY_COMPRESSED);
#undef PART
}

static void check_hostile(void)
{
    execfmt_aout aout;
    execfmt_aout_row row;
    execfmt_aout_relocation relocation;
    execfmt_aout_symbol symbol;
    execfmt_aout_cursor cursor = { 0, 0 };
    execfmt_elks_layout layout;
    size_t size = 0;
    char askew[sizeof(execfmt_aout) + 8], message[8];
    execfmt_aout *const odd = (execfmt_aout *)(void *)(((size_t)askew & 3) == 3 ? askew + 2 : askew + 1);

    fresh();
    CHECK_EQ(execfmt_aout_parse(NULL, 1, &aout, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_parse(file, FILE_SIZE, NULL, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_parse(file, (size_t)-1, &aout, NULL), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_aout_parse(file, FILE_SIZE, odd, NULL), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_aout_read_header(NULL, 64, &aout, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_check(NULL, 1, NULL, NULL, NULL), EXECFMT_E_NULL);
    heard.count = 0, heard.stop = 0;
    CHECK_EQ(execfmt_aout_check(file, 3, NULL, hear, &heard), EXECFMT_AOUT_E_TRUNCATED);
    CHECK_EQ(execfmt_aout_section(file, FILE_SIZE, 0, NULL, &size), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_section(file, FILE_SIZE, 0, &size, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_relocation_at(file, FILE_SIZE, 0, 0, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_relocation_at(NULL, FILE_SIZE, 0, 0, &relocation), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, NULL, &symbol), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_next_symbol(file, FILE_SIZE, &cursor, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_elks_layout(NULL, 64, NULL, &layout, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_elks_layout(file, 64, NULL, NULL, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_elks_exec(file, FILE_SIZE, NULL, NULL, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_chmem_row(NULL, &row), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_chmem(NULL, 1, 1, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_encode_header(NULL, file, 64, &size), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_built_len(NULL, &size), EXECFMT_E_NULL);
    /* A sentence is cut to its room and closed. */
    memset(message, 0x5a, sizeof message);
    CHECK(execfmt_aout_finding_message(&heard.first, message, sizeof message) > sizeof message);
    CHECK_EQ(strlen(message), sizeof message - 1);
    CHECK_EQ(execfmt_aout_finding_message(NULL, message, sizeof message), 0);
    CHECK_EQ(message[0], 0);
    CHECK(strcmp(execfmt_status_message(EXECFMT_AOUT_E_CHMEM_HEAP), "a.out: heap too large: the maximum is 65535 bytes") == 0);
    CHECK(strstr(execfmt_status_message(EXECFMT_AOUT_E_ELKS + 3), "ELKS refuses") != NULL);
}

#ifndef EXECFMT_FREESTANDING
/* An ELF file by the facts of its format: one section of text, at 0x10000, of two bytes; and the names of sections. */
static size_t make_elf(uint8_t *out)
{
    static const char names[] = "\0.text\0.names";
    static const uint32_t headers[30] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 6, 0x10000, 52, 2,
                                          0, 0, 1, 0, 7, 3, 0, 0, 54, 14, 0, 0, 1, 0 };
    size_t i, j;

    memset(out, 0, 68 + 120);
    memcpy(out, "\177ELF\1\1\1", 7);
    out[16] = 2, out[18] = 3, out[20] = 1;  /* ET_EXEC, EM_386, version */
    out[26] = 1;                            /* e_entry 0x10000 */
    out[32] = 68;                           /* e_shoff */
    out[40] = 52, out[46] = 40, out[48] = 3, out[50] = 2;
    out[52] = 0xeb, out[53] = 0xfe;
    memcpy(out + 54, names, 14);
    for (i = 0; i < 30; i++)
        for (j = 0; j < 4; j++)
            out[68 + 4 * i + j] = (uint8_t)(headers[i] >> (8 * j));
    return 68 + 120;
}

static void check_conversion(void)
{
    execfmt_aout_convert_options options;
    execfmt_aout aout;
    uint8_t elf[300], out[64];
    char message[300];
    size_t length = make_elf(elf), written = 0;

    CHECK_EQ(execfmt_aout_convert(elf, length, NULL, NULL, 0, &written, NULL, 0), EXECFMT_OK);
    CHECK_EQ(written, 34);
    CHECK_EQ(execfmt_aout_convert(elf, length, NULL, out, 33, &written, NULL, 0), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_aout_convert(elf, length, NULL, out, sizeof out, &written, NULL, 0), EXECFMT_OK);
    CHECK_EQ(execfmt_aout_parse(out, written, &aout, NULL), EXECFMT_OK);
    CHECK_EQ(aout.file_type, 0x04300301);
    CHECK_EQ(aout.tseg, 2);
    CHECK_EQ(aout.entry, 0);
    CHECK_EQ(aout.version, 1);
    CHECK_EQ(out[32], 0xeb);
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.heap = 1000, options.stack = 2000;
    CHECK_EQ(execfmt_aout_convert(elf, length, &options, out, sizeof out, &written, NULL, 0), EXECFMT_OK);
    CHECK_EQ(out[24] | out[25] << 8, 1000);
    CHECK_EQ(out[26] | out[27] << 8, 2000);
    options.chmem = 1;
    CHECK_EQ(execfmt_aout_convert(elf, length, &options, out, sizeof out, &written, NULL, 0), EXECFMT_E_ARGUMENT);
    elf[18] = 62; /* another machine */
    message[0] = '\0';
    CHECK_EQ(execfmt_aout_convert(elf, length, NULL, out, sizeof out, &written, message, sizeof message),
             EXECFMT_AOUT_E_CONVERT);
    CHECK(strstr(message, "e_machine") != NULL);
    CHECK_EQ(execfmt_aout_convert(NULL, length, NULL, out, sizeof out, &written, NULL, 0), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_convert(elf, length, NULL, out, sizeof out, NULL, NULL, 0), EXECFMT_E_NULL);
}
#endif

int main(void)
{
    check_parse();
    check_tables();
    check_elks();
    check_writing();
    check_hostile();
#ifndef EXECFMT_FREESTANDING
    check_conversion();
#endif
    return check_summary("aout_c89");
}
