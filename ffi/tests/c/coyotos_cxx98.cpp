// Coyotos images through the C library, from C++: the cases of coyotos_c89.c, and what only C++ can get wrong.
#include <execfmt/coyotos_image.h>
#include <execfmt.h>

#include "coyotos_layout.h"

#include "check.h"
#include "coyotos_samples.h"

#include "coyotos_read_cases.h"

#include "coyotos_build_cases.h"

#include "coyotos_hostile_cases.h"

#include "coyotos_memory_cases.h"

namespace {

// A builder that gives itself back, as a program in C++ would hold it.
class Builder {
public:
    explicit Builder(uint32_t target) : handle(NULL)
    {
        CHECK_EQ(execfmt_coyotos_builder_create(target, EXECFMT_COYOTOS_AS_WRITTEN, ANY_MEMORY, &handle), EXECFMT_OK);
    }
    ~Builder() { execfmt_coyotos_builder_destroy(handle); }
    execfmt_coyotos_builder *get() const { return handle; }

private:
    Builder(const Builder &);
    Builder &operator=(const Builder &);
    execfmt_coyotos_builder *handle;
};

void check_cxx()
{
    const Builder builder(EXECFMT_COYOTOS_COLDFIRE);
    cook(builder.get(), 13);
    check_written(builder.get(), samples[1].bytes, samples[1].length);
    execfmt_coyotos_capability zero = execfmt_coyotos_capability();
    CHECK_EQ(zero.cap_type, EXECFMT_COYOTOS_CAP_NULL);
    execfmt_report_fn report = NULL;
    const execfmt_coyotos_image image = opened(samples[1].bytes, samples[1].length);
    CHECK_EQ(check_image(&image, EXECFMT_COYOTOS_FULL, report, NULL), EXECFMT_OK);
}

} // namespace

int main(int argc, char **argv)
{
    size_t i, length;

    if (argc != 5)
        return 2;
    for (i = 0; i < COUNT(samples); i++)
        samples[i].bytes = read_whole(argv[i + 1], &samples[i].length);
    check_reading();
    check_building(argv[4]);
    check_hostile_building();
    check_memory();
    uint8_t *const bytes = read_whole(argv[4], &length);
    check_symbols(bytes, length);
    free(bytes);
    check_cxx();
    for (i = 0; i < COUNT(samples); i++)
        free(samples[i].bytes);
    return check_summary("coyotos_cxx98");
}
