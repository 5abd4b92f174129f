// The C library, used from C++98 within what a Nachos kernel has around it: all that noff_c89.c checks, compiled as
// C++, and what only C++ can get wrong. Prints how many checks passed.
//
//     g++ -std=c++98 -pedantic -Wall -Wextra -Wshadow -Werror -I include -o noff_cxx98 ffi/tests/c/noff_cxx98.cpp
//         libexecfmt.a
#include "kernel.h"

// Before any other header, so that it stands on its own; twice, as kernels do, and once more as old kernels include
// C headers.
#include <execfmt.h>
#include <execfmt.h>
extern "C" {
#include <execfmt/base.h>
#include <execfmt/noff.h>
}

#if defined(EOF) || defined(errno) || defined(EXIT_SUCCESS) || defined(CHAR_BIT) || defined(assert)
#error "execfmt.h includes more than it says"
#endif

#include "layout.h"

#include "check.h"
#include "samples.h"

#include "parse_cases.h"

#include "load_cases.h"

#include "build_cases.h"

#include "hostile_cases.h"

namespace {

// A class of the kernel's own that the library reads through, as it reads through OpenFile.
class MemoryFile {
public:
    MemoryFile(const uint8_t *bytes, uint32_t length) : contents(bytes), size(length) {}

    int readAt(char *into, int numBytes, int position) const
    {
        if (position < 0 || static_cast<uint32_t>(position) > size)
            return 0;
        const int rest = static_cast<int>(size) - position;
        const int got = min(numBytes, rest);
        memcpy(into, contents + position, static_cast<size_t>(got));
        return got;
    }

    static uint32_t read(void *context, uint32_t position, void *destination, uint32_t length)
    {
        const MemoryFile *const file = static_cast<const MemoryFile *>(context);
        return static_cast<uint32_t>(file->readAt(static_cast<char *>(destination), static_cast<int>(length),
                                                  static_cast<int>(position)));
    }

private:
    const uint8_t *const contents;
    const uint32_t size;
};

void checkCxx()
{
    uint8_t file[MAX_FILE];
    execfmt_noff noff = execfmt_noff();
    CHECK_EQ(noff.layout, 0);
    CHECK_EQ(parse_sample(four, EXECFMT_LITTLE_ENDIAN, file, &noff), EXECFMT_OK);

    model memory;
    make_model(four, &memory);
    MemoryFile open(file, four->file_len);
    CHECK_EQ(execfmt_noff_load(&noff, MemoryFile::read, &open, whole, MAX_MEMORY), EXECFMT_OK);
    CHECK(memcmp(whole, memory.bytes, MAX_MEMORY) == 0);

    MemoryFile shorter(file, four->file_len - 33);
    CHECK_EQ(execfmt_noff_load(&noff, MemoryFile::read, &shorter, whole, MAX_MEMORY), EXECFMT_E_READ);
}

} // namespace

int main()
{
    check_parsing();
    check_loading();
    check_building();
    check_hostile_calls();
    checkCxx();
    return check_summary("noff_cxx98");
}
