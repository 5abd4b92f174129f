#include <execfmt/mips_coff.h>
#include <stdio.h>

int main(void)
{
    static const uint8_t file[2] = { 0x7f, 'E' };
    execfmt_coff coff;
    execfmt_coff_section section;
    execfmt_finding finding;
    char sentence[200];
    uint32_t i;

    if (execfmt_coff_parse(file, sizeof file, &coff, &finding) != EXECFMT_OK) {
        execfmt_coff_finding_message(&finding, sentence, sizeof sentence);
        printf("%s\n", sentence);
        return 0;
    }
    for (i = 0; execfmt_coff_section_at(file, sizeof file, i, &section, NULL) == EXECFMT_OK; i++)
        printf("%s: %s\n", section.name, execfmt_coff_kind_name(section.kind));
    return 0;
}
