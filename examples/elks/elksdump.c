/*
 * What an ELKS program holds and what execve makes of it, on nothing but the execfmt library and libc: sizes, memory,
 * findings, relocations and symbols of a.out and OS/2 NE files.
 *
 *     elksdump FILE...
 *
 * The exit status is 0 when ELKS runs every file, 1 when it refuses one, 2 when one cannot be read.
 *
 *     cc -std=c99 -I include -o elksdump examples/elks/elksdump.c libexecfmt.a
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <execfmt.h>

/* How a file ends, the worse the higher: the exit status. */
enum { RUNS, REFUSED, UNREADABLE };

enum { MAX_FILE = 16 * 1024 * 1024 };

/* A file's bytes, to be freed; NULL, with errno, for one that cannot be read. */
static uint8_t *read_file(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rb");
    uint8_t *bytes = file == NULL ? NULL : malloc(MAX_FILE);

    if (bytes != NULL) {
        *length = fread(bytes, 1, MAX_FILE, file);
        if (ferror(file) || fgetc(file) != EOF) {
            if (!ferror(file))
                errno = EFBIG;
            free(bytes);
            bytes = NULL;
        }
    }
    if (file != NULL)
        fclose(file);
    return bytes;
}

/* Names come from the file, and go to a terminal. */
static void print_name(const char *name)
{
    for (; *name != '\0'; name++)
        putchar(*name > ' ' && *name <= '~' ? *name : '?');
    putchar('\n');
}

typedef size_t (*message_fn)(const execfmt_finding *, char *, size_t);

static void print_finding(const execfmt_finding *finding, message_fn message)
{
    char text[512];

    message(finding, text, sizeof text);
    printf("  %s: %s\n", finding->severity == EXECFMT_ERROR ? "error" : "warning", text);
}

static int32_t aout_finding(void *context, const execfmt_finding *finding)
{
    (void)context;
    print_finding(finding, execfmt_aout_finding_message);
    return 0;
}

static int32_t ne_finding(void *context, const execfmt_finding *finding)
{
    (void)context;
    print_finding(finding, execfmt_ne_finding_message);
    return 0;
}

static void print_segment(uint32_t data_len, uint32_t enddata, uint32_t endbrk, uint32_t begstack, uint32_t minstack)
{
    printf("  data segment of %" PRIu32 " bytes: data and bss end at %04" PRIx32 ", break %04" PRIx32 ", SP %04" PRIx32
           ", stack of %" PRIu32 "\n",
           data_len, enddata, endbrk, begstack, minstack);
}

static void print_aout_tables(const uint8_t *file, size_t length)
{
    static const uint32_t sections[] = { EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT, EXECFMT_AOUT_DATA };
    execfmt_aout_relocation relocation;
    execfmt_aout_cursor cursor = { 0, 0 };
    execfmt_aout_symbol symbol;
    size_t offset, size;

    for (size_t at = 0; at < sizeof sections / sizeof sections[0]; at++) {
        const char *name = execfmt_aout_section_name(sections[at]);
        if (execfmt_aout_section(file, length, sections[at], &offset, &size) == EXECFMT_OK && size != 0)
            printf("  %s: %zu bytes at %zu\n", name, size, offset);
        for (uint32_t index = 0;
             execfmt_aout_relocation_at(file, length, sections[at], index, &relocation) == EXECFMT_OK; index++)
            printf("  %s:%04" PRIx32 " = segment of %s\n", name, relocation.vaddr,
                   execfmt_aout_target_name(relocation.symndx));
    }
    while (execfmt_aout_next_symbol(file, length, &cursor, &symbol) == EXECFMT_OK) {
        printf("  %04" PRIx32 " %c ", symbol.value, symbol.letter);
        print_name(symbol.name);
    }
}

static int dump_aout(const uint8_t *file, size_t length, const execfmt_aout *aout)
{
    execfmt_elks_layout layout;

    printf("  a.out of version %" PRIu32 ": text %" PRIu32 ", far text %" PRIu32 ", data %" PRIu32 ", bss %" PRIu32 "\n",
           aout->version, aout->tseg, aout->ftseg, aout->dseg, aout->bseg);
    if (execfmt_aout_elks_exec(file, length, NULL, &layout, NULL) == EXECFMT_OK) {
        printf("  text segment of %" PRIu32 " paragraphs, entry %04" PRIx32 "\n", layout.text_paras, layout.entry);
        print_segment(layout.data_len, layout.t_enddata, layout.endbrk, layout.begstack, layout.minstack);
    }
    print_aout_tables(file, length);
    return execfmt_aout_check(file, length, NULL, aout_finding, NULL) == EXECFMT_OK ? RUNS : REFUSED;
}

static int dump_ne(const uint8_t *file, size_t length, const execfmt_ne *ne)
{
    execfmt_ne_segment segment;
    execfmt_ne_relocation relocation;
    execfmt_elks_ne_layout layout;

    printf("  NE for %s: %" PRIu32 " segments, heap %" PRIu32 ", stack %" PRIu32 "\n",
           execfmt_ne_system_name(ne->system), ne->segment_count, ne->heap, ne->stack);
    for (uint32_t number = 1; number <= EXECFMT_NE_MAX_SEGMENTS
                              && execfmt_ne_segment_at(file, length, number, &segment) == EXECFMT_OK;
         number++) {
        printf("  segment %" PRIu32 " (%s): %" PRIu32 " bytes, %" PRIu32 " in memory\n", number,
               execfmt_ne_kind_name(segment.kind), segment.size, segment.min_alloc);
        for (uint32_t index = 0; execfmt_ne_relocation_at(file, length, number, index, &relocation) == EXECFMT_OK;
             index++)
            printf("  segment %" PRIu32 ":%04" PRIx32 " = %s\n", number, relocation.source_offset, relocation.target);
    }
    if (execfmt_ne_elks_layout(file, length, NULL, &layout, NULL) == EXECFMT_OK) {
        printf("  %" PRIu32 " paragraphs in all, entry %" PRIu32 ":%04" PRIx32 "\n", layout.total_paras,
               layout.entry_segment, layout.entry);
        print_segment(layout.data_len, layout.t_enddata, layout.endbrk, layout.begstack, layout.minstack);
    }
    return execfmt_ne_check(file, length, NULL, ne_finding, NULL) == EXECFMT_OK ? RUNS : REFUSED;
}

static int dump(const char *name)
{
    execfmt_aout aout;
    execfmt_ne ne;
    execfmt_finding finding;
    size_t length = 0;
    int outcome = REFUSED;
    uint8_t *file = read_file(name, &length);

    if (file == NULL) {
        fprintf(stderr, "elksdump: %s: %s\n", name, strerror(errno));
        return UNREADABLE;
    }
    printf("%s: %zu bytes\n", name, length);
    if (length >= 2 && file[0] == 'M' && file[1] == 'Z') {
        if (execfmt_ne_parse(file, length, &ne, &finding) == EXECFMT_OK)
            outcome = dump_ne(file, length, &ne);
        else
            print_finding(&finding, execfmt_ne_finding_message);
    } else if (execfmt_aout_parse(file, length, &aout, &finding) == EXECFMT_OK) {
        outcome = dump_aout(file, length, &aout);
    } else {
        print_finding(&finding, execfmt_aout_finding_message);
    }
    printf("  ELKS %s\n", outcome == RUNS ? "runs it" : "does not run it");
    free(file);
    return outcome;
}

int main(int argc, char **argv)
{
    int worst = RUNS;

    if (argc < 2) {
        fprintf(stderr, "usage: elksdump FILE...\n");
        return UNREADABLE;
    }
    for (int at = 1; at < argc; at++) {
        int outcome = dump(argv[at]);
        if (outcome > worst)
            worst = outcome;
    }
    return worst;
}
