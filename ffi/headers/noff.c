#include <execfmt/noff.h>
#include <stdio.h>

static int print(void *context, const execfmt_finding *finding)
{
    char sentence[300];

    (void)context;
    execfmt_noff_finding_message(finding, sentence, sizeof sentence);
    printf("%s\n", sentence);
    return 0;
}

int main(void)
{
    static const uint8_t file[44] = {
        0xad, 0xdf, 0xba, 0, 0, 0, 0, 0, 40, 0, 0, 0, 4, 0, 0, 0
    };
    execfmt_noff_check_options options = { sizeof options, 0, 0, 0, NULL };
    execfmt_noff_profile nachos;
    execfmt_noff noff;
    uint8_t page[128];

    if (execfmt_noff_profile_named("nachos3", &nachos) != EXECFMT_OK)
        return 1;
    options.profile = &nachos;
    if (execfmt_noff_check(file, sizeof file, &options, print, NULL) != EXECFMT_OK)
        return 1;
    if (execfmt_noff_parse(file, sizeof file, NULL, &noff, NULL) != EXECFMT_OK)
        return 1;
    if (execfmt_noff_read_page(&noff, file, sizeof file, 0, page, sizeof page) != EXECFMT_OK)
        return 1;
    printf("%lu bytes of memory\n", (unsigned long)noff.memory_end);
    return 0;
}
