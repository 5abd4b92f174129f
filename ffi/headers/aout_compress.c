#include <execfmt/aout_compress.h>
#include <stdio.h>

int main(void)
{
    static uint8_t section[1000], packed[2000], unpacked[1000];
    size_t written;

    if (execfmt_aout_encode_bound(sizeof section) > sizeof packed)
        return 1;
    if (execfmt_aout_encode(section, sizeof section, EXECFMT_AOUT_DEFAULT, packed, sizeof packed, &written, NULL)
        != EXECFMT_OK)
        return 1;
    if (execfmt_aout_decode(packed, written, unpacked, sizeof unpacked, NULL) != EXECFMT_OK)
        return 1;
    printf("%lu bytes instead of %lu\n", (unsigned long)written, (unsigned long)sizeof section);
    return 0;
}
