/*
 * What a caller must not do: a length that is longer than the memory. Nothing but a sanitizer that watches the library can
 * notice; see tests/c/sanitized.rs.
 */
#include <execfmt/noff.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **words)
{
    static const uint8_t header[44] = { 0xad, 0xdf, 0xba, 0, 0, 0, 0, 0, 40, 0, 0, 0, 4, 0, 0, 0 };
    execfmt_noff noff;
    uint8_t *bytes = malloc(16);
    size_t length = count > 1 ? strtoul(words[1], NULL, 10) : 16;

    if (bytes == NULL)
        return 2;
    memcpy(bytes, header, 16);
    printf("%s\n", execfmt_noff_parse(bytes, length, NULL, &noff, NULL) == EXECFMT_OK ? "parsed" : "refused");
    free(bytes);
    return 0;
}
