/*
 * The kernel's way to unpack a section, in our own words: a bit at a time, a byte at a time, in place. Offsets are of 16 bits,
 * as in the kernel, and wrap as they do there.
 *
 * As it stands it trusts its input, as the kernel does: the yardstick of the benchmark. With -DCHECKED each access is
 * checked, and what would leave the area is refused: the fuzzer's reference. Two macros make it a program:
 *
 *     -DBENCH   kernel_decode PACKED SIZE ROUNDS: prints the nanoseconds of the fastest round.
 *     -DEXPAND  kernel_decode PACKED_SIZE SIZE: expands standard input to standard output, for the test machine.
 *
 * Returns the size, or 0 where the section is refused.
 */
#define _POSIX_C_SOURCE 200112L

#include <stddef.h>
#include <stdint.h>

#define SAFETY 16

struct source {
    const uint8_t *area;
    uint16_t at;
    unsigned bits;
#ifdef CHECKED
    int ended;
#endif
};

static unsigned next_byte(struct source *in)
{
#ifdef CHECKED
    if (in->at == 0) {
        in->ended = 1;
        return 0xff;
    }
#endif
    return in->area[--in->at];
}

static unsigned next_bit(struct source *in)
{
    unsigned bit = in->bits >> 7;

    in->bits = in->bits << 1 & 0xff;
    if (in->bits == 0) {
        unsigned byte = next_byte(in);

        bit = byte >> 7;
        in->bits = (byte << 1 | 1) & 0xff;
    }
    return bit;
}

static unsigned field(struct source *in, unsigned width)
{
    unsigned value = 0, left;

    for (left = width & 7; left != 0; left--)
        value = value << 1 | next_bit(in);
    if (width & 8)
        value = value << 8 | next_byte(in);
    return value & 0xffff;
}

uint32_t kernel_decode(uint8_t *area, uint32_t area_size, uint32_t packed, uint32_t size)
{
    struct source in = { 0 };
    uint8_t width[52];
    uint16_t base[52], next = 0, offset = 0;
    uint16_t out = (uint16_t)(size + SAFETY);
    const uint16_t top = out;
    unsigned history = 1, i;
    int first = 1;

    in.area = area;
    in.at = (uint16_t)packed;
    if (size == 0 || size >= 65520 || top > area_size || packed > top)
        return 0;
    in.bits = next_byte(&in);
    for (i = 0; i < 52; i++) {
        width[i] = (uint8_t)field(&in, 3);
        width[i] |= (uint8_t)(next_bit(&in) << 3);
        if (i % 16 == 0)
            next = 1;
        base[i] = next;
        next = (uint16_t)(next + (1u << width[i]));
    }
    for (;;) {
        uint16_t length = 1;
        unsigned literal = 1;

        if (first) {
            first = 0;
        } else if (next_bit(&in) == 0) {
            unsigned index = 0;

            while (next_bit(&in) == 0) {
                index++;
#ifdef CHECKED
                if (index == 52)
                    return 0;
#endif
            }
            if (index == 16)
                break;
            if (index == 17) {
                length = (uint16_t)(next_byte(&in) << 8);
                length |= (uint16_t)next_byte(&in);
            } else {
                literal = 0;
                length = (uint16_t)(base[index] + field(&in, width[index]));
                if ((history & 3) != 1 || next_bit(&in) == 0) {
                    unsigned j = length == 1 ? 48 + field(&in, 2) : length == 2 ? 32 + field(&in, 4) : 16 + field(&in, 4);

                    offset = (uint16_t)(base[j] + field(&in, width[j]));
                }
            }
        }
        do {
            unsigned byte;

#ifdef CHECKED
            if (out == 0)
                return 0;
#endif
            out--;
            if (literal) {
                byte = next_byte(&in);
            } else {
#ifdef CHECKED
                if (offset == 0 || out + offset >= top)
                    return 0;
#endif
                byte = area[(uint16_t)(out + offset)];
            }
#ifdef CHECKED
            if (in.ended)
                return 0;
#endif
            area[out] = (uint8_t)byte;
            if ((uint16_t)(out - in.at) & 0x8000)
                return 0;
        } while (--length != 0);
        history = history << 1 | literal;
    }
#ifdef CHECKED
    if (in.ended)
        return 0;
#endif
    if (out != SAFETY)
        return 0;
    for (i = 0; i < size; i++)
        area[i] = area[i + SAFETY];
    return size;
}

#ifdef EXPAND
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    static uint8_t area[65536];
    uint32_t packed, size;

    if (argc != 3)
        return 2;
    packed = (uint32_t)strtoul(argv[1], NULL, 10);
    size = (uint32_t)strtoul(argv[2], NULL, 10);
    if (packed > sizeof area || fread(area, 1, packed, stdin) != packed)
        return 2;
    if (kernel_decode(area, sizeof area, packed, size) != size) {
        fprintf(stderr, "kernel_decode: the kernel refuses the section\n");
        return 1;
    }
    return fwrite(area, 1, size, stdout) == size && fflush(stdout) == 0 ? 0 : 2;
}
#endif

#ifdef BENCH
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
    static uint8_t packed[65536], area[65536];
    double fastest = 1e30;
    uint32_t size;
    size_t length;
    long round;
    FILE *file;

    if (argc != 4 || (file = fopen(argv[1], "rb")) == NULL)
        return 2;
    length = fread(packed, 1, sizeof packed, file);
    fclose(file);
    size = (uint32_t)strtoul(argv[2], NULL, 10);
    for (round = strtol(argv[3], NULL, 10); round > 0; round--) {
        struct timespec begin, end;
        double taken;

        clock_gettime(CLOCK_MONOTONIC, &begin);
        memcpy(area, packed, length);
        if (kernel_decode(area, sizeof area, (uint32_t)length, size) != size)
            return 1;
        clock_gettime(CLOCK_MONOTONIC, &end);
        taken = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
        if (taken < fastest)
            fastest = taken;
    }
    printf("%.0f\n", fastest);
    return 0;
}
#endif
