/* What is refused, what is a warning, and the exact findings. */
#ifndef PARSE_CASES_H
#define PARSE_CASES_H

/* Word numbers of a header. */
enum { MAGIC, CODE_ADDR, CODE_FILE, CODE_SIZE, INIT_ADDR, INIT_FILE, INIT_SIZE,
       BSS_ADDR, BSS_FILE, BSS_SIZE, /* of three segments */
       RO_ADDR = 7, RO_FILE, RO_SIZE, BSS_ADDR_4, BSS_FILE_4, BSS_SIZE_4 /* of four */ };

/* A field and the segment that it is of. */
#define ADDR_OF(segment) (EXECFMT_NOFF_FIELD_VIRTUAL_ADDR | (segment) << 16)
#define FILE_OF(segment) (EXECFMT_NOFF_FIELD_IN_FILE_ADDR | (segment) << 16)
#define SIZE_OF(segment) (EXECFMT_NOFF_FIELD_SIZE | (segment) << 16)
#define CODE EXECFMT_NOFF_CODE
#define INIT EXECFMT_NOFF_INIT_DATA
#define RO EXECFMT_NOFF_READONLY_DATA
#define BSS EXECFMT_NOFF_UNINIT_DATA

typedef struct change {
    int word;
    uint32_t value;
} change;

/* One of the samples, changed; and the first finding about it. Offsets count bytes: word N is at 4 * N. */
typedef struct finding_case {
    const char *name;
    int base;
    uint32_t layout; /* option */
    uint32_t file_len;
    change changes[5]; /* those of word 0 are none */
    uint32_t findings; /* how many; a refused file has one that counts */
    execfmt_status status;
    uint32_t field;
    uint32_t offset;
    uint32_t found;
    uint32_t relation;
    uint32_t expected;
    uint32_t detail;
} finding_case;

#define EXACTLY EXECFMT_EXACTLY
#define EITHER EXECFMT_EITHER
#define AT_LEAST EXECFMT_AT_LEAST
#define AT_MOST EXECFMT_AT_MOST
#define MULTIPLE_OF EXECFMT_MULTIPLE_OF
#define NONE { 0, 0 }

static const finding_case finding_cases[] = {
    { "neither layout", SAMPLE_THREE, 0, 220, { { CODE_FILE, 44 }, { INIT_FILE, 188 }, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_LAYOUT, FILE_OF(CODE), 8, 44, EITHER, 40, 0 },
    { "beyond 32 bits", SAMPLE_THREE, 0, 216, { { BSS_ADDR, 0xfffffff0u }, { BSS_SIZE, 16 }, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_ADDRESS, SIZE_OF(BSS), 36, 16, AT_MOST, 15, 0 },
    { "sum that wraps", SAMPLE_THREE, 0, 216, { { BSS_SIZE, 0xffffffffu }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_ADDRESS, SIZE_OF(BSS), 36, 0xffffffffu, AT_MOST, 0xffffff4fu, 0 },
    { "cut short", SAMPLE_THREE, 0, 215, { NONE, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_PAST_EOF, SIZE_OF(INIT), 24, 32, AT_MOST, 31, 0 },
    { "begins past the end", SAMPLE_THREE, 0, 216, { { INIT_FILE, 217 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_PAST_EOF, FILE_OF(INIT), 20, 217, AT_MOST, 216, 0 },
    { "negative place", SAMPLE_FOUR, 0, 276, { { RO_FILE, 0x80000000u }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_PAST_EOF, FILE_OF(RO), 32, 0x80000000u, AT_MOST, 276, 0 },
    { "place and size that wrap", SAMPLE_THREE, 0, 216, { { INIT_SIZE, 0xffffff48u }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_PAST_EOF, SIZE_OF(INIT), 24, 0xffffff48u, AT_MOST, 32, 0 },
    { "within the header", SAMPLE_THREE, 3, 216, { { INIT_FILE, 39 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_HEADER_OVERLAP, FILE_OF(INIT), 20, 39, AT_LEAST, 40, 0 },
    { "within the larger header", SAMPLE_FOUR, 4, 276, { { RO_FILE, 51 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_HEADER_OVERLAP, FILE_OF(RO), 32, 51, AT_LEAST, 52, 0 },
    { "data over code", SAMPLE_THREE, 0, 216, { { INIT_ADDR, 140 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_OVERLAP, ADDR_OF(INIT), 16, 140, AT_LEAST, 144, CODE },
    { "constants over code", SAMPLE_FOUR, 0, 276, { { RO_ADDR, 120 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_OVERLAP, ADDR_OF(RO), 28, 120, AT_LEAST, 128, CODE },
    { "16 bytes are not padding", SAMPLE_THREE, 0, 216, { { BSS_ADDR, 160 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_OVERLAP, ADDR_OF(BSS), 28, 160, AT_LEAST, 176, INIT },
    { "code over bss", SAMPLE_THREE, 0, 216, { { CODE_ADDR, 192 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_E_OVERLAP, ADDR_OF(CODE), 4, 192, AT_LEAST, 256, BSS },

    { "12 bytes of padding", SAMPLE_THREE, 0, 216, { { BSS_ADDR, 164 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_PADDING_OVERLAP, ADDR_OF(BSS), 28, 164, AT_LEAST, 176, 0 },
    { "file bytes used twice", SAMPLE_THREE, 0, 200, { { INIT_FILE, 168 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_FILE_OVERLAP, FILE_OF(INIT), 20, 168, AT_LEAST, 184, CODE },
    { "size not a multiple of 16", SAMPLE_THREE, 0, 216, { { BSS_SIZE, 81 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_MISALIGNED_SIZE, SIZE_OF(BSS), 36, 81, MULTIPLE_OF, 16, 0 },
    { "odd address, and a gap", SAMPLE_THREE, 0, 216, { { BSS_ADDR, 178 }, NONE, NONE, NONE, NONE }, 2,
      EXECFMT_NOFF_W_MISALIGNED_ADDRESS, ADDR_OF(BSS), 28, 178, MULTIPLE_OF, 4, 0 },
    { "code not at the start, and a gap", SAMPLE_THREE, 0, 216,
      { { CODE_ADDR, 16 }, { INIT_ADDR, 160 }, { BSS_ADDR, 192 }, NONE, NONE }, 2,
      EXECFMT_NOFF_W_CODE_NOT_AT_START, ADDR_OF(CODE), 4, 16, EITHER, 0, 0 },
    { "no code", SAMPLE_THREE, 0, 72,
      { { CODE_SIZE, 0 }, { INIT_ADDR, 0 }, { INIT_FILE, 40 }, { BSS_ADDR, 32 }, NONE }, 1,
      EXECFMT_NOFF_W_NO_CODE, SIZE_OF(CODE), 12, 0, AT_LEAST, 4, 0 },
    { "right after the header", SAMPLE_THREE, 3, 220, { { CODE_FILE, 44 }, { INIT_FILE, 188 }, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_LAYOUT, FILE_OF(CODE), 8, 44, EXACTLY, 40, 0 },
    { "a byte too many", SAMPLE_THREE, 0, 217, { NONE, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_TRAILING_BYTES, EXECFMT_FIELD_FILE_LENGTH, 216, 217, EXACTLY, 216, 0 },
    { "gap before bss", SAMPLE_THREE, 0, 216, { { BSS_ADDR, 192 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_MEMORY_GAP, ADDR_OF(BSS), 28, 256, AT_LEAST, 272, 0 },
    { "gap before bss, of four", SAMPLE_FOUR, 0, 276, { { BSS_ADDR_4, 240 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_MEMORY_GAP, ADDR_OF(BSS), 40, 256, AT_LEAST, 272, 0 },
    { "higher than any", SAMPLE_THREE, 0, 216, { { BSS_SIZE, 49568 }, NONE, NONE, NONE, NONE }, 1,
      EXECFMT_NOFF_W_LARGE, SIZE_OF(BSS), 36, 49744, AT_MOST, 0xc248, 0 }
};

static void check_finding(const execfmt_finding *finding, const finding_case *row)
{
    const int refused = row->status < EXECFMT_NOFF_W_PADDING_OVERLAP;

    CHECK_EQ(finding->status, row->status);
    CHECK_EQ(finding->severity, refused ? EXECFMT_ERROR : EXECFMT_WARNING);
    CHECK_EQ(finding->field | finding->index << 16, row->field);
    CHECK_EQ(finding->offset, row->offset);
    CHECK_EQ(finding->found, row->found);
    CHECK_EQ(finding->relation, row->relation);
    CHECK_EQ(finding->expected, row->expected);
    CHECK_EQ(finding->expected_other, row->relation == EITHER ? (row->expected == 0 ? 128 : 52) : 0);
    CHECK_EQ(finding->detail, row->detail);
}

static void check_finding_case(const finding_case *row, uint32_t byte_order)
{
    const sample *const base = &samples[row->base];
    const int refused = row->status < EXECFMT_NOFF_W_PADDING_OVERLAP;
    execfmt_noff_options options = { sizeof options, 0, EXECFMT_NOFF_REFUSE_ERRORS };
    uint8_t file[MAX_FILE];
    uint32_t words[WORDS];
    execfmt_finding finding;
    execfmt_noff noff;
    execfmt_status status;
    size_t i;

    check_row = row->name;
    memcpy(words, base->words, sizeof words);
    for (i = 0; i < COUNT(row->changes); i++)
        if (row->changes[i].word != MAGIC)
            words[row->changes[i].word] = row->changes[i].value;
    make_file(words, base->layout, byte_order, file, row->file_len);
    options.layout = row->layout;

    SPOIL(noff);
    SPOIL(finding);
    status = execfmt_noff_parse(file, row->file_len, &options, &noff, &finding);
    if (refused) {
        CHECK_EQ(status, row->status);
        CHECK(SPOILT(noff));
        check_finding(&finding, row);
    } else {
        CHECK_EQ(status, EXECFMT_OK);
        CHECK(SPOILT(finding));
        CHECK_EQ(noff.layout, base->layout);
        CHECK_EQ(noff.byte_order, byte_order);
        for (i = 0; i < row->findings; i++)
            CHECK_EQ(finding_at(file, row->file_len, row->layout, (uint32_t)i, &finding), EXECFMT_OK);
        CHECK_EQ(finding_at(file, row->file_len, row->layout, row->findings, &finding), EXECFMT_END);
        CHECK_EQ(finding_at(file, row->file_len, row->layout, 0xffffffffu, &finding), EXECFMT_END);
        CHECK_EQ(finding_at(file, row->file_len, row->layout, 0, &finding), EXECFMT_OK);
        check_finding(&finding, row);
    }

    /* Refused or not, the first finding of the whole list is the same, and the list has an end. */
    SPOIL(finding);
    CHECK_EQ(finding_at(file, row->file_len, row->layout, 0, &finding), EXECFMT_OK);
    check_finding(&finding, row);
    for (i = 1; i < 99; i++)
        if (finding_at(file, row->file_len, row->layout, (uint32_t)i, &finding) != EXECFMT_OK)
            break;
    CHECK(i < 99);
    CHECK_EQ(finding_at(file, row->file_len, row->layout, (uint32_t)i, &finding), EXECFMT_END);
    if (!refused)
        CHECK_EQ(i, row->findings);

    /* A strict parser refuses for the first finding, whatever it is. So does one that is given the header only. */
    options.strictness = EXECFMT_NOFF_REFUSE_WARNINGS;
    SPOIL(finding);
    CHECK_EQ(execfmt_noff_parse(file, row->file_len, &options, &noff, NULL), row->status);
    CHECK_EQ(execfmt_noff_parse_header(file, 52, row->file_len, &options, &noff, &finding), row->status);
    check_finding(&finding, row);
    check_row = "";
}

/* The findings in files that are not NOFF. */
static void check_lookalikes(void)
{
    static const struct {
        uint8_t bytes[4];
        uint32_t found, looks_like;
    } rows[] = {
        { { 0x7f, 'E', 'L', 'F' }, 0x464c457fu, EXECFMT_LOOKS_ELF },
        { { 0x62, 0x01, 0x03, 0x00 }, 0x00030162u, EXECFMT_LOOKS_COFF },
        { { 0x01, 0x60, 0x00, 0x03 }, 0x03006001u, EXECFMT_LOOKS_COFF_BIG },
        { { '#', '!', '/', 'b' }, 0x622f2123u, EXECFMT_LOOKS_SCRIPT }
    };
    uint8_t file[MAX_FILE];
    execfmt_finding finding;
    execfmt_noff noff;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        make_file(three->words, 3, EXECFMT_LITTLE_ENDIAN, file, three->file_len);
        memcpy(file, rows[i].bytes, 4);
        SPOIL(finding);
        CHECK_EQ(execfmt_noff_parse(file, three->file_len, NULL, &noff, &finding), EXECFMT_NOFF_E_BAD_MAGIC);
        CHECK_EQ(finding.status, EXECFMT_NOFF_E_BAD_MAGIC);
        CHECK_EQ(finding.severity, EXECFMT_ERROR);
        CHECK_EQ(finding.field, EXECFMT_NOFF_FIELD_MAGIC);
        CHECK_EQ(finding.offset, 0);
        CHECK_EQ(finding.found, rows[i].found);
        CHECK_EQ(finding.relation, EXECFMT_EXACTLY);
        CHECK_EQ(finding.expected, 0xbadfad);
        CHECK_EQ(execfmt_looks_like(finding.detail), rows[i].looks_like);
        SPOIL(finding);
        CHECK_EQ(finding_at(file, three->file_len, 0, 0, &finding), EXECFMT_OK);
        CHECK_EQ(execfmt_looks_like(finding.detail), rows[i].looks_like);
        CHECK_EQ(finding_at(file, three->file_len, 0, 1, &finding), EXECFMT_END);
    }
}

/* Every length up to that of the header: given as the file's, and as that of the part that was read. */
static void check_truncations(const sample *program, uint32_t byte_order)
{
    const uint32_t header = program->layout == 3 ? 40 : 52;
    uint8_t file[MAX_FILE];
    execfmt_finding finding;
    execfmt_noff noff;
    uint32_t length;

    make_file(program->words, program->layout, byte_order, file, program->file_len);
    for (length = 0; length < header; length++) {
        SPOIL(finding);
        CHECK_EQ(execfmt_noff_parse_header(file, length, program->file_len, NULL, &noff, &finding),
                 EXECFMT_NOFF_E_TRUNCATED);
        CHECK_EQ(finding.field, EXECFMT_FIELD_FILE_LENGTH);
        CHECK_EQ(finding.offset, length);
        CHECK_EQ(finding.found, length);
        CHECK_EQ(finding.relation, EXECFMT_AT_LEAST);
        CHECK(finding.expected == 40 || finding.expected == 52);
        CHECK(length < finding.expected);
        CHECK(execfmt_noff_parse(file, length, NULL, &noff, NULL) >= EXECFMT_NOFF_E_TRUNCATED);
        if (length < 40)
            CHECK_EQ(execfmt_noff_parse(file, length, NULL, &noff, NULL), EXECFMT_NOFF_E_TRUNCATED);
        /* What was read beyond the end of the file does not count. */
        CHECK_EQ(execfmt_noff_parse_header(file, 52, length, NULL, &noff, NULL),
                 execfmt_noff_parse(file, length, NULL, &noff, NULL));
    }
    for (length = header; length <= program->file_len; length++)
        CHECK_EQ(execfmt_noff_parse_header(file, length, program->file_len, NULL, &noff, NULL), EXECFMT_OK);
}

static void check_segment(const execfmt_noff_segment *segment, const uint32_t *words)
{
    static const uint32_t none[3] = { 0, 0, 0 };
    const uint32_t *const expected = words != NULL ? words : none;

    CHECK_EQ(segment->virtual_addr, expected[0]);
    CHECK_EQ(segment->in_file_addr, expected[1]);
    CHECK_EQ(segment->size, expected[2]);
}

static void check_samples(uint32_t byte_order)
{
    uint8_t file[MAX_FILE];
    execfmt_noff noff, from_header;
    execfmt_finding finding;
    uint32_t warnings;
    size_t i;

    for (i = 0; i < COUNT(samples); i++) {
        const sample *const program = &samples[i];
        check_row = program->name;
        SPOIL(noff);
        CHECK_EQ(parse_sample(program, byte_order, file, &noff), EXECFMT_OK);
        CHECK_EQ(noff.layout, program->layout);
        CHECK_EQ(noff.byte_order, byte_order);
        CHECK_EQ(noff.file_len, program->file_len);
        CHECK_EQ(noff.memory_end, program->memory_end);
        check_segment(&noff.code, record(program, EXECFMT_NOFF_CODE));
        check_segment(&noff.init_data, record(program, EXECFMT_NOFF_INIT_DATA));
        check_segment(&noff.readonly_data, record(program, EXECFMT_NOFF_READONLY_DATA));
        check_segment(&noff.uninit_data, record(program, EXECFMT_NOFF_UNINIT_DATA));

        /* A kernel that has read only the header learns the same. */
        SPOIL(from_header);
        CHECK_EQ(execfmt_noff_parse_header(file, min(program->file_len, 52), program->file_len, NULL, &from_header,
                                           NULL),
                 EXECFMT_OK);
        CHECK(memcmp(&noff, &from_header, sizeof noff) == 0);

        for (warnings = 0; finding_at(file, program->file_len, program->layout, warnings, &finding) == EXECFMT_OK; warnings++)
            CHECK_EQ(finding.severity, EXECFMT_WARNING);
        CHECK_EQ(warnings, program->warnings);
    }
    check_row = "";
}

static void check_parsing(void)
{
    size_t order, i;

    for (order = 0; order < COUNT(byte_orders); order++) {
        for (i = 0; i < COUNT(finding_cases); i++)
            check_finding_case(&finding_cases[i], byte_orders[order]);
        check_samples(byte_orders[order]);
        check_truncations(three, byte_orders[order]);
        check_truncations(four, byte_orders[order]);
    }
    check_lookalikes();
}

#endif
