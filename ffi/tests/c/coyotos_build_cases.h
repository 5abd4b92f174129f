/* Building: the recipes' calls give the model's bytes; programs from an ELF and from a code generator. */
#ifndef COYOTOS_BUILD_CASES_H
#define COYOTOS_BUILD_CASES_H

typedef execfmt_coyotos_capability cap;

/* Memory that is counted, and that can run out. */
typedef struct arena {
    unsigned given, taken, calls_left;
    size_t bytes; /* held */
    int askew;
} arena;

/* Before each block: its size, and room for the alignment of every type. */
#define ARENA_HEAD 32

#ifdef __cplusplus
extern "C" {
#endif

static void *arena_malloc(void *context, size_t size)
{
    arena *const from = (arena *)context;
    char *memory;

    if (from->calls_left == 0)
        return NULL;
    from->calls_left--;
    from->given++;
    from->bytes += size;
    memory = (char *)malloc(ARENA_HEAD + size + 1);
    memcpy(memory, &size, sizeof size);
    return memory + ARENA_HEAD + from->askew;
}

static void arena_free(void *context, void *memory)
{
    arena *const from = (arena *)context;
    char *const block = (char *)memory - ARENA_HEAD - from->askew;
    size_t size;

    memcpy(&size, block, sizeof size);
    from->taken++;
    from->bytes -= size;
    free(block);
}

#ifdef HOOKS_ONLY
static void *plain_malloc(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void plain_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}
#endif

#ifdef __cplusplus
}
#endif

/* For tests that do not mind where memory is from: the library's own, if it has some. */
#ifdef HOOKS_ONLY
static const execfmt_coyotos_memory plain_hooks = { plain_malloc, plain_free, NULL };
#define ANY_MEMORY (&plain_hooks)
#else
#define ANY_MEMORY NULL
#endif

static execfmt_coyotos_memory hooks_of(arena *from)
{
    execfmt_coyotos_memory hooks;

    memset(from, 0, sizeof *from);
    from->calls_left = (unsigned)-1;
    hooks.malloc = arena_malloc;
    hooks.free = arena_free;
    hooks.context = from;
    return hooks;
}

static execfmt_coyotos_builder *created(uint32_t target)
{
    execfmt_coyotos_builder *builder = NULL;

    CHECK_EQ(execfmt_coyotos_builder_create(target, EXECFMT_COYOTOS_AS_WRITTEN, ANY_MEMORY, &builder), EXECFMT_OK);
    return builder;
}

static cap prime_bank(execfmt_coyotos_builder *builder)
{
    cap bank;

    memset(&bank, 0, sizeof bank);
    CHECK_EQ(execfmt_coyotos_builder_prime_bank(builder, &bank), EXECFMT_OK);
    return bank;
}

static cap allocated(execfmt_coyotos_builder *builder, uint32_t object_type, cap bank)
{
    cap object;

    memset(&object, 0, sizeof object);
    CHECK_EQ(execfmt_coyotos_builder_alloc(builder, object_type, &bank, &object), EXECFMT_OK);
    return object;
}

static cap null_capability(void)
{
    cap null;

    memset(&null, 0, sizeof null);
    return null;
}

static void add(execfmt_coyotos_builder *builder, cap bank, cap *space, uint64_t address, cap memory)
{
    CHECK_EQ(execfmt_coyotos_builder_add(builder, &bank, space, address, &memory, 0), EXECFMT_OK);
}

static void put(execfmt_coyotos_builder *builder, cap object, uint32_t slot, cap value)
{
    cap found;

    CHECK_EQ(execfmt_coyotos_builder_set_capability(builder, &object, slot, &value), EXECFMT_OK);
    SPOIL(found);
    CHECK_EQ(execfmt_coyotos_builder_capability(builder, &object, slot, &found), EXECFMT_OK);
    CHECK(memcmp(&found, &value, sizeof found) == 0);
}

/* The calls of testdata/coyotos/ARCH.recipe, one by one. */
static void cook(execfmt_coyotos_builder *builder, uint32_t log2)
{
    static const uint8_t hello[] = { 'H', 'e', 'l', 'l', 'o' }, cafe[] = { 0xca, 0xfe };
    const cap prime = prime_bank(builder);
    cap b, c, p, q, k, g, e, r, t, w, s = null_capability();
    execfmt_coyotos_gpt gpt;
    execfmt_coyotos_endpoint endpoint;
    execfmt_coyotos_process process;

    CHECK_EQ(execfmt_coyotos_builder_alloc_bank(builder, &prime, &b), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_alloc_bank(builder, &b, &c), EXECFMT_OK);
    p = allocated(builder, EXECFMT_COYOTOS_OBJECT_PAGE, b);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &p, 0, hello, sizeof hello), EXECFMT_OK);
    p.restr = EXECFMT_COYOTOS_RO;
    q = allocated(builder, EXECFMT_COYOTOS_OBJECT_PAGE, c);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &q, 100, cafe, sizeof cafe), EXECFMT_OK);
    k = allocated(builder, EXECFMT_COYOTOS_OBJECT_CAP_PAGE, prime);
    g = allocated(builder, EXECFMT_COYOTOS_OBJECT_GPT, b);
    CHECK_EQ(execfmt_coyotos_builder_gpt(builder, &g, &gpt), EXECFMT_OK);
    CHECK(gpt.l2v == log2 && gpt.flags == 0);
    gpt.flags = EXECFMT_COYOTOS_GPT_HANDLER;
    CHECK_EQ(execfmt_coyotos_builder_set_gpt(builder, &g, &gpt), EXECFMT_OK);
    e = allocated(builder, EXECFMT_COYOTOS_OBJECT_ENDPOINT, c);
    CHECK_EQ(execfmt_coyotos_builder_endpoint(builder, &e, &endpoint), EXECFMT_OK);
    CHECK(endpoint.endpoint_id == 0 && endpoint.pm == 0 && endpoint.prot_payload == 0);
    endpoint.pm = 1;
    endpoint.prot_payload = 0xdeadbeefu;
    CHECK_EQ(execfmt_coyotos_builder_set_endpoint(builder, &e, &endpoint), EXECFMT_OK);
    r = allocated(builder, EXECFMT_COYOTOS_OBJECT_PROCESS, prime);
    CHECK_EQ(execfmt_coyotos_builder_process(builder, &r, &process), EXECFMT_OK);
    process.flags = 0x41;
    process.fault_code = EXECFMT_COYOTOS_FAULT_STARTUP;
    process.fault_info = 0x4000;
    CHECK_EQ(execfmt_coyotos_builder_set_process(builder, &r, &process), EXECFMT_OK);
    add(builder, b, &s, 0x4000, p);
    add(builder, b, &s, 0x6000, q);
    add(builder, c, &s, 0x100000, q);
    add(builder, b, &s, U64(0x7fff, 0), p);
    add(builder, prime, &s, 0x4000000, k);
    add(builder, prime, &s, 0x6000, null_capability());
    CHECK_EQ(execfmt_coyotos_builder_guarded(builder, &prime, &q, U64(0x12345678, 0x9a000000u), 25, &t), EXECFMT_OK);
    put(builder, g, 3, s);
    put(builder, k, 7, t);
    w = null_capability();
    w.cap_type = EXECFMT_COYOTOS_CAP_WINDOW;
    w.l2g = log2;
    put(builder, k, 8, w);
    put(builder, e, EXECFMT_COYOTOS_SLOT_RECIPIENT, r);
    put(builder, r, EXECFMT_COYOTOS_SLOT_ADDR_SPACE, s);
    put(builder, r, EXECFMT_COYOTOS_SLOT_CAP_REG + 31, e);
    CHECK_EQ(execfmt_coyotos_builder_validate(builder), EXECFMT_OK);
}

/* What a builder writes is these bytes; and every buffer that is too small stays as it is. */
static void check_written(execfmt_coyotos_builder *builder, const uint8_t *bytes, size_t length)
{
    uint8_t *const room = (uint8_t *)malloc(length + 1);
    size_t found = 0, written = 77;

    CHECK_EQ(execfmt_coyotos_builder_length(builder, &found), EXECFMT_OK);
    CHECK_EQ(found, length);
    memset(room, 0xa5, length + 1);
    CHECK_EQ(execfmt_coyotos_builder_write(builder, room, length - 1, &written), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_coyotos_builder_write(builder, NULL, 0, &written), EXECFMT_E_BUFFER);
    CHECK(written == 77 && room[0] == 0xa5);
    CHECK_EQ(execfmt_coyotos_builder_write(builder, room, length + 1, &written), EXECFMT_OK);
    CHECK_EQ(written, length);
    CHECK(memcmp(room, bytes, length) == 0);
    CHECK_EQ(room[length], 0xa5);
    free(room);
}

static void check_recipes(void)
{
    execfmt_coyotos_builder *builder;
    execfmt_coyotos_memory hooks;
    execfmt_coyotos_image image;
    arena memory;
    uint64_t count;
    uint8_t *given, page[0x2000];
    unsigned held;
    size_t i, length;
    cap second;

    for (i = 0; i < COUNT(samples); i++) {
        const sample *const model = &samples[i];

        builder = created(model->target);
        cook(builder, model->log2);
        check_written(builder, model->bytes, model->length);
#ifndef HOOKS_ONLY
        CHECK_EQ(execfmt_coyotos_builder_image(builder, &given, &length), EXECFMT_E_NULL);
#endif
        CHECK_EQ(execfmt_coyotos_builder_count(builder, EXECFMT_COYOTOS_OBJECT_PAGE, &count), EXECFMT_OK);
        CHECK_EQ(count, 3);
        CHECK_EQ(execfmt_coyotos_builder_message(builder, NULL, 0), 0);
        CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);

        /* Memory of the caller's. */
        hooks = hooks_of(&memory);
        CHECK_EQ(execfmt_coyotos_builder_create(model->target, 0, &hooks, &builder), EXECFMT_OK);
        CHECK(memory.given > 0 && memory.taken == 0);
        cook(builder, model->log2);
        held = memory.given - memory.taken;
        CHECK_EQ(execfmt_coyotos_builder_image(builder, &given, &length), EXECFMT_OK);
        CHECK_EQ(memory.given - memory.taken, held + 1);
        CHECK_EQ(length, model->length);
        CHECK(memcmp(given, model->bytes, length) == 0);
        memory.calls_left = 0;
        CHECK_EQ(execfmt_coyotos_builder_image(builder, &given, &length), EXECFMT_COYOTOS_E_MEMORY);
        CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
        CHECK_EQ(memory.given - memory.taken, 1);
        CHECK_EQ(memory.bytes, length);
        arena_free(&memory, given);

        /* From the model's image; written again at once, and extended. */
        image = opened(model->bytes, model->length);
        CHECK_EQ(execfmt_coyotos_builder_create_from(&image, ANY_MEMORY, &builder), EXECFMT_OK);
        check_written(builder, model->bytes, model->length);
        memset(&second, 0, sizeof second);
        second.cap_type = EXECFMT_COYOTOS_CAP_PAGE;
        second.l2g = model->log2;
        second.oid = 2;
        SPOIL(page);
        CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &second, page, model->page_size - 1), EXECFMT_E_BUFFER);
        CHECK_EQ(page[0], 0xa5);
        CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &second, page, sizeof page), EXECFMT_OK);
        CHECK(page[99] == 0 && page[100] == 0xca && page[101] == 0xfe && page[102] == 0);
        second = allocated(builder, EXECFMT_COYOTOS_OBJECT_PAGE, prime_bank(builder));
        CHECK_EQ(second.oid, 3);
        CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &second, page, sizeof page), EXECFMT_OK);
        CHECK(page[0] == 0 && page[100] == 0);
        CHECK_EQ(execfmt_coyotos_builder_length(builder, &length), EXECFMT_OK);
        CHECK_EQ(length, model->length + model->page_size);
        CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
    }
    CHECK_EQ(execfmt_coyotos_builder_destroy(NULL), EXECFMT_OK);
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, (unsigned)(value & 0xffff));
    put16(at + 2, (unsigned)(value >> 16));
}

/* An ELF32 for i386: 16 bytes at 0x10100 that may be executed, and 0x2000 of zeros after them that may be written. */
#define ELF_LENGTH (52 + 2 * 32 + 16)
static void make_elf(uint8_t *elf)
{
    uint8_t *const text = elf + 52, *const zeros = elf + 52 + 32;
    unsigned i;

    memset(elf, 0, ELF_LENGTH);
    memcpy(elf, "\177ELF\1\1\1", 7);
    put16(elf + 16, 2);
    put16(elf + 18, 3);
    put32(elf + 20, 1);
    put32(elf + 24, 0x10104);
    put32(elf + 28, 52);
    put16(elf + 40, 52);
    put16(elf + 42, 32);
    put16(elf + 44, 2);
    put32(text, 1);
    put32(text + 4, ELF_LENGTH - 16);
    put32(text + 8, 0x10100);
    put32(text + 16, 16);
    put32(text + 20, 16);
    put32(text + 24, 5);
    put32(zeros, 1);
    put32(zeros + 4, ELF_LENGTH);
    put32(zeros + 8, 0x12000);
    put32(zeros + 20, 0x2000);
    put32(zeros + 24, 6);
    for (i = 0; i < 16; i++)
        elf[ELF_LENGTH - 16 + i] = (uint8_t)(0x90 + i);
}

static void check_programs(void)
{
    static const struct {
        unsigned at, value; /* a 16-bit word of the file */
        execfmt_status expected;
    } rows[] = {
        { 0, 0, EXECFMT_COYOTOS_E_ELF_MAGIC },
        { 4, 0x0103, EXECFMT_COYOTOS_E_ELF_MALFORMED },
        { 18, 40, EXECFMT_COYOTOS_E_ELF_MACHINE },
        { 16, 3, EXECFMT_COYOTOS_E_ELF_KIND },
        { 44, 0, EXECFMT_COYOTOS_E_ELF_SEGMENTS },
        { 52 + 16, 17, EXECFMT_COYOTOS_E_ELF_RANGE },
        { 24, 0x5000, EXECFMT_COYOTOS_E_ENTRY }
    };
    execfmt_coyotos_builder *const builder = created(EXECFMT_COYOTOS_I386);
    const cap bank = prime_bank(builder);
    execfmt_coyotos_program program;
    execfmt_coyotos_process state;
    execfmt_coyotos_leaf leaf;
    uint8_t elf[ELF_LENGTH], page[0x1000];
    cap process, root, proto;
    char message[300];
    size_t i, before, after, length;

    make_elf(elf);
    SPOIL(program);
    CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, elf, sizeof elf, EXECFMT_COYOTOS_LOAD_EXACT, &program),
             EXECFMT_OK);
    CHECK_EQ(program.entry, 0x10104);
    CHECK_EQ(program.entry_executable, 1);
    CHECK_EQ(program.reserved, 0);
    CHECK_EQ(execfmt_coyotos_builder_leaf(builder, &program.space, 0x10105, &leaf), EXECFMT_OK);
    CHECK_EQ(leaf.offset, 0x105);
    CHECK_EQ(leaf.restr, EXECFMT_COYOTOS_RO);
    CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &leaf.capability, page, sizeof page), EXECFMT_OK);
    CHECK(page[0xff] == 0 && page[0x100] == 0x90 && page[0x10f] == 0x9f && page[0x110] == 0);
    CHECK_EQ(execfmt_coyotos_builder_leaf(builder, &program.space, 0x13fff, &leaf), EXECFMT_OK);
    CHECK_EQ(leaf.restr, EXECFMT_COYOTOS_NX);
    CHECK_EQ(execfmt_coyotos_builder_leaf(builder, &program.space, 0x11000, &leaf), EXECFMT_OK);
    CHECK_EQ(leaf.capability.cap_type, EXECFMT_COYOTOS_CAP_NULL);

    CHECK_EQ(execfmt_coyotos_builder_runnable_process(builder, &bank, &program.space, program.entry, &process),
             EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_process(builder, &process, &state), EXECFMT_OK);
    CHECK_EQ(state.fault_code, EXECFMT_COYOTOS_FAULT_STARTUP);
    CHECK_EQ(state.fault_info, 0x10104);
    CHECK_EQ(execfmt_coyotos_builder_capability(builder, &process, EXECFMT_COYOTOS_SLOT_ADDR_SPACE, &root), EXECFMT_OK);
    CHECK(memcmp(&root, &program.space, sizeof root) == 0);
    CHECK_EQ(execfmt_coyotos_builder_runnable_process(builder, &bank, &program.space, 0x12000, &process),
             EXECFMT_COYOTOS_E_ENTRY);
    CHECK(execfmt_coyotos_builder_message(builder, message, sizeof message) > 10);
    CHECK(strstr(message, "0x12000") != NULL);
    CHECK_EQ(execfmt_coyotos_builder_constructor_form(builder, &bank, &program.space, program.entry, NULL, 0, &root,
                                                      &proto),
             EXECFMT_COYOTOS_E_NOT_SMALL);

#ifndef HOOKS_ONLY
    /* No sections: a side file with nothing but a build id. */
    CHECK_EQ(execfmt_coyotos_builder_side_file_length(builder, &length), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_builder_write_side_file(builder, page, sizeof page, &length), EXECFMT_END);
    CHECK_EQ(execfmt_coyotos_builder_keep_debug(builder, elf, sizeof elf, &program.space), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_side_file_length(builder, &length), EXECFMT_OK);
    CHECK(length > 52 && length < sizeof page);
    CHECK_EQ(execfmt_coyotos_builder_write_side_file(builder, page, length - 1, &after), EXECFMT_E_BUFFER);
    CHECK_EQ(execfmt_coyotos_builder_write_side_file(builder, page, sizeof page, &after), EXECFMT_OK);
    CHECK(after == length && memcmp(page, "\177ELF", 4) == 0);
    CHECK_EQ(execfmt_coyotos_builder_keep_debug(builder, elf, 10, &program.space), EXECFMT_COYOTOS_E_ELF_MALFORMED);
#else
    (void)length;
#endif

    CHECK_EQ(execfmt_coyotos_builder_length(builder, &before), EXECFMT_OK);
    for (i = 0; i < COUNT(rows); i++) {
        make_elf(elf);
        put16(elf + rows[i].at, rows[i].value);
        CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, elf, sizeof elf, 0, &program), rows[i].expected);
        CHECK(execfmt_coyotos_builder_message(builder, message, sizeof message) > 10);
    }
    /* The second segment over the first, with other bytes. */
    make_elf(elf);
    put32(elf + 52 + 32 + 8, 0x10000);
    CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, elf, sizeof elf, 0, &program),
             EXECFMT_COYOTOS_E_ELF_OVERLAP);
    /* Of the same file, the original's loader wants the places in file and memory to agree. */
    CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, elf, sizeof elf, EXECFMT_COYOTOS_LOAD_COMPATIBLE, &program),
             EXECFMT_COYOTOS_E_ELF_MISALIGNED);
    for (i = 0; i < sizeof elf; i++)
        CHECK(execfmt_coyotos_builder_load_elf(builder, &bank, elf, i, 0, &program) != EXECFMT_OK);
    make_elf(elf);
    put32(elf + 52 + 8, 0x10000 + ELF_LENGTH - 16);
    put32(elf + 24, 0x10000 + ELF_LENGTH - 16);
    CHECK_EQ(execfmt_coyotos_builder_length(builder, &after), EXECFMT_OK);
    CHECK_EQ(after, before);
    CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, elf, sizeof elf, EXECFMT_COYOTOS_LOAD_COMPATIBLE, &program),
             EXECFMT_OK);
    CHECK_EQ(program.entry_executable, 1);
    CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
}

/* A code generator: bytes at addresses, rights, symbols; the image is written to a file for the reader's cases. */
static void check_emitting(const char *path)
{
    static const char start[] = "start", table[] = "table", id[] = "c0de";
    execfmt_coyotos_builder *const builder = created(EXECFMT_COYOTOS_I386);
    const cap bank = prime_bank(builder);
    execfmt_coyotos_symbol symbols[3];
    execfmt_coyotos_leaf leaf;
    cap space = null_capability(), small = null_capability(), process, root, proto;
    uint8_t page[0x1000], *image;
    FILE *file;
    size_t length, i;

    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &space, 0x10ffe, (const uint8_t *)"four", 4, EXECFMT_COYOTOS_RO),
             EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &space, 0x10000, NULL, 0, 0), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_emit_zeros(builder, &bank, &space, 0x11003, 0x2000, EXECFMT_COYOTOS_NX), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_leaf(builder, &space, 0x11001, &leaf), EXECFMT_OK);
    CHECK_EQ(leaf.restr, EXECFMT_COYOTOS_RO);
    CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &leaf.capability, page, sizeof page), EXECFMT_OK);
    CHECK(page[0] == 'u' && page[1] == 'r' && page[2] == 0);
    CHECK_EQ(execfmt_coyotos_builder_protect(builder, &bank, &space, 0x11000, 1, 0), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_leaf(builder, &space, 0x11001, &leaf), EXECFMT_OK);
    CHECK_EQ(leaf.restr, 0);
    CHECK_EQ(execfmt_coyotos_builder_leaf(builder, &space, 0x13002, &leaf), EXECFMT_OK);
    CHECK_EQ(leaf.restr, EXECFMT_COYOTOS_NX);
    CHECK_EQ(execfmt_coyotos_builder_emit_zeros(builder, &bank, &space, U64(0xffffffffu, 0xfffffff0u), 17, 0),
             EXECFMT_COYOTOS_E_ADDRESS);
    CHECK_EQ(execfmt_coyotos_builder_emit_zeros(builder, &bank, &space, 0, U64(1, 0), 0), EXECFMT_COYOTOS_E_TOO_LARGE);
    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &space, 0, page, 1, 32), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_coyotos_builder_protect(builder, &bank, &space, 0, 1, 0xffffffffu), EXECFMT_E_ARGUMENT);

    /* The form of a constructor: 16 pages at most. */
    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &small, 0x3000, page, 8, EXECFMT_COYOTOS_RO), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_constructor_form(builder, &bank, &small, 0x3004, NULL, 0, &root, &proto),
             EXECFMT_COYOTOS_E_SMALL_MODEL);
    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &small, 0x1000, page, 8, EXECFMT_COYOTOS_RO), EXECFMT_OK);
    memset(page, 0x5a, 16);
    CHECK_EQ(execfmt_coyotos_builder_constructor_form(builder, &bank, &small, 0x3004, page, 4097, &root, &proto),
             EXECFMT_COYOTOS_E_PAST_END);
    CHECK_EQ(execfmt_coyotos_builder_constructor_form(builder, &bank, &small, 0x3004, NULL, 1, &root, &proto),
             EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coyotos_builder_constructor_form(builder, &bank, &small, 0x3004, page, 16, &root, &proto),
             EXECFMT_OK);
    CHECK_EQ(root.cap_type, EXECFMT_COYOTOS_CAP_GPT);
    CHECK_EQ(root.l2g, 16);
    CHECK_EQ(root.restr, EXECFMT_COYOTOS_WK | EXECFMT_COYOTOS_RO);
    CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &proto, page, sizeof page), EXECFMT_OK);
    CHECK(page[0] == 4 && page[1] == 0x30 && page[2] == 0 && page[7] == 0);
    CHECK(page[8] == 0x5a && page[15] == 0x5a && page[16] == 0);

    CHECK_EQ(execfmt_coyotos_builder_runnable_process(builder, &bank, &space, 0x10ffe, &process), EXECFMT_OK);
    memset(symbols, 0, sizeof symbols);
    for (i = 0; i < COUNT(symbols); i++) {
        symbols[i].object = U64((uint32_t)EXECFMT_COYOTOS_OBJECT_GPT << 24, space.oid);
        symbols[i].name_length = 5;
    }
    symbols[0].value = 0x10020;
    symbols[0].name = table;
    symbols[0].kind = EXECFMT_COYOTOS_SYMBOL_DATA;
    symbols[1].value = 0x10000;
    symbols[1].name = start;
    symbols[1].size = 16;
    symbols[1].kind = EXECFMT_COYOTOS_SYMBOL_FUNCTION;
    symbols[2].value = symbols[2].object;
    symbols[2].object = U64(0xffffffffu, 0xffffffffu);
    symbols[2].name = id;
    symbols[2].name_length = 4;
    symbols[2].kind = EXECFMT_COYOTOS_SYMBOL_BUILD_ID;
    CHECK_EQ(execfmt_coyotos_builder_add_symbols(builder, symbols, 2), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_add_symbols(builder, symbols + 2, 1), EXECFMT_OK);

    CHECK_EQ(execfmt_coyotos_builder_length(builder, &length), EXECFMT_OK);
    image = (uint8_t *)malloc(length);
    CHECK_EQ(execfmt_coyotos_builder_write(builder, image, length, &length), EXECFMT_OK);
    file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(image, 1, length, file) == length && fclose(file) == 0);
    free(image);
    CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
}

static void check_building(const char *path)
{
    check_recipes();
    check_programs();
    check_emitting(path);
}

#endif
