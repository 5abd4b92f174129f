// A Nachos machine on the Unicorn emulator: memory from address 0 on, a MIPS I in user mode, and the system calls of
// Nachos that a program without files and children needs.
#ifndef NACHOS_RUN_MACHINE_H
#define NACHOS_RUN_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

typedef struct uc_struct uc_engine;

class Machine {
public:
    enum Outcome {
        HALTED, // the program called Halt
        EXITED, // the program called Exit
        FAILED  // anything else; reason() tells
    };

    // A machine whose memory holds the `length` bytes at `memory`. Nothing else is mapped. Both stay the caller's;
    // run() leaves in them what the program made of them.
    Machine(unsigned char *memory, size_t length);
    ~Machine();

    // Makes a part of memory, which must lie within it, one that neither the program nor a system call may store to.
    void protect(uint32_t address, size_t size);

    // Runs from address 0, at most `maxInstructions` instructions.
    Outcome run(uint32_t stackPointer, unsigned long maxInstructions);

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
