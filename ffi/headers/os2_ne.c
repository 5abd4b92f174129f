#include <execfmt/os2_ne.h>
#include <stdio.h>

static int print(void *context, const execfmt_finding *finding)
{
    char sentence[300];

    (void)context;
    execfmt_ne_finding_message(finding, sentence, sizeof sentence);
    printf("%s\n", sentence);
    return 0;
}

int main(void)
{
    static const uint8_t file[64] = { 'M', 'Z' };
    execfmt_ne_options options = { sizeof options, 0, 0, 100 };
    execfmt_elks_ne_layout layout;
    execfmt_ne_segment segment;
    execfmt_status status;
    uint32_t i;

    status = execfmt_ne_check(file, sizeof file, &options, print, NULL);
    if (execfmt_ne_elks_layout(file, sizeof file, &options, &layout, NULL) != EXECFMT_OK) {
        printf("execve returns %lu\n", (unsigned long)execfmt_ne_elks_errno(status));
        return 0;
    }
    for (i = 1; execfmt_ne_segment_at(file, sizeof file, i, &segment) == EXECFMT_OK; i++)
        printf("%s: %lu bytes\n", execfmt_ne_kind_name(segment.kind), (unsigned long)segment.min_alloc);
    return 0;
}
