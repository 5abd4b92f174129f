/*
 * Compressed sections of ELKS executables, from C89. Prints how many checks passed. With -DEXECFMT_FREESTANDING it is
 * for the library without an encoder, and decompresses the bytes below.
 *
 *     cc -std=c89 -pedantic -Wall -Wextra -Werror -I include -o compress_c89 ffi/tests/c/compress_c89.c libexecfmt.a
 */
#include <execfmt/aout_compress.h>
#include <execfmt/aout_compress.h>

#if defined(EOF) || defined(errno) || defined(EXIT_SUCCESS) || defined(CHAR_BIT) || defined(assert)
#error "aout_compress.h includes more than it says"
#endif

#include <string.h>

#include "check.h"

/*
 * Thirteen bytes, packed by hand from the facts of the format. The stream is read from its end:
 *
 *     80          no payload bits in the first byte
 *     26 times 0  52 entries of no bits: lengths are 1 to 16, offsets too
 *     '!'         the first literal, without a flag
 *     f8          1 1 1 1 1: five literals, which follow
 *     28 50 00 01 0 00001 0100: five bytes from five bytes above; 0 01 0100: two from there; 0 0{16} 1: the end
 */
static const char text[] = "deabcdeabcde!";
#define TEXT_LENGTH 13
static const uint8_t packed[] = {
    0x01, 0x00, 0x50, 0x28, 'a', 'b', 'c', 'd', 'e', 0xf8, '!',
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80,
};

static void check_decoding(void)
{
    uint8_t section[TEXT_LENGTH + 1], area[sizeof packed + TEXT_LENGTH];
    execfmt_aout_footprint footprint;
    execfmt_finding finding;
    size_t cut;

    section[TEXT_LENGTH] = 0xa5;
    CHECK_EQ(execfmt_aout_decode(packed, sizeof packed, section, TEXT_LENGTH, NULL), EXECFMT_OK);
    CHECK(memcmp(section, text, TEXT_LENGTH) == 0);
    CHECK_EQ(section[TEXT_LENGTH], 0xa5);

    /* In place, in an area that holds the compressed bytes; the kernel's own would not: so few bytes do not pay. */
    memcpy(area, packed, sizeof packed);
    CHECK_EQ(execfmt_aout_decode_in_place(area, sizeof area, sizeof packed, TEXT_LENGTH, NULL), EXECFMT_OK);
    CHECK(memcmp(area, text, TEXT_LENGTH) == 0);
    CHECK_EQ(execfmt_aout_check_kernel_limits(packed, sizeof packed, TEXT_LENGTH, &footprint, &finding),
             EXECFMT_AOUT_STREAM_E_AREA);
    CHECK(finding.found == TEXT_LENGTH + EXECFMT_AOUT_IN_PLACE_MARGIN && finding.expected == sizeof packed);

    /* A stream that is cut short, at its front: it is read from its end. */
    for (cut = 1; cut < sizeof packed; cut++) {
        memset(&finding, 0, sizeof finding);
        CHECK_EQ(execfmt_aout_decode(packed + cut, sizeof packed - cut, section, TEXT_LENGTH, &finding),
                 EXECFMT_AOUT_STREAM_E_TRUNCATED);
        CHECK_EQ(finding.found, sizeof packed - cut);
        CHECK_EQ(finding.field, EXECFMT_AOUT_STREAM_FIELD_COMPRESSED);
    }
    CHECK_EQ(execfmt_aout_decode(packed, sizeof packed, section, TEXT_LENGTH - 1, NULL),
             EXECFMT_AOUT_STREAM_E_TOO_LONG);
    CHECK_EQ(execfmt_aout_decode(packed, sizeof packed, section, TEXT_LENGTH + 1, NULL),
             EXECFMT_AOUT_STREAM_E_TOO_SHORT);
}

static void check_findings(void)
{
    execfmt_finding finding;
    uint8_t section[8];
    char message[300], small[10];
    size_t length;

    memset(&finding, 0, sizeof finding);
    CHECK_EQ(execfmt_aout_finding_message(&finding, message, sizeof message), 0);
    CHECK_EQ(message[0], '\0');
    CHECK_EQ(execfmt_aout_decode(packed + 1, sizeof packed - 1, section, sizeof section, &finding),
             EXECFMT_AOUT_STREAM_E_TOO_LONG);
    length = execfmt_aout_finding_message(&finding, NULL, 0);
    CHECK(length > 40 && length < sizeof message);
    CHECK_EQ(execfmt_aout_finding_message(&finding, message, sizeof message), length);
    CHECK(strstr(message, "only 2 bytes of the section remain") != NULL);
    CHECK_EQ(execfmt_aout_finding_message(&finding, small, sizeof small), length);
    CHECK(strlen(small) == 9 && strncmp(small, message, 9) == 0);
    CHECK_EQ(execfmt_aout_finding_message(NULL, message, sizeof message), 0);
    finding.status = EXECFMT_AOUT_STREAM_E_AREA + 1;
    CHECK_EQ(execfmt_aout_finding_message(&finding, message, sizeof message), 0);
}

/* A sentence for each status, and not that of an unknown one. */
static void check_messages(void)
{
    execfmt_status status;

    for (status = EXECFMT_AOUT_STREAM_E_TRUNCATED; status <= EXECFMT_AOUT_STREAM_E_AREA; status++)
        CHECK(strncmp(execfmt_status_message(status), "compressed section: ", 20) == 0);
    CHECK(strncmp(execfmt_status_message(status), "unknown", 7) == 0);
}

static void check_hostile_calls(void)
{
    uint8_t buffer[64];
    execfmt_aout_footprint footprint;
    execfmt_finding finding;
    const size_t huge = (size_t)-1;

    memset(buffer, 0, sizeof buffer);
    CHECK_EQ(execfmt_aout_decode(NULL, 1, buffer, 1, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_decode(packed, sizeof packed, NULL, 1, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_decode(packed, huge, buffer, 1, NULL), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_aout_decode(packed, sizeof packed, buffer, huge, NULL), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_aout_decode(packed, 0, buffer, 1, &finding), EXECFMT_AOUT_STREAM_E_TRUNCATED);
    CHECK_EQ(execfmt_aout_decode(packed, sizeof packed, buffer, 0, &finding), EXECFMT_AOUT_STREAM_E_SIZE);
    CHECK_EQ(finding.found, 0);
    CHECK_EQ(finding.field, EXECFMT_AOUT_STREAM_FIELD_SIZE);
    /* Buffers that overlap, at either end. */
    CHECK_EQ(execfmt_aout_decode(buffer, 32, buffer + 31, 32, NULL), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_aout_decode(buffer + 31, 32, buffer, 32, NULL), EXECFMT_E_ARGUMENT);
    CHECK(execfmt_aout_decode(buffer + 32, 32, buffer, 32, NULL) >= EXECFMT_AOUT_STREAM_E_TRUNCATED);
    /* A finding that is not aligned cannot be stored. */
    CHECK_EQ(execfmt_aout_decode(packed, 0, buffer, 1, (execfmt_finding *)(void *)((char *)&finding + 1)),
             EXECFMT_E_ARGUMENT);

    CHECK_EQ(execfmt_aout_decode_in_place(NULL, 64, 32, 32, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_decode_in_place(buffer, huge, 32, 32, NULL), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_aout_decode_in_place(buffer, 47, 32, 32, &finding), EXECFMT_AOUT_STREAM_E_AREA);
    CHECK(finding.found == 47 && finding.expected == 48);
    CHECK_EQ(execfmt_aout_decode_in_place(buffer, 64, 65, 32, NULL), EXECFMT_AOUT_STREAM_E_AREA);
    CHECK_EQ(execfmt_aout_decode_in_place(buffer, 64, huge, 32, NULL), EXECFMT_AOUT_STREAM_E_AREA);
    CHECK_EQ(execfmt_aout_decode_in_place(buffer, 64, 32, huge, NULL), EXECFMT_AOUT_STREAM_E_SIZE);
    CHECK_EQ(execfmt_aout_decode_in_place(buffer, 64, 32, EXECFMT_AOUT_MAX_SECTION + 1, NULL),
             EXECFMT_AOUT_STREAM_E_SIZE);

    CHECK_EQ(execfmt_aout_check_kernel_limits(NULL, 1, 1, &footprint, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_check_kernel_limits(packed, huge, 1, &footprint, NULL), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_aout_check_kernel_limits(packed, 1, 1, &footprint, NULL), EXECFMT_AOUT_STREAM_E_TRUNCATED);
}

#ifndef EXECFMT_FREESTANDING
#define SIZE 5000

static void check_encoding(void)
{
    static uint8_t section[SIZE], compressed[SIZE + 64], area[SIZE + EXECFMT_AOUT_IN_PLACE_MARGIN];
    static uint8_t zeros[40000], packed[sizeof zeros / 2];
    static const uint32_t levels[] = {EXECFMT_AOUT_FAST, EXECFMT_AOUT_DEFAULT, EXECFMT_AOUT_BEST};
    execfmt_aout_footprint footprint;
    execfmt_finding finding;
    size_t written, short_of, i, bound = execfmt_aout_encode_bound(SIZE);

    CHECK(bound > SIZE && bound <= sizeof compressed);
    for (i = 0; i < SIZE; i++)
        section[i] = (uint8_t)(i * i / 50 % 7 * (i / 100));
    for (i = 0; i < COUNT(levels); i++) {
        memset(compressed, 0xa5, sizeof compressed);
        CHECK_EQ(execfmt_aout_encode(section, SIZE, levels[i], compressed, bound, &written, NULL), EXECFMT_OK);
        CHECK(written > 0 && written < SIZE / 2);
        CHECK(compressed[written] == 0xa5);
        CHECK_EQ(execfmt_aout_check_kernel_limits(compressed, written, SIZE, &footprint, NULL), EXECFMT_OK);
        CHECK(footprint.safety <= EXECFMT_AOUT_IN_PLACE_MARGIN && footprint.distance <= 32767);
        memset(area, 0, sizeof area);
        CHECK_EQ(execfmt_aout_decode(compressed, written, area, SIZE, NULL), EXECFMT_OK);
        CHECK(memcmp(area, section, SIZE) == 0);
        memcpy(area, compressed, written);
        CHECK_EQ(execfmt_aout_decode_in_place(area, sizeof area, written, SIZE, NULL), EXECFMT_OK);
        CHECK(memcmp(area, section, SIZE) == 0);
        /* A buffer that is too small, by one byte and altogether. */
        short_of = 0;
        CHECK_EQ(execfmt_aout_encode(section, SIZE, levels[i], compressed, written - 1, &short_of, NULL),
                 EXECFMT_E_BUFFER);
        CHECK_EQ(short_of, written);
        CHECK_EQ(execfmt_aout_encode(section, SIZE, levels[i], compressed, 0, &short_of, NULL),
                 EXECFMT_E_BUFFER);
    }
    /* What would come too far apart in the kernel is packed less tightly. */
    CHECK_EQ(execfmt_aout_encode(zeros, sizeof zeros, EXECFMT_AOUT_FAST, packed, sizeof packed, &written, NULL),
             EXECFMT_OK);
    CHECK(written < 7400);
    CHECK_EQ(execfmt_aout_check_kernel_limits(packed, written, sizeof zeros, &footprint, &finding), EXECFMT_OK);
    CHECK(footprint.distance > 32700 && footprint.distance <= 32767);

    CHECK_EQ(execfmt_aout_encode(section, 0, EXECFMT_AOUT_FAST, compressed, 1, &written, &finding),
             EXECFMT_AOUT_STREAM_E_SIZE);
    CHECK_EQ(execfmt_aout_encode(section, SIZE, 0, compressed, bound, &written, NULL), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_aout_encode(section, SIZE, 4, compressed, bound, &written, NULL), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_aout_encode(NULL, SIZE, 1, compressed, bound, &written, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_encode(section, SIZE, 1, NULL, bound, &written, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_encode(section, SIZE, 1, compressed, bound, NULL, NULL), EXECFMT_E_NULL);
    CHECK_EQ(execfmt_aout_encode(section, (size_t)-1, 1, compressed, bound, &written, NULL), EXECFMT_E_LENGTH);
    CHECK_EQ(execfmt_aout_encode(section, SIZE, 1, section + 1, SIZE - 1, &written, NULL), EXECFMT_E_ARGUMENT);
    CHECK_EQ(execfmt_aout_encode_bound((size_t)-1), (size_t)-1);
}
#endif

int main(void)
{
    check_decoding();
    check_findings();
    check_messages();
    check_hostile_calls();
#ifndef EXECFMT_FREESTANDING
    check_encoding();
#endif
    return check_summary("compress_c89");
}
