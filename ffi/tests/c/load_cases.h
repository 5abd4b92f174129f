/* Whole memories and single pages, against the second loader of samples.h. */
#ifndef LOAD_CASES_H
#define LOAD_CASES_H

#define MAX_PAGE 65536
#define MAX_READS 4

/* A file as a kernel has it: something to read from, which may fail, and which remembers. */
typedef struct open_file {
    const uint8_t *bytes;
    uint32_t length;
    const uint8_t *memory; /* where all reads must go to */
    size_t memory_len;
    uint32_t fail_at; /* the number of the read that fails, from 1 on; 0 for none */
    uint32_t fail_by; /* what that read returns beyond its length */
    uint32_t reads;
    uint32_t strays; /* reads to or from a wrong place */
    struct {
        uint32_t file_offset, offset, length;
    } log[MAX_READS];
} open_file;

#ifdef __cplusplus
extern "C" {
#endif

static uint32_t read_at(void *context, uint32_t file_offset, void *destination, uint32_t length)
{
    open_file *const file = (open_file *)context;
    const size_t offset = (size_t)((const uint8_t *)destination - file->memory);

    if (offset > file->memory_len || length > file->memory_len - offset || length == 0
        || file_offset > file->length || length > file->length - file_offset) {
        file->strays++;
        return 0;
    }
    if (file->reads < MAX_READS) {
        file->log[file->reads].file_offset = file_offset;
        file->log[file->reads].offset = (uint32_t)offset;
        file->log[file->reads].length = length;
    }
    file->reads++;
    if (file->reads == file->fail_at)
        return length + file->fail_by;
    memcpy(destination, file->bytes + file_offset, length);
    return length;
}

#ifdef __cplusplus
}
#endif

static void open_for(open_file *file, const uint8_t *bytes, uint32_t length, const uint8_t *memory, size_t memory_len)
{
    memset(file, 0, sizeof *file);
    file->bytes = bytes;
    file->length = length;
    file->memory = memory;
    file->memory_len = memory_len;
}

static uint8_t frame[MAX_PAGE];
static uint8_t frame_again[MAX_PAGE];
static uint8_t whole[MAX_MEMORY + MAX_PAGE];

/* One page in four ways: described, from a file in memory, through a read function, and by the model. */
static int page_is_right(const execfmt_noff *noff, const uint8_t *bytes, const model *memory, uint32_t vpn,
                         uint32_t page_size)
{
    const uint32_t start = vpn * page_size;
    uint32_t i, segments = 0, read_only = 1, filled = 0;
    execfmt_noff_page page;
    open_file file;

    SPOIL(page);
    memset(frame, 0xa5, page_size);
    if (!CHECK_EQ(execfmt_noff_describe_page(noff, vpn, page_size, &page), EXECFMT_OK)
        || !CHECK_EQ(execfmt_noff_read_page(noff, bytes, noff->file_len, vpn, frame, page_size), EXECFMT_OK))
        return 0;
    for (i = 0; i < page_size; i++) {
        const uint32_t at = start + i;
        const uint8_t owners = at < MAX_MEMORY ? memory->owners[at] : 0;
        const uint8_t byte = at < MAX_MEMORY ? memory->bytes[at] : 0;
        if (frame[i] != byte)
            return CHECK(!"a byte of the page is wrong");
        segments |= owners;
        if ((owners & (1u << EXECFMT_NOFF_CODE | 1u << EXECFMT_NOFF_READONLY_DATA)) == 0)
            read_only = 0;
    }
    if (!CHECK_EQ(page.segments, segments) || !CHECK_EQ(page.read_only, read_only)
        || !CHECK(page.piece_count <= EXECFMT_NOFF_MAX_PIECES))
        return 0;

    memset(frame_again, 0, page_size);
    for (i = 0; i < page.piece_count; i++) {
        const execfmt_noff_piece *const piece = &page.pieces[i];
        if (!CHECK(piece->length != 0 && piece->offset_in_page < page_size
                   && piece->length <= page_size - piece->offset_in_page && piece->file_offset < noff->file_len
                   && piece->length <= noff->file_len - piece->file_offset))
            return 0;
        memcpy(frame_again + piece->offset_in_page, bytes + piece->file_offset, piece->length);
        filled += piece->length;
    }
    if (!CHECK(memcmp(frame, frame_again, page_size) == 0) || !CHECK(filled <= page_size))
        return 0;

    memset(frame_again, 0xa5, page_size);
    open_for(&file, bytes, noff->file_len, frame_again, page_size);
    if (!CHECK_EQ(execfmt_noff_load_page(noff, read_at, &file, vpn, frame_again, page_size), EXECFMT_OK)
        || !CHECK(memcmp(frame, frame_again, page_size) == 0) || !CHECK_EQ(file.reads, page.piece_count)
        || !CHECK_EQ(file.strays, 0))
        return 0;
    for (i = 0; i < page.piece_count; i++)
        if (!CHECK_EQ(file.log[i].file_offset, page.pieces[i].file_offset)
            || !CHECK_EQ(file.log[i].offset, page.pieces[i].offset_in_page)
            || !CHECK_EQ(file.log[i].length, page.pieces[i].length))
            return 0;
    return 1;
}

static void check_pages(const sample *program, uint32_t byte_order)
{
    static model memory;
    uint8_t bytes[MAX_FILE];
    execfmt_noff noff;
    uint32_t page_size, vpn, pages;

    check_row = program->name;
    if (!CHECK_EQ(parse_sample(program, byte_order, bytes, &noff), EXECFMT_OK))
        return;
    make_model(program, &memory);
    for (page_size = 1; page_size <= MAX_PAGE; page_size *= 2) {
        if (!CHECK_EQ(execfmt_noff_page_count(&noff, page_size, 0, &pages), EXECFMT_OK)
            || !CHECK_EQ(pages, divRoundUp(program->memory_end, page_size)))
            return;
        /* Two pages more: after the end all is zero. */
        for (vpn = 0; vpn < pages + 2; vpn++)
            if (!page_is_right(&noff, bytes, &memory, vpn, page_size))
                return;
    }
    check_row = "";
}

static void check_whole(const sample *program, uint32_t byte_order)
{
    static model memory;
    uint8_t bytes[MAX_FILE];
    execfmt_noff noff;
    open_file file;
    uint32_t segment, reads = 0, fail;
    size_t length;

    check_row = program->name;
    if (!CHECK_EQ(parse_sample(program, byte_order, bytes, &noff), EXECFMT_OK))
        return;
    make_model(program, &memory);
    for (segment = EXECFMT_NOFF_CODE; segment < EXECFMT_NOFF_UNINIT_DATA; segment++)
        reads += record(program, segment) != NULL && record(program, segment)[2] != 0;

    for (length = program->memory_end; length <= MAX_MEMORY; length += 61) {
        memset(whole, 0xa5, sizeof whole);
        open_for(&file, bytes, noff.file_len, whole, length);
        CHECK_EQ(execfmt_noff_load(&noff, read_at, &file, whole, length), EXECFMT_OK);
        CHECK(memcmp(whole, memory.bytes, length) == 0);
        CHECK(all_bytes(whole + length, 0xa5, sizeof whole - length));
        CHECK_EQ(file.reads, reads);
        CHECK_EQ(file.strays, 0);
    }

    /* Too little memory: not a byte is touched, and nothing is read. */
    memset(whole, 0xa5, sizeof whole);
    open_for(&file, bytes, noff.file_len, whole, program->memory_end - 1);
    CHECK_EQ(execfmt_noff_load(&noff, read_at, &file, whole, program->memory_end - 1), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_noff_load(&noff, read_at, &file, whole, 0), EXECFMT_E_BUFFER);
    CHECK(all_bytes(whole, 0xa5, sizeof whole));
    CHECK_EQ(file.reads, 0);

    /* The file fails: at the first read, at the second, and so on. None follows. */
    for (fail = 1; fail <= reads; fail++) {
        static const uint32_t by[] = { 0xffffffffu, 1, 0x80000000u };
        size_t i;
        for (i = 0; i < COUNT(by); i++) {
            open_for(&file, bytes, noff.file_len, whole, MAX_MEMORY);
            file.fail_at = fail;
            file.fail_by = by[i];
            CHECK_EQ(execfmt_noff_load(&noff, read_at, &file, whole, MAX_MEMORY), EXECFMT_E_READ);
            CHECK_EQ(file.reads, fail);
        }
    }
    check_row = "";
}

/* Pages by hand, so that the model is not alone. */
static void check_pages_by_hand(void)
{
    static const struct {
        const sample *program;
        uint32_t page_size, vpn, piece_count, read_only, segments;
        execfmt_noff_piece pieces[3];
    } rows[] = {
        { &samples[SAMPLE_THREE], 128, 0, 1, 1, 1, { { 0, 0, 40, 128 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_THREE], 128, 1, 2, 0, 1 | 2 | 8,
          { { 0, 0, 168, 16 }, { 1, 16, 184, 32 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_THREE], 128, 2, 0, 0, 0, { { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_THREE], 32, 4, 2, 0, 1 | 2, { { 0, 0, 168, 16 }, { 1, 16, 184, 16 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_THREE], 16, 8, 1, 1, 1, { { 0, 0, 168, 16 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_THREE], 1, 175, 1, 0, 2, { { 1, 0, 215, 1 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_THREE], 65536, 0xffffffffu, 0, 0, 0,
          { { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_FOUR], 128, 0, 1, 1, 1, { { 0, 0, 52, 128 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_FOUR], 128, 1, 2, 0, 2 | 4 | 8,
          { { 1, 64, 244, 32 }, { 2, 0, 180, 64 }, { 0, 0, 0, 0 } } },
        /* Two read-only segments fill the page between them. */
        { &samples[SAMPLE_FOUR], 64, 2, 1, 1, 4, { { 2, 0, 180, 64 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } },
        { &samples[SAMPLE_FOUR], 256, 0, 3, 0, 15,
          { { 0, 0, 52, 128 }, { 1, 192, 244, 32 }, { 2, 128, 180, 64 } } }
    };
    uint8_t bytes[MAX_FILE];
    execfmt_noff_page page;
    execfmt_noff noff;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        CHECK_EQ(parse_sample(rows[i].program, EXECFMT_LITTLE_ENDIAN, bytes, &noff), EXECFMT_OK);
        SPOIL(page);
        CHECK_EQ(execfmt_noff_describe_page(&noff, rows[i].vpn, rows[i].page_size, &page), EXECFMT_OK);
        CHECK_EQ(page.piece_count, rows[i].piece_count);
        CHECK_EQ(page.read_only, rows[i].read_only);
        CHECK_EQ(page.segments, rows[i].segments);
        CHECK(memcmp(page.pieces, rows[i].pieces, sizeof page.pieces) == 0);
    }
}

/* A program that reaches up to the last address but one. */
static void check_high_pages(void)
{
    static const uint32_t words[WORDS] = { NOFFMAGIC, 0, 40, 16, 0xffffff00u, 56, 255, 0, 0, 0, 0, 0, 0 };
    uint8_t bytes[MAX_FILE];
    execfmt_noff_page page;
    execfmt_noff noff;
    uint32_t number;

    make_file(words, 3, EXECFMT_LITTLE_ENDIAN, bytes, 311);
    CHECK_EQ(execfmt_noff_parse(bytes, 311, NULL, &noff, NULL), EXECFMT_OK);
    CHECK_EQ(noff.memory_end, 0xffffffffu);
    CHECK_EQ(execfmt_noff_describe_page(&noff, 0x1fffffeu, 128, &page), EXECFMT_OK);
    CHECK(page.piece_count == 1 && page.pieces[0].file_offset == 56 && page.pieces[0].length == 128);
    CHECK_EQ(execfmt_noff_describe_page(&noff, 0x1ffffffu, 128, &page), EXECFMT_OK);
    CHECK(page.piece_count == 1 && page.pieces[0].file_offset == 184 && page.pieces[0].length == 127);
    CHECK_EQ(execfmt_noff_describe_page(&noff, 0x2000000u, 128, &page), EXECFMT_OK);
    CHECK(page.piece_count == 0 && page.segments == 0);
    CHECK_EQ(execfmt_noff_describe_page(&noff, 0xffffffffu, 1, &page), EXECFMT_OK);
    CHECK_EQ(page.piece_count, 0);

    CHECK_EQ(execfmt_noff_page_count(&noff, 1, 0, &number), EXECFMT_OK);
    CHECK_EQ(number, 0xffffffffu);
    CHECK_EQ(execfmt_noff_page_count(&noff, 1, 1, &number), EXECFMT_E_RANGE);
    CHECK_EQ(execfmt_noff_page_count(&noff, 128, 1, &number), EXECFMT_OK);
    CHECK_EQ(number, 0x2000000u);
    CHECK_EQ(execfmt_noff_stack_pointer(&noff, 128, 1, &number), EXECFMT_OK);
    CHECK_EQ(number, 0xfffffff0u);
    CHECK_EQ(execfmt_noff_stack_pointer(&noff, 128, 2, &number), EXECFMT_NOFF_E_NO_STACK);
}

/* numPages = ceil((end + stack) / page), stack pointer = numPages * page - 16. */
static void check_arithmetic(void)
{
    static const struct {
        const char *sample_name;
        uint32_t page_size, stack_size;
        execfmt_status count_status;
        uint32_t pages;
        execfmt_status pointer_status;
        uint32_t stack_pointer;
    } rows[] = {
        { "three", 128, 1024, EXECFMT_OK, 10, EXECFMT_OK, 1264 },
        { "three", 128, 1000, EXECFMT_OK, 10, EXECFMT_OK, 1264 },
        { "three", 128, 1025, EXECFMT_OK, 11, EXECFMT_OK, 1392 },
        { "three", 128, 2048, EXECFMT_OK, 18, EXECFMT_OK, 2288 },
        { "three", 1, 0, EXECFMT_OK, 256, EXECFMT_OK, 240 },
        { "three", 256, 0, EXECFMT_OK, 1, EXECFMT_OK, 240 },
        { "three", 65536, 1024, EXECFMT_OK, 1, EXECFMT_OK, 65520 },
        { "three", 1, 0xffffffffu, EXECFMT_E_RANGE, 0, EXECFMT_NOFF_E_NO_STACK, 0 },
        { "three", 128, 0xffffff00u, EXECFMT_OK, 33554432, EXECFMT_OK, 0xfffffff0u },
        { "three", 128, 0xffffff01u, EXECFMT_OK, 33554433, EXECFMT_NOFF_E_NO_STACK, 0 },
        { "four", 128, 1024, EXECFMT_OK, 10, EXECFMT_OK, 1264 },
        /* Sizes add up to 357 bytes, but reach up to 757. */
        { "gaps", 128, 1024, EXECFMT_OK, 14, EXECFMT_OK, 1776 },
        /* Sizes add up to 268 bytes, but reach up to 256. */
        { "padding", 128, 0, EXECFMT_OK, 2, EXECFMT_OK, 240 },
        { "tiny", 1, 0, EXECFMT_OK, 4, EXECFMT_NOFF_E_NO_STACK, 0 },
        { "tiny", 1, 11, EXECFMT_OK, 15, EXECFMT_NOFF_E_NO_STACK, 0 },
        { "tiny", 1, 12, EXECFMT_OK, 16, EXECFMT_OK, 0 },
        { "tiny", 16, 0, EXECFMT_OK, 1, EXECFMT_OK, 0 }
    };
    uint8_t bytes[MAX_FILE];
    execfmt_noff noff;
    uint32_t number;
    size_t i, which;

    for (i = 0; i < COUNT(rows); i++) {
        check_row = rows[i].sample_name;
        for (which = 0; strcmp(samples[which].name, rows[i].sample_name) != 0; which++)
            ;
        CHECK_EQ(parse_sample(&samples[which], EXECFMT_LITTLE_ENDIAN, bytes, &noff), EXECFMT_OK);
        number = 0xa5a5a5a5u;
        CHECK_EQ(execfmt_noff_page_count(&noff, rows[i].page_size, rows[i].stack_size, &number),
                 rows[i].count_status);
        CHECK_EQ(number, rows[i].count_status == EXECFMT_OK ? rows[i].pages : 0xa5a5a5a5u);
        number = 0xa5a5a5a5u;
        CHECK_EQ(execfmt_noff_stack_pointer(&noff, rows[i].page_size, rows[i].stack_size, &number),
                 rows[i].pointer_status);
        CHECK_EQ(number, rows[i].pointer_status == EXECFMT_OK ? rows[i].stack_pointer : 0xa5a5a5a5u);
    }
    check_row = "";
}

static uint32_t reads_of_runs;

static uint32_t counted_read(void *context, uint32_t offset, void *into, uint32_t length)
{
    reads_of_runs++;
    memcpy(into, (const uint8_t *)context + offset, length);
    return length;
}

/* A run of pages is what its pages are, with one read for each segment; what an address is. */
static void check_runs_and_addresses(void)
{
    static const struct {
        uint32_t address;
        execfmt_status segment_status;
        uint32_t segment;
        execfmt_status offset_status;
        uint32_t offset, length;
    } rows[] = {
        { 0, EXECFMT_OK, EXECFMT_NOFF_CODE, EXECFMT_OK, 40, 144 },
        { 143, EXECFMT_OK, EXECFMT_NOFF_CODE, EXECFMT_OK, 183, 1 },
        { 144, EXECFMT_OK, EXECFMT_NOFF_INIT_DATA, EXECFMT_OK, 184, 32 },
        { 176, EXECFMT_OK, EXECFMT_NOFF_UNINIT_DATA, EXECFMT_NOFF_E_NO_ADDRESS, 0, 0 },
        { 255, EXECFMT_OK, EXECFMT_NOFF_UNINIT_DATA, EXECFMT_NOFF_E_NO_ADDRESS, 0, 0 },
        { 256, EXECFMT_NOFF_E_NO_ADDRESS, 0, EXECFMT_NOFF_E_NO_ADDRESS, 0, 0 },
        { 0xffffffffu, EXECFMT_NOFF_E_NO_ADDRESS, 0, EXECFMT_NOFF_E_NO_ADDRESS, 0, 0 }
    };
    uint8_t bytes[MAX_FILE], memory[4 * 128], one_page[128];
    execfmt_noff noff;
    uint32_t vpn, number, length;
    size_t i;

    CHECK_EQ(parse_sample(&samples[0], EXECFMT_LITTLE_ENDIAN, bytes, &noff), EXECFMT_OK);
    CHECK(strcmp(samples[0].name, "three") == 0);
    memset(memory, 0xa5, sizeof memory);
    reads_of_runs = 0;
    CHECK_EQ(execfmt_noff_load_pages(&noff, counted_read, bytes, 0, 128, memory, sizeof memory), EXECFMT_OK);
    CHECK_EQ(reads_of_runs, 2);
    for (vpn = 0; vpn < 4; vpn++) {
        CHECK_EQ(execfmt_noff_load_page(&noff, counted_read, bytes, vpn, one_page, 128), EXECFMT_OK);
        CHECK(memcmp(memory + 128 * vpn, one_page, sizeof one_page) == 0);
    }
    CHECK_EQ(execfmt_noff_load_pages(&noff, counted_read, bytes, 0xffffffffu, 128, memory, 256), EXECFMT_OK);
    CHECK(all_bytes(memory, 0, 256));
    CHECK_EQ(execfmt_noff_load_pages(&noff, counted_read, bytes, 0, 128, memory, 0), EXECFMT_OK);
    CHECK_EQ(execfmt_noff_load_pages(&noff, counted_read, bytes, 0, 128, memory, 100), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_load_pages(&noff, counted_read, bytes, 0, 100, memory, 100), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_noff_load_pages(&noff, NULL, bytes, 0, 128, memory, 128), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_load_pages(&noff, counted_read, bytes, 0, 128, NULL, 128), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_load_pages(NULL, counted_read, bytes, 0, 128, memory, 128), EXECFMT_E_NULL);

    for (i = 0; i < COUNT(rows); i++) {
        number = length = 0;
        CHECK_EQ(execfmt_noff_segment_at(&noff, rows[i].address, &number), rows[i].segment_status);
        CHECK_EQ(number, rows[i].segment);
        number = 0;
        CHECK_EQ(execfmt_noff_file_offset(&noff, rows[i].address, &number, &length), rows[i].offset_status);
        CHECK_EQ(number, rows[i].offset);
        CHECK_EQ(length, rows[i].length);
    }
    CHECK_EQ(execfmt_noff_file_offset(&noff, 1, &number, NULL), EXECFMT_OK);
    CHECK_EQ(number, 41);
    CHECK_EQ(execfmt_noff_file_offset(&noff, 1, NULL, &length), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_segment_at(&noff, 1, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_segment_at(NULL, 1, &number), EXECFMT_E_NULL);
}

static uint32_t word_at(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* argc and argv: the strings end at the top of the stack, the array is below them. */
static void check_arguments(void)
{
    static const char *const strings[] = { "cat", "", "file.txt" };
    static const char *const with_null[] = { "cat", NULL };
    enum { TOP = 0x800, LENGTH = 100, BOTTOM = TOP - LENGTH };
    uint8_t stack[LENGTH + 1], page[LENGTH + 1];
    execfmt_noff_arguments arguments;
    uint32_t i;

    memset(stack, 0xa5, sizeof stack);
    CHECK_EQ(execfmt_noff_push_arguments(strings, 3, TOP, stack, LENGTH, &arguments), EXECFMT_OK);
    CHECK_EQ(arguments.argc, 3);
    for (i = 0; i < 3; i++) {
        const uint32_t address = word_at(stack + (arguments.argv - BOTTOM) + 4 * i);
        CHECK(address >= BOTTOM && address < TOP && strcmp((const char *)stack + (address - BOTTOM), strings[i]) == 0);
    }
    CHECK_EQ(word_at(stack + (arguments.argv - BOTTOM) + 12), 0);
    CHECK(arguments.stack_pointer % 8 == 0 && arguments.stack_pointer + 16 <= arguments.argv);
    CHECK_EQ(stack[LENGTH], 0xa5);
    CHECK_EQ(stack[LENGTH - 1], 0);

    memset(page, 0xa5, sizeof page);
    CHECK_EQ(execfmt_noff_argument_page(strings, 3, 0x2400, page, LENGTH, &arguments), EXECFMT_OK);
    CHECK_EQ(arguments.argv, 0x2400);
    CHECK_EQ(word_at(page), 0x2400 + 12);
    CHECK_EQ(word_at(page + 8), 0x2400 + 17);
    CHECK(memcmp(page + 12, "cat\0\0file.txt", 14) == 0 && all_bytes(page + 26, 0, LENGTH - 26));
    CHECK_EQ(page[LENGTH], 0xa5);

    CHECK_EQ(execfmt_noff_push_arguments(NULL, 0, TOP, stack, LENGTH, &arguments), EXECFMT_OK);
    CHECK_EQ(arguments.argc, 0);
    CHECK_EQ(execfmt_noff_push_arguments(strings, 3, TOP, stack, 40, &arguments), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_noff_push_arguments(strings, 3, TOP, stack, 5, &arguments), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_noff_push_arguments(strings, 3, 10, stack, LENGTH, &arguments), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_noff_argument_page(strings, 3, 0, page, 25, &arguments), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_noff_push_arguments(with_null, 2, TOP, stack, LENGTH, &arguments), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_push_arguments(NULL, 1, TOP, stack, LENGTH, &arguments), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_push_arguments(strings, 3, TOP, NULL, LENGTH, &arguments), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_push_arguments(strings, 3, TOP, stack, LENGTH, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_noff_argument_page(strings, 3, 0, page, LENGTH, NULL), EXECFMT_E_NULL);
    memcpy(stack, "inside", 7);
    {
        const char *inside[1];
        inside[0] = (const char *)stack;
        CHECK_EQ(execfmt_noff_push_arguments(inside, 1, TOP, stack, LENGTH, &arguments), EXECFMT_E_ARGUMENT);
    }
}

static void check_loading(void)
{
    size_t order, i;

    for (order = 0; order < COUNT(byte_orders); order++)
        for (i = 0; i < COUNT(samples); i++) {
            check_pages(&samples[i], byte_orders[order]);
            check_whole(&samples[i], byte_orders[order]);
        }
    check_pages_by_hand();
    check_high_pages();
    check_arithmetic();
    check_runs_and_addresses();
    check_arguments();
}

#endif
