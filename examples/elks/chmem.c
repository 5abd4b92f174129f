/*
 * chmem for ELKS, on nothing but the execfmt library and libc: shows how much memory a program asks for, and with -h
 * and -s sets its heap and stack.
 *
 *     chmem [-h HEAP] [-s STACK] FILE...
 *
 * Numbers are decimal, or hexadecimal after 0x. A file is written to a new one beside it, which is then renamed: an
 * error or a crash leaves the old one as it was.
 *
 *     cc -I include -o chmem examples/elks/chmem.c libexecfmt.a
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <execfmt.h>

static int failed(const char *file, const char *why)
{
    fprintf(stderr, "chmem: %s: %s\n", file, why);
    return 1;
}

/* A whole number, or EXECFMT_AOUT_KEEP when it is none. */
static uint32_t number(const char *text)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || value >= EXECFMT_AOUT_KEEP)
        return EXECFMT_AOUT_KEEP;
    return (uint32_t)value;
}

/* Copies the rest of a file after a header of `length` bytes; 0 when something fails. */
static int write_changed(const char *name, const uint8_t *header, size_t length)
{
    char temporary[1024], buffer[4096];
    FILE *from, *to;
    size_t got;
    int good;

    if (strlen(name) + 5 > sizeof temporary)
        return 0;
    sprintf(temporary, "%s.new", name);
    from = fopen(name, "rb");
    to = from == NULL ? NULL : fopen(temporary, "wb");
    if (to == NULL) {
        if (from != NULL)
            fclose(from);
        return 0;
    }
    good = fwrite(header, 1, length, to) == length && fseek(from, (long)length, SEEK_SET) == 0;
    while (good && (got = fread(buffer, 1, sizeof buffer, from)) > 0)
        good = fwrite(buffer, 1, got, to) == got;
    good = !ferror(from) && good;
    fclose(from);
    good = fclose(to) == 0 && good;
    if (!good || rename(temporary, name) != 0) {
        remove(temporary);
        return 0;
    }
    return 1;
}

static void print_row(const char *name, const execfmt_aout *aout, const execfmt_aout_row *row)
{
    printf("%5lu  %5lu  %5lu  %5lu  %5ld  %5lu   %6lu %6lu %s", (unsigned long)row->text,
           (unsigned long)row->far_text, (unsigned long)row->data, (unsigned long)row->bss, (long)row->heap,
           (unsigned long)row->stack, (unsigned long)row->total_data, (unsigned long)row->total, name);
    if (row->is_version_0)
        printf(" (v0 header)");
    if (aout->compr_tseg != 0 || aout->compr_ftseg != 0 || aout->compr_dseg != 0)
        printf(" (%lu %lu %lu)", (unsigned long)aout->compr_tseg, (unsigned long)aout->compr_ftseg,
               (unsigned long)aout->compr_dseg);
    printf("\n");
}

static int one_file(const char *name, uint32_t heap, uint32_t stack)
{
    uint8_t bytes[EXECFMT_AOUT_MAX_HEADER_SIZE];
    execfmt_aout aout;
    execfmt_aout_row row;
    execfmt_status status;
    uint32_t truncated_to = 0;
    size_t length;
    FILE *file = fopen(name, "rb");

    if (file == NULL)
        return failed(name, strerror(errno));
    length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    status = execfmt_aout_read_header(bytes, length, &aout, NULL);
    if (status == EXECFMT_OK)
        status = execfmt_aout_chmem_row(&aout, &row);
    if (status == EXECFMT_OK)
        print_row(name, &aout, &row);
    if (status == EXECFMT_OK && (heap != EXECFMT_AOUT_KEEP || stack != EXECFMT_AOUT_KEEP)) {
        status = execfmt_aout_chmem(&aout, heap, stack, &truncated_to);
        if (truncated_to != 0)
            printf("Warning: heap truncated to %lu\n", (unsigned long)truncated_to);
        if (status == EXECFMT_OK)
            status = execfmt_aout_encode_header(&aout, bytes, sizeof bytes, &length);
        if (status == EXECFMT_OK && !write_changed(name, bytes, length))
            return failed(name, "cannot be written");
        if (status == EXECFMT_OK)
            status = execfmt_aout_chmem_row(&aout, &row);
        if (status == EXECFMT_OK)
            print_row(name, &aout, &row);
    }
    return status == EXECFMT_OK ? 0 : failed(name, execfmt_status_message(status));
}

int main(int argc, char **argv)
{
    uint32_t heap = EXECFMT_AOUT_KEEP, stack = EXECFMT_AOUT_KEEP;
    int i, outcome = 0;

    for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        uint32_t value = number(argv[i + 1]);
        if (value == EXECFMT_AOUT_KEEP || (strcmp(argv[i], "-h") != 0 && strcmp(argv[i], "-s") != 0))
            break;
        if (argv[i][1] == 'h')
            heap = value;
        else
            stack = value;
    }
    if (i >= argc || argv[i][0] == '-') {
        fprintf(stderr, "usage: chmem [-h HEAP] [-s STACK] FILE...\n");
        return 1;
    }
    printf(" TEXT  FTEXT   DATA    BSS   HEAP  STACK  TOTDATA  TOTAL\n");
    for (; i < argc; i++)
        outcome |= one_file(argv[i], heap, stack);
    return outcome;
}
