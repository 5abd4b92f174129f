/* MIPS COFF: the headers of a file. */
#include "measure.h"

static uint32_t two(const unsigned char *at, int is_big)
{
    return is_big ? (uint32_t)at[0] << 8 | at[1] : half(at);
}

static uint32_t four(const unsigned char *at, int is_big)
{
    return is_big ? big(at) : little(at);
}

/* As execfmt_coff_parse without finding. */
IN_C execfmt_status c_coff_parse(const unsigned char *bytes, size_t size, execfmt_coff *out)
{
    execfmt_coff coff;
    int is_big;

    if ((bytes == NULL && size != 0) || out == NULL)
        return EXECFMT_E_NULL;
    if (size < 2)
        return EXECFMT_COFF_E_TRUNCATED;
    is_big = bytes[0] == 0x01 && bytes[1] == 0x60;
    if (!is_big && (bytes[0] != 0x62 || bytes[1] != 0x01))
        return EXECFMT_COFF_E_MAGIC;
    if (size < 20)
        return EXECFMT_COFF_E_TRUNCATED;
    memset(&coff, 0, sizeof coff);
    coff.byte_order = is_big ? EXECFMT_BIG_ENDIAN : EXECFMT_LITTLE_ENDIAN;
    coff.section_count = two(bytes + 2, is_big);
    coff.timdat = four(bytes + 4, is_big);
    coff.symptr = four(bytes + 8, is_big);
    coff.nsyms = four(bytes + 12, is_big);
    coff.opthdr = two(bytes + 16, is_big);
    coff.flags = two(bytes + 18, is_big);
    if (coff.opthdr >= 56 && size >= 20 + coff.opthdr) {
        const unsigned char *const optional = bytes + 20;

        coff.has_optional = 1;
        coff.magic = two(optional, is_big);
        coff.tsize = four(optional + 4, is_big);
        coff.dsize = four(optional + 8, is_big);
        coff.bsize = four(optional + 12, is_big);
        coff.text_start = four(optional + 20, is_big);
        coff.data_start = four(optional + 24, is_big);
        coff.bss_start = four(optional + 28, is_big);
        coff.gp_value = four(optional + 52, is_big);
    }
    if (size >= 40)
        coff.entry = four(bytes + 36, is_big);
    if (size < 20 + coff.opthdr + 40 * coff.section_count)
        return EXECFMT_COFF_E_TRUNCATED;
    *out = coff;
    return EXECFMT_OK;
}

static execfmt_coff coff;
static execfmt_finding finding;

static int library_parse(void)
{
    return execfmt_coff_parse(file, length, &coff, NULL);
}

static int library_refuse(void)
{
    return execfmt_coff_parse(file, length, &coff, &finding);
}

static int c_parse(void)
{
    return c_coff_parse(file, length, &coff);
}

static void halt(void)
{
    read_file(HALT);
}

static void bad_magic(void)
{
    halt();
    file[0] ^= 1;
}

int main(int argc, char **argv)
{
#define NAMES "execfmt_coff_parse", "c_coff_parse"
    static const struct pair pairs[] = {
        { "parse halt.coff", NAMES, { library_parse, c_parse }, halt, &coff, sizeof coff, 0 },
        { "refuse, bad magic", NAMES, { library_refuse, c_parse }, bad_magic, &coff, sizeof coff, 0 },
    };

    return measure(argc, argv, pairs, sizeof pairs / sizeof *pairs);
}
