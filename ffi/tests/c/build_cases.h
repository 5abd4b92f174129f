/* Building: files to the last byte, and what is refused. */
#ifndef BUILD_CASES_H
#define BUILD_CASES_H

static const uint8_t code_bytes[4] = { 0x0c, 0, 0, 0 };
static const uint8_t init_bytes[8] = { 'N', 'a', 'c', 'h', 'o', 's', 0, 0 };
static const uint8_t constant_bytes[4] = { 'r', 'o', '!', '!' };

static execfmt_noff_payload payload(const uint8_t *bytes, size_t length, uint32_t virtual_addr)
{
    execfmt_noff_payload made;

    made.bytes = bytes;
    made.length = length;
    made.virtual_addr = virtual_addr;
    return made;
}

/* Code 0..4, constants 4..8 with four segments, initData and uninitData after them. */
static execfmt_noff_contents contents_of(uint32_t layout, uint32_t byte_order)
{
    const uint32_t constants = layout == 4 ? sizeof constant_bytes : 0;
    execfmt_noff_contents made;

    made.layout = layout;
    made.byte_order = byte_order;
    made.code = payload(code_bytes, sizeof code_bytes, 0);
    made.readonly_data = payload(constants != 0 ? constant_bytes : NULL, constants, constants);
    made.init_data = payload(init_bytes, sizeof init_bytes, 4 + constants);
    made.uninit_addr = 12 + constants;
    made.uninit_size = 100;
    return made;
}

static void check_built_files(void)
{
    /* In the file: code, constants, initData. uninitData has no place there. */
    static const struct {
        uint32_t layout, length, memory_end;
        uint32_t words[WORDS];
    } rows[] = {
        { 3, 52, 112, { NOFFMAGIC, 0, 40, 4, 4, 44, 8, 12, 0, 100, 0, 0, 0 } },
        { 4, 68, 116, { NOFFMAGIC, 0, 52, 4, 8, 60, 8, 4, 56, 4, 16, 0, 100 } }
    };
    uint8_t expected[68], built[80];
    execfmt_noff_contents contents;
    execfmt_noff noff;
    size_t i, order, length, capacity;

    for (i = 0; i < COUNT(rows); i++)
        for (order = 0; order < COUNT(byte_orders); order++) {
            const uint32_t header = rows[i].layout == 3 ? 40 : 52;
            make_file(rows[i].words, rows[i].layout, byte_orders[order], expected, header);
            memcpy(expected + rows[i].words[2], code_bytes, sizeof code_bytes);
            memcpy(expected + rows[i].words[5], init_bytes, sizeof init_bytes);
            if (rows[i].layout == 4)
                memcpy(expected + rows[i].words[8], constant_bytes, sizeof constant_bytes);

            contents = contents_of(rows[i].layout, byte_orders[order]);
            length = 0;
            CHECK_EQ(execfmt_noff_built_len(&contents, &length), EXECFMT_OK);
            CHECK_EQ(length, rows[i].length);
            for (capacity = 0; capacity < rows[i].length; capacity++) {
                length = 77;
                SPOIL(built);
                CHECK_EQ(execfmt_noff_build(&contents, built, capacity, &length), EXECFMT_E_BUFFER);
                CHECK(SPOILT(built));
                CHECK_EQ(length, 77);
            }
            SPOIL(built);
            CHECK_EQ(execfmt_noff_build(&contents, built, sizeof built, &length), EXECFMT_OK);
            CHECK_EQ(length, rows[i].length);
            CHECK(memcmp(built, expected, length) == 0);
            CHECK(all_bytes(built + length, 0xa5, sizeof built - length));
            SPOIL(built);
            CHECK_EQ(execfmt_noff_build(&contents, built, length, &length), EXECFMT_OK);
            CHECK(memcmp(built, expected, length) == 0);

            /* There and back. */
            SPOIL(noff);
            CHECK_EQ(execfmt_noff_parse(built, length, NULL, &noff, NULL), EXECFMT_OK);
            CHECK_EQ(noff.layout, rows[i].layout);
            CHECK_EQ(noff.byte_order, byte_orders[order]);
            CHECK_EQ(noff.file_len, rows[i].length);
            CHECK_EQ(noff.memory_end, rows[i].memory_end);
            CHECK_EQ(noff.code.size, 4);
            CHECK_EQ(noff.init_data.virtual_addr, contents.init_data.virtual_addr);
            CHECK_EQ(noff.readonly_data.in_file_addr, rows[i].layout == 4 ? 56 : 0);
            CHECK_EQ(noff.uninit_data.size, 100);
        }
}

static void check_refused(const execfmt_noff_contents *contents, execfmt_status expected, int line)
{
    uint8_t built[512];
    size_t length = 77;

    SPOIL(built);
    check_equal((uint64_t)execfmt_noff_built_len(contents, &length), (uint64_t)expected, __FILE__, line, "built_len");
    check_equal((uint64_t)execfmt_noff_build(contents, built, sizeof built, &length), (uint64_t)expected, __FILE__,
                line, "build");
    CHECK(SPOILT(built));
    CHECK_EQ(length, 77);
}

#define REFUSED(expected) check_refused(&contents, (expected), __LINE__), contents = contents_of(4, 1)

static void check_refused_contents(void)
{
    static const uint32_t bad_layouts[] = { 0, 1, 2, 5, 0xffffffffu };
    static const uint32_t bad_orders[] = { 0, 3, 0xffffffffu };
    execfmt_noff_contents contents = contents_of(4, EXECFMT_LITTLE_ENDIAN);
    uint8_t built[512];
    size_t i, length;

    for (i = 0; i < COUNT(bad_layouts); i++) {
        contents.layout = bad_layouts[i];
        REFUSED(EXECFMT_E_ARGUMENT);
    }
    for (i = 0; i < COUNT(bad_orders); i++) {
        contents.byte_order = bad_orders[i];
        REFUSED(EXECFMT_E_ARGUMENT);
    }
    contents.layout = 3;
    REFUSED(EXECFMT_NOFF_E_NO_SUCH_SEGMENT);
    contents.code.virtual_addr = 0xfffffffcu;
    REFUSED(EXECFMT_NOFF_E_ADDRESS);
    contents.uninit_size = 0xffffffffu;
    REFUSED(EXECFMT_NOFF_E_ADDRESS);
    contents.init_data.virtual_addr = 2;
    REFUSED(EXECFMT_NOFF_E_OVERLAP);
    contents.code = contents.init_data = contents.readonly_data = payload(NULL, 0, 0);
    REFUSED(EXECFMT_NOFF_W_NO_CODE);
    contents.code.bytes = NULL;
    REFUSED(EXECFMT_E_NULL);
    contents.init_data.bytes = NULL;
    REFUSED(EXECFMT_E_NULL);
    contents.readonly_data.bytes = NULL;
    REFUSED(EXECFMT_E_NULL);
    contents.init_data.length = (size_t)-1;
    REFUSED(EXECFMT_E_LENGTH);
    contents.code.length = (size_t)-1 / 2 + 1;
    REFUSED(EXECFMT_E_LENGTH);
    if (sizeof(size_t) > 4) { /* of lengths that 32 bits do not hold, not a byte is looked at */
        contents.code.length = 0xffffffffu;
        REFUSED(EXECFMT_NOFF_E_TOO_LONG);
        contents.code.length = (size_t)-1 / 16;
        REFUSED(EXECFMT_NOFF_E_TOO_LONG);
    }

    /* The place of an empty segment is nobody's business; and 15 bytes of padding are legal. */
    contents.uninit_size = 0;
    contents.uninit_addr = 0xffffffffu;
    CHECK_EQ(execfmt_noff_build(&contents, built, sizeof built, &length), EXECFMT_OK);
    CHECK(all_bytes(built + 40, 0, 12));
    contents = contents_of(4, EXECFMT_LITTLE_ENDIAN);
    contents.uninit_addr = 9;
    CHECK_EQ(execfmt_noff_build(&contents, built, sizeof built, &length), EXECFMT_OK);
}

/* A buffer that shares a byte with what it is built from. */
static void check_overlapping_buffers(void)
{
    execfmt_noff_contents contents;
    uint8_t room[256];
    size_t length, which;

    for (which = 0; which < 3; which++) {
        execfmt_noff_payload *part;
        contents = contents_of(4, EXECFMT_LITTLE_ENDIAN);
        part = which == 0 ? &contents.code : which == 1 ? &contents.init_data : &contents.readonly_data;
        memcpy(room + 100, part->bytes, part->length);
        part->bytes = room + 100;
        CHECK_EQ(execfmt_noff_build(&contents, room + 100, 150, &length), EXECFMT_E_ARGUMENT);
        CHECK_EQ(execfmt_noff_build(&contents, room + 100 + part->length - 1, 100, &length), EXECFMT_E_ARGUMENT);
        CHECK_EQ(execfmt_noff_build(&contents, room + 100 - 67, 200, &length), EXECFMT_E_ARGUMENT);
        /* Side by side is apart; and of the buffer only what is written counts, 68 bytes. */
        CHECK_EQ(execfmt_noff_build(&contents, room + 100 + part->length, 100, &length), EXECFMT_OK);
        CHECK_EQ(execfmt_noff_build(&contents, room + 100 - 68, 200, &length), EXECFMT_OK);
    }
}

static void check_building(void)
{
    check_built_files();
    check_refused_contents();
    check_overlapping_buffers();
}

#endif
