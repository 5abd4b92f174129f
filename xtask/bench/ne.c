/* OS/2 NE: a file parsed, and the memory of a program of ELKS. */
#include "measure.h"

/* What follows offset `at`, which is signed for ELKS. */
static size_t rest(size_t size, uint32_t at)
{
    return at <= 0x7fffffffu && at <= size ? size - at : 0;
}

static uint32_t system_of(const unsigned char *ne)
{
    switch (ne[0x36]) {
    case 0:
        return EXECFMT_NE_SYSTEM_UNKNOWN;
    case 1:
        return half(ne + 0x1e) == 0 && half(ne + 0x30) == 0 && half(ne + 0x34) == 0 ? EXECFMT_NE_SYSTEM_ELKS
                                                                                  : EXECFMT_NE_SYSTEM_OS2;
    default:
        return ne[0x36];
    }
}

/* As execfmt_ne_parse without finding. */
IN_C execfmt_status c_ne_parse(const unsigned char *bytes, size_t size, execfmt_ne *out)
{
    const unsigned char *ne;
    uint32_t position, table;

    if ((bytes == NULL && size != 0) || out == NULL)
        return EXECFMT_E_NULL;
    if (size < 2)
        return EXECFMT_NE_E_TRUNCATED;
    if (bytes[0] != 'M' || bytes[1] != 'Z')
        return EXECFMT_NE_E_NOT_MZ;
    if (size < 64)
        return EXECFMT_NE_E_TRUNCATED;
    position = little(bytes + 0x3c);
    if (rest(size, position) < 2)
        return EXECFMT_NE_E_HEADER_PAST_EOF;
    ne = bytes + position;
    if (ne[0] != 'N' || ne[1] != 'E')
        return EXECFMT_NE_E_NOT_NE;
    if (rest(size, position) < 64)
        return EXECFMT_NE_E_TRUNCATED;
    table = position + half(ne + 0x22);
    if (half(ne + 0x1c) > rest(size, table) / 8)
        return EXECFMT_NE_E_SEGMENT_TABLE;
    out->position = position;
    out->system = system_of(ne);
    out->target_os = ne[0x36];
    out->program_flags = ne[0x0c];
    out->application_flags = ne[0x0d];
    out->segment_count = half(ne + 0x1c);
    out->auto_data_segment = half(ne + 0x0e);
    out->entry_segment = half(ne + 0x16);
    out->entry = half(ne + 0x14);
    out->heap = half(ne + 0x10);
    out->stack = half(ne + 0x12);
    out->stack_segment = half(ne + 0x1a);
    out->stack_pointer = half(ne + 0x18);
    out->segment_table = table;
    out->shift = half(ne + 0x32);
    out->module_count = half(ne + 0x1e);
    out->movable_count = half(ne + 0x30);
    out->resource_count = half(ne + 0x34);
    return EXECFMT_OK;
}

/* Rules 1 to 5 but for the segment table; `*header` is the NE header. */
static execfmt_status headers(const unsigned char *bytes, size_t size, const unsigned char **header)
{
    const unsigned char *ne;
    uint32_t position;

    if (size < 2)
        return EXECFMT_ELKS_NE_E_EMPTY;
    if (bytes[0] != 'M' || bytes[1] != 'Z')
        return EXECFMT_ELKS_NE_E_NOT_MZ;
    if (size < 64)
        return EXECFMT_ELKS_NE_E_MZ_SHORT;
    position = little(bytes + 0x3c);
    if (rest(size, position) < 2)
        return EXECFMT_ELKS_NE_E_HEADER_SHORT;
    ne = bytes + position;
    if (ne[0] != 'N' || ne[1] != 'E')
        return EXECFMT_ELKS_NE_E_NOT_NE;
    if (rest(size, position) < 64)
        return EXECFMT_ELKS_NE_E_HEADER_SHORT;
    if (ne[0x36] != 1)
        return EXECFMT_ELKS_NE_E_TARGET_SYSTEM;
    if ((ne[0x0c] & 0x1f) != 2)
        return EXECFMT_ELKS_NE_E_PROGRAM_FLAGS;
    if (half(ne + 0x0e) == 0 || half(ne + 0x0e) > half(ne + 0x1c))
        return EXECFMT_ELKS_NE_E_AUTO_SEGMENT;
    if (half(ne + 0x1e) != 0)
        return EXECFMT_ELKS_NE_E_MODULES;
    if (half(ne + 0x30) != 0)
        return EXECFMT_ELKS_NE_E_MOVABLE;
    if (half(ne + 0x34) != 0)
        return EXECFMT_ELKS_NE_E_RESOURCES;
    if (half(ne + 0x1c) > EXECFMT_NE_MAX_SEGMENTS)
        return EXECFMT_ELKS_NE_E_TOO_MANY_SEGMENTS;
    *header = ne;
    return EXECFMT_OK;
}

/* Rule 8. */
static execfmt_status contents(const unsigned char *bytes, size_t size, uint32_t at, const unsigned char *entry)
{
    const uint32_t in_file = half(entry + 2);
    const unsigned char *record;
    size_t left = rest(size, at);
    uint32_t count;

    if (left < in_file)
        return EXECFMT_ELKS_NE_E_SEGMENT_SHORT;
    if (!(half(entry + 4) & 0x100))
        return EXECFMT_OK;
    left -= in_file;
    if (left < 2)
        return EXECFMT_ELKS_NE_E_RELOCATIONS_SHORT;
    record = bytes + at + in_file;
    count = half(record);
    record += 2;
    left -= 2;
    for (; count != 0; count--, record += 8, left -= 8) {
        if (left < 8)
            return EXECFMT_ELKS_NE_E_RELOCATIONS_SHORT;
        if ((record[1] & 3) != 0 || (record[0] != 2 && record[0] != 3) || (record[0] == 2 && record[1] & 4))
            return EXECFMT_ELKS_NE_E_RELOCATION_KIND;
    }
    return EXECFMT_OK;
}

/* The rules of ELKS and the memory that results: as execfmt_ne_elks_layout for the default options, without finding. */
IN_C execfmt_status c_ne_layout(const unsigned char *bytes, size_t size, execfmt_elks_ne_layout *out)
{
    const uint32_t arguments = 10;
    const unsigned char *ne, *table;
    uint32_t heap, stack, count, automatic, place, free_bytes, i;
    execfmt_elks_ne_layout layout;
    execfmt_status status;

    if ((bytes == NULL && size != 0) || out == NULL)
        return EXECFMT_E_NULL;
    status = headers(bytes, size, &ne);
    if (status != EXECFMT_OK)
        return status;
    place = (uint32_t)(ne - bytes) + half(ne + 0x22);
    count = half(ne + 0x1c);
    automatic = half(ne + 0x0e);
    if (rest(size, place) / 8 < count)
        return EXECFMT_ELKS_NE_E_SEGMENT_TABLE;
    table = bytes + place;
    heap = half(ne + 0x10) != 0 ? half(ne + 0x10) : 4096;
    stack = half(ne + 0x12) != 0 ? half(ne + 0x12) : 4096;
    memset(&layout, 0, sizeof layout);
    layout.segment_count = count;
    layout.minstack = stack;
    layout.entry = half(ne + 0x14);
    layout.entry_segment = half(ne + 0x16);
    layout.auto_data_segment = automatic;
    for (i = 0; i < count; i++) {
        const unsigned char *const entry = table + 8 * i;
        execfmt_elks_ne_segment *const segment = &layout.segments[i];

        segment->size = half(entry + 2);
        segment->min_alloc = half(entry + 6);
        segment->paras = ((segment->min_alloc + 15) & 0xffff) / 16;
        if (segment->paras == 0)
            return EXECFMT_ELKS_NE_E_SEGMENT_MEMORY;
        if (segment->size == 0)
            return EXECFMT_ELKS_NE_E_NO_BYTES;
        segment->kind = half(entry + 4) & 1 ? EXECFMT_NE_DATA : EXECFMT_NE_CODE;
        if (i + 1 == automatic) {
            segment->kind = segment->kind == EXECFMT_NE_DATA ? EXECFMT_NE_AUTO : EXECFMT_NE_AUTO_MARKED_CODE;
            segment->paras += ((stack + arguments + (heap == 0xffff ? 1 : heap) + 15) & 0xffff) / 16;
            if (segment->paras >= 0x1000)
                return EXECFMT_ELKS_NE_E_AUTO_TOO_LARGE;
            if (heap == 0xffff)
                segment->paras = 0xfff;
            layout.data_len = layout.t_endseg = segment->paras * 16;
            layout.t_enddata = segment->min_alloc;
            layout.endbrk = (segment->min_alloc + 1) & 0xfffe;
            layout.begstack = (layout.data_len - arguments) & 0xfffe;
        }
        layout.total_paras += segment->paras;
    }
    if (layout.entry_segment == 0 || layout.entry_segment > count)
        return EXECFMT_ELKS_NE_E_ENTRY_SEGMENT;
    free_bytes = layout.begstack > stack ? layout.begstack - stack : 0;
    layout.heap = free_bytes > layout.endbrk ? free_bytes - layout.endbrk : 0;
    for (i = 0; i < count; i++) {
        const unsigned char *const entry = table + 8 * i;

        status = contents(bytes, size, (uint32_t)half(entry) << (half(ne + 0x32) & 31), entry);
        if (status != EXECFMT_OK)
            return status;
    }
    *out = layout;
    return EXECFMT_OK;
}

static execfmt_ne ne;
static execfmt_elks_ne_layout layout;
static execfmt_finding finding;

static int library_parse(void)
{
    return execfmt_ne_parse(file, length, &ne, NULL);
}

static int c_parse(void)
{
    return c_ne_parse(file, length, &ne);
}

static int library_layout(void)
{
    return execfmt_ne_elks_layout(file, length, NULL, &layout, NULL);
}

static int library_refuse(void)
{
    return execfmt_ne_elks_layout(file, length, NULL, &layout, &finding);
}

static int c_layout(void)
{
    return c_ne_layout(file, length, &layout);
}

static void small(void)
{
    read_file(SMALL);
}

static void relocated(void)
{
    read_file(RELOCATED);
}

static void windows(void)
{
    read_file(WINDOWS);
}

int main(int argc, char **argv)
{
#define PARSE "execfmt_ne_parse", "c_ne_parse", { library_parse, c_parse }
#define LAYOUT "execfmt_ne_elks_layout", "c_ne_layout", { library_layout, c_layout }
#define REFUSE "execfmt_ne_elks_layout", "c_ne_layout", { library_refuse, c_layout }
    static const struct pair pairs[] = {
        { "parse, small model", PARSE, small, &ne, sizeof ne, 0 },
        { "ELKS layout, small model", LAYOUT, small, &layout, sizeof layout, 0 },
        { "ELKS layout, with relocations", LAYOUT, relocated, &layout, sizeof layout, 0 },
        { "refuse, for Windows", REFUSE, windows, &layout, sizeof layout, 0 },
    };

    return measure(argc, argv, pairs, sizeof pairs / sizeof *pairs);
}
