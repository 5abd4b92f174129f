#include <execfmt/coyotos_image.h>
#include <stdio.h>

int main(void)
{
    static uint8_t file[1 << 16];
    execfmt_coyotos_builder *builder;
    execfmt_coyotos_image image;
    execfmt_coyotos_header header;
    size_t length;

    if (execfmt_coyotos_builder_create(EXECFMT_COYOTOS_I386, EXECFMT_COYOTOS_AS_WRITTEN, NULL, &builder) != EXECFMT_OK)
        return 1;
    if (execfmt_coyotos_builder_write(builder, file, sizeof file, &length) != EXECFMT_OK)
        return 1;
    execfmt_coyotos_builder_destroy(builder);
    if (execfmt_coyotos_check(file, length, NULL, NULL, NULL) != EXECFMT_OK)
        return 1;
    if (execfmt_coyotos_open(file, length, EXECFMT_COYOTOS_AS_WRITTEN, &image, NULL) != EXECFMT_OK)
        return 1;
    if (execfmt_coyotos_read_header(&image, &header) != EXECFMT_OK)
        return 1;
    printf("%lu banks\n", (unsigned long)header.n_bank);
    return 0;
}
