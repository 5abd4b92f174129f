/*
 * The C library, used from C89 within what a Nachos kernel has around it. Prints how many checks passed.
 *
 *     cc -std=c89 -pedantic -Wall -Wextra -Werror -I include -o noff_c89 ffi/tests/c/noff_c89.c libexecfmt.a
 */
#include "kernel.h"

/* Before any other header, to show that it is self-contained; twice, as in kernels. */
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

typedef struct heard_findings {
    int count;
    execfmt_finding last;
} heard_findings;

static int32_t hear_finding(void *context, const execfmt_finding *finding)
{
    heard_findings *const heard = (heard_findings *)context;

    CHECK(execfmt_noff_finding_message(finding, NULL, 0) > 20);
    heard->count++;
    heard->last = *finding;
    return 0;
}

/* Families of kernels, and the findings in files and their code for one of them. */
static void check_profiles(void)
{
    execfmt_noff_check_options options;
    execfmt_noff_profile profile, other;
    execfmt_noff_system_call_info call;
    heard_findings heard;
    uint8_t file[MAX_FILE];
    uint32_t i;

    CHECK_EQ(execfmt_noff_profile_named("bordeaux", &profile), EXECFMT_OK);
    CHECK_EQ(profile.size, sizeof profile);
    CHECK_EQ(profile.start, 0x80);
    CHECK_EQ(profile.size_granularity, 128);
    CHECK_EQ(profile.page_size, 128);
    CHECK_EQ(profile.frames, 64);
    CHECK_EQ(execfmt_noff_profile_named("", &profile), EXECFMT_END);
    CHECK_EQ(execfmt_noff_profile_named("a name that is longer than any of a kernel", &profile), EXECFMT_END);
    CHECK_EQ(execfmt_noff_profile_named(NULL, &profile), EXECFMT_E_NULL);
    for (i = 0; execfmt_noff_profile_at(i, &profile) == EXECFMT_OK; i++) {
        CHECK_EQ(execfmt_noff_profile_named(profile.name, &other), EXECFMT_OK);
        CHECK(memcmp(&profile, &other, sizeof profile) == 0);
        CHECK_EQ(execfmt_noff_system_call(profile.name, profile.system_call_count - 1, &call), EXECFMT_OK);
        CHECK_EQ(execfmt_noff_system_call(profile.name, profile.system_call_count, &call), EXECFMT_END);
    }
    CHECK_EQ(i, 7);
    CHECK_EQ(execfmt_noff_system_call("nachos3", 10, &call), EXECFMT_OK);
    CHECK(call.number == 10 && strcmp(call.name, "yield") == 0);

    /* A file of three segments, for kernels that load four; then for a course's own that load three. */
    make_file(three->words, 3, EXECFMT_LITTLE_ENDIAN, file, three->file_len);
    memset(&options, 0, sizeof options);
    memset(&heard, 0, sizeof heard);
    CHECK_EQ(execfmt_noff_profile_named("nachos4-rdata", &profile), EXECFMT_OK);
    options.size = sizeof options;
    options.profile = &profile;
    CHECK_EQ(execfmt_noff_check(file, three->file_len, &options, hear_finding, &heard), EXECFMT_NOFF_E_KERNEL_LAYOUT);
    CHECK_EQ(heard.last.status, EXECFMT_NOFF_E_KERNEL_LAYOUT);
    profile.layout = 3;
    CHECK_EQ(execfmt_noff_check(file, three->file_len, &options, NULL, NULL), EXECFMT_OK);
    profile.page_size = 3;
    CHECK_EQ(execfmt_noff_check(file, three->file_len, &options, NULL, NULL), EXECFMT_E_ARGUMENT);
    options.profile = NULL;

    /* The third word of the code becomes mul $2,$4,$5, of MIPS32: 0x70851002; the fifth jr $31, the last return. */
    memset(&heard, 0, sizeof heard);
    memset(file + 40, 0, 144);
    put_word(file + 48, 0x70851002, EXECFMT_LITTLE_ENDIAN);
    put_word(file + 56, 0x03e00008, EXECFMT_LITTLE_ENDIAN);
    CHECK_EQ(execfmt_noff_check(file, three->file_len, &options, hear_finding, &heard), EXECFMT_OK);
    CHECK_EQ(heard.count, 0);
    options.scan_code = 1;
    CHECK_EQ(execfmt_noff_check(file, three->file_len, &options, hear_finding, &heard), EXECFMT_OK);
    CHECK_EQ(heard.count, 1);
    CHECK_EQ(heard.last.status, EXECFMT_MIPS_W_ABOVE_MIPS1);
    CHECK_EQ(heard.last.field, EXECFMT_MIPS_FIELD_CODE);
    CHECK_EQ(heard.last.index, 8);
    CHECK_EQ(heard.last.offset, 48);
    CHECK_EQ(heard.last.found, 0x70851002);
}

int main(void)
{
    check_parsing();
    check_loading();
    check_building();
    check_hostile_calls();
    check_c();
    check_profiles();
    return check_summary("noff_c89");
}
