/* The images of the reference model, and what the recipes that they were made by say of them. */
#ifndef COYOTOS_SAMPLES_H
#define COYOTOS_SAMPLES_H

#include <stdlib.h>
#include <string.h>

#define U64(high, low) ((uint64_t)(high) << 32 | (uint64_t)(low))
#define SPOIL(thing) memset(&(thing), 0xa5, sizeof(thing))

typedef struct sample {
    uint32_t target, byte_order, page_size, log2;
    uint8_t *bytes;
    size_t length;
} sample;

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

/* In the order of the arguments. */
static sample samples[] = {
    { EXECFMT_COYOTOS_I386, EXECFMT_LITTLE_ENDIAN, 0x1000, 12, NULL, 0 },
    { EXECFMT_COYOTOS_COLDFIRE, EXECFMT_BIG_ENDIAN, 0x2000, 13, NULL, 0 },
    { EXECFMT_COYOTOS_ARM, EXECFMT_LITTLE_ENDIAN, 0x1000, 12, NULL, 0 }
};

/* The whole of a file; ends the program when there is none. */
static uint8_t *read_whole(const char *path, size_t *length)
{
    FILE *const file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long end = -1;

    if (file != NULL && fseek(file, 0, SEEK_END) == 0)
        end = ftell(file);
    if (end > 0)
        bytes = (uint8_t *)malloc((size_t)end);
    if (bytes == NULL || fseek(file, 0, SEEK_SET) != 0 || fread(bytes, 1, (size_t)end, file) != (size_t)end) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    fclose(file);
    *length = (size_t)end;
    return bytes;
}

static execfmt_coyotos_image opened(const uint8_t *bytes, size_t length)
{
    execfmt_coyotos_image image;

    memset(&image, 0, sizeof image);
    CHECK_EQ(execfmt_coyotos_open(bytes, length, EXECFMT_COYOTOS_AS_WRITTEN, &image, NULL), EXECFMT_OK);
    return image;
}

/* The space of the only process. */
static execfmt_coyotos_capability space_of(const execfmt_coyotos_image *image)
{
    execfmt_coyotos_capability space;

    memset(&space, 0, sizeof space);
    CHECK_EQ(execfmt_coyotos_read_capability(image, EXECFMT_COYOTOS_OBJECT_PROCESS, 0,
                                             EXECFMT_COYOTOS_SLOT_ADDR_SPACE, &space),
             EXECFMT_OK);
    return space;
}

/* Findings, counted. */
typedef struct tally {
    unsigned calls, stop_after;
    execfmt_finding first;
} tally;

#ifdef __cplusplus
extern "C" {
#endif

static int32_t count_finding(void *context, const execfmt_finding *finding)
{
    tally *const all = (tally *)context;

    if (all->calls++ == 0)
        all->first = *finding;
    return all->calls == all->stop_after ? 1 : 0;
}

/* Leaves, counted, with their addresses in ascending order. */
static int32_t count_mapping(void *context, const execfmt_coyotos_mapping *mapping)
{
    tally *const all = (tally *)context;

    CHECK(all->calls == 0 || mapping->address > all->first.offset);
    all->first.offset = mapping->address;
    all->calls++;
    return all->calls == all->stop_after ? 1 : 0;
}

#ifdef __cplusplus
}
#endif

/* One byte after the start of its own room, where nothing of this type may lie. */
static uint64_t askew_room[32];
#define ASKEW(type) ((type *)(void *)((char *)askew_room + 1))

/*
 * The same call with all that its `im`, `cp`, `bd` or `out` must not be. The call is an expression on that variable.
 */
#define BAD_IMAGES(call)                                                                                             \
    do {                                                                                                             \
        execfmt_coyotos_image damaged = image;                                                                       \
        const execfmt_coyotos_image *im = NULL;                                                                      \
        CHECK_EQ((call), EXECFMT_E_NULL);                                                                            \
        im = ASKEW(const execfmt_coyotos_image);                                                                     \
        CHECK_EQ((call), EXECFMT_E_ARGUMENT);                                                                        \
        im = &damaged;                                                                                               \
        damaged.length++;                                                                                            \
        CHECK_EQ((call), EXECFMT_COYOTOS_E_HANDLE);                                                                  \
        damaged = image, damaged.bytes++;                                                                            \
        CHECK_EQ((call), EXECFMT_COYOTOS_E_HANDLE);                                                                  \
        damaged = image, damaged.packing ^= 1;                                                                       \
        CHECK_EQ((call), EXECFMT_COYOTOS_E_HANDLE);                                                                  \
        memset(&damaged, 0, sizeof damaged);                                                                         \
        CHECK_EQ((call), EXECFMT_COYOTOS_E_HANDLE);                                                                  \
        SPOIL(damaged);                                                                                              \
        CHECK_EQ((call), EXECFMT_COYOTOS_E_HANDLE);                                                                  \
    } while (0)

#define BAD_CAPABILITIES(call)                                                                                       \
    do {                                                                                                             \
        execfmt_coyotos_capability damaged;                                                                          \
        const execfmt_coyotos_capability *cp = NULL;                                                                 \
        size_t flaw;                                                                                                 \
        CHECK_EQ((call), EXECFMT_E_NULL);                                                                            \
        cp = ASKEW(const execfmt_coyotos_capability);                                                                \
        CHECK_EQ((call), EXECFMT_E_ARGUMENT);                                                                        \
        cp = &damaged;                                                                                               \
        for (flaw = 0; flaw < CAPABILITY_FLAWS; flaw++) {                                                            \
            damaged = flawed(flaw);                                                                                  \
            CHECK_EQ((call), EXECFMT_E_ARGUMENT);                                                                    \
        }                                                                                                            \
    } while (0)

#define BAD_OUT(type, call)                                                                                          \
    do {                                                                                                             \
        type *out = NULL;                                                                                            \
        CHECK_EQ((call), EXECFMT_E_NULL);                                                                            \
        out = ASKEW(type);                                                                                           \
        CHECK_EQ((call), EXECFMT_E_ARGUMENT);                                                                        \
    } while (0)

#define BAD_BUILDERS(call)                                                                                           \
    do {                                                                                                             \
        static uint64_t foreign[128];                                                                                \
        execfmt_coyotos_builder *bd = NULL;                                                                          \
        CHECK_EQ((call), EXECFMT_E_NULL);                                                                            \
        bd = ASKEW(execfmt_coyotos_builder);                                                                         \
        CHECK_EQ((call), EXECFMT_E_ARGUMENT);                                                                        \
        bd = (execfmt_coyotos_builder *)(void *)foreign;                                                             \
        CHECK_EQ((call), EXECFMT_COYOTOS_E_HANDLE);                                                                  \
    } while (0)

/* A capability with a field that its type does not have, or that is too wide. */
#define CAPABILITY_FLAWS 10
static execfmt_coyotos_capability flawed(size_t flaw)
{
    execfmt_coyotos_capability cap;

    memset(&cap, 0, sizeof cap);
    cap.cap_type = EXECFMT_COYOTOS_CAP_GPT;
    switch (flaw) {
    case 0: cap.cap_type = 64; break;
    case 1: cap.restr = 32; break;
    case 2: cap.alloc_count = (uint32_t)1 << 20; break;
    case 3: cap.prot_payload = 1; break;
    case 4: cap.l2g = 128; break;
    case 5: cap.guard_match = (uint32_t)1 << 24; break;
    case 6: cap.flags = 4; break;
    case 7: cap.reserved = 1; break;
    case 8: cap.cap_type = EXECFMT_COYOTOS_CAP_ENTRY, cap.l2g = 12; break;
    default: cap.cap_type = 0xffffffffu; break;
    }
    return cap;
}

#endif
