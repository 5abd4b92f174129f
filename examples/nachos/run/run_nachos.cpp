// Loads a NOFF file through NoffProgram, as a Nachos kernel would, and runs it until it halts:
//
//     run_nachos [--demand] [--dump FILE] [--no-run] [--max-instructions N] [--kernel NAME] [--real-mips] FILE.noff
//     run_nachos --memory PC,SP,ARGC,ARGV [--kernel NAME] ... FILE
//
// The file is loaded twice, whole and page by page in a shuffled order, and the two memories must be equal. The first
// is run, or with --demand the second. --dump writes it to FILE before that; --no-run prints what a kernel would put
// into its page table, and stops there.
//
// The machine is that of Nachos, with its deviations from a MIPS; --real-mips does without them, --without NAME without
// one: shift, or, aligned, delay, mips1. --kernel says whose system calls are served and where programs start: nachos3 by
// default, nachos4, bordeaux, rosario, nachos5j. With --memory the file is not a program but the memory of one, loaded by
// something else, such as the loader of COFF files.
//
// The exit status is 0 after Halt, the program's own after Exit, 125 when the program does what a Nachos machine does
// not allow, 126 when its file is refused or cannot be loaded, and 2 when the command line or a file is at fault.
//
//     g++ -std=gnu++98 -Wall -Wextra -Wshadow -I include -I examples/nachos/run -o run_nachos
//         examples/nachos/noff_program.cpp examples/nachos/run/{run_nachos,machine,mips1}.cpp libexecfmt.a -lunicorn
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <vector>

#include "../noff_program.h"
#include "machine.h"
#include "openfile.h"

namespace {

const int USAGE = 2;
const int MISBEHAVED = 125;
const int REFUSED = 126;

// The stock kernel's.
const unsigned PAGE_SIZE = EXECFMT_NOFF_PAGE_SIZE;
const unsigned STACK_SIZE = EXECFMT_NOFF_USER_STACK_SIZE;

// A megabyte, 256 times the memory of the stock machine. A header of 40 bytes can ask for 4 GiB.
const unsigned MAX_PAGES = (1u << 20) / PAGE_SIZE;

// Where Bordeaux's kernels start programs.
const unsigned BORDEAUX_START = 0x80;

typedef std::vector<char> Memory;

struct Arguments {
    const char *program;
    const char *dump;
    bool demand;
    bool run;
    unsigned long maxInstructions;
    const SystemCalls *calls;
    Deviations deviations;
    bool memory;
    unsigned long start[4]; // pc, sp, argc, argv
};

bool parseNumber(const char *text, unsigned long &value)
{
    char *end = NULL;
    errno = 0;
    value = strtoul(text, &end, 0);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

bool without(Deviations &deviations, const char *name)
{
    bool *const found = strcmp(name, "shift") == 0 ? &deviations.signedShift
                      : strcmp(name, "or") == 0 ? &deviations.firstOr
                      : strcmp(name, "aligned") == 0 ? &deviations.alignedParts
                      : strcmp(name, "delay") == 0 ? &deviations.loadDelay
                      : strcmp(name, "mips1") == 0 ? &deviations.mips1 : NULL;
    if (found != NULL)
        *found = false;
    return found != NULL;
}

bool parseStart(const char *text, unsigned long *start)
{
    char end = '\0';
    return sscanf(text, "%lu,%lu,%lu,%lu%c", &start[0], &start[1], &start[2], &start[3], &end) == 4;
}

bool parseArguments(int argc, char **argv, Arguments &arguments)
{
    arguments.program = arguments.dump = NULL;
    arguments.demand = arguments.memory = false;
    arguments.run = true;
    arguments.maxInstructions = 10000000;
    arguments.calls = SystemCalls::of("nachos3");
    for (int i = 1; i < argc; i++) {
        const char *const word = argv[i];
        const char *const value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(word, "--demand") == 0) {
            arguments.demand = true;
        } else if (strcmp(word, "--no-run") == 0) {
            arguments.run = false;
        } else if (strcmp(word, "--dump") == 0 && value != NULL) {
            arguments.dump = value;
            i++;
        } else if (strcmp(word, "--max-instructions") == 0 && value != NULL) {
            if (!parseNumber(value, arguments.maxInstructions))
                return false;
            i++;
        } else if (strcmp(word, "--real-mips") == 0) {
            without(arguments.deviations, "shift");
            without(arguments.deviations, "or");
            without(arguments.deviations, "aligned");
            without(arguments.deviations, "delay");
            without(arguments.deviations, "mips1");
        } else if (strcmp(word, "--without") == 0 && value != NULL) {
            if (!without(arguments.deviations, value))
                return false;
            i++;
        } else if (strcmp(word, "--kernel") == 0 && value != NULL) {
            arguments.calls = SystemCalls::of(value);
            if (arguments.calls == NULL)
                return false;
            // Bordeaux's machine shifts as a MIPS does.
            if (strcmp(value, "bordeaux") == 0)
                arguments.deviations.signedShift = false;
            if (strcmp(value, "nachos3") != 0)
                arguments.deviations.firstOr = false;
            arguments.deviations.unsignedImmediate = strcmp(value, "nachos5j") == 0;
            i++;
        } else if (strcmp(word, "--memory") == 0 && value != NULL) {
            if (!parseStart(value, arguments.start))
                return false;
            arguments.memory = true;
            i++;
        } else if (word[0] == '-' || arguments.program != NULL) {
            return false;
        } else {
            arguments.program = word;
        }
    }
    return arguments.program != NULL;
}

int complain(const char *name, const char *why, int status)
{
    fprintf(stderr, "run_nachos: %s: %s\n", name, why);
    return status;
}

// All page numbers once, in an order that is neither up nor down, and the same each time.
std::vector<unsigned> shuffledPages(unsigned count)
{
    std::vector<unsigned> pages(count);
    for (unsigned i = 0; i < count; i++)
        pages[i] = i;
    uint32_t random = 1992;
    for (unsigned left = count; left > 1; left--) {
        random = random * 1664525 + 1013904223;
        std::swap(pages[left - 1], pages[(random >> 8) % left]);
    }
    return pages;
}

// Fills each frame when its turn comes, as page faults would. What is not written keeps its mark.
bool loadByDemand(NoffProgram &space, Memory &memory)
{
    const std::vector<unsigned> order = shuffledPages(space.numPages());
    for (size_t i = 0; i < order.size(); i++)
        if (!space.loadPage(order[i], &memory[order[i] * PAGE_SIZE]))
            return false;
    return true;
}

bool writeFile(const char *name, const Memory &memory)
{
    FILE *file = fopen(name, "wb");
    if (file == NULL)
        return false;
    const bool written = fwrite(&memory[0], 1, memory.size(), file) == memory.size();
    return fclose(file) == 0 && written;
}

void printPageTable(const Arguments &arguments, const NoffProgram &space)
{
    printf("%s: %u pages of %u bytes, stack pointer 0x%x, read-only pages:", arguments.program, space.numPages(),
           PAGE_SIZE, space.stackPointer());
    bool any = false;
    for (unsigned vpn = 0; vpn < space.numPages(); vpn++)
        if (space.isReadOnly(vpn)) {
            printf(" %u", vpn);
            any = true;
        }
    printf("%s\n", any ? "" : " none");
}

int runMachine(const Arguments &arguments, Machine &machine, unsigned long start, unsigned long stackPointer)
{
    machine.deviate(arguments.deviations);
    machine.serve(*arguments.calls);
    switch (machine.run(static_cast<uint32_t>(start), static_cast<uint32_t>(stackPointer), arguments.maxInstructions)) {
    case Machine::HALTED:
        return 0;
    case Machine::EXITED:
        return machine.exitStatus() & 0xff;
    case Machine::FAILED:
        break;
    }
    return complain(arguments.program, machine.reason().c_str(), MISBEHAVED);
}

int runProgram(const Arguments &arguments, const NoffProgram &space, Memory &memory)
{
    Machine machine(reinterpret_cast<unsigned char *>(&memory[0]), memory.size());
    for (unsigned vpn = 0; vpn < space.numPages(); vpn++)
        if (space.isReadOnly(vpn))
            machine.protect(vpn * PAGE_SIZE, PAGE_SIZE);
    const bool bordeaux = strcmp(arguments.calls->kernel, "bordeaux") == 0;
    return runMachine(arguments, machine, bordeaux ? BORDEAUX_START : 0, space.stackPointer());
}

// Runs what lies in a file as the memory of a program.
int runMemory(const Arguments &arguments, FILE *file)
{
    Memory memory(MAX_PAGES * PAGE_SIZE);
    memory.resize(fread(&memory[0], 1, memory.size(), file));
    if (memory.empty())
        return complain(arguments.program, "there is nothing in it", REFUSED);
    Machine machine(reinterpret_cast<unsigned char *>(&memory[0]), memory.size());
    machine.arguments(static_cast<uint32_t>(arguments.start[2]), static_cast<uint32_t>(arguments.start[3]));
    return runMachine(arguments, machine, arguments.start[0], arguments.start[1]);
}

} // namespace

int main(int argc, char **argv)
{
    Arguments arguments;
    if (!parseArguments(argc, argv, arguments)) {
        fprintf(stderr, "usage: run_nachos [--demand] [--dump FILE] [--no-run] [--max-instructions N] [--kernel NAME] "
                        "[--real-mips] [--without NAME] [--memory PC,SP,ARGC,ARGV] FILE\n");
        return USAGE;
    }
    FILE *const opened = fopen(arguments.program, "rb");
    if (opened == NULL)
        return complain(arguments.program, strerror(errno), USAGE);
    if (arguments.memory) {
        const int status = runMemory(arguments, opened);
        fclose(opened);
        return status;
    }
    OpenFile file(opened);
    NoffProgram space(&file, PAGE_SIZE, STACK_SIZE);
    if (!space.isValid())
        return complain(arguments.program, space.whyNot(), REFUSED);
    if (space.numPages() == 0 || space.numPages() > MAX_PAGES)
        return complain(arguments.program, "the program takes more memory than this machine has", REFUSED);

    const size_t length = static_cast<size_t>(space.numPages()) * PAGE_SIZE;
    Memory whole(length, '\xa5');
    Memory byPages(length, '\x5a');
    if (!space.loadAll(&whole[0], static_cast<unsigned>(length)) || !loadByDemand(space, byPages))
        return complain(arguments.program, space.whyNot(), REFUSED);
    if (whole != byPages)
        return complain(arguments.program, "whole and page by page, it is loaded differently", REFUSED);

    Memory &memory = arguments.demand ? byPages : whole;
    if (arguments.dump != NULL && !writeFile(arguments.dump, memory))
        return complain(arguments.dump, strerror(errno), USAGE);
    if (arguments.run)
        return runProgram(arguments, space, memory);
    printPageTable(arguments, space);
    return 0;
}
