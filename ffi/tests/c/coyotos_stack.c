/*
 * How much of the stack the functions on Coyotos images take, measured: each call runs on a painted stack. The images
 * of the model and an ELF file are the arguments. Prints the calls from the deepest on; fails when one takes more than
 * the 8 KiB that the documentation promises.
 *
 *     cc -std=gnu99 -I include -o coyotos_stack ffi/tests/c/coyotos_stack.c libexecfmt.a -lm
 *
 * With -DREADING_ONLY it is for the library for kernels, which has no builder; with -DHOOKS_ONLY for the one with a
 * builder and no memory of its own.
 */
#include <execfmt.h>

#include "check.h"
#include "stack.h"

enum { MOST = 8192 };

static uint8_t *bytes;
static size_t length;
static execfmt_coyotos_image image;
static execfmt_coyotos_capability space;
static execfmt_status outcome;
static execfmt_finding last;
static unsigned long heard;
static char text[512];
static uint64_t scratch[64];

static int hear(void *context, const execfmt_finding *finding)
{
    (void)context;
    last = *finding;
    heard++;
    return 0;
}

static int see(void *context, const execfmt_coyotos_mapping *mapping)
{
    (void)context;
    (void)mapping;
    heard++;
    return 0;
}

/* Checks an image that was opened. */
static execfmt_status check_image(const execfmt_coyotos_image *image, uint32_t rules, execfmt_report_fn report,
                                  void *context)
{
    execfmt_coyotos_check_options options;

    options.size = sizeof options;
    options.rules = rules;
    options.packing = image->packing;
    return execfmt_coyotos_check(image->bytes, image->length, &options, report, context);
}

static void run_nothing(void) {}
static void run_open(void) { outcome = execfmt_coyotos_open(bytes, length, 0, &image, &last); }
static void run_check(void) { outcome = check_image(&image, EXECFMT_COYOTOS_FULL, hear, NULL); }
static void run_reference(void) { outcome = check_image(&image, EXECFMT_COYOTOS_REFERENCE, hear, NULL); }
static void run_cycles(void) { outcome = execfmt_coyotos_check_cycles(&image, scratch, 64, hear, NULL); }
static void run_message(void) { outcome = execfmt_coyotos_finding_message(&last, text, sizeof text) > 0 ? 0 : 1; }
static void run_locate(void)
{
    static execfmt_coyotos_finding_place place;
    outcome = execfmt_coyotos_locate(&last, &place);
}
static void run_header(void)
{
    static execfmt_coyotos_header header;
    outcome = execfmt_coyotos_read_header(&image, &header);
}
static void run_object(void)
{
    static const uint8_t *object;
    static size_t size;
    outcome = execfmt_coyotos_object(&image, EXECFMT_COYOTOS_OBJECT_PROCESS, 0, &object, &size);
}
static void run_process(void)
{
    static execfmt_coyotos_process process;
    outcome = execfmt_coyotos_read_process(&image, 0, &process);
}
static void run_capability(void)
{
    outcome = execfmt_coyotos_read_capability(&image, EXECFMT_COYOTOS_OBJECT_PROCESS, 0,
                                              EXECFMT_COYOTOS_SLOT_ADDR_SPACE, &space);
}
static void run_bank(void)
{
    static execfmt_coyotos_bank bank;
    outcome = execfmt_coyotos_read_bank(&image, 0, &bank);
}
static void run_alloc(void)
{
    static execfmt_coyotos_alloc alloc;
    outcome = execfmt_coyotos_read_alloc(&image, 0, &alloc);
}
static void run_leaf(void)
{
    static execfmt_coyotos_leaf leaf;
    outcome = execfmt_coyotos_find_leaf(&image, &space, 0x5000, &leaf);
}
static void run_walk(void) { outcome = execfmt_coyotos_walk(&image, &space, 1000, see, NULL); }
static void run_symbols(void)
{
    static execfmt_coyotos_symbol symbol;
    static const char *id;
    static size_t size;
    outcome = execfmt_coyotos_read_symbol(&image, 0, &symbol);
    outcome = execfmt_coyotos_symbol_at(&image, &space, 0x1000, &symbol);
    outcome = execfmt_coyotos_symbol_named(&image, "start", 5, &symbol);
    outcome = execfmt_coyotos_build_id(&image, &space, &id, &size);
    outcome = EXECFMT_OK;
}
static void run_status(void) { outcome = execfmt_status_message(EXECFMT_COYOTOS_E_SPACE_TOO_DEEP) != NULL ? 0 : 1; }

#ifndef READING_ONLY
static execfmt_coyotos_builder *builder, *again;
static execfmt_coyotos_capability bank, page, root, moved;
static uint8_t *elf, *written;
static size_t elf_length, written_length;
static execfmt_coyotos_program program;

static void *take(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}
static void give(void *context, void *memory)
{
    (void)context;
    free(memory);
}
static const execfmt_coyotos_memory hooks = { take, give, NULL };

static void run_create(void) { outcome = execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, 0, &hooks, &builder); }
static void run_create_from(void) { outcome = execfmt_coyotos_builder_create_from(&image, &hooks, &again); }
static void run_prime_bank(void) { outcome = execfmt_coyotos_builder_prime_bank(builder, &bank); }
static void run_alloc_bank(void) { outcome = execfmt_coyotos_builder_alloc_bank(builder, &bank, &bank); }
static void run_alloc_page(void)
{
    outcome = execfmt_coyotos_builder_alloc(builder, EXECFMT_COYOTOS_OBJECT_PAGE, &bank, &page);
}
static void run_alloc_process(void)
{
    outcome = execfmt_coyotos_builder_alloc(builder, EXECFMT_COYOTOS_OBJECT_PROCESS, &bank, &moved);
}
static void run_write_page(void) { outcome = execfmt_coyotos_builder_write_page(builder, &page, 8, elf, 100); }
static void run_guarded(void)
{
    outcome = execfmt_coyotos_builder_guarded(builder, &bank, &page, (uint64_t)0x12345678 << 24, 0, &moved);
}
static void run_add(void)
{
    outcome = execfmt_coyotos_builder_add(builder, &bank, &root, 0x5000, &page, 0);
    if (outcome == EXECFMT_OK)
        outcome = execfmt_coyotos_builder_add(builder, &bank, &root, (uint64_t)0x1234567 << 12, &page, 0);
}
static void run_emit(void)
{
    outcome = execfmt_coyotos_builder_emit(builder, &bank, &root, 0x5ff0, elf, 0x2000, EXECFMT_COYOTOS_NX);
}
static void run_protect(void)
{
    outcome = execfmt_coyotos_builder_protect(builder, &bank, &root, 0x5000, 0x9000, EXECFMT_COYOTOS_RO);
}
static void run_load(void)
{
    outcome = execfmt_coyotos_builder_load_elf(builder, &bank, elf, elf_length, EXECFMT_COYOTOS_LOAD_EXACT, &program);
}
static void run_load_compat(void)
{
    static execfmt_coyotos_program compatible;
    outcome = execfmt_coyotos_builder_load_elf(builder, &bank, elf, elf_length, EXECFMT_COYOTOS_LOAD_COMPATIBLE,
                                               &compatible);
}
static void run_runnable(void)
{
    outcome = execfmt_coyotos_builder_runnable_process(builder, &bank, &program.space, program.entry, &moved);
}
static void run_constructor(void)
{
    static execfmt_coyotos_capability small;
    outcome = execfmt_coyotos_builder_emit(builder, &bank, &small, 0x1000, elf, 64, EXECFMT_COYOTOS_RO);
    if (outcome == EXECFMT_OK)
        outcome = execfmt_coyotos_builder_constructor_form(builder, &bank, &small, 0x1000, elf, 64, &moved, &moved);
}
#ifndef HOOKS_ONLY
static void run_keep_debug(void) { outcome = execfmt_coyotos_builder_keep_debug(builder, elf, elf_length, &program.space); }
#endif
static void run_validate(void) { outcome = execfmt_coyotos_builder_validate(builder); }
static void run_image(void) { outcome = execfmt_coyotos_builder_image(builder, &written, &written_length); }
static void run_builder_message(void)
{
    outcome = execfmt_coyotos_builder_set_capability(builder, &page, 3, &page);
    execfmt_coyotos_builder_message(builder, text, sizeof text);
    outcome = EXECFMT_OK;
}
static void run_destroy(void) { outcome = execfmt_coyotos_builder_destroy(builder); }
static void run_destroy_again(void) { outcome = execfmt_coyotos_builder_destroy(again); }
#endif

/* A call, and whether it is to find nothing wrong. */
typedef struct {
    const char *name;
    void (*run)(void);
    int good;
} call;

#define CALL(name, good) { #name, run_##name, good }

static const call reading[] = {
    CALL(open, 1), CALL(header, 1), CALL(check, 1), CALL(reference, 1), CALL(cycles, 1), CALL(object, 1),
    CALL(process, 1), CALL(capability, 1), CALL(bank, 1), CALL(alloc, 1), CALL(leaf, 1), CALL(walk, 1),
    CALL(symbols, 1), CALL(status, 1),
};

/* On an image of which every capability breaks rules. */
static const call hostile[] = { CALL(open, 1), CALL(check, 0), CALL(message, 1), CALL(locate, 1), CALL(reference, 0) };

#ifndef READING_ONLY
static const call building[] = {
    CALL(create, 1), CALL(prime_bank, 1), CALL(alloc_bank, 1), CALL(alloc_page, 1), CALL(alloc_process, 1),
    CALL(write_page, 1), CALL(guarded, 1), CALL(add, 1), CALL(emit, 1), CALL(protect, 1), CALL(load, 1),
    CALL(load_compat, 1), CALL(runnable, 1), CALL(constructor, 1),
#ifndef HOOKS_ONLY
    CALL(keep_debug, 1),
#endif
    CALL(builder_message, 1), CALL(validate, 1), CALL(image, 1), CALL(create_from, 1), CALL(destroy_again, 1),
    CALL(destroy, 1),
};
#endif

static size_t deepest;
static size_t beneath;

static void measure(const char *what, const call *calls, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        size_t used = stack_of(calls[i].run) - beneath;
        check_row = calls[i].name;
        CHECK_EQ(outcome == EXECFMT_OK, calls[i].good);
        CHECK(used <= MOST);
        if (used > deepest)
            deepest = used;
        printf("%6lu %s %s\n", (unsigned long)used, what, calls[i].name);
    }
}

static uint8_t *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *contents = malloc(1 << 20);

    if (file == NULL || contents == NULL) {
        perror(path);
        exit(2);
    }
    *size = fread(contents, 1, 1 << 20, file);
    fclose(file);
    return contents;
}

int main(int argc, char **argv)
{
    int i;

    if (argc < 3) {
        fprintf(stderr, "usage: coyotos_stack ELF IMAGE...\n");
        return 2;
    }
    /* What the change of stacks takes itself. */
    beneath = stack_of(run_nothing);
    for (i = 2; i < argc; i++) {
        size_t at;

        bytes = read_whole(argv[i], &length);
        measure("reading", reading, COUNT(reading));
        /* The objects follow the pages: everything but the header and the tables is overwritten with meaningless words. */
        for (at = length - 2000; at < length; at++)
            bytes[at] = (uint8_t)(at * 37 + 11);
        measure("hostile", hostile, COUNT(hostile));
        CHECK(heard > 100);
        free(bytes);
    }
#ifndef READING_ONLY
    bytes = read_whole(argv[2], &length);
    run_open();
    elf = read_whole(argv[1], &elf_length);
    measure("building", building, COUNT(building));
    free(written);
    free(elf);
    free(bytes);
#endif
    printf("deepest: %lu bytes of stack\n", (unsigned long)deepest);
    return check_summary("coyotos_stack");
}
