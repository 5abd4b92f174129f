/*
 * What execve of ELKS does with an OS/2 NE file, with the word sizes of the target. Written from the format's rules for
 * comparison with the library, in another language and another shape: it reads the file through a position, and loads as
 * it goes.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { E2BIG_ = 7, ENOEXEC_ = 8, EINVAL_ = 22 };
enum { MAX_SEGMENTS = 5, PARAGRAPH = 16, DEFAULT_SIZE = 4096, ALL = 0xffff };

struct ne_layout {
    uint16_t paras[MAX_SEGMENTS];
    uint16_t data_len, minstack, enddata, begstack, endbrk, entry, entry_segment;
};

struct ne_file {
    const uint8_t *bytes;
    size_t size;
    uint32_t at;
};

/* Reads as much as there is; positions of 2 GB and more are past the end. */
static uint16_t take(struct ne_file *file, uint8_t *place, uint16_t count)
{
    size_t left = file->at < 0x80000000u && file->at < file->size ? file->size - file->at : 0;
    if (count > left)
        count = (uint16_t)left;
    if (count != 0)
        memcpy(place, file->bytes + file->at, count);
    file->at += count;
    return count;
}

/* The errno of a read that came short: counts of 0x8000 and more are negative, and go out as they are. */
static int came_short(uint16_t count)
{
    return count >= 0x8000u ? 0x10000 - count : EINVAL_;
}

static uint16_t word(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint16_t held(const uint8_t *memory, uint16_t at)
{
    return (uint16_t)(memory[at] | memory[(uint16_t)(at + 1)] << 8);
}

static void store(uint8_t *memory, uint16_t at, uint16_t value)
{
    memory[at] = (uint8_t)value;
    memory[(uint16_t)(at + 1)] = (uint8_t)(value >> 8);
}

/*
 * 0, or the number that execve returns. `memory` are five segments of 0x10000 bytes, `bases` where they are, in
 * paragraphs.
 */
int elks_ne(const uint8_t *bytes, size_t size, uint16_t arguments, const uint16_t *bases, uint8_t *const *memory,
            struct ne_layout *layout)
{
    struct ne_file file = {bytes, size, 0};
    uint8_t mz[64], h[64], table[8 * MAX_SEGMENTS];
    uint16_t heap, stack, count, automatic, k, shift;
    uint32_t start;

    memset(layout, 0, sizeof *layout);
    if (take(&file, mz, 2) != 2 || mz[0] != 'M' || mz[1] != 'Z')
        return ENOEXEC_;
    if (take(&file, mz + 2, 62) != 62)
        return EINVAL_;
    start = file.at = word(mz + 0x3c) | (uint32_t)word(mz + 0x3e) << 16;
    if (take(&file, h, 64) != 64)
        return EINVAL_;
    automatic = word(h + 0x0e);
    count = word(h + 0x1c);
    if (h[0] != 'N' || h[1] != 'E' || h[0x36] != 1 || (h[0x0c] & 0x1f) != 2 || automatic == 0 || automatic > count ||
        word(h + 0x1e) != 0 || word(h + 0x30) != 0 || word(h + 0x34) != 0)
        return EINVAL_;
    heap = word(h + 0x10) ? word(h + 0x10) : DEFAULT_SIZE;
    stack = word(h + 0x12) ? word(h + 0x12) : DEFAULT_SIZE;
    if (count > MAX_SEGMENTS)
        return E2BIG_;
    file.at = start + word(h + 0x22);
    if (take(&file, table, (uint16_t)(8 * count)) != 8 * count)
        return EINVAL_;
    for (k = 0; k < count; k++) {
        uint16_t in_file = word(table + 8 * k + 2), in_memory = word(table + 8 * k + 6);
        uint16_t paras = (uint16_t)((uint16_t)(in_memory + 15) / PARAGRAPH);
        if (paras == 0 || in_file == 0)
            return EINVAL_;
        if (k + 1 == automatic) {
            uint16_t more = (uint16_t)(stack + arguments + (heap == ALL ? 1 : heap) + 15);
            paras = (uint16_t)(paras + more / PARAGRAPH);
            if (paras >= 0x1000)
                return E2BIG_;
            if (heap == ALL)
                paras = 0x0fff;
            layout->data_len = (uint16_t)(paras * PARAGRAPH);
            layout->enddata = in_memory;
            layout->endbrk = (uint16_t)(in_memory + 1) & 0xfffe;
            layout->begstack = (uint16_t)(layout->data_len - arguments) & 0xfffe;
        }
        layout->paras[k] = paras;
        if (in_memory > in_file)
            memset(memory[k] + in_file, 0, (size_t)(in_memory - in_file));
    }
    layout->minstack = stack;
    layout->entry = word(h + 0x14);
    layout->entry_segment = word(h + 0x16);
    if (layout->entry_segment == 0 || layout->entry_segment > count)
        return EINVAL_;
    shift = word(h + 0x32) & 31;
    for (k = 0; k < count; k++) {
        uint16_t in_file = word(table + 8 * k + 2), got, left;
        uint8_t r[8];
        file.at = (uint32_t)word(table + 8 * k) << shift;
        got = take(&file, memory[k], in_file);
        if (got != in_file)
            return came_short(got);
        if (!(word(table + 8 * k + 4) & 0x100))
            continue;
        if (take(&file, r, 2) != 2)
            return EINVAL_;
        for (left = word(r); left > 0; left--) {
            uint16_t at, base;
            if (take(&file, r, 8) != 8 || (r[1] & 3) != 0 || (r[0] != 2 && r[0] != 3) || (r[0] == 2 && r[1] & 4))
                return EINVAL_;
            at = word(r + 2);
            /* The kernel reads past its table for a segment that does not exist. */
            base = r[4] >= 1 && r[4] <= count ? bases[r[4] - 1] : 0;
            if (r[0] == 2) {
                store(memory[k], at, base);
            } else {
                store(memory[k], at, (uint16_t)(word(r + 6) + (r[1] & 4 ? held(memory[k], at) : 0)));
                store(memory[k], (uint16_t)(at + 2), base);
            }
        }
    }
    return 0;
}
