/*
 * The C library for MIPS COFF: a file that is made here by hand, read and checked. C89 and C++98 alike. Prints how many
 * checks passed.
 */
#include <execfmt/mips_coff.h>

#include <string.h>

#include "check.h"

/* File header of 20 bytes, optional header of 56, two section headers of 40; 16 bytes of text. */
enum { OPTIONAL = 20, SECTIONS = 76, TEXT = 156, SIZE = 172 };

static uint8_t file[SIZE];

static void put(size_t at, unsigned long value, int bytes)
{
    int i;

    for (i = 0; i < bytes; i++)
        file[at + (size_t)i] = (uint8_t)(value >> 8 * i & 0xff);
}

static void fresh(void)
{
    memset(file, 0, sizeof file);
    put(0, 0x162, 2), put(2, 2, 2), put(16, 56, 2), put(18, 7, 2);
    put(OPTIONAL, 0x107, 2), put(OPTIONAL + 4, 16, 4), put(OPTIONAL + 12, 32, 4);
    memcpy(file + SECTIONS, ".text\0\0\0", 8);
    put(SECTIONS + 16, 16, 4), put(SECTIONS + 20, TEXT, 4), put(SECTIONS + 36, 0x20, 4);
    memcpy(file + SECTIONS + 40, "longname", 8);
    put(SECTIONS + 48, 16, 4), put(SECTIONS + 52, 16, 4), put(SECTIONS + 56, 32, 4), put(SECTIONS + 76, 0x80, 4);
}

typedef struct tally {
    int count;
    execfmt_finding first;
} tally;

#ifdef __cplusplus
extern "C" {
#endif
static int32_t hear(void *context, const execfmt_finding *finding)
{
    tally *const heard = (tally *)context;

    CHECK(execfmt_coff_finding_message(finding, NULL, 0) > 20);
    if (heard->count++ == 0)
        heard->first = *finding;
    return 0;
}
#ifdef __cplusplus
}
#endif

int main(void)
{
    execfmt_coff coff;
    execfmt_coff_section section;
    execfmt_coff_options options;
    execfmt_finding finding;
    tally heard;
    size_t length;

    fresh();
    memset(&heard, 0, sizeof heard);
    CHECK_EQ(execfmt_coff_parse(file, SIZE, &coff, NULL), EXECFMT_OK);
    CHECK_EQ(coff.byte_order, EXECFMT_LITTLE_ENDIAN);
    CHECK_EQ(coff.section_count, 2);
    CHECK_EQ(coff.has_optional, 1);
    CHECK_EQ(coff.magic, 0x107);
    CHECK_EQ(coff.tsize, 16);
    CHECK_EQ(coff.bsize, 32);
    CHECK_EQ(execfmt_coff_section_at(file, SIZE, 0, &section, NULL), EXECFMT_OK);
    CHECK(strcmp(section.name, ".text") == 0 && strcmp(execfmt_coff_kind_name(section.kind), ".text") == 0);
    CHECK_EQ(section.file_offset, TEXT);
    CHECK_EQ(section.file_length, 16);
    CHECK_EQ(execfmt_coff_section_at(file, SIZE, 1, &section, NULL), EXECFMT_OK);
    CHECK(strcmp(section.name, "longname") == 0);
    CHECK_EQ(section.kind, EXECFMT_COFF_BSS);
    CHECK_EQ(section.vaddr, 16);
    CHECK_EQ(section.size, 32);
    CHECK_EQ(section.file_length, 0);
    CHECK_EQ(execfmt_coff_section_at(file, SIZE, 2, &section, NULL), EXECFMT_END);
    CHECK_EQ(execfmt_coff_section_at(file, SIZE, 0x10000, &section, NULL), EXECFMT_END);
    CHECK_EQ(execfmt_coff_check(file, SIZE, NULL, hear, &heard), EXECFMT_OK);

    /* The text goes past the end by a byte. */
    memset(&heard, 0, sizeof heard);
    CHECK_EQ(execfmt_coff_section_at(file, SIZE - 1, 0, &section, &finding), EXECFMT_COFF_E_SECTION_PAST_EOF);
    CHECK_EQ(finding.field, EXECFMT_COFF_FIELD_S_SIZE);
    CHECK_EQ(finding.offset, SECTIONS + 16);
    CHECK_EQ(finding.index, 0);
    CHECK_EQ(execfmt_coff_check(file, SIZE - 1, NULL, hear, &heard), EXECFMT_COFF_E_SECTION_PAST_EOF);
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(execfmt_coff_check(file, SIZE - 1, NULL, NULL, NULL), EXECFMT_COFF_E_SECTION_PAST_EOF);

    memset(&options, 0, sizeof options);
    options.loader = EXECFMT_COFF_FOR_NACHOS5J;
    CHECK_EQ(execfmt_coff_check(file, SIZE, &options, NULL, NULL), EXECFMT_E_ARGUMENT);
    options.size = sizeof options, options.frames = 1;
    CHECK(execfmt_coff_check(file, SIZE, &options, NULL, NULL) >= EXECFMT_COFF_E_TRUNCATED);
    options.loader = 4;
    CHECK_EQ(execfmt_coff_check(file, SIZE, &options, NULL, NULL), EXECFMT_E_ARGUMENT);

    /* The first word of the text becomes mul $2,$4,$5, of MIPS32: 0x70851002. */
    file[TEXT] = 0x02, file[TEXT + 1] = 0x10, file[TEXT + 2] = 0x85, file[TEXT + 3] = 0x70;
    options.loader = EXECFMT_COFF_FOR_ANY;
    memset(&heard, 0, sizeof heard);
    CHECK_EQ(execfmt_coff_check(file, SIZE, &options, hear, &heard), EXECFMT_OK);
    CHECK_EQ(heard.count, 0);
    options.scan_code = 1;
    CHECK_EQ(execfmt_coff_check(file, SIZE, &options, hear, &heard), EXECFMT_OK);
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(heard.first.status, EXECFMT_MIPS_W_ABOVE_MIPS1);
    CHECK_EQ(heard.first.field, EXECFMT_MIPS_FIELD_CODE);
    CHECK_EQ(heard.first.offset, TEXT);
    CHECK(execfmt_coff_finding_message(&heard.first, NULL, 0) > 0);
    options.scan_code = 2;
    CHECK_EQ(execfmt_coff_check(file, SIZE, &options, NULL, NULL), EXECFMT_E_ARGUMENT);

    for (length = 0; length < TEXT; length++)
        CHECK(execfmt_coff_parse(file, length, &coff, &finding) == EXECFMT_COFF_E_TRUNCATED);
    CHECK_EQ(execfmt_coff_parse(NULL, 0, &coff, NULL), EXECFMT_COFF_E_TRUNCATED);
    CHECK_EQ(execfmt_coff_parse(NULL, 1, &coff, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coff_parse(file, SIZE, NULL, NULL), EXECFMT_E_NULL);
    file[0] = 0x7f;
    CHECK_EQ(execfmt_coff_parse(file, SIZE, &coff, &finding), EXECFMT_COFF_E_MAGIC);
    CHECK_EQ(finding.field, EXECFMT_COFF_FIELD_F_MAGIC);
    CHECK(strncmp(execfmt_status_message(EXECFMT_COFF_E_MAGIC), "COFF: ", 6) == 0);
    return check_summary("coff_c89");
}
