// The C++ layer over every format, C++98 to C++23, without exceptions and RTTI. The files are made here by hand, but
// for a Coyotos image, which is the argument. Prints how many checks passed.
#include <execfmt.hpp>
#include <execfmt.hpp>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

namespace {

using execfmt::Bytes;
using execfmt::Finding;
using execfmt::Result;
using execfmt::Status;

// Counts findings, and stops after `most` of them.
struct Tally {
    explicit Tally(int limit) : count(0), most(limit) {}
    bool operator()(const Finding &finding)
    {
        char sentence[400];
        CHECK(finding.text(sentence, sizeof sentence) > 10);
        CHECK(finding.status != 0);
        return ++count < most;
    }
    int count, most;
};

// Reads from memory, as a kernel reads from a file.
struct Memory {
    Bytes bytes;
    uint32_t operator()(uint32_t offset, void *destination, uint32_t length) const
    {
        if (offset > bytes.size || length > bytes.size - offset)
            return 0;
        memcpy(destination, bytes.data + offset, length);
        return length;
    }
};

void put(uint8_t *to, unsigned long value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = static_cast<uint8_t>(value >> 8 * i & 0xff);
}

void check_base()
{
    CHECK(Status().ok());
    CHECK(Status(EXECFMT_END).end());
    CHECK(Status(EXECFMT_E_NULL) != Status(EXECFMT_OK));
    CHECK(strlen(Status(EXECFMT_E_NULL).message()) > 5);
    char text[4] = "abc";
    CHECK_EQ(Finding().text(text, sizeof text), 0);
    CHECK_EQ(text[0], 0);
}

// 8 bytes of code at 0, 4 of data at 8, 4 of bss at 12.
void check_noff()
{
    uint8_t file[52] = { 0 };
    const unsigned long words[10] = { 0xbadfad, 0, 40, 8, 8, 48, 4, 12, 0, 4 };
    for (int i = 0; i < 10; i++)
        put(file + 4 * i, words[i], 4);
    memcpy(file + 40, "codecodedata", 12);
    Result<execfmt_noff> program = execfmt::noff::parse(Bytes(file, sizeof file));
    CHECK(program.ok());
    CHECK_EQ(program->memory_end, 16);
    CHECK_EQ(execfmt::noff::page_count(*program, 128, 1024).value, 9);
    CHECK_EQ(execfmt::noff::stack_pointer(*program, 128, 1024).value, 9 * 128 - 16);
    CHECK_EQ(execfmt::noff::describe_page(*program, 0, 128)->piece_count, 2);

    uint8_t memory[16];
    const Memory source = { Bytes(file, sizeof file) };
    CHECK(execfmt::noff::load(*program, source, memory, sizeof memory).ok());
    CHECK(memcmp(memory, "codecodedata\0\0\0\0", 16) == 0);
    uint8_t frame[128];
    CHECK(execfmt::noff::load_page(*program, source, 0, frame, 128).ok());
    CHECK(memcmp(frame, memory, 16) == 0);
    const Memory nothing = { Bytes() };
    CHECK(execfmt::noff::load(*program, nothing, memory, sizeof memory) == EXECFMT_E_READ);

    CHECK(execfmt::noff::parse_header(Bytes(file, sizeof file), sizeof file).ok());
    put(file + 20, 0x100, 4);
    Result<execfmt_noff> refused = execfmt::noff::parse(Bytes(file, sizeof file));
    CHECK(refused.status == EXECFMT_NOFF_E_PAST_EOF);
    CHECK_EQ(refused->memory_end, 0);
    CHECK(refused.finding.text(0, 0) > 10);
    Tally tally(100);
    CHECK(!execfmt::noff::check(Bytes(file, sizeof file), tally).ok());
    CHECK(tally.count >= 1);

    execfmt::noff::Profiles profiles;
    int count = 0;
    for (execfmt::noff::Profiles::iterator at = profiles.begin(); at != profiles.end(); ++at, count++) {
        execfmt_noff_profile again;
        CHECK_EQ(execfmt_noff_profile_named(at->name, &again), EXECFMT_OK);
    }
    CHECK(profiles.complete());
    CHECK(count > 1);
}

// 16 bytes of text with a relocation, two symbols of ELKS.
void check_aout()
{
    uint8_t file[48 + 16 + 8 + 14] = { 1, 3, 0x30, 4, 0x30, 0, 1, 0 };
    static const uint8_t symbols_at[14] = { 'T', 6, 0, 4, 'm', 'a', 'i', 'n', 'D', 2, 0, 1, 'x', 0 };
    put(file + 8, 16, 4), put(file + 28, 14, 4), put(file + 32, 8, 4);
    put(file + 64, 4, 4), put(file + 68, 0xfffe, 2), put(file + 70, 80, 2);
    memcpy(file + 72, symbols_at, sizeof symbols_at);
    const Bytes bytes(file, sizeof file);

    Result<execfmt_aout> aout = execfmt::aout::parse(bytes);
    CHECK(aout.ok());
    CHECK_EQ(aout->tseg, 16);
    CHECK_EQ(execfmt::aout::read_header(Bytes(file, 48))->hlen, 48);
    CHECK(execfmt::aout::section(bytes, EXECFMT_AOUT_TEXT)->data == file + 48);

    execfmt::aout::Relocations relocations(bytes, EXECFMT_AOUT_TEXT);
    CHECK(relocations.next());
    CHECK_EQ(relocations.item().symndx, EXECFMT_AOUT_AGAINST_TEXT);
    CHECK(!relocations.next() && !relocations.next());
    CHECK(relocations.complete());

    execfmt::aout::Symbols symbols(bytes);
    const char *const names[2] = { "main", "x" };
    int count = 0;
    for (execfmt::aout::Symbols::iterator at = symbols.begin(); at != symbols.end(); ++at, count++)
        CHECK(count < 2 && strcmp(at->name, names[count]) == 0);
    CHECK_EQ(count, 2);
    CHECK(symbols.complete());
#if __cplusplus >= 201103L
    execfmt::aout::Symbols again(bytes);
    for (const auto &symbol : again)
        count -= symbol.name_length > 0 ? 1 : 0;
    CHECK_EQ(count, 0);
#endif

    CHECK(execfmt::aout::elks_exec(bytes).ok());
    Tally tally(1);
    CHECK(execfmt::aout::check(bytes, tally).ok());
    // A table that is damaged ends the loop, and not silently.
    file[72 + 3] = 200;
    execfmt::aout::Symbols damaged(bytes);
    while (damaged.next()) {
    }
    CHECK(!damaged.complete());
    CHECK(damaged.status() == EXECFMT_AOUT_E_TABLE);

    uint8_t section[4];
    Finding finding;
    CHECK(execfmt::aout::decode(Bytes(file, 0), section, sizeof section, &finding) ==
          EXECFMT_AOUT_STREAM_E_TRUNCATED);
    CHECK(finding.text(0, 0) > 10);
    CHECK(!execfmt::aout::kernel_limits(Bytes(file, 0), sizeof section).ok());
}

// A segment of code with a relocation, a segment of data, one name.
void check_ne()
{
    enum { NE = 64, TABLE = 128, NAMES = 144, CODE = 160, RELOCATIONS = 164, DATA = 176, SIZE = 178 };
    uint8_t file[SIZE] = { 0 };
    file[0] = 'M', file[1] = 'Z', file[0x3c] = NE, file[NE] = 'N', file[NE + 1] = 'E', file[NE + 0x0c] = 2;
    put(file + NE + 0x0e, 2, 2), put(file + NE + 0x10, 0x100, 2), put(file + NE + 0x12, 0x200, 2);
    put(file + NE + 0x16, 1, 2), put(file + NE + 0x1a, 2, 2), put(file + NE + 0x1c, 2, 2);
    put(file + NE + 0x22, TABLE - NE, 2), put(file + NE + 0x26, NAMES - NE, 2), put(file + NE + 0x32, 4, 2);
    file[NE + 0x36] = 1;
    put(file + TABLE, CODE / 16, 2), put(file + TABLE + 2, 4, 2), put(file + TABLE + 4, 0x0d00, 2);
    put(file + TABLE + 6, 4, 2), put(file + TABLE + 8, DATA / 16, 2), put(file + TABLE + 10, 2, 2);
    put(file + TABLE + 12, 0x0c01, 2), put(file + TABLE + 14, 6, 2);
    memcpy(file + NAMES, "\3abc\0\0", 7);
    put(file + RELOCATIONS, 1, 2), file[RELOCATIONS + 2] = EXECFMT_NE_SOURCE_SEGMENT;
    put(file + RELOCATIONS + 4, 1, 2), file[RELOCATIONS + 6] = 2;
    const Bytes bytes(file, SIZE);

    CHECK_EQ(execfmt::ne::parse(bytes)->segment_count, 2);
    execfmt::ne::Segments segments(bytes);
    uint32_t sizes = 0;
    for (execfmt::ne::Segments::iterator at = segments.begin(); at != segments.end(); ++at)
        sizes = 16 * sizes + at->size;
    CHECK_EQ(sizes, 0x42);
    CHECK(segments.complete());
    execfmt::ne::Relocations relocations(bytes, 1);
    CHECK(relocations.next());
    CHECK_EQ(relocations.item().target_segment, 2);
    CHECK(!relocations.next() && relocations.complete());
    execfmt::ne::Names names(bytes, EXECFMT_NE_RESIDENT_NAMES);
    CHECK(names.next() && strcmp(names.item().name, "abc") == 0);
    CHECK(!names.next() && names.complete());
    CHECK(execfmt::ne::elks_layout(bytes).ok());
    Tally tally(100);
    CHECK(execfmt::ne::check(bytes, tally).ok());
    CHECK(execfmt::ne::parse(Bytes(file, 10)).finding.text(0, 0) > 10);
}

// Two sections of 16 bytes, of which one has bytes.
void check_coff()
{
    enum { OPTIONAL = 20, SECTIONS = 76, TEXT = 156, SIZE = 172 };
    uint8_t file[SIZE] = { 0 };
    put(file, 0x162, 2), put(file + 2, 2, 2), put(file + 16, 56, 2), put(file + 18, 7, 2);
    put(file + OPTIONAL, 0x107, 2), put(file + OPTIONAL + 4, 16, 4), put(file + OPTIONAL + 12, 32, 4);
    memcpy(file + SECTIONS, ".text", 5);
    put(file + SECTIONS + 16, 16, 4), put(file + SECTIONS + 20, TEXT, 4), put(file + SECTIONS + 36, 0x20, 4);
    memcpy(file + SECTIONS + 40, "longname", 8);
    put(file + SECTIONS + 48, 16, 4), put(file + SECTIONS + 52, 16, 4), put(file + SECTIONS + 56, 32, 4);
    put(file + SECTIONS + 76, 0x80, 4);
    const Bytes bytes(file, SIZE);

    CHECK_EQ(execfmt::coff::parse(bytes)->section_count, 2);
    execfmt::coff::Sections sections(bytes);
    CHECK(sections.next() && strcmp(sections.item().name, ".text") == 0);
    CHECK(sections.next() && strcmp(sections.item().name, "longname") == 0);
    CHECK(!sections.next() && sections.complete());
    Tally tally(100);
    execfmt::coff::Options options;
    options.loader = EXECFMT_COFF_FOR_NACHOS5J;
    const Status direct = execfmt_coff_check(file, SIZE, &options, NULL, NULL);
    CHECK(execfmt::coff::check(bytes, tally, options) == direct);
}

struct Pages {
    uint64_t last;
    int count;
    bool operator()(const execfmt_coyotos_mapping &mapping)
    {
        CHECK(count == 0 || mapping.address > last);
        last = mapping.address;
        return ++count < 3;
    }
};

void check_coyotos(const char *path)
{
    FILE *const file = fopen(path, "rb");
    static uint8_t image[1 << 20];
    CHECK(file != NULL);
    if (file == NULL)
        return;
    const Bytes bytes(image, fread(image, 1, sizeof image, file));
    fclose(file);
    Result<execfmt_coyotos_image> opened = execfmt::coyotos::open(bytes);
    CHECK(opened.ok());
    const execfmt_coyotos_header header = *execfmt::coyotos::header(*opened);
    execfmt::coyotos::Banks banks(*opened);
    execfmt::coyotos::Allocs allocs(*opened);
    execfmt::coyotos::Symbols symbols(*opened);
    uint32_t counts[3] = { 0, 0, 0 };
    for (; banks.next(); counts[0]++) {
    }
    for (; allocs.next(); counts[1]++) {
    }
    for (; symbols.next(); counts[2]++) {
    }
    CHECK(banks.complete() && allocs.complete() && symbols.complete());
    CHECK_EQ(counts[0], header.n_bank);
    CHECK_EQ(counts[1], header.n_alloc);
    CHECK_EQ(counts[2], header.n_symbol);
    CHECK(counts[0] > 0 && counts[1] > 0);
    Tally tally(1000);
    CHECK(execfmt::coyotos::check(bytes, tally).ok());
    Result<execfmt_coyotos_capability> space = execfmt::coyotos::capability(
        *opened, EXECFMT_COYOTOS_OBJECT_PROCESS, 0, EXECFMT_COYOTOS_SLOT_ADDR_SPACE);
    CHECK(space.ok());
    Pages pages = { 0, 0 };
    CHECK(execfmt::coyotos::walk(*opened, *space, 1000, pages).ok());
    CHECK(pages.count > 0 && pages.count <= 3);
    CHECK(execfmt::coyotos::open(Bytes(image, 10)).finding.text(0, 0) > 10);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: layer IMAGE\n");
        return 2;
    }
    check_base();
    check_noff();
    check_aout();
    check_ne();
    check_coff();
    check_coyotos(argv[1]);
    return check_summary("layer");
}
