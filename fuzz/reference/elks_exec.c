/*
 * What execve of ELKS does with a file, with the word sizes of the target: size_t and segments have 16 bits, file
 * sizes 32. Written from the format's rules for comparison with the library, in another language and another shape: it
 * reads on in the file as the kernel does, and knows no offsets.
 *
 * It differs from the kernel in one thing: compressed sections are taken to expand well, and left as they are stored.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { E2BIG_ = 7, ENOEXEC_ = 8, EINVAL_ = 22, EFBIG_ = 27 };
enum { INIT_HEAP = 4096, INIT_STACK = 4096, MAX_HEAP = 0xfff0, MAX_SEGMENT = 0xffff };
enum { HEADER = 32, SUPPLEMENT = 32, RELOCATION = 8, R_SEGWORD = 80 };
enum { S_TEXT = 0xfffe, S_DATA = 0xfffd, S_FTEXT = 0xfffb };

struct elks_kernel {
    int medium_model, compression;
    uint16_t arguments;          /* bytes */
    uint16_t text_seg, data_seg; /* paragraphs */
};

struct elks_memory {
    /* Text segments of at most 0x20020 bytes with any 16-bit place after the far text's start; 0x30000 bytes. */
    uint8_t *text;
    /* 0x10001 bytes. */
    uint8_t *data;
};

struct elks_layout {
    uint16_t text_paras, far_text_para, data_len, minstack, enddata, endseg, begstack, endbrk, entry;
};

struct file {
    const uint8_t *bytes;
    size_t left;
};

/* Reads as much as there is. */
static size_t take(struct file *file, void *place, size_t count)
{
    if (count > file->left)
        count = file->left;
    if (place != NULL)
        memcpy(place, file->bytes, count);
    file->bytes += count;
    file->left -= count;
    return count;
}

static uint16_t word(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t dword(const uint8_t *at)
{
    return word(at) | (uint32_t)word(at + 2) << 16;
}

static uint16_t paras(uint16_t bytes)
{
    return (uint16_t)(bytes / 16 + (bytes % 16 != 0));
}

/* Adds to a length; gives false when it no longer fits 16 bits. */
static int grow(uint16_t *length, uint16_t by)
{
    const uint32_t sum = (uint32_t)*length + by;
    *length = (uint16_t)sum;
    return sum <= MAX_SEGMENT;
}

static int data_length(const uint8_t *header, uint16_t minimum, uint16_t arguments, uint16_t *length, uint16_t *stack)
{
    const uint16_t version = word(header + 6), chmem = word(header + 24), minstack = word(header + 26);
    *length = minimum;
    if (version == 1) {
        const uint16_t heap = chmem != 0 ? chmem : INIT_HEAP;
        *stack = minstack != 0 ? minstack : INIT_STACK;
        if (!grow(length, *stack))
            return -EFBIG_;
        if (!grow(length, arguments))
            return -E2BIG_;
        if (heap >= MAX_HEAP) {
            if (*length < MAX_HEAP)
                *length = MAX_HEAP;
        } else if (!grow(length, heap)) {
            return -EFBIG_;
        }
    } else if (version == 0 && chmem != 0) {
        *stack = 0;
        *length = chmem;
        if (chmem <= minimum)
            return -EINVAL_;
        if (chmem - minimum < arguments)
            return -E2BIG_;
    } else if (version == 0) {
        *stack = INIT_STACK;
        if (!grow(length, INIT_STACK + INIT_HEAP))
            return -EFBIG_;
        if (!grow(length, arguments))
            return -E2BIG_;
    } else {
        return header[4] == HEADER ? -ENOEXEC_ : -EINVAL_;
    }
    if (!grow(length, 15))
        return -E2BIG_;
    *length &= 0xfff0;
    return 0;
}

static int relocate(struct file *file, uint32_t size, uint8_t *segment, const uint16_t segments[3])
{
    if (size % RELOCATION != 0)
        return -EINVAL_;
    for (; size != 0; size -= RELOCATION) {
        uint8_t record[RELOCATION];
        uint16_t value;
        if (take(file, record, RELOCATION) != RELOCATION || word(record + 6) != R_SEGWORD)
            return -EINVAL_;
        switch (word(record + 4)) {
        case S_TEXT:
            value = segments[0];
            break;
        case S_FTEXT:
            value = segments[1];
            break;
        case S_DATA:
            value = segments[2];
            break;
        default:
            return -EINVAL_;
        }
        /* A word at ffff goes on at 0. */
        segment[word(record)] = (uint8_t)value;
        segment[(uint16_t)(word(record) + 1)] = (uint8_t)(value >> 8);
    }
    return 0;
}

/*
 * Rules 1 to 6, of the header alone, and the layout; what was read of the header is left in `header`. 0, or the negative
 * errno.
 */
static int header_rules(struct file *file, const struct elks_kernel *kernel, uint8_t header[HEADER + SUPPLEMENT],
                        struct elks_layout *layout)
{
    const uint8_t *const supplement = header + HEADER;
    uint16_t minimum, text, far_text;
    int error;

    if (take(file, header, HEADER) != HEADER || word(header) != 0x0301)
        return -ENOEXEC_;
    if (word(header + 2) != 0x0430 && word(header + 2) != 0x0420)
        return -ENOEXEC_;
    text = word(header + 8);
    minimum = word(header + 12);
    if (text == 0)
        return -ENOEXEC_;
    if (!grow(&minimum, word(header + 16)))
        return -EINVAL_;

    if (header[4] == 0x30 || header[4] == 0x40) {
        const size_t more = (size_t)header[4] - HEADER;
        if (!kernel->medium_model || take(file, header + HEADER, more) != more)
            return -ENOEXEC_;
        if (dword(supplement + 8) != 0 || word(supplement + 12) != 0)
            return -EINVAL_;
        if (!kernel->compression && (word(supplement + 24) | word(supplement + 26) | word(supplement + 28)) != 0)
            return -ENOEXEC_;
    } else if (header[4] != HEADER) {
        return -ENOEXEC_;
    }
    error = data_length(header, minimum, kernel->arguments, &layout->data_len, &layout->minstack);
    if (error != 0)
        return error;

    far_text = word(supplement + 16);
    layout->far_text_para = paras(text);
    layout->text_paras = (uint16_t)(paras(text) + paras(far_text));
    if (word(supplement + 24) != 0 || word(supplement + 28) != 0)
        layout->text_paras++;
    layout->enddata = minimum;
    layout->endseg = layout->data_len;
    layout->begstack = (uint16_t)(layout->data_len - kernel->arguments) & 0xfffe;
    layout->endbrk = (uint16_t)(minimum + 1) & 0xfffe;
    layout->entry = word(header + 20);
    return 0;
}

/* The layout by the header alone, as a kernel has it that has read no more. 0, or the negative errno. */
int elks_layout(const uint8_t *bytes, size_t size, const struct elks_kernel *kernel, struct elks_layout *layout)
{
    struct file file = { bytes, size };
    uint8_t header[HEADER + SUPPLEMENT] = { 0 };

    return header_rules(&file, kernel, header, layout);
}

/* 0, or the negative errno. */
int elks_exec(const uint8_t *bytes, size_t size, const struct elks_kernel *kernel, struct elks_layout *layout,
              struct elks_memory *memory)
{
    struct file file = { bytes, size };
    uint8_t header[HEADER + SUPPLEMENT] = { 0 };
    const uint8_t *const supplement = header + HEADER;
    uint16_t text, data, far_text, stored;
    uint16_t segments[3];
    uint8_t *far_place;
    int error = header_rules(&file, kernel, header, layout);

    if (error != 0)
        return error;
    text = word(header + 8);
    data = word(header + 12);
    far_text = word(supplement + 16);
    far_place = memory->text + 16 * (size_t)layout->far_text_para;
    stored = word(supplement + 24) != 0 ? word(supplement + 24) : text;
    if (take(&file, memory->text, stored) != stored)
        return -ENOEXEC_;
    if (far_text != 0) {
        stored = word(supplement + 28) != 0 ? word(supplement + 28) : far_text;
        if (take(&file, far_place, stored) != stored)
            return -ENOEXEC_;
    }
    stored = word(supplement + 26) != 0 ? word(supplement + 26) : data;
    if (take(&file, memory->data, stored) != stored)
        return -ENOEXEC_;

    segments[0] = kernel->text_seg;
    segments[1] = (uint16_t)(kernel->text_seg + layout->far_text_para);
    segments[2] = kernel->data_seg;
    if ((error = relocate(&file, dword(supplement), memory->text, segments)) != 0
        || (error = relocate(&file, dword(supplement + 20), far_place, segments)) != 0
        || (error = relocate(&file, dword(supplement + 4), memory->data, segments)) != 0)
        return error;
    memset(memory->data + data, 0, word(header + 16));
    return 0;
}
