/* A call of the library that does next to nothing, beside a call of C. */
#include "measure.h"

IN_C const char *c_version(void)
{
    static const char version[] = "0.1.0";

    __asm__ volatile("" : : : "memory");
    return version;
}

/* What execfmt_aout_elks_errno answers of a status that is not ELKS'. */
IN_C uint32_t c_errno(execfmt_status status)
{
    __asm__ volatile("" : : : "memory");
    return status >= 250 && status <= 274 ? 8 : 0;
}

static const char *version;
static uint32_t number;

static int library_version(void)
{
    version = execfmt_version();
    return EXECFMT_OK;
}

static int c_version_call(void)
{
    version = c_version();
    return EXECFMT_OK;
}

static int library_errno(void)
{
    number = execfmt_aout_elks_errno(EXECFMT_ELKS_E_BAD_MAGIC);
    return EXECFMT_OK;
}

static int c_errno_call(void)
{
    number = c_errno(EXECFMT_ELKS_E_BAD_MAGIC);
    return EXECFMT_OK;
}

int main(int argc, char **argv)
{
    static char none;
    static const struct pair pairs[] = {
        { "execfmt_version", "execfmt_version", "c_version", { library_version, c_version_call }, NULL, &none, 1, 0 },
        { "execfmt_aout_elks_errno", "execfmt_aout_elks_errno", "c_errno", { library_errno, c_errno_call }, NULL,
          &number, sizeof number, 0 },
    };

    return measure(argc, argv, pairs, sizeof pairs / sizeof *pairs);
}
