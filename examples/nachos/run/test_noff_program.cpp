// What a kernel relies on of NoffProgram, without a machine: loading into scattered frames, eagerly and on demand, gives
// what loading whole gives; memory that runs out, a file that is refused and arguments that do not fit leave nothing
// behind. Prints "ok", or the line of the check that failed.
//
//     test_noff_program FILE.noff
#include <stdio.h>
#include <string.h>

#include <vector>

#include "../noff_program.h"
#include "openfile.h"

namespace {

const unsigned PAGE = EXECFMT_NOFF_PAGE_SIZE;
const unsigned STACK = EXECFMT_NOFF_USER_STACK_SIZE;

// Frames in an order that is neither up nor down, full of another program's bytes.
class Frames : public NoffFrames {
public:
    explicit Frames(unsigned count) : bytes(count * PAGE, '\xa5'), used(count, false), inUse(0) {}

    int take()
    {
        for (size_t i = 0; i < used.size(); i++) {
            const size_t half = used.size() / 2;
            const size_t frame = i < half ? 2 * i + 1 : 2 * (i - half);
            if (!used[frame]) {
                used[frame] = true;
                inUse++;
                return static_cast<int>(frame);
            }
        }
        return -1;
    }

    void release(int frame)
    {
        if (!used[static_cast<size_t>(frame)])
            printf("frame %d released twice\n", frame);
        used[static_cast<size_t>(frame)] = false;
        inUse--;
    }

    char *memory(int frame) { return &bytes[static_cast<size_t>(frame) * PAGE]; }

    int count() const { return inUse; }

private:
    std::vector<char> bytes;
    std::vector<bool> used;
    int inUse;
};

int failed = 0;

void check(bool holds, int line)
{
    if (!holds) {
        printf("test_noff_program.cpp:%d fails\n", line);
        failed = 1;
    }
}

#define CHECK(what) check((what), __LINE__)

bool sameInFrames(const NoffProgram &program, Frames &frames, const std::vector<char> &whole)
{
    for (unsigned vpn = 0; vpn < program.numPages(); vpn++) {
        const int frame = program.frameOf(vpn);
        if (frame < 0 || memcmp(frames.memory(frame), &whole[vpn * PAGE], PAGE) != 0)
            return false;
    }
    return true;
}

uint32_t word(NoffProgram &program, Frames &frames, unsigned address)
{
    const unsigned char *const at =
        reinterpret_cast<unsigned char *>(frames.memory(program.frameOf(address / PAGE))) + address % PAGE;
    return at[0] | static_cast<uint32_t>(at[1]) << 8 | static_cast<uint32_t>(at[2]) << 16
        | static_cast<uint32_t>(at[3]) << 24;
}

void checkProgram(OpenFile &file)
{
    NoffProgram program(&file, PAGE, STACK);
    CHECK(program.isValid() && program.numPages() > 8);
    const unsigned pages = program.numPages();
    std::vector<char> whole(pages * PAGE, '\x5a');
    CHECK(program.loadAll(&whole[0], static_cast<unsigned>(whole.size())));
    CHECK(!program.loadAll(&whole[0], static_cast<unsigned>(whole.size()) - 1) && program.whyNot()[0] != '\0');
    CHECK(!program.bringIn(0) && program.frameOf(0) == -1); // no frames yet

    Frames frames(2 * pages + 1);
    {
        NoffProgram eager(&file, PAGE, STACK);
        CHECK(eager.useFrames(&frames, pages) && eager.bringInAll());
        CHECK(sameInFrames(eager, frames, whole) && frames.count() == static_cast<int>(pages));
        NoffProgram demand(&file, PAGE, STACK);
        CHECK(demand.useFrames(&frames, pages));
        for (unsigned i = 0; i < pages; i++)
            CHECK(demand.frameOf(i) == -1);
        for (unsigned i = 0; i < pages; i++) {
            const unsigned vpn = pages - 1 - i;
            CHECK(demand.bringIn(vpn) && demand.bringIn(vpn));
            CHECK(frames.count() == static_cast<int>(pages + i + 1));
        }
        CHECK(sameInFrames(demand, frames, whole));
        CHECK(!demand.bringIn(pages) && strstr(demand.whyNot(), "no page") != NULL);
        CHECK(demand.frameOf(pages) == -1);
    }
    CHECK(frames.count() == 0);

    // Memory that runs out: everything is given back, and the reason is there.
    Frames few(pages - 1);
    {
        NoffProgram eager(&file, PAGE, STACK);
        CHECK(eager.useFrames(&few, pages) && !eager.bringInAll());
        CHECK(few.count() == 0 && strcmp(eager.whyNot(), "there is no free frame") == 0);
        CHECK(!eager.useFrames(&few, pages - 1) && strstr(eager.whyNot(), "are the most") != NULL);
    }
    CHECK(few.count() == 0);

    const char *const words[] = { "copy", "", "a file.txt" };
    {
        NoffProgram called(&file, PAGE, STACK);
        const unsigned before = called.stackPointer();
        CHECK(called.useFrames(&frames, pages) && called.pushArguments(3, words));
        CHECK(called.argumentCount() == 3 && called.stackPointer() < before);
        CHECK(word(called, frames, called.argumentArray() + 12) == 0);
        for (unsigned i = 0; i < 3; i++) {
            const unsigned at = word(called, frames, called.argumentArray() + 4 * i);
            const char *const text = frames.memory(called.frameOf(at / PAGE)) + at % PAGE;
            CHECK(memcmp(text, words[i], at % PAGE + strlen(words[i]) < PAGE ? strlen(words[i]) + 1 : 0) == 0);
        }
        std::vector<char> longest(STACK - 1, 'x');
        longest.push_back('\0');
        const char *const one[] = { &longest[0] };
        CHECK(!called.pushArguments(1, one) && strstr(called.whyNot(), "do not fit") != NULL);
        CHECK(!called.pushArguments(-1, words));
    }
    CHECK(frames.count() == 0);
}

// A file that is no NOFF file: nothing that is asked of it does harm.
void checkRefused(OpenFile &file)
{
    NoffProgram program(&file, PAGE, STACK);
    Frames frames(4);
    char frame[PAGE];
    const char *const words[] = { "x" };
    CHECK(!program.isValid() && program.numPages() == 0 && program.whyNot()[0] != '\0');
    CHECK(!program.loadPage(0, frame) && !program.loadAll(frame, sizeof frame) && !program.isReadOnly(0));
    CHECK(!program.useFrames(&frames, 4) && !program.bringIn(0) && !program.bringInAll());
    CHECK(!program.pushArguments(1, words) && program.frameOf(0) == -1 && frames.count() == 0);
}

} // namespace

int main(int argc, char **argv)
{
    FILE *const opened = argc == 2 ? fopen(argv[1], "rb") : NULL;
    FILE *const other = argc == 2 ? fopen(argv[0], "rb") : NULL; // this program: not a NOFF file
    if (opened == NULL || other == NULL) {
        fprintf(stderr, "usage: test_noff_program FILE.noff\n");
        return 2;
    }
    OpenFile file(opened);
    OpenFile refused(other);
    checkProgram(file);
    checkRefused(refused);
    printf(failed ? "failed\n" : "ok\n");
    return failed;
}
