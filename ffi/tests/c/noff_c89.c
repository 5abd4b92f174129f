/*
 * The C library, used from C89 within what a Nachos kernel has around it. Prints how many checks passed.
 *
 *     cc -std=c89 -pedantic -Wall -Wextra -Werror -I include -o noff_c89 ffi/tests/c/noff_c89.c libexecfmt.a
 */
#include "kernel.h"

/* Before any other header, so that it stands on its own; twice, as kernels do. */
#include <execfmt.h>
#include <execfmt.h>
#include <execfmt/base.h>
#include <execfmt/noff.h>

/* It brings <stddef.h> and <stdint.h> along and nothing else. (One kernel has an errno.h of its own.) */
#if defined(EOF) || defined(errno) || defined(EXIT_SUCCESS) || defined(CHAR_BIT) || defined(assert)
#error "execfmt.h includes more than it says"
#endif

#include "layout.h"

#include "check.h"
#include "samples.h"

#include "parse_cases.h"

#include "load_cases.h"

#include "build_cases.h"

#include "hostile_cases.h"

/* The structs have tags as well as names, for declarations without the header. */
static uint32_t size_of(const struct execfmt_noff_segment *segment) { return segment->size; }

static void check_c(void)
{
    struct execfmt_noff noff;
    struct execfmt_finding finding;
    uint8_t file[MAX_FILE];

    CHECK_EQ(parse_sample(three, EXECFMT_LITTLE_ENDIAN, file, &noff), EXECFMT_OK);
    CHECK_EQ(size_of(&noff.code), 144);
    CHECK_EQ(finding_at(file, three->file_len, 0, 0, &finding), EXECFMT_END);
}

int main(void)
{
    check_parsing();
    check_loading();
    check_building();
    check_hostile_calls();
    check_c();
    return check_summary("noff_c89");
}
