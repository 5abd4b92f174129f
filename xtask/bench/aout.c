/* a.out: a file parsed, and the memory of a program of ELKS. */
#include "measure.h"

/* The sections in the order of the file: text, far text, data, relocations of each, symbols. As execfmt_aout_parse
   without finding. */
IN_C execfmt_status c_aout_parse(const unsigned char *bytes, size_t size, execfmt_aout *out)
{
    uint32_t (*word)(const unsigned char *) = little;
    const unsigned char *supplement;
    uint32_t sections[7];
    execfmt_aout aout;
    uint64_t end;
    int is_big, i;

    if ((bytes == NULL && size != 0) || out == NULL)
        return EXECFMT_E_NULL;
    if (size < 2)
        return EXECFMT_AOUT_E_TRUNCATED;
    if (bytes[0] != 1 || bytes[1] != 3)
        return EXECFMT_AOUT_E_BAD_MAGIC;
    if (size < 32)
        return EXECFMT_AOUT_E_TRUNCATED;
    is_big = bytes[3] & 1;
    if (is_big)
        word = big;
    if (size < (size_t)(bytes[4] >= 0x40 ? 64 : bytes[4] >= 0x30 ? 48 : 32))
        return EXECFMT_AOUT_E_TRUNCATED;
    memset(&aout, 0, sizeof aout);
    aout.file_type = little(bytes);
    aout.hlen = bytes[4];
    aout.reserved1 = bytes[5];
    aout.version = is_big ? (uint32_t)bytes[6] << 8 | bytes[7] : half(bytes + 6);
    aout.tseg = word(bytes + 8);
    aout.dseg = word(bytes + 12);
    aout.bseg = word(bytes + 16);
    aout.entry = word(bytes + 20);
    aout.chmem = is_big ? (uint32_t)bytes[24] << 8 | bytes[25] : half(bytes + 24);
    aout.minstack = is_big ? (uint32_t)bytes[26] << 8 | bytes[27] : half(bytes + 26);
    aout.syms = word(bytes + 28);
    supplement = bytes + 32;
    if (aout.hlen >= 0x30) {
        aout.trsize = word(supplement);
        aout.drsize = word(supplement + 4);
        aout.tbase = word(supplement + 8);
        aout.dbase = word(supplement + 12);
    }
    if (aout.hlen >= 0x40) {
        aout.ftseg = word(supplement + 16);
        aout.ftrsize = word(supplement + 20);
        aout.compr_tseg = is_big ? (uint32_t)supplement[24] << 8 | supplement[25] : half(supplement + 24);
        aout.compr_dseg = is_big ? (uint32_t)supplement[26] << 8 | supplement[27] : half(supplement + 26);
        aout.compr_ftseg = is_big ? (uint32_t)supplement[28] << 8 | supplement[29] : half(supplement + 28);
        aout.reserved = is_big ? (uint32_t)supplement[30] << 8 | supplement[31] : half(supplement + 30);
    }
    if ((bytes[3] & 1) != (bytes[3] >> 1 & 1))
        return EXECFMT_AOUT_E_MIXED_ENDIAN;
    if (aout.hlen != 0x20 && aout.hlen != 0x30 && aout.hlen != 0x40)
        return EXECFMT_AOUT_E_HLEN;
    sections[0] = aout.compr_tseg != 0 ? aout.compr_tseg : aout.tseg;
    sections[1] = aout.compr_ftseg != 0 && aout.ftseg != 0 ? aout.compr_ftseg : aout.ftseg;
    sections[2] = aout.compr_dseg != 0 ? aout.compr_dseg : aout.dseg;
    sections[3] = aout.trsize;
    sections[4] = aout.ftrsize;
    sections[5] = aout.drsize;
    sections[6] = aout.syms;
    end = aout.hlen;
    for (i = 0; i < 7; i++) {
        end += sections[i];
        if (sections[i] != 0 && end > size)
            return EXECFMT_AOUT_E_PAST_EOF;
    }
    *out = aout;
    return EXECFMT_OK;
}

/* Adds to a length of 16 bits; false when it no longer fits. */
static int grow(uint32_t *length_, uint32_t by)
{
    *length_ += by;
    return *length_ <= 0xffff;
}

/* Rules 5 and 6. */
static execfmt_status data_length(const unsigned char *header, uint32_t minimum, uint32_t arguments,
                                  execfmt_elks_layout *layout)
{
    const uint32_t chmem = half(header + 24), stack = half(header + 26);
    uint32_t total = minimum;

    switch (half(header + 6)) {
    case 1:
        layout->minstack = stack != 0 ? stack : 4096;
        if (!grow(&total, layout->minstack))
            return EXECFMT_ELKS_E_STACK;
        if (!grow(&total, arguments))
            return EXECFMT_ELKS_E_ARGUMENTS;
        if (chmem >= 0xfff0)
            total = total > 0xfff0 ? total : 0xfff0;
        else if (!grow(&total, chmem != 0 ? chmem : 4096))
            return EXECFMT_ELKS_E_HEAP;
        break;
    case 0:
        if (chmem != 0) {
            if (chmem <= minimum)
                return EXECFMT_ELKS_E_TOTAL;
            if (chmem - minimum < arguments)
                return EXECFMT_ELKS_E_TOTAL_ARGUMENTS;
            layout->minstack = 0;
            total = chmem;
        } else {
            layout->minstack = 4096;
            if (!grow(&total, 8192))
                return EXECFMT_ELKS_E_HEAP;
            if (!grow(&total, arguments))
                return EXECFMT_ELKS_E_ARGUMENTS;
        }
        break;
    default:
        return header[4] == 0x20 ? EXECFMT_ELKS_E_VERSION : EXECFMT_ELKS_E_VERSION_SUPPLEMENT;
    }
    if (total > 0xfff0)
        return EXECFMT_ELKS_E_ROUND;
    layout->data_len = (total + 15) & ~15u;
    return EXECFMT_OK;
}

/* Rules 1 to 6 of ELKS and the memory that results: as execfmt_aout_elks_layout without finding. */
IN_C execfmt_status c_elks_layout(const unsigned char *prefix, size_t prefix_len,
                                  const execfmt_elks_options *options, execfmt_elks_layout *out)
{
    const unsigned char *const supplement = prefix + 32;
    uint32_t without = 0, arguments = 10, minimum, text, far_text = 0, heap;
    int compressed = 0;
    execfmt_elks_layout layout;
    execfmt_status status;

    if (options != NULL) {
        if (options->size != sizeof *options || options->without > 3 || options->argument_bytes > 0xffff)
            return EXECFMT_E_ARGUMENT;
        without = options->without;
        if (options->argument_bytes != 0)
            arguments = options->argument_bytes;
    }
    if ((prefix == NULL && prefix_len != 0) || out == NULL)
        return EXECFMT_E_NULL;
    if (prefix_len > 64)
        prefix_len = 64;
    if (prefix_len < 2)
        return EXECFMT_ELKS_E_HEADER;
    if (prefix[0] != 1 || prefix[1] != 3)
        return EXECFMT_ELKS_E_BAD_MAGIC;
    if (prefix_len < 32)
        return EXECFMT_ELKS_E_HEADER;
    if (half(prefix + 2) != 0x0430 && half(prefix + 2) != 0x0420)
        return EXECFMT_ELKS_E_TYPE;
    text = half(prefix + 8);
    if (text == 0)
        return EXECFMT_ELKS_E_NO_TEXT;
    minimum = half(prefix + 12);
    if (!grow(&minimum, half(prefix + 16)))
        return EXECFMT_ELKS_E_DATA;
    if (prefix[4] != 0x20) {
        if (prefix[4] != 0x30 && prefix[4] != 0x40)
            return EXECFMT_ELKS_E_HLEN;
        if (without & EXECFMT_ELKS_NO_MEDIUM_MODEL)
            return EXECFMT_ELKS_E_NO_MEDIUM_MODEL;
        if (prefix_len < prefix[4])
            return EXECFMT_ELKS_E_SUPPLEMENT;
        if (little(supplement + 8) != 0)
            return EXECFMT_ELKS_E_TEXT_BASE;
        if (half(supplement + 12) != 0)
            return EXECFMT_ELKS_E_DATA_BASE;
        if (prefix[4] == 0x40) {
            compressed = half(supplement + 24) != 0 || half(supplement + 28) != 0;
            if (without & EXECFMT_ELKS_NO_COMPRESSION && (compressed || half(supplement + 26) != 0))
                return EXECFMT_ELKS_E_NO_COMPRESSION;
            far_text = half(supplement + 16);
        }
    }
    status = data_length(prefix, minimum, arguments, &layout);
    if (status != EXECFMT_OK)
        return status;
    layout.far_text_para = (text + 15) / 16;
    layout.text_paras = layout.far_text_para + (far_text + 15) / 16 + (compressed ? 1 : 0);
    layout.t_enddata = minimum;
    layout.t_endseg = layout.data_len;
    layout.begstack = (layout.data_len - arguments) & 0xfffe;
    layout.endbrk = (minimum + 1) & 0xfffe;
    layout.entry = half(prefix + 20);
    heap = layout.begstack > layout.minstack ? layout.begstack - layout.minstack : 0;
    layout.heap = heap > layout.endbrk ? heap - layout.endbrk : 0;
    *out = layout;
    return EXECFMT_OK;
}

static execfmt_aout aout;
static execfmt_elks_layout layout;
static execfmt_finding finding;

static int library_parse(void)
{
    return execfmt_aout_parse(file, length, &aout, NULL);
}

static int c_parse(void)
{
    return c_aout_parse(file, length, &aout);
}

static int library_layout(void)
{
    return execfmt_aout_elks_layout(file, length, NULL, &layout, NULL);
}

static int library_refuse(void)
{
    return execfmt_aout_elks_layout(file, length, NULL, &layout, &finding);
}

static int c_layout(void)
{
    return c_elks_layout(file, length, NULL, &layout);
}

static void plain(void)
{
    read_file(PLAIN);
}

/* Version 1, far text and relocations in a header of 64 bytes. */
static void medium(void)
{
    static const unsigned char header[64] = {
        1, 3, 0x30, 4, 0x40, 0, 1, 0, 32, 0, 0, 0, 16, 0, 0, 0, /* type, hlen, version, tseg, dseg */
        32, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0,       /* bseg, entry, chmem, minstack, syms */
        8, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,         /* trsize, drsize, tbase, dbase */
        16, 0, 0, 0, 8, 0, 0, 0,                                /* ftseg, ftrsize */
    };

    memset(file, 0, sizeof file);
    memcpy(file, header, sizeof header);
    length = 64 + 32 + 16 + 16 + 8 + 8 + 8 + 14;
}

static void large(void)
{
    plain();
    file[14] = 0;
    file[13] = file[17] = 0xff;
}

int main(int argc, char **argv)
{
#define PARSE "execfmt_aout_parse", "c_aout_parse", { library_parse, c_parse }
#define LAYOUT "execfmt_aout_elks_layout", "c_elks_layout", { library_layout, c_layout }
#define REFUSE "execfmt_aout_elks_layout", "c_elks_layout", { library_refuse, c_layout }
    static const struct pair pairs[] = {
        { "parse, header of 32 bytes", PARSE, plain, &aout, sizeof aout, 0 },
        { "parse, header of 64 bytes", PARSE, medium, &aout, sizeof aout, 0 },
        { "ELKS layout, header of 32 bytes", LAYOUT, plain, &layout, sizeof layout, 0 },
        { "ELKS layout, header of 64 bytes", LAYOUT, medium, &layout, sizeof layout, 0 },
        { "refuse, data and bss too large", REFUSE, large, &layout, sizeof layout, 0 },
    };

    return measure(argc, argv, pairs, sizeof pairs / sizeof *pairs);
}
