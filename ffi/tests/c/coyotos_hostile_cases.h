/* The builder's callers at fault: handles that are none, NULL, structs with fields out of range, what rules forbid. */
#ifndef COYOTOS_HOSTILE_CASES_H
#define COYOTOS_HOSTILE_CASES_H

static void check_bad_creation(void)
{
    static const uint32_t bad_targets[] = { 0, 4, 0xffffffffu };
    const execfmt_coyotos_image image = opened(samples[0].bytes, samples[0].length);
    execfmt_coyotos_builder *builder = NULL;
    execfmt_coyotos_memory hooks, half;
    execfmt_coyotos_image broken;
    uint8_t *const copy = (uint8_t *)malloc(samples[0].length);
    arena memory;
    size_t i;

    for (i = 0; i < COUNT(bad_targets); i++)
        CHECK_EQ(execfmt_coyotos_builder_create(bad_targets[i], 0, ANY_MEMORY, &builder), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_coyotos_builder_create(EXECFMT_COYOTOS_ARM, 2, ANY_MEMORY, &builder), EXECFMT_E_ARGUMENT);
    BAD_OUT(execfmt_coyotos_builder *, execfmt_coyotos_builder_create(EXECFMT_COYOTOS_ARM, 0, ANY_MEMORY, out));
    BAD_OUT(execfmt_coyotos_builder *, execfmt_coyotos_builder_create_from(&image, ANY_MEMORY, out));
    BAD_IMAGES(execfmt_coyotos_builder_create_from(im, ANY_MEMORY, &builder));
    CHECK_EQ(execfmt_coyotos_builder_create(EXECFMT_COYOTOS_ARM, 0, ASKEW(const execfmt_coyotos_memory), &builder),
             EXECFMT_E_ARGUMENT);
    hooks = hooks_of(&memory);
    half = hooks, half.malloc = NULL;
    CHECK_EQ(execfmt_coyotos_builder_create(EXECFMT_COYOTOS_ARM, 0, &half, &builder), EXECFMT_E_NULL);
    half = hooks, half.free = NULL;
    CHECK_EQ(execfmt_coyotos_builder_create_from(&image, &half, &builder), EXECFMT_E_NULL);
    memory.calls_left = 0;
    CHECK_EQ(execfmt_coyotos_builder_create(EXECFMT_COYOTOS_ARM, 0, &hooks, &builder), EXECFMT_COYOTOS_E_MEMORY);
    CHECK_EQ(execfmt_coyotos_builder_create_from(&image, &hooks, &builder), EXECFMT_COYOTOS_E_MEMORY);
    CHECK(memory.given == 0 && memory.taken == 0);
#ifdef HOOKS_ONLY
    CHECK_EQ(execfmt_coyotos_builder_create(EXECFMT_COYOTOS_ARM, 0, NULL, &builder), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coyotos_builder_create_from(&image, NULL, &builder), EXECFMT_E_NULL);
#endif
    CHECK(builder == NULL);
    /* Memory of no alignment does as well. */
    memory.calls_left = (unsigned)-1;
    memory.askew = 1;
    CHECK_EQ(execfmt_coyotos_builder_create_from(&image, &hooks, &builder), EXECFMT_OK);
    cook(builder, 12);
    CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
    CHECK(memory.given == memory.taken && memory.bytes == 0);
    builder = NULL;

    /* An image that breaks a rule: the last byte of the header's page. */
    memcpy(copy, samples[0].bytes, samples[0].length);
    copy[0xfff] = 1;
    broken = opened(copy, samples[0].length);
    CHECK_EQ(execfmt_coyotos_builder_create_from(&broken, ANY_MEMORY, &builder), EXECFMT_COYOTOS_E_PADDING);
    free(copy);
    CHECK(builder == NULL);
}

static void check_bad_handles(void)
{
    execfmt_coyotos_builder *const builder = created(EXECFMT_COYOTOS_I386);
    const cap bank = prime_bank(builder), page = allocated(builder, EXECFMT_COYOTOS_OBJECT_PAGE, bank);
    const cap gpt = allocated(builder, EXECFMT_COYOTOS_OBJECT_GPT, bank);
    const cap endpoint = allocated(builder, EXECFMT_COYOTOS_OBJECT_ENDPOINT, bank);
    const cap process = allocated(builder, EXECFMT_COYOTOS_OBJECT_PROCESS, bank);
    execfmt_coyotos_gpt gpt_state;
    execfmt_coyotos_endpoint endpoint_state;
    execfmt_coyotos_process process_state;
    execfmt_coyotos_program program;
    execfmt_coyotos_symbol symbol;
    execfmt_coyotos_leaf leaf;
    uint8_t bytes[0x1000], elf[ELF_LENGTH], *given;
    cap found, space = null_capability();
    uint64_t count;
    size_t length;

    make_elf(elf);
    memset(&symbol, 0, sizeof symbol);
    memset(&gpt_state, 0, sizeof gpt_state);
    memset(&endpoint_state, 0, sizeof endpoint_state);
    memset(&process_state, 0, sizeof process_state);
    memset(bytes, 0, sizeof bytes);
    BAD_BUILDERS(execfmt_coyotos_builder_count(bd, 0, &count));
    BAD_BUILDERS(execfmt_coyotos_builder_prime_bank(bd, &found));
    BAD_BUILDERS(execfmt_coyotos_builder_alloc_bank(bd, &bank, &found));
    BAD_BUILDERS(execfmt_coyotos_builder_alloc(bd, 0, &bank, &found));
    BAD_BUILDERS(execfmt_coyotos_builder_write_page(bd, &page, 0, bytes, 1));
    BAD_BUILDERS(execfmt_coyotos_builder_read_page(bd, &page, bytes, sizeof bytes));
    BAD_BUILDERS(execfmt_coyotos_builder_capability(bd, &gpt, 0, &found));
    BAD_BUILDERS(execfmt_coyotos_builder_set_capability(bd, &gpt, 0, &page));
    BAD_BUILDERS(execfmt_coyotos_builder_gpt(bd, &gpt, &gpt_state));
    BAD_BUILDERS(execfmt_coyotos_builder_set_gpt(bd, &gpt, &gpt_state));
    BAD_BUILDERS(execfmt_coyotos_builder_endpoint(bd, &endpoint, &endpoint_state));
    BAD_BUILDERS(execfmt_coyotos_builder_set_endpoint(bd, &endpoint, &endpoint_state));
    BAD_BUILDERS(execfmt_coyotos_builder_process(bd, &process, &process_state));
    BAD_BUILDERS(execfmt_coyotos_builder_set_process(bd, &process, &process_state));
    BAD_BUILDERS(execfmt_coyotos_builder_image(bd, &given, &length));
    BAD_BUILDERS(execfmt_coyotos_builder_guarded(bd, &bank, &page, 0, 0, &found));
    BAD_BUILDERS(execfmt_coyotos_builder_add(bd, &bank, &space, 0, &page, 0));
    BAD_BUILDERS(execfmt_coyotos_builder_leaf(bd, &page, 0, &leaf));
    BAD_BUILDERS(execfmt_coyotos_builder_emit(bd, &bank, &space, 0, bytes, 1, 0));
    BAD_BUILDERS(execfmt_coyotos_builder_emit_zeros(bd, &bank, &space, 0, 1, 0));
    BAD_BUILDERS(execfmt_coyotos_builder_protect(bd, &bank, &space, 0, 1, 0));
    BAD_BUILDERS(execfmt_coyotos_builder_load_elf(bd, &bank, elf, sizeof elf, 0, &program));
    BAD_BUILDERS(execfmt_coyotos_builder_runnable_process(bd, &bank, &page, 0, &found));
    BAD_BUILDERS(execfmt_coyotos_builder_constructor_form(bd, &bank, &page, 0, NULL, 0, &found, &space));
#ifndef HOOKS_ONLY
    BAD_BUILDERS(execfmt_coyotos_builder_keep_debug(bd, elf, sizeof elf, &page));
    BAD_BUILDERS(execfmt_coyotos_builder_side_file_length(bd, &length));
    BAD_BUILDERS(execfmt_coyotos_builder_write_side_file(bd, bytes, sizeof bytes, &length));
#endif
    BAD_BUILDERS(execfmt_coyotos_builder_add_symbols(bd, &symbol, 1));
    BAD_BUILDERS(execfmt_coyotos_builder_validate(bd));
    BAD_BUILDERS(execfmt_coyotos_builder_length(bd, &length));
    BAD_BUILDERS(execfmt_coyotos_builder_write(bd, bytes, sizeof bytes, &length));
    CHECK_EQ(execfmt_coyotos_builder_destroy(ASKEW(execfmt_coyotos_builder)), EXECFMT_E_ARGUMENT);
    memset(bytes, 0xa5, sizeof bytes);
    CHECK_EQ(execfmt_coyotos_builder_destroy((execfmt_coyotos_builder *)(void *)askew_room), EXECFMT_COYOTOS_E_HANDLE);
    CHECK_EQ(execfmt_coyotos_builder_message(NULL, NULL, 0), 0);

    BAD_OUT(uint64_t, execfmt_coyotos_builder_count(builder, 0, out));
    BAD_OUT(cap, execfmt_coyotos_builder_prime_bank(builder, out));
    BAD_OUT(cap, execfmt_coyotos_builder_alloc_bank(builder, &bank, out));
    BAD_OUT(cap, execfmt_coyotos_builder_alloc(builder, 0, &bank, out));
    BAD_OUT(cap, execfmt_coyotos_builder_capability(builder, &gpt, 0, out));
    BAD_OUT(execfmt_coyotos_gpt, execfmt_coyotos_builder_gpt(builder, &gpt, out));
    BAD_OUT(execfmt_coyotos_gpt, execfmt_coyotos_builder_set_gpt(builder, &gpt, out));
    BAD_OUT(execfmt_coyotos_endpoint, execfmt_coyotos_builder_endpoint(builder, &endpoint, out));
    BAD_OUT(execfmt_coyotos_endpoint, execfmt_coyotos_builder_set_endpoint(builder, &endpoint, out));
    BAD_OUT(execfmt_coyotos_process, execfmt_coyotos_builder_process(builder, &process, out));
    BAD_OUT(execfmt_coyotos_process, execfmt_coyotos_builder_set_process(builder, &process, out));
    BAD_OUT(uint8_t *, execfmt_coyotos_builder_image(builder, out, &length));
    BAD_OUT(size_t, execfmt_coyotos_builder_image(builder, &given, out));
    BAD_OUT(cap, execfmt_coyotos_builder_guarded(builder, &bank, &page, 0, 0, out));
    BAD_OUT(cap, execfmt_coyotos_builder_add(builder, &bank, out, 0, &page, 0));
    BAD_OUT(execfmt_coyotos_leaf, execfmt_coyotos_builder_leaf(builder, &page, 0, out));
    BAD_OUT(cap, execfmt_coyotos_builder_emit(builder, &bank, out, 0, bytes, 1, 0));
    BAD_OUT(cap, execfmt_coyotos_builder_emit_zeros(builder, &bank, out, 0, 1, 0));
    BAD_OUT(cap, execfmt_coyotos_builder_protect(builder, &bank, out, 0, 1, 0));
    BAD_OUT(execfmt_coyotos_program, execfmt_coyotos_builder_load_elf(builder, &bank, elf, sizeof elf, 0, out));
    BAD_OUT(cap, execfmt_coyotos_builder_runnable_process(builder, &bank, &page, 0, out));
    BAD_OUT(cap, execfmt_coyotos_builder_constructor_form(builder, &bank, &page, 0, NULL, 0, out, &found));
    BAD_OUT(cap, execfmt_coyotos_builder_constructor_form(builder, &bank, &page, 0, NULL, 0, &found, out));
    BAD_OUT(size_t, execfmt_coyotos_builder_length(builder, out));
    BAD_OUT(size_t, execfmt_coyotos_builder_write(builder, bytes, sizeof bytes, out));
    BAD_OUT(const execfmt_coyotos_symbol, execfmt_coyotos_builder_add_symbols(builder, out, 1));
    CHECK_EQ(execfmt_coyotos_builder_add_symbols(builder, &symbol, (size_t)-1), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, NULL, sizeof elf, 0, &program), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, elf, (size_t)-1, 0, &program), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_coyotos_builder_load_elf(builder, &bank, elf, sizeof elf, 2, &program), EXECFMT_E_ARGUMENT);
#ifndef HOOKS_ONLY
    CHECK_EQ(execfmt_coyotos_builder_keep_debug(builder, NULL, 1, &page), EXECFMT_E_NULL);
#endif
    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &space, 0, NULL, 1, 0), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &space, 0, bytes, (size_t)-1, 0), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &page, 0, NULL, 1), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &page, NULL, 0x1000), EXECFMT_E_NULL);

    /* None of these has changed anything: page 0 and 1, two GPTs with that of none, and so on. */
    CHECK_EQ(execfmt_coyotos_builder_count(builder, EXECFMT_COYOTOS_OBJECT_PAGE, &count), EXECFMT_OK);
    CHECK_EQ(count, 2);
    CHECK_EQ(execfmt_coyotos_builder_count(builder, EXECFMT_COYOTOS_OBJECT_GPT, &count), EXECFMT_OK);
    CHECK_EQ(count, 1);
    CHECK_EQ(execfmt_coyotos_builder_count(builder, EXECFMT_COYOTOS_OBJECT_PROCESS, &count), EXECFMT_OK);
    CHECK_EQ(count, 1);
    CHECK_EQ(execfmt_coyotos_builder_count(builder, EXECFMT_COYOTOS_OBJECT_ENDPOINT, &count), EXECFMT_OK);
    CHECK_EQ(count, 2);
    CHECK_EQ(execfmt_coyotos_builder_count(builder, 5, &count), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
}

static void check_bad_values(void)
{
    execfmt_coyotos_builder *const builder = created(EXECFMT_COYOTOS_I386);
    const cap bank = prime_bank(builder), page = allocated(builder, EXECFMT_COYOTOS_OBJECT_PAGE, bank);
    const cap gpt = allocated(builder, EXECFMT_COYOTOS_OBJECT_GPT, bank);
    const cap endpoint = allocated(builder, EXECFMT_COYOTOS_OBJECT_ENDPOINT, bank);
    const cap process = allocated(builder, EXECFMT_COYOTOS_OBJECT_PROCESS, bank);
    execfmt_coyotos_gpt gpt_state;
    execfmt_coyotos_endpoint endpoint_state;
    execfmt_coyotos_process process_state;
    execfmt_coyotos_symbol symbol;
    execfmt_coyotos_leaf leaf;
    uint8_t bytes[0x1000], *room;
    cap found, header = page, missing = page, space = null_capability(), swizzled = page;
    char message[300];
    size_t length;

    header.oid = 0;
    missing.oid = 2;
    memset(bytes, 0, sizeof bytes);
    BAD_CAPABILITIES(execfmt_coyotos_builder_alloc_bank(builder, cp, &found));
    BAD_CAPABILITIES(execfmt_coyotos_builder_alloc(builder, 0, cp, &found));
    BAD_CAPABILITIES(execfmt_coyotos_builder_write_page(builder, cp, 0, bytes, 1));
    BAD_CAPABILITIES(execfmt_coyotos_builder_read_page(builder, cp, bytes, sizeof bytes));
    BAD_CAPABILITIES(execfmt_coyotos_builder_capability(builder, cp, 0, &found));
    BAD_CAPABILITIES(execfmt_coyotos_builder_set_capability(builder, &gpt, 0, cp));
    BAD_CAPABILITIES(execfmt_coyotos_builder_set_capability(builder, cp, 0, &page));
    BAD_CAPABILITIES(execfmt_coyotos_builder_guarded(builder, &bank, cp, 0, 0, &found));
    BAD_CAPABILITIES(execfmt_coyotos_builder_guarded(builder, cp, &page, 0, 0, &found));
    BAD_CAPABILITIES(execfmt_coyotos_builder_add(builder, &bank, &space, 0, cp, 0));
    BAD_CAPABILITIES(execfmt_coyotos_builder_leaf(builder, cp, 0, &leaf));
    BAD_CAPABILITIES(execfmt_coyotos_builder_runnable_process(builder, &bank, cp, 0, &found));

    CHECK_EQ(execfmt_coyotos_builder_alloc(builder, 5, &bank, &found), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_coyotos_builder_alloc(builder, 0, &page, &found), EXECFMT_COYOTOS_E_NOT_A_BANK);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &header, 0, bytes, 1), EXECFMT_COYOTOS_E_HEADER_PAGE);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &missing, 0, bytes, 1), EXECFMT_COYOTOS_E_NO_OBJECT);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &gpt, 0, bytes, 1), EXECFMT_COYOTOS_E_WRONG_TYPE);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &page, 1, bytes, 0x1000), EXECFMT_COYOTOS_E_PAST_END);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &page, 0xffffffffu, bytes, 1), EXECFMT_COYOTOS_E_PAST_END);
    CHECK_EQ(execfmt_coyotos_builder_write_page(builder, &page, 0xfff, bytes, 1), EXECFMT_OK);
    CHECK_EQ(execfmt_coyotos_builder_read_page(builder, &missing, bytes, sizeof bytes), EXECFMT_COYOTOS_E_NO_OBJECT);
    CHECK_EQ(execfmt_coyotos_builder_capability(builder, &gpt, 16, &found), EXECFMT_COYOTOS_E_NO_SLOT);
    CHECK_EQ(execfmt_coyotos_builder_capability(builder, &page, 0, &found), EXECFMT_COYOTOS_E_NO_SLOT);
    CHECK_EQ(execfmt_coyotos_builder_capability(builder, &bank, 0, &found), EXECFMT_COYOTOS_E_NO_SLOT);
    CHECK_EQ(execfmt_coyotos_builder_set_capability(builder, &process, 38, &page), EXECFMT_COYOTOS_E_NO_SLOT);

    gpt_state.l2v = 64, gpt_state.flags = 0;
    CHECK_EQ(execfmt_coyotos_builder_set_gpt(builder, &gpt, &gpt_state), EXECFMT_E_ARGUMENT);
    gpt_state.l2v = 12, gpt_state.flags = 4;
    CHECK_EQ(execfmt_coyotos_builder_set_gpt(builder, &gpt, &gpt_state), EXECFMT_E_ARGUMENT);
    gpt_state.flags = 0;
    CHECK_EQ(execfmt_coyotos_builder_set_gpt(builder, &page, &gpt_state), EXECFMT_COYOTOS_E_WRONG_TYPE);
    memset(&endpoint_state, 0, sizeof endpoint_state);
    endpoint_state.pm = 2;
    CHECK_EQ(execfmt_coyotos_builder_set_endpoint(builder, &endpoint, &endpoint_state), EXECFMT_E_ARGUMENT);
    memset(&process_state, 0, sizeof process_state);
    process_state.run_state = 256;
    CHECK_EQ(execfmt_coyotos_builder_set_process(builder, &process, &process_state), EXECFMT_E_ARGUMENT);
    process_state.run_state = 0, process_state.flags = 0x10000;
    CHECK_EQ(execfmt_coyotos_builder_set_process(builder, &process, &process_state), EXECFMT_E_ARGUMENT);

    CHECK_EQ(execfmt_coyotos_builder_guarded(builder, &bank, &bank, 0, 0, &found), EXECFMT_COYOTOS_E_NOT_MEMORY);
    CHECK_EQ(execfmt_coyotos_builder_guarded(builder, &bank, &page, 0, 11, &found), EXECFMT_COYOTOS_E_SIZE);
    CHECK_EQ(execfmt_coyotos_builder_guarded(builder, &bank, &page, 1, 0, &found), EXECFMT_COYOTOS_E_UNALIGNED);
    CHECK_EQ(execfmt_coyotos_builder_guarded(builder, &bank, &page, 0, 0xffffffffu, &found), EXECFMT_OK);
    space = null_capability();
    CHECK_EQ(execfmt_coyotos_builder_add(builder, &bank, &space, 0x800, &page, 0), EXECFMT_COYOTOS_E_UNALIGNED);
    CHECK_EQ(execfmt_coyotos_builder_add(builder, &bank, &space, 0, &bank, 0), EXECFMT_COYOTOS_E_NOT_MEMORY);
    CHECK_EQ(execfmt_coyotos_builder_add(builder, &bank, &space, 0, &page, 65), EXECFMT_COYOTOS_E_SIZE);
    CHECK_EQ(space.cap_type, EXECFMT_COYOTOS_CAP_NULL);
    space = null_capability();
    space.cap_type = EXECFMT_COYOTOS_CAP_WINDOW;
    space.l2g = 32;
    CHECK_EQ(execfmt_coyotos_builder_add(builder, &bank, &space, 0x1000, &page, 0), EXECFMT_COYOTOS_E_INDIVISIBLE);
    CHECK_EQ(execfmt_coyotos_builder_emit(builder, &bank, &space, 0x1000, bytes, 1, 0), EXECFMT_COYOTOS_E_NOT_MEMORY);
    CHECK_EQ(execfmt_coyotos_builder_leaf(builder, &space, 0, &leaf), EXECFMT_COYOTOS_E_NOT_MEMORY);
#ifndef HOOKS_ONLY
    CHECK_EQ(execfmt_coyotos_builder_keep_debug(builder, bytes, 1, &bank), EXECFMT_COYOTOS_E_NOT_MEMORY);
    CHECK_EQ(execfmt_coyotos_builder_keep_debug(builder, bytes, 1, &page), EXECFMT_COYOTOS_E_ELF_MAGIC);
#endif

    memset(&symbol, 0, sizeof symbol);
    symbol.name = "a\0b";
    symbol.name_length = 3;
    CHECK_EQ(execfmt_coyotos_builder_add_symbols(builder, &symbol, 1), EXECFMT_COYOTOS_E_NAMES);
    symbol.name_length = 1, symbol.kind = 256;
    CHECK_EQ(execfmt_coyotos_builder_add_symbols(builder, &symbol, 1), EXECFMT_E_ARGUMENT);
    symbol.kind = 0, symbol.name = NULL;
    CHECK_EQ(execfmt_coyotos_builder_add_symbols(builder, &symbol, 1), EXECFMT_E_NULL);
    symbol.name = "x", symbol.name_length = (size_t)-1;
    CHECK_EQ(execfmt_coyotos_builder_add_symbols(builder, &symbol, 1), EXECFMT_E_LENGTH);

    /* What a rule forbids may be put there, and is refused when it is written: the builder can be mended. */
    swizzled.flags = EXECFMT_COYOTOS_CAP_SWIZZLED;
    put(builder, gpt, 0, swizzled);
    CHECK_EQ(execfmt_coyotos_builder_validate(builder), EXECFMT_COYOTOS_E_SWIZZLED);
    CHECK(execfmt_coyotos_builder_message(builder, message, sizeof message) > 20);
    CHECK(strstr(message, "GPT 0 cap[0]") != NULL);
    CHECK_EQ(execfmt_coyotos_builder_length(builder, &length), EXECFMT_OK);
    room = (uint8_t *)malloc(length);
    memset(room, 0xa5, length);
    CHECK_EQ(execfmt_coyotos_builder_write(builder, room, length, &length), EXECFMT_COYOTOS_E_SWIZZLED);
    CHECK(room[0] == 0xa5 && room[length - 1] == 0xa5);
    put(builder, gpt, 0, page);
    CHECK_EQ(execfmt_coyotos_builder_write(builder, room, length, &length), EXECFMT_OK);
    CHECK(memcmp(room, "coyimage", 8) == 0);
    free(room);
    CHECK_EQ(execfmt_coyotos_builder_destroy(builder), EXECFMT_OK);
}

static void check_hostile_building(void)
{
    check_bad_creation();
    check_bad_handles();
    check_bad_values();
}

#endif
