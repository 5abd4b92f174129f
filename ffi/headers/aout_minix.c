#include <execfmt/aout_minix.h>
#include <stdio.h>

static int print(void *context, const execfmt_finding *finding)
{
    char sentence[300];

    (void)context;
    execfmt_aout_finding_message(finding, sentence, sizeof sentence);
    printf("%s\n", sentence);
    return 0;
}

int main(void)
{
    static const uint8_t file[34] = {
        1, 3, 0x30, 4, 32, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xeb, 0xfe
    };
    execfmt_aout_check_options options = { sizeof options, EXECFMT_AOUT_FOR_ELKS, 0, 0 };
    execfmt_elks_layout layout;

    if (execfmt_aout_check(file, sizeof file, &options, print, NULL) != EXECFMT_OK)
        return 1;
    if (execfmt_aout_elks_exec(file, sizeof file, NULL, &layout, NULL) != EXECFMT_OK)
        return 1;
    printf("a data segment of %lu bytes\n", (unsigned long)layout.data_len);
    return 0;
}
