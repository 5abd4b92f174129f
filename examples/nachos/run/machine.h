// A Nachos machine on the Unicorn emulator: memory from address 0 on, a MIPS I in user mode, and the system calls of
// Nachos that a program without files and children needs.
#ifndef NACHOS_RUN_MACHINE_H
#define NACHOS_RUN_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

typedef struct uc_struct uc_engine;

// What the machine that Nachos simulates does differently from a MIPS. All of it by default.
struct Deviations {
    bool signedShift;       // srl and srlv shift the sign in
    bool firstOr;           // or takes its first register for both: Nachos 3.4 only
    bool alignedParts;      // lwl, lwr, swl and swr take addresses that are multiples of 4 only
    bool loadDelay;         // a register cannot be used right after its load
    bool mips1;             // no instruction above MIPS I, no floating point
    bool unsignedImmediate; // lbu, lhu and sltiu take their number as unsigned: Nachos 5.0j only

    Deviations()
        : signedShift(true), firstOr(true), alignedParts(true), loadDelay(true), mips1(true), unsignedImmediate(false)
    {
    }
};

// The numbers of a kernel's system calls.
struct SystemCalls {
    const char *kernel;
    uint32_t halt, exit, read, write, yield;
    bool fileFirst; // read and write take the file first, as in Nachos 5.0j

    // That of a kernel by the name that the kit's Makefile has for it; NULL when there is none.
    static const SystemCalls *of(const char *kernel);
};

class Machine {
public:
    enum Outcome {
        HALTED, // the program called Halt
        EXITED, // the program called Exit
        FAILED  // anything else; see reason()
    };

    // A machine whose memory holds the `length` bytes at `memory`. Nothing else is mapped. Both stay the caller's;
    // run() leaves in them what the program made of them.
    Machine(unsigned char *memory, size_t length);
    ~Machine();

    // Makes a part of memory, which must lie within it, one that neither the program nor a system call may store to.
    void protect(uint32_t address, size_t size);

    void deviate(const Deviations &which) { deviations = which; }
    void serve(const SystemCalls &which) { calls = &which; }

    // Sets what the program finds in $4 and $5: argc and argv.
    void arguments(uint32_t count, uint32_t array) { argc = count, argv = array; }

    // Runs from `start` on, at most `maxInstructions` instructions.
    Outcome run(uint32_t start, uint32_t stackPointer, unsigned long maxInstructions);

    int exitStatus() const { return status; }
    const std::string &reason() const { return message; }
    unsigned long instructions() const { return executed; }

private:
    Machine(const Machine &);
    Machine &operator=(const Machine &);

    struct Callbacks; // what Unicorn calls; they know its types, and this header need not
    friend struct Callbacks;

    std::string open();
    void beforeInstruction(uint32_t address);
    void finishDeviation();
    void beyond(const char *what, uint32_t address);
    void deviate(uint32_t instruction);
    void onException(uint32_t number);
    void systemCall();
    int readConsole(uint32_t address, uint32_t size, uint32_t file);
    void writeConsole(uint32_t address, uint32_t size, uint32_t file);
    bool inMemory(uint32_t address, uint32_t size) const;
    bool writable(uint32_t address, uint32_t size) const;
    uint32_t registerValue(unsigned number) const;
    void setRegister(unsigned number, uint32_t value);
    void stop(Outcome how);
    void fail(const std::string &why);

    unsigned char *const memory;
    const size_t length;
    std::vector<bool> readOnly; // a flag for each byte of memory
    uc_engine *engine;

    Deviations deviations;
    const SystemCalls *calls;
    uint32_t argc, argv;
    unsigned pendingRegister; // what a shift or an `or` is to leave there, once the emulator has executed it; 0 for none
    uint32_t pendingValue;

    Outcome outcome;
    int status;
    std::string message;
    unsigned long executed;
    unsigned long limit;
    uint32_t pc;       // of the instruction that is executed; Unicorn's own is 0 after some exceptions
    uint32_t word;     // that instruction
    uint32_t previous; // the one executed before it
};

#endif
