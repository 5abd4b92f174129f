/*
 * Coyotos images through the C library, from C89: the model's images, inflated, are the first three arguments; the
 * fourth is a file that the builder's cases write and the reader's cases read. Prints how many checks passed.
 *
 *     cc -std=c89 -pedantic -Wall -Wextra -Werror -I include -o coyotos ffi/tests/c/coyotos_c89.c libexecfmt.a -lm
 *
 * With -DREADING_ONLY it is for the library for kernels, which has no builder; with -DHOOKS_ONLY for the one with a
 * builder, which has no memory and no side files.
 */
#include <execfmt/coyotos_image.h>
#include <execfmt.h>

#if defined(EOF) || defined(errno) || defined(EXIT_SUCCESS) || defined(CHAR_BIT) || defined(assert)
#error "execfmt.h includes more than it says"
#endif

#include "coyotos_layout.h"

#include "check.h"
#include "coyotos_samples.h"

#include "coyotos_read_cases.h"
#ifndef READING_ONLY
#include "coyotos_build_cases.h"
#include "coyotos_hostile_cases.h"
#include "coyotos_memory_cases.h"
#endif

/* The structs have tags as well as names, for declarations without the header. */
static uint32_t pages_of(const struct execfmt_coyotos_header *header) { return header->n_page; }

int main(int argc, char **argv)
{
    execfmt_coyotos_header header;
    execfmt_coyotos_image image;
    uint8_t *bytes;
    size_t i, length;

    if (argc != 5) {
        fprintf(stderr, "usage: coyotos_c89 I386 COLDFIRE ARM SYMBOLS\n");
        return 2;
    }
    for (i = 0; i < COUNT(samples); i++)
        samples[i].bytes = read_whole(argv[i + 1], &samples[i].length);
    check_reading();
#ifndef READING_ONLY
    check_building(argv[4]);
    check_hostile_building();
    check_memory();
#endif
    bytes = read_whole(argv[4], &length);
    check_symbols(bytes, length);
    free(bytes);
    image = opened(samples[0].bytes, samples[0].length);
    CHECK_EQ(execfmt_coyotos_read_header(&image, &header), EXECFMT_OK);
    CHECK_EQ(pages_of(&header), 5);
    for (i = 0; i < COUNT(samples); i++)
        free(samples[i].bytes);
    return check_summary("coyotos_c89");
}
