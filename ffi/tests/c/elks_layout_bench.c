/* The layout of an ELKS program: the library's function against the kernel's rules in C. Prints nanoseconds a call. */
#include <stdio.h>
#include <time.h>

#include <execfmt.h>

#include "../../../fuzz/reference/elks_exec.c"

#define CALLS 2000000L

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(void)
{
    /* Version 1, far text and relocations in a header of 64 bytes. */
    static uint8_t header[64] = { 1, 3, 0x30, 4, 0x40, 0, 1, 0, 32, 0, 0, 0, 16, 0, 0, 0, 32, 0, 0, 0, 6, 0, 0, 0,
                                  0, 0, 0, 0, 14, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                  16, 0, 0, 0, 8 };
    const struct elks_kernel kernel = { 1, 1, EXECFMT_ELKS_MIN_ARGUMENT_BYTES, 0, 0 };
    double fastest[2] = { 1e9, 1e9 };
    unsigned long sums[2] = { 0, 0 };
    long call;
    int round, which;

    for (round = 0; round < 9; round++) {
        for (which = 0; which < 2; which++) {
            double begin = now(), took;

            for (call = 0; call < CALLS; call++) {
                header[8] = (uint8_t)(call | 1);
                if (which == 0) {
                    struct elks_layout layout;

                    if (elks_layout(header, sizeof header, &kernel, &layout) == 0)
                        sums[0] += layout.data_len + (unsigned long)layout.text_paras;
                } else {
                    execfmt_elks_layout layout;

                    if (execfmt_aout_elks_layout(header, sizeof header, NULL, &layout, NULL) == EXECFMT_OK)
                        sums[1] += layout.data_len + (unsigned long)layout.text_paras;
                }
            }
            took = (now() - begin) / (double)CALLS * 1e9;
            if (took < fastest[which])
                fastest[which] = took;
        }
    }
    printf("ELKS layout through C: %.1f ns; the same rules in C: %.1f ns; ratio %.2f\n", fastest[1], fastest[0],
           fastest[1] / fastest[0]);
    return sums[0] != sums[1];
}
