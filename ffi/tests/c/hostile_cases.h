/* Callers at fault: NULL, bad lengths, pointers that are not aligned, damaged structs. A status, and never a crash. */
#ifndef HOSTILE_CASES_H
#define HOSTILE_CASES_H

#define TOO_LONG ((size_t)-1)

/* One byte after the start of a struct's own room, where no such struct may lie. */
#define ASKEW(type, room) ((type *)(void *)((char *)(room) + 1))

/* Every function that takes a program says the same of a bad one, and writes nothing. */
static void check_all_refuse(const execfmt_noff *noff, execfmt_status expected, int line)
{
    uint8_t bytes[MAX_FILE], page_frame[128], memory[512];
    execfmt_finding finding;
    execfmt_noff_page page;
    open_file file;
    uint32_t number = 77;
    execfmt_status found[7];
    size_t i;

    make_file(three->words, 3, EXECFMT_LITTLE_ENDIAN, bytes, sizeof bytes);
    open_for(&file, bytes, sizeof bytes, memory, sizeof memory);
    SPOIL(finding);
    SPOIL(page);
    SPOIL(page_frame);
    SPOIL(memory);
    found[0] = execfmt_noff_segment_at(noff, 0, &number);
    found[1] = execfmt_noff_page_count(noff, 128, 1024, &number);
    found[2] = execfmt_noff_stack_pointer(noff, 128, 1024, &number);
    found[3] = execfmt_noff_describe_page(noff, 0, 128, &page);
    found[4] = execfmt_noff_read_page(noff, bytes, sizeof bytes, 0, page_frame, sizeof page_frame);
    found[5] = execfmt_noff_load_page(noff, read_at, &file, 0, page_frame, sizeof page_frame);
    found[6] = execfmt_noff_load(noff, read_at, &file, memory, sizeof memory);
    for (i = 0; i < COUNT(found); i++)
        check_equal((uint64_t)found[i], (uint64_t)expected, __FILE__, line, "status of a bad program");
    check_that(SPOILT(finding) && SPOILT(page) && SPOILT(page_frame) && SPOILT(memory) && number == 77
                   && file.reads == 0,
               __FILE__, line, "nothing is written and nothing is read");
}

#define ALL_REFUSE(noff, expected) check_all_refuse((noff), (expected), __LINE__)

static void check_bad_programs(void)
{
    static const uint32_t bad_layouts[] = { 0, 1, 2, 5, 40, 0xffffffffu };
    static const uint32_t bad_orders[] = { 0, 3, 0xffffffffu };
    uint8_t file[MAX_FILE], built[128];
    char room[sizeof(execfmt_noff) + 8];
    execfmt_noff good, noff;
    uint32_t number;
    size_t i;

    CHECK_EQ(parse_sample(three, EXECFMT_LITTLE_ENDIAN, file, &good), EXECFMT_OK);
    ALL_REFUSE(NULL, EXECFMT_E_NULL);
    memcpy(ASKEW(char, &room), &good, sizeof good);
    ALL_REFUSE(ASKEW(const execfmt_noff, &room), EXECFMT_E_ARGUMENT);
    memset(&noff, 0, sizeof noff);
    ALL_REFUSE(&noff, EXECFMT_E_ARGUMENT);
    memset(&noff, 0xff, sizeof noff);
    ALL_REFUSE(&noff, EXECFMT_E_ARGUMENT);

#define DAMAGED(field, value, expected) noff = good, noff.field = (value), ALL_REFUSE(&noff, (expected))
    for (i = 0; i < COUNT(bad_layouts); i++)
        DAMAGED(layout, bad_layouts[i], EXECFMT_E_ARGUMENT);
    for (i = 0; i < COUNT(bad_orders); i++)
        DAMAGED(byte_order, bad_orders[i], EXECFMT_E_ARGUMENT);
    DAMAGED(file_len, 0, EXECFMT_NOFF_E_PAST_EOF);
    DAMAGED(file_len, 215, EXECFMT_NOFF_E_PAST_EOF);
    DAMAGED(code.size, 0xffffffffu, EXECFMT_NOFF_E_PAST_EOF);
    DAMAGED(code.virtual_addr, 0xffffffffu, EXECFMT_NOFF_E_ADDRESS);
    DAMAGED(code.in_file_addr, 0, EXECFMT_NOFF_E_HEADER_OVERLAP);
    DAMAGED(init_data.virtual_addr, 0, EXECFMT_NOFF_E_OVERLAP);
    DAMAGED(init_data.in_file_addr, 0xffffffffu, EXECFMT_NOFF_E_PAST_EOF);
    DAMAGED(uninit_data.size, 0xffffffffu, EXECFMT_NOFF_E_ADDRESS);
    DAMAGED(uninit_data.virtual_addr, 0, EXECFMT_NOFF_E_OVERLAP);
    DAMAGED(layout, 4, EXECFMT_NOFF_E_HEADER_OVERLAP); /* whose header is longer */
#undef DAMAGED

    /* What three segments do not have is not looked at, and memory_end is worked out again. */
    noff = good;
    memset(&noff.readonly_data, 0xff, sizeof noff.readonly_data);
    noff.memory_end = 1;
    CHECK_EQ(execfmt_noff_page_count(&noff, 128, 1024, &number), EXECFMT_OK);
    CHECK_EQ(number, 10);
    CHECK_EQ(execfmt_noff_load(&noff, read_at, NULL, built, 128), EXECFMT_E_BUFFER);
}

static void check_bad_parse_arguments(void)
{
    execfmt_noff_options options = { sizeof options, 0, EXECFMT_NOFF_REFUSE_ERRORS };
    execfmt_noff_check_options checks;
    uint8_t file[MAX_FILE];
    char room[sizeof(execfmt_finding) + 8];
    execfmt_finding finding;
    execfmt_noff noff;
    size_t i;
    static const execfmt_noff_options bad_options[] = { { 12, 1, 0 }, { 12, 2, 0 }, { 12, 5, 0 },
                                                        { 12, 0xffffffffu, 0 }, { 12, 0, 2 }, { 12, 3, 0xffffffffu },
                                                        { 0, 3, 0 }, { 8, 0, 0 }, { 0xffffffffu, 0, 0 } };

    make_file(three->words, 3, EXECFMT_LITTLE_ENDIAN, file, three->file_len);
    memset(&checks, 0, sizeof checks);
    CHECK_EQ(execfmt_noff_check_header(NULL, 52, 216, NULL, NULL, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_check_header(file, (size_t)-1, 216, NULL, NULL, NULL), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_noff_check_header(file, 52, 215, NULL, NULL, NULL), EXECFMT_NOFF_E_PAST_EOF);
    CHECK_EQ(execfmt_noff_check_header(file, 52, 216, &checks, NULL, NULL), EXECFMT_OK);
    CHECK_EQ(execfmt_noff_check(file, 216, &checks, NULL, NULL), EXECFMT_OK);
    checks.size = sizeof checks, checks.layout = 1;
    CHECK_EQ(execfmt_noff_check_header(file, 52, 216, &checks, NULL, NULL), EXECFMT_E_ARGUMENT);
    checks.layout = 0, checks.scan_code = 1;
    CHECK_EQ(execfmt_noff_check_header(file, 52, 216, &checks, NULL, NULL), EXECFMT_E_ARGUMENT);
    checks.scan_code = 2;
    CHECK_EQ(execfmt_noff_check(file, 216, &checks, NULL, NULL), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_check(NULL, 216, NULL, NULL, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_check(NULL, 0, NULL, NULL, NULL), EXECFMT_NOFF_E_TRUNCATED);
    SPOIL(noff);
    SPOIL(finding);

    CHECK_EQ(execfmt_noff_parse(NULL, three->file_len, NULL, &noff, &finding), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_parse(NULL, 0, NULL, &noff, NULL), EXECFMT_NOFF_E_TRUNCATED);
    CHECK_EQ(execfmt_noff_parse(file, three->file_len, NULL, NULL, &finding), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_parse(file, TOO_LONG, NULL, &noff, &finding), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_noff_parse(file, TOO_LONG / 2 + 1, NULL, &noff, &finding), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_noff_parse_header(NULL, 52, three->file_len, NULL, &noff, &finding), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_parse_header(NULL, 0, 0, NULL, &noff, NULL), EXECFMT_NOFF_E_TRUNCATED);
    CHECK_EQ(execfmt_noff_parse_header(file, 52, three->file_len, NULL, NULL, &finding), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_parse_header(file, TOO_LONG, three->file_len, NULL, &noff, &finding), EXECFMT_E_LENGTH);

    CHECK_EQ(execfmt_noff_parse(file, three->file_len, ASKEW(execfmt_noff_options, room), &noff, &finding),
             EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_parse(file, three->file_len, NULL, ASKEW(execfmt_noff, room), &finding),
             EXECFMT_E_ARGUMENT);
    for (i = 0; i < COUNT(bad_options); i++)
        CHECK_EQ(execfmt_noff_parse(file, three->file_len, &bad_options[i], &noff, &finding), EXECFMT_E_ARGUMENT);
    CHECK(SPOILT(noff));
    CHECK(SPOILT(finding));
    CHECK_EQ(execfmt_noff_parse(file, 3, NULL, &noff, ASKEW(execfmt_finding, room)), EXECFMT_E_ARGUMENT);

    /* A refusal needs no room for its reason. A layout that is named wins over the one that the file shows. */
    CHECK_EQ(execfmt_noff_parse(file, 3, NULL, &noff, NULL), EXECFMT_NOFF_E_TRUNCATED);
    options.layout = 3;
    CHECK_EQ(execfmt_noff_parse(file, three->file_len, &options, &noff, NULL), EXECFMT_OK);
    CHECK_EQ(noff.layout, 3);
    options.layout = 4;
    CHECK_EQ(execfmt_noff_parse(file, three->file_len, &options, &noff, NULL), EXECFMT_NOFF_E_HEADER_OVERLAP);
}

static void check_bad_program_arguments(void)
{
    static const uint32_t bad_sizes[] = { 0, 3, 127, 129, 131072, 0x7fffffffu, 0x80000000u, 0x80000001u, 0xffffffffu };
    uint8_t bytes[MAX_FILE], memory[512], room[sizeof(execfmt_finding) + 8];
    execfmt_noff_page page;
    execfmt_noff noff;
    open_file file;
    uint32_t number = 77;
    size_t i;

    CHECK_EQ(parse_sample(three, EXECFMT_LITTLE_ENDIAN, bytes, &noff), EXECFMT_OK);
    open_for(&file, bytes, three->file_len, memory, sizeof memory);
    SPOIL(memory);
    SPOIL(page);

    CHECK_EQ(execfmt_noff_page_count(&noff, 128, 0, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_page_count(&noff, 128, 0, ASKEW(uint32_t, room)), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_stack_pointer(&noff, 128, 0, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_stack_pointer(&noff, 128, 0, ASKEW(uint32_t, room)), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_describe_page(&noff, 0, 128, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_describe_page(&noff, 0, 128, ASKEW(execfmt_noff_page, room)), EXECFMT_E_ARGUMENT);

    CHECK_EQ(execfmt_noff_read_page(&noff, NULL, 216, 0, memory, 128), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 216, 0, NULL, 128), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, TOO_LONG, 0, memory, 128), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_noff_load_page(&noff, NULL, &file, 0, memory, 128), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_load_page(&noff, read_at, &file, 0, NULL, 128), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_load(&noff, NULL, &file, memory, sizeof memory), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_load(&noff, read_at, &file, NULL, sizeof memory), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_load(&noff, read_at, &file, NULL, 0), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_noff_load(&noff, read_at, &file, memory, TOO_LONG), EXECFMT_E_LENGTH);
    for (i = 0; i < COUNT(bad_sizes); i++) {
        CHECK_EQ(execfmt_noff_page_count(&noff, bad_sizes[i], 0, &number), EXECFMT_E_ARGUMENT);
        CHECK_EQ(execfmt_noff_stack_pointer(&noff, bad_sizes[i], 0, &number), EXECFMT_E_ARGUMENT);
        CHECK_EQ(execfmt_noff_describe_page(&noff, 0, bad_sizes[i], &page), EXECFMT_E_ARGUMENT);
        CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 216, 0, memory, bad_sizes[i]), EXECFMT_E_ARGUMENT);
        CHECK_EQ(execfmt_noff_load_page(&noff, read_at, &file, 0, memory, bad_sizes[i]), EXECFMT_E_ARGUMENT);
    }
    CHECK(SPOILT(memory));
    CHECK(SPOILT(page));
    CHECK_EQ(number, 77);
    CHECK_EQ(file.reads, 0);

    /* A frame that shares a byte with the file; side by side is apart. */
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 216, 0, bytes + 215, 128), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes + 127, 216, 0, bytes, 128), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 216, 0, bytes, 128), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 216, 0, bytes + 216, 128), EXECFMT_OK);

    /* A file that became shorter since its header was read: 200 bytes reach into page 1 only in part. */
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 200, 0, memory, 128), EXECFMT_OK);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 200, 1, memory, 128), EXECFMT_NOFF_E_PAST_EOF);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 0, 0, memory, 128), EXECFMT_NOFF_E_PAST_EOF);
    CHECK_EQ(execfmt_noff_read_page(&noff, bytes, 0, 2, memory, 128), EXECFMT_OK);
    file.length = 200;
    open_for(&file, bytes, 200, memory, sizeof memory);
    CHECK_EQ(execfmt_noff_load_page(&noff, read_at, &file, 1, memory, 128), EXECFMT_E_READ);
}

static void check_bad_build_arguments(void)
{
    execfmt_noff_contents contents = contents_of(3, EXECFMT_LITTLE_ENDIAN);
    char room[sizeof(execfmt_noff_contents) + 8];
    uint8_t built[64];
    size_t length = 77;

    memcpy(ASKEW(char, &room), &contents, sizeof contents);
    SPOIL(built);
    CHECK_EQ(execfmt_noff_built_len(NULL, &length), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_built_len(ASKEW(execfmt_noff_contents, &room), &length), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_built_len(&contents, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_built_len(&contents, ASKEW(size_t, &room)), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_build(NULL, built, sizeof built, &length), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_build(ASKEW(execfmt_noff_contents, &room), built, sizeof built, &length),
             EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_build(&contents, NULL, sizeof built, &length), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_build(&contents, built, sizeof built, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_build(&contents, built, sizeof built, ASKEW(size_t, &room)), EXECFMT_E_ARGUMENT);
    CHECK(SPOILT(built));
    CHECK_EQ(length, 77);
}

/* snprintf's manners: a buffer of any length, the length of the whole sentence, a NUL at the end of what is there. */
static void check_messages(void)
{
    uint8_t file[MAX_FILE];
    char whole_message[512], part[512];
    execfmt_finding finding, damaged;
    execfmt_noff noff;
    size_t length, capacity;

    make_file(three->words, 3, EXECFMT_LITTLE_ENDIAN, file, 215);
    CHECK_EQ(execfmt_noff_parse(file, 215, NULL, &noff, &finding), EXECFMT_NOFF_E_PAST_EOF);
    length = execfmt_noff_finding_message(&finding, NULL, 0);
    CHECK(length > 40 && length < sizeof whole_message - 1);
    SPOIL(whole_message);
    CHECK_EQ(execfmt_noff_finding_message(&finding, whole_message, sizeof whole_message), length);
    CHECK_EQ(strlen(whole_message), length);
    CHECK(all_bytes(whole_message + length + 1, 0xa5, sizeof whole_message - length - 1));
    /* The field, its place, what was found and what the file has room for. */
    CHECK(strncmp(whole_message, "initData.size at byte 24: ", 26) == 0);
    CHECK(strstr(whole_message, " 32 ") != NULL && strstr(whole_message, " 31 ") != NULL);

    for (capacity = 0; capacity <= length + 2; capacity++) {
        const size_t kept = capacity == 0 ? 0 : min(capacity - 1, length);
        SPOIL(part);
        CHECK_EQ(execfmt_noff_finding_message(&finding, part, capacity), length);
        CHECK(memcmp(part, whole_message, kept) == 0);
        CHECK(capacity == 0 || part[kept] == '\0');
        CHECK(all_bytes(part + kept + (capacity != 0), 0xa5, sizeof part - kept - (capacity != 0)));
    }
    CHECK_EQ(execfmt_noff_finding_message(&finding, NULL, 100), length);
    /* A caller who knows that the buffer is long enough may say so in this way, as with snprintf. */
    SPOIL(part);
    CHECK_EQ(execfmt_noff_finding_message(&finding, part, TOO_LONG), length);
    CHECK(strcmp(part, whole_message) == 0);

    /* Structs that hold no finding: no sentence, but a string all the same. */
    CHECK_EQ(execfmt_noff_finding_message(NULL, part, sizeof part), 0);
    CHECK_EQ(execfmt_noff_finding_message(NULL, NULL, 0), 0);
    CHECK_EQ(execfmt_noff_finding_message(ASKEW(execfmt_finding, &file), part, sizeof part), 0);
#define DAMAGED(field_name, value)                                                                                   \
    damaged = finding, damaged.field_name = (value), SPOIL(part),                                                    \
    CHECK_EQ(execfmt_noff_finding_message(&damaged, part, sizeof part), 0), CHECK(part[0] == '\0'),                  \
    CHECK(all_bytes(part + 1, 0xa5, sizeof part - 1)),                                                               \
    CHECK_EQ(execfmt_noff_finding_message(&damaged, NULL, 0), 0)
    DAMAGED(status, EXECFMT_OK);
    DAMAGED(status, EXECFMT_E_NULL);
    DAMAGED(status, 113);
    DAMAGED(status, -1);
    DAMAGED(field, 0);
    DAMAGED(field, 19);
    DAMAGED(field, 31);
    DAMAGED(field, 0xffffffffu);
    DAMAGED(relation, 0);
    DAMAGED(relation, EXECFMT_ANYTHING_BUT + 1);
    DAMAGED(detail, 4);
#undef DAMAGED

    /* Any numbers make a sentence. */
    damaged = finding;
    memset(&damaged.offset, 0xff, 4 * sizeof damaged.offset);
    CHECK(execfmt_noff_finding_message(&damaged, part, sizeof part) > length);
}

static void check_statuses(void)
{
    static const execfmt_status known[] = {
        EXECFMT_OK, EXECFMT_E_NULL, EXECFMT_E_LENGTH, EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_READ,
        EXECFMT_E_RANGE, EXECFMT_END, EXECFMT_NOFF_E_TRUNCATED, EXECFMT_NOFF_E_BAD_MAGIC, EXECFMT_NOFF_E_LAYOUT,
        EXECFMT_NOFF_E_ADDRESS, EXECFMT_NOFF_E_PAST_EOF, EXECFMT_NOFF_E_HEADER_OVERLAP, EXECFMT_NOFF_E_OVERLAP,
        EXECFMT_NOFF_E_NO_SUCH_SEGMENT, EXECFMT_NOFF_E_TOO_LONG, EXECFMT_NOFF_W_PADDING_OVERLAP,
        EXECFMT_NOFF_W_FILE_OVERLAP, EXECFMT_NOFF_W_MISALIGNED_SIZE, EXECFMT_NOFF_W_MISALIGNED_ADDRESS,
        EXECFMT_NOFF_W_CODE_NOT_AT_START, EXECFMT_NOFF_W_NO_CODE, EXECFMT_NOFF_W_LAYOUT,
        EXECFMT_NOFF_W_TRAILING_BYTES, EXECFMT_NOFF_W_MEMORY_GAP, EXECFMT_NOFF_W_LARGE,
        EXECFMT_NOFF_E_KERNEL_FORMAT, EXECFMT_NOFF_E_KERNEL_LAYOUT, EXECFMT_NOFF_E_KERNEL_BYTE_ORDER,
        EXECFMT_NOFF_E_KERNEL_SIZE, EXECFMT_NOFF_E_KERNEL_UNMAPPED, EXECFMT_NOFF_E_KERNEL_MEMORY,
        EXECFMT_NOFF_E_NO_STACK, EXECFMT_NOFF_E_NO_ADDRESS
    };
    /* Programs that were compiled before know them by these numbers. */
    static const execfmt_status numbers[] = { 0, 1, 2, 3, 4, 5, 6, 7, 100, 101, 102, 103, 104, 105, 106, 120, 121, 150,
                                              151, 152, 153, 154, 155, 156, 157, 158, 159, 107, 108, 109, 110, 111, 112, 122, 123 };
    static const execfmt_status unknown[] = { 8, 99, 113, 119, 124, 149, 160, -1, 0x7fffffff, -0x7fffffff - 1 };
    const char *const unknown_message = execfmt_status_message(unknown[0]);
    const char *const version = execfmt_version();
    unsigned major, minor, patch;
    size_t i, j;

    for (i = 0; i < COUNT(unknown); i++)
        CHECK(strcmp(execfmt_status_message(unknown[i]), unknown_message) == 0);
    for (i = 0; i < COUNT(known); i++) {
        CHECK_EQ(known[i], numbers[i]);
        CHECK(strlen(execfmt_status_message(known[i])) > 10);
        CHECK(strcmp(execfmt_status_message(known[i]), unknown_message) != 0);
        for (j = 0; j < i; j++)
            CHECK(strcmp(execfmt_status_message(known[i]), execfmt_status_message(known[j])) != 0);
    }
    CHECK_EQ(COUNT(known), COUNT(numbers));
    CHECK(sscanf(version, "%u.%u.%u", &major, &minor, &patch) == 3);
}

static void check_hostile_calls(void)
{
    check_bad_programs();
    check_bad_parse_arguments();
    check_bad_program_arguments();
    check_bad_build_arguments();
    check_messages();
    check_statuses();
}

#endif
