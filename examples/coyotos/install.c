/*
 * From a linked program to a Coyotos image, and a look into it: `install prog.elf image`.
 *
 * Extracts what is loadable, puts it into its place in a new address space, adds a process that the kernel makes
 * running, keeps the symbols, and writes the image, plain: gzip(1) makes of it what the original tools write. Then it
 * reads the image as a kernel would, without allocating, and prints what is mapped and where the program starts.
 */
#include <execfmt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program's memory, counted: the library takes all that the builder holds from here. */
static unsigned long blocks;

static void *take(void *context, size_t size)
{
    void *const memory = malloc(size);

    (void)context;
    if (memory != NULL)
        blocks++;
    return memory;
}

static void give(void *context, void *memory)
{
    (void)context;
    blocks--;
    free(memory);
}

static const execfmt_coyotos_memory hooks = { take, give, NULL };

static int failed(const char *what, execfmt_status status)
{
    fprintf(stderr, "install: %s: %s\n", what, execfmt_status_message(status));
    return 1;
}

/* A whole file; NULL when it cannot be read. */
static uint8_t *whole_file(const char *name, size_t *length)
{
    FILE *const file = fopen(name, "rb");
    uint8_t *bytes = NULL;
    long end = -1;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) > 0 && fseek(file, 0, SEEK_SET) == 0)
        bytes = (uint8_t *)malloc((size_t)end);
    *length = (size_t)end;
    if (bytes != NULL && fread(bytes, 1, *length, file) != *length) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

/* The calls that can fail, in their order: the first status that is not EXECFMT_OK is the outcome. */
static execfmt_status build(execfmt_coyotos_builder *builder, const uint8_t *elf, size_t length,
                            execfmt_coyotos_program *program)
{
    execfmt_coyotos_capability bank, process;
    execfmt_status status = execfmt_coyotos_builder_prime_bank(builder, &bank);

    if (status == EXECFMT_OK)
        status = execfmt_coyotos_builder_load_elf(builder, &bank, elf, length, EXECFMT_COYOTOS_LOAD_EXACT, program);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_builder_runnable_process(builder, &bank, &program->space, program->entry, &process);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_builder_keep_debug(builder, elf, length, &program->space);
    return status;
}

static int32_t print_mapping(void *context, const execfmt_coyotos_mapping *mapping)
{
    (void)context;
    printf("0x%08lx %c%c%c\n", (unsigned long)mapping->address, 'r', mapping->restr & EXECFMT_COYOTOS_RO ? '-' : 'w',
           mapping->restr & EXECFMT_COYOTOS_NX ? '-' : 'x');
    return 0;
}

/* What is in an image: nothing here allocates, so that a kernel can do the same. */
static execfmt_status show(const uint8_t *bytes, size_t length)
{
    execfmt_coyotos_image image;
    execfmt_coyotos_process process;
    execfmt_coyotos_capability space;
    execfmt_coyotos_symbol symbol;
    execfmt_status status = execfmt_coyotos_open(bytes, length, EXECFMT_COYOTOS_AS_WRITTEN, &image, NULL);

    if (status == EXECFMT_OK)
        status = execfmt_coyotos_check(bytes, length, NULL, NULL, NULL);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_read_process(&image, 0, &process);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_read_capability(&image, EXECFMT_COYOTOS_OBJECT_PROCESS, 0,
                                                 EXECFMT_COYOTOS_SLOT_ADDR_SPACE, &space);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_walk(&image, &space, 10000, print_mapping, NULL);
    if (status != EXECFMT_OK)
        return status;
    printf("starts at 0x%08lx", (unsigned long)process.fault_info);
    if (execfmt_coyotos_symbol_at(&image, &space, process.fault_info, &symbol) == EXECFMT_OK)
        printf(", %.*s", (int)symbol.name_length, symbol.name);
    printf("\n");
    return EXECFMT_OK;
}

int main(int argc, char **argv)
{
    execfmt_coyotos_builder *builder;
    execfmt_coyotos_program program;
    execfmt_status status;
    uint8_t *elf, *image;
    size_t length;
    FILE *file;
    char message[300];

    if (argc != 3) {
        fprintf(stderr, "usage: install PROGRAM.elf IMAGE\n");
        return 2;
    }
    elf = whole_file(argv[1], &length);
    if (elf == NULL) {
        perror(argv[1]);
        return 1;
    }
    status = execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, EXECFMT_COYOTOS_AS_WRITTEN, &hooks, &builder);
    if (status != EXECFMT_OK)
        return failed("no builder", status);
    status = build(builder, elf, length, &program);
    free(elf);
    if (status == EXECFMT_OK)
        status = execfmt_coyotos_builder_image(builder, &image, &length);
    if (status != EXECFMT_OK) {
        /* More than the status says: which field, what was found, and what to do. */
        execfmt_coyotos_builder_message(builder, message, sizeof message);
        execfmt_coyotos_builder_destroy(builder);
        fprintf(stderr, "install: %s: %s\n", argv[1], message);
        return 1;
    }
    /* The image is the caller's: it outlives the builder, and goes back through the caller's own free. */
    execfmt_coyotos_builder_destroy(builder);
    status = show(image, length);
    file = fopen(argv[2], "wb");
    if (file == NULL || fwrite(image, 1, length, file) != length || fclose(file) != 0) {
        perror(argv[2]);
        return 1;
    }
    give(NULL, image);
    if (status != EXECFMT_OK)
        return failed(argv[2], status);
    printf("%lu blocks of memory left\n", blocks);
    return blocks != 0;
}
