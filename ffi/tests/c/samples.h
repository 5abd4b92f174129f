/*
 * Programs to load, as the words of their headers, and a second, simple-minded loader that says what their memory must
 * hold: byte by byte, who owns it and where it comes from.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <string.h>

#define WORDS 13
#define MAX_FILE 640
#define MAX_MEMORY 2048

/* Fields that mean nothing, as real files have them. */
#define NOTHING 0xffffffffu
#define GARBAGE 0x40162c7cu

typedef struct sample {
    const char *name;
    uint32_t layout;
    uint32_t words[WORDS];
    uint32_t file_len;
    uint32_t memory_end;
    uint32_t warnings; /* how many things are unusual about it */
} sample;

enum { SAMPLE_THREE, SAMPLE_FOUR };

static const sample samples[] = {
    /* Nothing unusual: code 0..144, initData 144..176, uninitData 176..256. */
    { "three", 3, { NOFFMAGIC, 0, 40, 144, 144, 184, 32, 176, NOTHING, 80, 0, 0, 0 }, 216, 256, 0 },
    /* Code 0..128, readonlyData 128..192, initData 192..224, uninitData 224..256. */
    { "four", 4, { NOFFMAGIC, 0, 52, 128, 192, 244, 32, 128, 180, 64, 224, NOTHING, 32 }, 276, 256, 0 },
    /* uninitData begins 12 bytes before initData ends: what comes from the file must win. */
    { "padding", 3, { NOFFMAGIC, 0, 40, 144, 144, 184, 32, 164, GARBAGE, 92, 0, 0, 0 }, 216, 256, 2 },
    /* Gaps everywhere, sizes and addresses that are not multiples, bytes after the end. */
    { "gaps", 3, { NOFFMAGIC, 16, 40, 99, 333, 150, 1, 500, 0, 257, 0, 0, 0 }, 160, 757, 7 },
    /* Segments in another order in the file, in memory and in the header, with holes between them. */
    { "order", 4, { NOFFMAGIC, 64, 400, 200, 0, 52, 64, 1000, 120, 77, 700, 1, 100 }, 600, 1077, 5 },
    /* Empty segments with what was left on the converter's stack. */
    { "garbage", 4, { NOFFMAGIC, 0, 52, 16, GARBAGE, 0xbfebfbffu, 0, 7, GARBAGE, 0, NOTHING, 3, 0 }, 68, 16, 0 },
    /* The same bytes of the file twice. */
    { "twice", 3, { NOFFMAGIC, 0, 40, 160, 160, 40, 160, 0, 0, 0, 0, 0, 0 }, 200, 320, 1 },
    /* Less than the 16 bytes that a stack pointer stays below the end. */
    { "tiny", 3, { NOFFMAGIC, 0, 40, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, 44, 4, 1 }
};

static const sample *const three = &samples[SAMPLE_THREE];
static const sample *const four = &samples[SAMPLE_FOUR];

static const uint32_t byte_orders[] = { EXECFMT_LITTLE_ENDIAN, EXECFMT_BIG_ENDIAN };

static void put_word(uint8_t *to, uint32_t value, uint32_t byte_order)
{
    int i;

    for (i = 0; i < 4; i++) {
        const int shift = byte_order == EXECFMT_LITTLE_ENDIAN ? 8 * i : 24 - 8 * i;
        to[i] = (uint8_t)(value >> shift & 0xff);
    }
}

/* The value of byte `at` of every file, after the header: never zero, to make zeroed memory visible. */
static uint8_t file_byte(uint32_t at) { return (uint8_t)(at % 251 + 1); }

static void make_file(const uint32_t *words, uint32_t layout, uint32_t byte_order, uint8_t *file, uint32_t length)
{
    const uint32_t count = layout == 3 ? 10 : 13;
    uint32_t i;

    for (i = 0; i < length; i++)
        file[i] = file_byte(i);
    for (i = 0; i < count && 4 * i + 4 <= length; i++)
        put_word(file + 4 * i, words[i], byte_order);
}

/* Word 0 of the record of segment EXECFMT_NOFF_CODE and so on; NULL where the layout has none. */
static const uint32_t *record(const sample *program, uint32_t segment)
{
    if (program->layout == 4)
        return program->words + 1 + 3 * segment;
    if (segment == EXECFMT_NOFF_READONLY_DATA)
        return NULL;
    return program->words + 1 + 3 * (segment == EXECFMT_NOFF_UNINIT_DATA ? 2 : segment);
}

typedef struct model {
    uint8_t bytes[MAX_MEMORY];
    uint8_t owners[MAX_MEMORY]; /* bit 1 << EXECFMT_NOFF_CODE and so on */
} model;

static void make_model(const sample *program, model *memory)
{
    uint32_t segment, i;

    memset(memory, 0, sizeof *memory);
    for (segment = EXECFMT_NOFF_CODE; segment <= EXECFMT_NOFF_UNINIT_DATA; segment++) {
        const uint32_t *const words = record(program, segment);
        for (i = 0; words != NULL && i < words[2]; i++) {
            memory->owners[words[0] + i] |= (uint8_t)(1u << segment);
            if (segment != EXECFMT_NOFF_UNINIT_DATA)
                memory->bytes[words[0] + i] = file_byte(words[1] + i);
        }
    }
}

/* Whether `length` bytes all have the value `byte`. */
static int all_bytes(const void *bytes, uint8_t byte, size_t length)
{
    const uint8_t *at = (const uint8_t *)bytes;

    while (length-- != 0)
        if (*at++ != byte)
            return 0;
    return 1;
}

/* A struct that is not there yet: anything but zero. */
#define SPOIL(thing) memset(&(thing), 0xa5, sizeof(thing))
#define SPOILT(thing) all_bytes(&(thing), 0xa5, sizeof(thing))

static execfmt_status parse_sample(const sample *program, uint32_t byte_order, uint8_t *file, execfmt_noff *noff)
{
    make_file(program->words, program->layout, byte_order, file, program->file_len);
    return execfmt_noff_parse(file, program->file_len, NULL, noff, NULL);
}

/* Finding number `index` of those about the header of a file; EXECFMT_END past the last one. */
typedef struct wanted_finding {
    uint32_t left;
    int was_found;
    execfmt_finding finding;
} wanted_finding;

static int32_t take_wanted(void *context, const execfmt_finding *finding)
{
    wanted_finding *const wanted = (wanted_finding *)context;

    if (wanted->left-- != 0)
        return 0;
    wanted->was_found = 1;
    wanted->finding = *finding;
    return 1;
}

static execfmt_status finding_at(const uint8_t *prefix, uint32_t file_len, uint32_t layout, uint32_t index,
                                 execfmt_finding *finding)
{
    execfmt_noff_check_options options;
    wanted_finding wanted;

    memset(&options, 0, sizeof options);
    memset(&wanted, 0, sizeof wanted);
    options.size = sizeof options;
    options.layout = layout;
    wanted.left = index;
    execfmt_noff_check_header(prefix, 52, file_len, &options, take_wanted, &wanted);
    if (!wanted.was_found)
        return EXECFMT_END;
    *finding = wanted.finding;
    return EXECFMT_OK;
}

#endif
