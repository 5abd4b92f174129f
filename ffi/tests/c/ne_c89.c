/*
 * The C library for OS/2 NE: a file that is made here by hand, read, checked, laid out, loaded and changed. C89 and C++98
 * alike. Prints how many checks passed.
 */
#include <execfmt/os2_ne.h>
#include <execfmt/os2_ne.h>

#include <string.h>

#include "check.h"

enum { SIZE = 178, NE = 64, TABLE = 128, NAMES = 144, CODE = 160, RELOCATIONS = 164, DATA = 176 };

static uint8_t file[SIZE];

static void put16(size_t at, unsigned value)
{
    file[at] = (uint8_t)(value & 0xff);
    file[at + 1] = (uint8_t)(value >> 8);
}

/* Four bytes of code, of which two become the segment of the data; two bytes of data, six in memory. */
static void fresh(void)
{
    static const uint8_t names[] = { 3, 'a', 'b', 'c', 0, 0, 1, 'd', 5, 0, 0 };
    static const uint8_t code[] = { 0xb8, 0xff, 0xff, 0xc3 };

    memset(file, 0, sizeof file);
    file[0] = 'M', file[1] = 'Z', file[0x3c] = NE;
    file[NE] = 'N', file[NE + 1] = 'E';
    file[NE + 0x0c] = 2;                 /* program flags: data of its own */
    put16(NE + 0x0e, 2);                 /* auto data segment */
    put16(NE + 0x10, 0x100);             /* heap */
    put16(NE + 0x12, 0x200);             /* stack */
    put16(NE + 0x16, 1);                 /* cs */
    put16(NE + 0x1a, 2);                 /* ss */
    put16(NE + 0x1c, 2);                 /* segments */
    put16(NE + 0x22, TABLE - NE);
    put16(NE + 0x26, NAMES - NE);
    put16(NE + 0x32, 4);                 /* shift: units of 16 bytes */
    file[NE + 0x36] = 1;                 /* OS/2 */
    put16(TABLE, CODE / 16), put16(TABLE + 2, 4), put16(TABLE + 4, 0x0d00), put16(TABLE + 6, 4);
    put16(TABLE + 8, DATA / 16), put16(TABLE + 10, 2), put16(TABLE + 12, 0x0c01), put16(TABLE + 14, 6);
    memcpy(file + NAMES, names, sizeof names);
    memcpy(file + CODE, code, sizeof code);
    put16(RELOCATIONS, 1);
    file[RELOCATIONS + 2] = EXECFMT_NE_SOURCE_SEGMENT;
    put16(RELOCATIONS + 4, 1);           /* the word at 1 */
    file[RELOCATIONS + 6] = 2;           /* becomes segment 2 */
    file[DATA] = 0x11, file[DATA + 1] = 0x22;
}

typedef struct tally {
    int count, stop;
    execfmt_finding first;
} tally;

#ifdef __cplusplus
extern "C" {
#endif
static int32_t hear(void *context, const execfmt_finding *finding)
{
    tally *const heard = (tally *)context;
    char sentence[300];

    CHECK(execfmt_ne_finding_message(finding, sentence, sizeof sentence) > 20);
    if (heard->count++ == 0)
        heard->first = *finding;
    return heard->stop;
}
#ifdef __cplusplus
}
#endif

static void check_reading(void)
{
    execfmt_ne ne;
    execfmt_ne_segment segment;
    execfmt_ne_relocation relocation;
    execfmt_ne_cursor cursor = { EXECFMT_NE_RESIDENT_NAMES, 0, 0 };
    execfmt_ne_name name;
    execfmt_finding finding;
    size_t length;

    fresh();
    CHECK_EQ(execfmt_ne_parse(file, SIZE, &ne, NULL), EXECFMT_OK);
    CHECK_EQ(ne.position, NE);
    CHECK_EQ(ne.system, EXECFMT_NE_SYSTEM_ELKS);
    CHECK(strcmp(execfmt_ne_system_name(ne.system), "ELKS") == 0);
    CHECK_EQ(ne.segment_count, 2);
    CHECK_EQ(ne.auto_data_segment, 2);
    CHECK_EQ(ne.entry_segment, 1);
    CHECK_EQ(ne.heap, 0x100);
    CHECK_EQ(ne.stack, 0x200);
    CHECK_EQ(ne.segment_table, TABLE);

    CHECK_EQ(execfmt_ne_segment_at(file, SIZE, 0, &segment), EXECFMT_END);
    CHECK_EQ(execfmt_ne_segment_at(file, SIZE, 3, &segment), EXECFMT_END);
    CHECK_EQ(execfmt_ne_segment_at(file, SIZE, 0x10001, &segment), EXECFMT_END);
    CHECK_EQ(execfmt_ne_segment_at(file, SIZE, 1, &segment), EXECFMT_OK);
    CHECK_EQ(segment.kind, EXECFMT_NE_CODE);
    CHECK_EQ(segment.file_offset, CODE);
    CHECK_EQ(segment.size, 4);
    CHECK_EQ(segment.available, 4);
    CHECK_EQ(segment.relocation_count, 1);
    CHECK_EQ(execfmt_ne_segment_at(file, SIZE, 2, &segment), EXECFMT_OK);
    CHECK(strcmp(execfmt_ne_kind_name(segment.kind), "auto") == 0);
    CHECK_EQ(segment.entry_offset, TABLE + 8);
    CHECK_EQ(segment.min_alloc, 6);
    CHECK_EQ(segment.relocation_count, 0);

    CHECK_EQ(execfmt_ne_relocation_at(file, SIZE, 1, 0, &relocation), EXECFMT_OK);
    CHECK_EQ(relocation.file_offset, RELOCATIONS + 2);
    CHECK_EQ(relocation.source, EXECFMT_NE_SOURCE_SEGMENT);
    CHECK_EQ(relocation.source_offset, 1);
    CHECK_EQ(relocation.is_known, 1);
    CHECK_EQ(relocation.target_segment, 2);
    CHECK(strcmp(relocation.target, "segment 2 (auto)") == 0);
    CHECK_EQ(execfmt_ne_relocation_at(file, SIZE, 1, 1, &relocation), EXECFMT_END);
    CHECK_EQ(execfmt_ne_relocation_at(file, SIZE, 2, 0, &relocation), EXECFMT_END);
    CHECK_EQ(execfmt_ne_relocation_at(file, SIZE, 3, 0, &relocation), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_ne_relocation_at(file, RELOCATIONS + 9, 1, 0, &relocation), EXECFMT_NE_E_RELOCATIONS_PAST_EOF);
    CHECK_EQ(execfmt_ne_relocation_at(file, RELOCATIONS + 1, 1, 0, &relocation), EXECFMT_NE_E_RELOCATIONS_PAST_EOF);
    file[RELOCATIONS + 2] = EXECFMT_NE_SOURCE_FAR_POINTER, file[RELOCATIONS + 6] = 7, put16(RELOCATIONS + 8, 0x12);
    CHECK_EQ(execfmt_ne_relocation_at(file, SIZE, 1, 0, &relocation), EXECFMT_OK);
    CHECK(strcmp(relocation.target, "segment 7 (none):0012") == 0);

    CHECK_EQ(execfmt_ne_next_name(file, SIZE, &cursor, &name), EXECFMT_OK);
    CHECK(strcmp(name.name, "abc") == 0 && name.name_length == 3 && name.ordinal == 0);
    CHECK_EQ(execfmt_ne_next_name(file, SIZE, &cursor, &name), EXECFMT_OK);
    CHECK(strcmp(name.name, "d") == 0 && name.name_length == 1 && name.ordinal == 5);
    CHECK_EQ(cursor.index, 2);
    CHECK_EQ(execfmt_ne_next_name(file, SIZE, &cursor, &name), EXECFMT_END);
    cursor.offset = 0xffffffffu;
    CHECK_EQ(execfmt_ne_next_name(file, SIZE, &cursor, &name), EXECFMT_END);
    cursor.table = EXECFMT_NE_NON_RESIDENT_NAMES, cursor.offset = 0;
    CHECK_EQ(execfmt_ne_next_name(file, SIZE, &cursor, &name), EXECFMT_END);
    cursor.table = 2;
    CHECK_EQ(execfmt_ne_next_name(file, SIZE, &cursor, &name), EXECFMT_E_ARGUMENT);

    for (length = 0; length < TABLE + 16; length++) {
        memset(&finding, 0x5a, sizeof finding);
        CHECK(execfmt_ne_parse(file, length, &ne, &finding) >= EXECFMT_NE_E_NOT_MZ);
        CHECK_EQ(finding.severity, EXECFMT_ERROR);
    }
    CHECK_EQ(execfmt_ne_parse(NULL, 0, &ne, &finding), EXECFMT_NE_E_TRUNCATED);
    CHECK_EQ(finding.field, EXECFMT_FIELD_FILE_LENGTH);
    CHECK_EQ(execfmt_ne_parse(NULL, 1, &ne, &finding), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_ne_parse(file, SIZE, NULL, &finding), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_ne_parse(file, (size_t)-1, &ne, &finding), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_ne_segment_at(file, SIZE, 1, NULL), EXECFMT_E_NULL);
}

static void check_checks(void)
{
    execfmt_ne_options options;
    tally heard;

    fresh();
    memset(&heard, 0, sizeof heard);
    memset(&options, 0, sizeof options);
    CHECK_EQ(execfmt_ne_check(file, SIZE, NULL, hear, &heard), EXECFMT_OK);
    /* After fork the word in the code still names the parent's data. */
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(heard.first.status, EXECFMT_NE_W_DATA_SEGMENT_WORDS);
    CHECK_EQ(heard.first.severity, EXECFMT_WARNING);
    CHECK_EQ(execfmt_ne_check(file, SIZE, &options, hear, &heard), EXECFMT_OK);
    options.argument_bytes = 12; /* the size was forgotten */
    CHECK_EQ(execfmt_ne_check(file, SIZE, &options, hear, &heard), EXECFMT_E_ARGUMENT);
    options.size = sizeof options;
    CHECK_EQ(execfmt_ne_check(file, SIZE, &options, hear, &heard), EXECFMT_OK);
    options.argument_bytes = 0x10000;
    CHECK_EQ(execfmt_ne_check(file, SIZE, &options, hear, &heard), EXECFMT_E_ARGUMENT);
    memset(&heard, 0, sizeof heard);
    options.argument_bytes = 0, options.without = EXECFMT_NE_WITHOUT_OS2;
    CHECK_EQ(execfmt_ne_check(file, SIZE, &options, hear, &heard), EXECFMT_ELKS_NE_E_NOT_CONFIGURED);
    CHECK_EQ(execfmt_ne_elks_errno(EXECFMT_ELKS_NE_E_NOT_CONFIGURED), EXECFMT_ELKS_ENOEXEC);
    CHECK_EQ(execfmt_ne_elks_errno(EXECFMT_NE_E_NOT_MZ), 0);
    CHECK_EQ(heard.count, 2);
    CHECK_EQ(heard.first.status, EXECFMT_ELKS_NE_E_NOT_CONFIGURED);

    /* The word at 3 ends beyond the code: what ELKS does not see. */
    fresh();
    put16(RELOCATIONS + 4, 15);
    memset(&heard, 0, sizeof heard);
    CHECK_EQ(execfmt_ne_check(file, SIZE, NULL, hear, &heard), EXECFMT_NE_E_RELOCATION_OUTSIDE);
    CHECK_EQ(heard.first.field, EXECFMT_NE_FIELD_RELOCATION_SOURCE_OFFSET);
    CHECK_EQ(heard.first.index, 1);
    CHECK_EQ(heard.first.offset, RELOCATIONS + 4);
    CHECK_EQ(execfmt_ne_check(file, SIZE, NULL, NULL, NULL), EXECFMT_NE_E_RELOCATION_OUTSIDE);
    /* A stop does not change the verdict: the warning comes first. */
    file[NE + 0x0d] = 0x80; /* a library */
    memset(&heard, 0, sizeof heard);
    heard.stop = 1;
    CHECK_EQ(execfmt_ne_check(file, SIZE, NULL, hear, &heard), EXECFMT_NE_E_RELOCATION_OUTSIDE);
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(heard.first.status, EXECFMT_NE_W_LIBRARY);
    CHECK_EQ(heard.first.field, EXECFMT_NE_FIELD_APPLICATION_FLAGS);

    heard.first.relation = 99;
    CHECK_EQ(execfmt_ne_finding_message(&heard.first, NULL, 0), 0);
    CHECK_EQ(execfmt_ne_finding_message(NULL, NULL, 0), 0);
    CHECK(strncmp(execfmt_status_message(EXECFMT_NE_W_LIBRARY), "NE: ", 4) == 0);
    CHECK_EQ(execfmt_ne_check(NULL, 0, NULL, NULL, NULL), EXECFMT_ELKS_NE_E_EMPTY);
    CHECK_EQ(execfmt_ne_check(NULL, 1, NULL, NULL, NULL), EXECFMT_E_NULL);
}

static void check_loading(void)
{
    static uint8_t code[16], data[800];
    execfmt_elks_ne_layout layout;
    execfmt_ne_memory memory[2];
    execfmt_finding finding;
    size_t i;

    /* 6 bytes of data take a paragraph; 0x200 of stack, 0x100 of heap and 10 of arguments take 49. */
    fresh();
    CHECK_EQ(execfmt_ne_elks_layout(file, SIZE, NULL, &layout, NULL), EXECFMT_OK);
    CHECK_EQ(layout.segment_count, 2);
    CHECK_EQ(layout.segments[0].kind, EXECFMT_NE_CODE);
    CHECK_EQ(layout.segments[0].paras, 1);
    CHECK_EQ(layout.segments[1].paras, 50);
    CHECK_EQ(layout.segments[1].min_alloc, 6);
    CHECK_EQ(layout.segments[2].paras, 0);
    CHECK_EQ(layout.total_paras, 51);
    CHECK_EQ(layout.data_len, 800);
    CHECK_EQ(layout.minstack, 0x200);
    CHECK_EQ(layout.t_enddata, 6);
    CHECK_EQ(layout.t_endseg, 800);
    CHECK_EQ(layout.begstack, 790);
    CHECK_EQ(layout.endbrk, 6);
    CHECK_EQ(layout.heap, 272);
    CHECK_EQ(layout.entry_segment, 1);

    memory[0].bytes = code, memory[0].length = sizeof code, memory[0].base = 0x1000;
    memory[1].bytes = data, memory[1].length = sizeof data, memory[1].base = 0x2345;
    memset(code, 0x5a, sizeof code);
    memset(data, 0x5a, sizeof data);
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 1, NULL), EXECFMT_E_BUFFER);
    memory[1].length--;
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, NULL), EXECFMT_E_BUFFER);
    memory[1].length++, memory[1].base = 0x10000;
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, NULL), EXECFMT_E_ARGUMENT);
    memory[1].base = 0x2345, memory[0].bytes = data + 1;
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, NULL), EXECFMT_E_ARGUMENT);
    memory[0].bytes = file + 40;
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, NULL), EXECFMT_E_ARGUMENT);
    memory[0].bytes = NULL;
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, NULL, 2, NULL), EXECFMT_E_NULL);
    memory[0].bytes = code;
    put16(RELOCATIONS + 4, 15);
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, &finding), EXECFMT_NE_E_RELOCATION_OUTSIDE);
    CHECK_EQ(finding.offset, RELOCATIONS + 4);
    for (i = 0; i < sizeof code; i++)
        CHECK_EQ(code[i], 0x5a);
    fresh();
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, NULL), EXECFMT_OK);
    CHECK(code[0] == 0xb8 && code[1] == 0x45 && code[2] == 0x23 && code[3] == 0xc3 && code[4] == 0x5a);
    CHECK(data[0] == 0x11 && data[1] == 0x22 && data[2] == 0 && data[5] == 0 && data[6] == 0x5a);

    put16(NE + 0x30, 1); /* movable entries */
    CHECK_EQ(execfmt_ne_elks_layout(file, SIZE, NULL, &layout, &finding), EXECFMT_ELKS_NE_E_MOVABLE);
    CHECK_EQ(finding.field, EXECFMT_NE_FIELD_NUM_MOVABLE);
    CHECK_EQ(execfmt_ne_elks_errno(finding.status), EXECFMT_ELKS_EINVAL);
    CHECK_EQ(execfmt_ne_elks_load(file, SIZE, NULL, memory, 2, NULL), EXECFMT_ELKS_NE_E_MOVABLE);
}

static void check_chmem(void)
{
    uint8_t copy[SIZE];
    execfmt_ne before, after;

    fresh();
    memcpy(copy, file, SIZE);
    CHECK_EQ(execfmt_ne_chmem(file, SIZE, EXECFMT_NE_KEEP, EXECFMT_NE_KEEP, &before, &after, NULL), EXECFMT_OK);
    CHECK(memcmp(copy, file, SIZE) == 0 && memcmp(&before, &after, sizeof before) == 0);
    CHECK_EQ(execfmt_ne_chmem(file, SIZE, 0x10000, EXECFMT_NE_KEEP, NULL, NULL, NULL), EXECFMT_E_RANGE);
    CHECK_EQ(execfmt_ne_chmem(file, SIZE, EXECFMT_NE_HEAP_ALL, 0x1234, &before, &after, NULL), EXECFMT_OK);
    CHECK(before.heap == 0x100 && before.stack == 0x200 && after.heap == EXECFMT_NE_HEAP_ALL && after.stack == 0x1234);
    CHECK(file[NE + 0x10] == 0xff && file[NE + 0x11] == 0xff && file[NE + 0x12] == 0x34 && file[NE + 0x13] == 0x12);
    memcpy(copy + NE + 0x10, file + NE + 0x10, 4);
    CHECK(memcmp(copy, file, SIZE) == 0);
    file[0] = 0;
    CHECK_EQ(execfmt_ne_chmem(file, SIZE, 0, 0, NULL, NULL, NULL), EXECFMT_NE_E_NOT_MZ);
}

int main(void)
{
    check_reading();
    check_checks();
    check_loading();
    check_chmem();
    return check_summary("ne_c89");
}
