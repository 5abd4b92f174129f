// Runs the memory of a Nachos program until it halts:
//
//     run_nachos --memory FILE --sp N [--max-instructions N]
//
// FILE holds memory from address 0 on; what lies between its end and the stack pointer is zero. The exit status is 0
// after Halt, the program's own after Exit, 125 when the program does what a Nachos machine does not allow, and 2
// when the command line or FILE is at fault.
//
//     g++ -std=gnu++98 -Wall -Wextra -o run_nachos run_nachos.cpp machine.cpp mips1.cpp -lunicorn
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vector>

#include "machine.h"

namespace {

const int MISBEHAVED = 125;
const int USAGE = 2;

// Nachos sets the stack pointer this far below the end of memory: a C function may store its four arguments there.
const unsigned long ABOVE_STACK_POINTER = 16;

// A megabyte is 256 times the memory of the stock machine.
const unsigned long MAX_MEMORY = 1UL << 20;

bool parseNumber(const char *text, unsigned long &value)
{
    char *end = NULL;
    errno = 0;
    value = strtoul(text, &end, 0);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-';
}

bool readFile(const char *name, std::vector<unsigned char> &bytes)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        return false;
    unsigned char buffer[4096];
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0 && bytes.size() <= MAX_MEMORY)
        bytes.insert(bytes.end(), buffer, buffer + got);
    const bool good = ferror(file) == 0;
    fclose(file);
    return good;
}

int usage()
{
    fprintf(stderr, "usage: run_nachos --memory FILE --sp N [--max-instructions N]\n");
    return USAGE;
}

} // namespace

int main(int argc, char **argv)
{
    const char *memoryFile = NULL;
    unsigned long stackPointer = 0;
    unsigned long maxInstructions = 10000000;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            return usage();
        if (strcmp(argv[i], "--memory") == 0)
            memoryFile = argv[i + 1];
        else if (strcmp(argv[i], "--sp") != 0 && strcmp(argv[i], "--max-instructions") != 0)
            return usage();
        else if (!parseNumber(argv[i + 1], argv[i][2] == 's' ? stackPointer : maxInstructions))
            return usage();
    }
    if (memoryFile == NULL || stackPointer == 0 || stackPointer > MAX_MEMORY - ABOVE_STACK_POINTER)
        return usage();

    std::vector<unsigned char> memory;
    if (!readFile(memoryFile, memory)) {
        fprintf(stderr, "run_nachos: %s: %s\n", memoryFile, strerror(errno));
        return USAGE;
    }
    if (memory.size() > stackPointer + ABOVE_STACK_POINTER) {
        fprintf(stderr, "run_nachos: %s: goes beyond the stack pointer\n", memoryFile);
        return USAGE;
    }
    memory.resize(stackPointer + ABOVE_STACK_POINTER);

    Machine machine(&memory[0], memory.size());
    switch (machine.run(stackPointer, maxInstructions)) {
    case Machine::HALTED:
        return 0;
    case Machine::EXITED:
        return machine.exitStatus() & 0xff;
    case Machine::FAILED:
        break;
    }
    fprintf(stderr, "run_nachos: %s: %s\n", memoryFile, machine.reason().c_str());
    return MISBEHAVED;
}
