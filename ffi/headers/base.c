#include <execfmt/base.h>
#include <stdio.h>

int main(void)
{
    printf("execfmt %s: %s\n", execfmt_version(), execfmt_status_message(EXECFMT_E_BUFFER));
    return 0;
}
