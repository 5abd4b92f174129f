/*
 * Memory that runs out: each allocation of each function of a builder is refused once. The call says so, and nothing has
 * happened: image, space and side file are as before. What never runs out of memory gives the same image in the end.
 */
#ifndef COYOTOS_MEMORY_CASES_H
#define COYOTOS_MEMORY_CASES_H

/* A builder at work, and what its calls need. */
typedef struct scene {
    arena memory;
    execfmt_coyotos_memory hooks;
    execfmt_coyotos_builder *builder;
    unsigned round;
    cap bank, page, code, space;
} scene;

#define PLENTY ((unsigned)-1)
#define ROUNDS 12

/* The image that a builder would write, which needs no memory of the builder's. */
static uint8_t *image_of(scene *at, size_t *length)
{
    uint8_t *image;

    at->memory.calls_left = 0;
    CHECK_EQ(execfmt_coyotos_builder_length(at->builder, length), EXECFMT_OK);
    image = (uint8_t *)malloc(*length);
    CHECK_EQ(execfmt_coyotos_builder_write(at->builder, image, *length, length), EXECFMT_OK);
    at->memory.calls_left = PLENTY;
    return image;
}

static int same_images(scene *first, scene *second)
{
    size_t length, other_length;
    uint8_t *const image = image_of(first, &length), *const other = image_of(second, &other_length);
    const int same = length == other_length && memcmp(image, other, length) == 0;

    free(image);
    free(other);
    return same;
}

/* The calls: an argument of each selects a variant. */

static execfmt_status call_alloc_bank(scene *at, unsigned argument)
{
    cap bank;

    (void)argument;
    return execfmt_coyotos_builder_alloc_bank(at->builder, &at->bank, &bank);
}

static execfmt_status call_alloc(scene *at, unsigned argument)
{
    cap object;

    return execfmt_coyotos_builder_alloc(at->builder, argument, &at->bank, &object);
}

static execfmt_status call_write_page(scene *at, unsigned argument)
{
    uint8_t bytes[0x1000];

    memset(bytes, (int)at->round + 1, sizeof bytes);
    return execfmt_coyotos_builder_write_page(at->builder, &at->page, 0, bytes, argument);
}

static execfmt_status call_guarded(scene *at, unsigned argument)
{
    cap guarded;

    return execfmt_coyotos_builder_guarded(at->builder, &at->bank, &at->page, U64(0x12345678, 0x9a000000u), argument,
                                           &guarded);
}

/* Addresses near and far, so that the tree grows in all ways. */
static uint64_t address_of(const scene *at, unsigned argument)
{
    return U64(at->round * at->round * at->round * argument, (at->round * 0x35 + argument) << 12);
}

static execfmt_status call_add(scene *at, unsigned argument)
{
    return execfmt_coyotos_builder_add(at->builder, &at->bank, &at->space, address_of(at, argument), &at->page, 0);
}

static execfmt_status call_emit(scene *at, unsigned argument)
{
    uint8_t bytes[0x2800];

    memset(bytes, (int)at->round + 1, sizeof bytes);
    return execfmt_coyotos_builder_emit(at->builder, &at->bank, &at->space, address_of(at, argument) + 0x700, bytes,
                                        sizeof bytes, EXECFMT_COYOTOS_NX);
}

/* Into pages of zeros, which take no memory before. */
static execfmt_status call_emit_over(scene *at, unsigned argument)
{
    uint8_t bytes[0x1800];

    memset(bytes, (int)at->round + 1, sizeof bytes);
    return execfmt_coyotos_builder_emit(at->builder, &at->bank, &at->code, U64(0x700, argument), bytes, sizeof bytes, 0);
}

static execfmt_status call_emit_zeros(scene *at, unsigned argument)
{
    return execfmt_coyotos_builder_emit_zeros(at->builder, &at->bank, &at->space, address_of(at, argument), 0x5000, 0);
}

static execfmt_status call_protect(scene *at, unsigned argument)
{
    return execfmt_coyotos_builder_protect(at->builder, &at->bank, &at->space, address_of(at, argument), 0x3000,
                                           EXECFMT_COYOTOS_RO);
}

static execfmt_status call_load_elf(scene *at, unsigned argument)
{
    execfmt_coyotos_program program;
    uint8_t elf[ELF_LENGTH];

    make_elf(elf);
    if (argument == EXECFMT_COYOTOS_LOAD_COMPATIBLE) {
        put32(elf + 52 + 8, 0x10000 + ELF_LENGTH - 16);
        put32(elf + 24, 0x10000 + ELF_LENGTH - 16);
    }
    return execfmt_coyotos_builder_load_elf(at->builder, &at->bank, elf, sizeof elf, argument, &program);
}

static execfmt_status call_runnable_process(scene *at, unsigned argument)
{
    cap process;

    return execfmt_coyotos_builder_runnable_process(at->builder, &at->bank, &at->code, argument, &process);
}

static execfmt_status call_constructor_form(scene *at, unsigned argument)
{
    cap small = null_capability(), root, proto;
    const unsigned left = at->memory.calls_left;
    execfmt_status status;

    at->memory.calls_left = PLENTY;
    CHECK_EQ(execfmt_coyotos_builder_guarded(at->builder, &at->bank, &at->page, argument, 0, &small), EXECFMT_OK);
    at->memory.calls_left = left;
    status = execfmt_coyotos_builder_constructor_form(at->builder, &at->bank, &small, argument, NULL, 0, &root, &proto);
    return status;
}

static execfmt_status call_add_symbols(scene *at, unsigned argument)
{
    execfmt_coyotos_symbol symbols[3];
    size_t i;

    memset(symbols, 0, sizeof symbols);
    for (i = 0; i < COUNT(symbols); i++) {
        symbols[i].value = at->round * 0x100 - i;
        symbols[i].object = U64((uint32_t)EXECFMT_COYOTOS_OBJECT_GPT << 24, 0);
        symbols[i].name = i == 0 ? "first" : "sec\377nd";
        symbols[i].name_length = 5 + (i != 0);
    }
    return execfmt_coyotos_builder_add_symbols(at->builder, symbols, argument);
}

static execfmt_status call_image(scene *at, unsigned argument)
{
    uint8_t *image = NULL;
    size_t length = 0;
    const execfmt_status status = execfmt_coyotos_builder_image(at->builder, &image, &length);

    (void)argument;
    CHECK((status == EXECFMT_OK) == (image != NULL));
    if (image != NULL) {
        CHECK(length > 0x2000 && memcmp(image, "coyimage", 8) == 0);
        at->hooks.free(at->hooks.context, image);
    }
    return status;
}

#ifndef HOOKS_ONLY
#define MEMORY_ELF_LENGTH (ELF_LENGTH + 36 + 48 + 13 + 8 + 5 * 40)

static void section(uint8_t *header, unsigned name, unsigned type, unsigned at, unsigned size)
{
    put32(header, name);
    put32(header + 4, type);
    put32(header + 16, at);
    put32(header + 20, size);
    put32(header + 32, 1);
}

/* The program of the other cases with symbols, one of a name that is no UTF-8, and eight bytes for a debugger. */
static void make_elf_with_symbols(uint8_t *elf)
{
    const unsigned names = ELF_LENGTH, symbols = names + 36, strings = symbols + 48, debug = strings + 13;
    const unsigned headers = debug + 8;

    memset(elf, 0, MEMORY_ELF_LENGTH);
    make_elf(elf);
    put32(elf + 32, headers);
    put16(elf + 46, 40);
    put16(elf + 48, 5);
    put16(elf + 50, 4);
    memcpy(elf + names, "\0.symtab\0.strtab\0.debug_x\0.shstrtab", 36);
    memcpy(elf + strings, "\0main\0tab\377le", 13);
    put32(elf + symbols + 16, 1);
    put32(elf + symbols + 20, 0x10104);
    put32(elf + symbols + 24, 4);
    put32(elf + symbols + 28, 0x00010012);
    put32(elf + symbols + 32, 6);
    put32(elf + symbols + 36, 0x12000);
    put32(elf + symbols + 44, 0x00010011);
    memset(elf + debug, 0xdb, 8);
    section(elf + headers + 40, 1, 2, symbols, 48);
    put32(elf + headers + 40 + 24, 2);
    put32(elf + headers + 40 + 28, 1);
    put32(elf + headers + 40 + 36, 16);
    section(elf + headers + 80, 9, 3, strings, 13);
    section(elf + headers + 120, 17, 1, debug, 8);
    section(elf + headers + 160, 26, 3, names, 36);
}

static execfmt_status call_keep_debug(scene *at, unsigned argument)
{
    uint8_t elf[MEMORY_ELF_LENGTH];

    make_elf_with_symbols(elf);
    elf[52 + 64] = (uint8_t)at->round;
    return execfmt_coyotos_builder_keep_debug(at->builder, elf, argument, &at->code);
}
#endif

static const struct memory_row {
    const char *name;
    execfmt_status (*call)(scene *at, unsigned argument);
    unsigned argument;
} memory_rows[] = {
    { "alloc_bank", call_alloc_bank, 0 },
    { "alloc page", call_alloc, EXECFMT_COYOTOS_OBJECT_PAGE },
    { "alloc cappage", call_alloc, EXECFMT_COYOTOS_OBJECT_CAP_PAGE },
    { "alloc gpt", call_alloc, EXECFMT_COYOTOS_OBJECT_GPT },
    { "alloc process", call_alloc, EXECFMT_COYOTOS_OBJECT_PROCESS },
    { "alloc endpoint", call_alloc, EXECFMT_COYOTOS_OBJECT_ENDPOINT },
    { "write_page, a part", call_write_page, 100 },
    { "write_page, all", call_write_page, 0x1000 },
    { "guarded", call_guarded, 25 },
    { "add, near", call_add, 0 },
    { "add, far", call_add, 1 },
    { "emit, near", call_emit, 0 },
    { "emit, far", call_emit, 3 },
    { "emit over zeros", call_emit_over, 0x800 },
    { "emit_zeros", call_emit_zeros, 5 },
    { "protect", call_protect, 7 },
    { "load_elf", call_load_elf, EXECFMT_COYOTOS_LOAD_EXACT },
    { "load_elf, compatible", call_load_elf, EXECFMT_COYOTOS_LOAD_COMPATIBLE },
    { "runnable_process", call_runnable_process, 0x1000 },
    { "constructor_form", call_constructor_form, 0x1000 },
    { "add_symbols", call_add_symbols, 3 },
#ifndef HOOKS_ONLY
    { "keep_debug", call_keep_debug, MEMORY_ELF_LENGTH },
#endif
    { "image", call_image, 0 }
};

static void open_scene(scene *at)
{
    const uint8_t code[] = { 0xf4 };

    memset(at, 0, sizeof *at);
    at->hooks = hooks_of(&at->memory);
    CHECK_EQ(execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, &at->hooks, &at->builder), EXECFMT_OK);
    at->bank = prime_bank(at->builder);
    CHECK_EQ(execfmt_coyotos_builder_emit(at->builder, &at->bank, &at->code, 0x1000, code, 1, EXECFMT_COYOTOS_RO),
             EXECFMT_OK);
}

/* What a round of calls needs before it begins. */
static void begin_round(scene *at, unsigned round)
{
    at->round = round;
    at->page = allocated(at->builder, EXECFMT_COYOTOS_OBJECT_PAGE, at->bank);
    /* One more now and then, so that it is not always here that the list of pages grows. */
    if (round % 2 == 0)
        allocated(at->builder, EXECFMT_COYOTOS_OBJECT_PAGE, at->bank);
    CHECK_EQ(execfmt_coyotos_builder_emit_zeros(at->builder, &at->bank, &at->code, U64(0x700, 0), 0x4000, 0), EXECFMT_OK);
}

static void close_scene(scene *at)
{
    CHECK_EQ(execfmt_coyotos_builder_destroy(at->builder), EXECFMT_OK);
    CHECK_EQ(at->memory.given, at->memory.taken);
    CHECK_EQ(at->memory.bytes, 0);
}

/* A length of 0 when there is no side file. */
static size_t side_file_length(scene *at)
{
    size_t length = 0;

#ifndef HOOKS_ONLY
    const execfmt_status status = execfmt_coyotos_builder_side_file_length(at->builder, &length);

    CHECK(status == EXECFMT_OK || status == EXECFMT_END);
#else
    (void)at;
#endif
    return length;
}

static void check_refusals(const struct memory_row *row)
{
    scene poor, rich;
    unsigned round, refusals = 0;

    check_row = row->name;
    open_scene(&poor);
    open_scene(&rich);
    for (round = 1; round <= ROUNDS; round++) {
        unsigned calls;
        execfmt_status status;

        begin_round(&poor, round);
        begin_round(&rich, round);
        for (calls = 0; calls < 1000; calls++) {
            const scene before = poor;
            const size_t side = side_file_length(&poor);
            char message[100];

            poor.memory.calls_left = calls;
            status = row->call(&poor, row->argument);
            poor.memory.calls_left = PLENTY;
            if (status == EXECFMT_OK)
                break;
            refusals++;
            CHECK_EQ(status, EXECFMT_COYOTOS_E_MEMORY);
            if (row->call != call_image) {
                CHECK(execfmt_coyotos_builder_message(poor.builder, message, sizeof message) < sizeof message);
                CHECK(strstr(message, " more bytes ") != NULL);
            }
            CHECK(memcmp(&poor.space, &before.space, sizeof poor.space) == 0);
            CHECK(memcmp(&poor.code, &before.code, sizeof poor.code) == 0);
            CHECK_EQ(side_file_length(&poor), side);
            CHECK(same_images(&poor, &rich));
        }
        CHECK_EQ(status, EXECFMT_OK);
        CHECK_EQ(row->call(&rich, row->argument), EXECFMT_OK);
        CHECK_EQ(side_file_length(&poor), side_file_length(&rich));
        CHECK(memcmp(&poor.space, &rich.space, sizeof poor.space) == 0);
        CHECK(same_images(&poor, &rich));
    }
    CHECK(refusals > 0);
    close_scene(&poor);
    close_scene(&rich);
    check_row = "";
}

/* Nothing is left of a builder that could not be made. */
static void check_refused_creation(void)
{
    const execfmt_coyotos_image image = opened(samples[0].bytes, samples[0].length);
    unsigned from, calls, refusals;

    for (from = 0; from < 2; from++) {
        execfmt_coyotos_builder *builder = NULL;
        execfmt_status status = EXECFMT_COYOTOS_E_MEMORY;
        arena memory;
        const execfmt_coyotos_memory hooks = hooks_of(&memory);

        refusals = 0;
        for (calls = 0; calls < 1000 && status != EXECFMT_OK; calls++) {
            memory.calls_left = calls;
            status = from == 0 ? execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, &hooks, &builder)
                               : execfmt_coyotos_builder_create_from(&image, &hooks, &builder);
            if (status == EXECFMT_OK)
                break;
            refusals++;
            CHECK_EQ(status, EXECFMT_COYOTOS_E_MEMORY);
            CHECK(builder == NULL && memory.given == memory.taken && memory.bytes == 0);
        }
        CHECK_EQ(status, EXECFMT_OK);
        CHECK(refusals >= (from == 0 ? 4u : 8u));
        if (from == 1)
            check_written(builder, samples[0].bytes, samples[0].length);
        memory.calls_left = 0;
        CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
        CHECK(memory.given == memory.taken && memory.bytes == 0);
    }
}

/* What only looks or changes what is there works when there is no memory at all. */
static void check_calls_without_memory(void)
{
    scene at;
    cap gpt, endpoint, process, found;
    execfmt_coyotos_gpt gpt_state;
    execfmt_coyotos_endpoint endpoint_state;
    execfmt_coyotos_process process_state;
    execfmt_coyotos_leaf leaf;
    uint8_t page[0x1000];
    uint64_t count;
    size_t length;

    open_scene(&at);
    begin_round(&at, 1);
    gpt = allocated(at.builder, EXECFMT_COYOTOS_OBJECT_GPT, at.bank);
    endpoint = allocated(at.builder, EXECFMT_COYOTOS_OBJECT_ENDPOINT, at.bank);
    process = allocated(at.builder, EXECFMT_COYOTOS_OBJECT_PROCESS, at.bank);
    CHECK_EQ(call_write_page(&at, 8), EXECFMT_OK);
    at.memory.calls_left = 0;
    CHECK_EQ(execfmt_coyotos_builder_count(at.builder, EXECFMT_COYOTOS_OBJECT_PAGE, &count), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_prime_bank(at.builder, &found), EXECFMT_OK);
    CHECK_EQ(call_write_page(&at, 0x1000), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_read_page(at.builder, &at.page, page, sizeof page), EXECFMT_OK);
    CHECK_EQ(page[0xfff], 2);
    put(at.builder, gpt, 3, at.page);
    CHECK_EQ(execfmt_coyotos_builder_gpt(at.builder, &gpt, &gpt_state), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_set_gpt(at.builder, &gpt, &gpt_state), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_endpoint(at.builder, &endpoint, &endpoint_state), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_set_endpoint(at.builder, &endpoint, &endpoint_state), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_process(at.builder, &process, &process_state), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_set_process(at.builder, &process, &process_state), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_leaf(at.builder, &at.code, 0x1000, &leaf), EXECFMT_OK);
    CHECK_EQ(call_emit_over(&at, 0x5000), EXECFMT_COYOTOS_E_MEMORY);
    CHECK_EQ(execfmt_coyotos_builder_emit_zeros(at.builder, &at.bank, &at.code, 0x1000, 1, 0), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_validate(at.builder), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_length(at.builder, &length), EXECFMT_OK);
    close_scene(&at);
}

/* All that a builder holds is from its hooks: 300 pages and as many processes, and not much beside. */
static void check_memory_held(void)
{
    static uint8_t bytes[300 * 0x1000];
    const size_t objects = sizeof bytes + 300 * 632;
    scene at;
    unsigned i;

    open_scene(&at);
    memset(bytes, 0x5a, sizeof bytes);
    CHECK_EQ(execfmt_coyotos_builder_emit(at.builder, &at.bank, &at.space, 0, bytes, sizeof bytes, 0), EXECFMT_OK);
    for (i = 0; i < 300; i++)
        allocated(at.builder, EXECFMT_COYOTOS_OBJECT_PROCESS, at.bank);
    CHECK(at.memory.bytes >= objects);
    CHECK(at.memory.bytes < 2 * objects);
    close_scene(&at);
}

static void check_memory(void)
{
    size_t i;

    for (i = 0; i < COUNT(memory_rows); i++)
        check_refusals(&memory_rows[i]);
    check_refused_creation();
    check_calls_without_memory();
    check_memory_held();
}

#endif
