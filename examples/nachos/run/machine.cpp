#include "machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <unicorn/unicorn.h>

#include <sstream>

#include "mips1.h"

namespace {

// Unicorn maps memory in pages of this size only. What lies between the end of a Nachos memory and the end of the
// last such page is guarded by Callbacks::access.
const size_t HOST_PAGE = 4096;

// What Unicorn calls the exceptions of a MIPS.
enum Exception { ADDRESS_LOAD = 12, ADDRESS_STORE = 13, SYSTEM_CALL = 17, OVERFLOW = 21 };

// The general registers that system calls use.
enum Register { V0 = 2, A0 = 4, A1 = 5, A2 = 6, SP = 29 };

// The files that are the console's, in every kernel.
enum Console { ConsoleInput = 0, ConsoleOutput = 1 };

const uint32_t NONE = ~static_cast<uint32_t>(0); // of no system call

const SystemCalls KERNELS[] = {
    { "nachos3", 0, 1, 6, 7, 10, false },  { "nachos4", 0, 1, 7, 8, NONE, false },   { "bordeaux", 0, 1, 6, 7, 10, false },
    { "rosario", 0, 1, 14, 15, 5, false }, { "nachos5j", 0, 1, 6, 7, NONE, true },
};

std::string hex(uint32_t value)
{
    std::ostringstream out;
    out << "0x" << std::hex << value;
    return out.str();
}

std::string decimal(unsigned long value)
{
    std::ostringstream out;
    out << value;
    return out.str();
}

} // namespace

const SystemCalls *SystemCalls::of(const char *kernel)
{
    for (size_t i = 0; i < sizeof KERNELS / sizeof *KERNELS; i++)
        if (strcmp(KERNELS[i].kernel, kernel) == 0)
            return &KERNELS[i];
    return NULL;
}

struct Machine::Callbacks {
    static void instruction(uc_engine *, uint64_t address, uint32_t, void *machine)
    {
        static_cast<Machine *>(machine)->beforeInstruction(static_cast<uint32_t>(address));
    }

    static void exception(uc_engine *, uint32_t number, void *machine)
    {
        static_cast<Machine *>(machine)->onException(number);
    }

    // Mapped does not mean allowed: pages are larger than memories, and bytes are read-only one by one.
    static void access(uc_engine *, uc_mem_type type, uint64_t address, int size, int64_t, void *machine)
    {
        unmapped(NULL, type, address, size, 0, machine);
    }

    static bool unmapped(uc_engine *, uc_mem_type type, uint64_t address, int size, int64_t, void *machine)
    {
        Machine *self = static_cast<Machine *>(machine);
        const uint32_t at = static_cast<uint32_t>(address);
        const bool fetch = type == UC_MEM_FETCH || type == UC_MEM_FETCH_UNMAPPED;
        const bool store = type == UC_MEM_WRITE || type == UC_MEM_WRITE_UNMAPPED;
        const char *what = fetch ? "fetches an instruction" : store ? "stores" : "loads";
        if (!self->inMemory(at, static_cast<uint32_t>(size)))
            self->beyond(what, at);
        else if (store && !self->writable(at, static_cast<uint32_t>(size)))
            self->fail("stores at " + hex(at) + ", which is read-only");
        return false;
    }
};

Machine::Machine(unsigned char *memory_, size_t length_)
    : memory(memory_), length(length_), readOnly(length_, false), engine(NULL), calls(KERNELS), argc(0), argv(0),
      pendingRegister(0), pendingValue(0), outcome(FAILED), status(0), executed(0), limit(0), pc(0), word(0), previous(0)
{
}

Machine::~Machine()
{
    if (engine != NULL)
        uc_close(engine);
}

void Machine::protect(uint32_t address, size_t size)
{
    for (size_t i = 0; i < size; i++)
        readOnly.at(address + i) = true;
}

// Gives what went wrong, or nothing.
std::string Machine::open()
{
    typedef void (*Callback)(); // uc_hook_add takes all of its callbacks as void *
    struct Hook {
        int events;
        Callback callback;
    };
    const Hook hooks[] = {
        { UC_HOOK_CODE, reinterpret_cast<Callback>(&Callbacks::instruction) },
        { UC_HOOK_INTR, reinterpret_cast<Callback>(&Callbacks::exception) },
        { UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<Callback>(&Callbacks::access) },
        { UC_HOOK_MEM_UNMAPPED, reinterpret_cast<Callback>(&Callbacks::unmapped) },
    };
    const size_t mapped = (length + HOST_PAGE - 1) / HOST_PAGE * HOST_PAGE;
    const uc_mode mode = static_cast<uc_mode>(UC_MODE_MIPS32 | UC_MODE_LITTLE_ENDIAN);
    uc_err error = uc_open(UC_ARCH_MIPS, mode, &engine);
    if (error == UC_ERR_OK)
        error = uc_mem_map(engine, 0, mapped, UC_PROT_ALL);
    if (error == UC_ERR_OK)
        error = uc_mem_write(engine, 0, memory, length);
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks && error == UC_ERR_OK; i++) {
        uc_hook handle; // goes with the engine
        // A range whose begin lies behind its end stands for all addresses.
        error = uc_hook_add(engine, &handle, hooks[i].events, reinterpret_cast<void *>(hooks[i].callback), this,
                            static_cast<uint64_t>(1), static_cast<uint64_t>(0));
    }
    return error == UC_ERR_OK ? std::string() : std::string("Unicorn: ") + uc_strerror(error);
}

Machine::Outcome Machine::run(uint32_t start, uint32_t stackPointer, unsigned long maxInstructions)
{
    if (engine != NULL) {
        message = "a machine runs once";
        return FAILED;
    }
    message = open();
    if (!message.empty())
        return FAILED;
    outcome = FAILED;
    limit = maxInstructions;
    setRegister(SP, stackPointer);
    setRegister(A0, argc);
    setRegister(A1, argv);
    const uc_err error = uc_emu_start(engine, start, ~static_cast<uint64_t>(0), 0, 0);
    if (outcome == FAILED && message.empty())
        fail(uc_strerror(error));
    uc_mem_read(engine, 0, memory, length);
    return outcome;
}

void Machine::beforeInstruction(uint32_t address)
{
    pc = address;
    previous = word;
    finishDeviation();
    if (address >= length)
        return beyond("fetches an instruction", address);
    if (!inMemory(address, sizeof word))
        return fail("runs past the end of memory");
    unsigned char bytes[sizeof word];
    uc_mem_read(engine, address, bytes, sizeof bytes);
    word = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<uint32_t>(bytes[3]) << 24;
    if (executed++ == limit)
        return fail("does not end within " + decimal(limit) + " instructions");
    if (deviations.mips1 && !mips1::known(word))
        return fail("runs " + hex(word) + ", which the Nachos machine does not know: it is a MIPS I without break and "
                    "floating point");
    if (deviations.loadDelay && mips1::loadDelayBroken(previous, word))
        return fail("takes a register in the delay slot of its load; compile with -march=mips1");
    deviate(word);
}

void Machine::beyond(const char *what, uint32_t address)
{
    fail(std::string(what) + " at " + hex(address) + ", and memory ends at " + hex(length));
}

// What the emulator would do as a MIPS does it.
void Machine::deviate(uint32_t instruction)
{
    const uint32_t base = registerValue(mips1::rs(instruction));
    const uint32_t number = instruction & 0xffff;
    if (mips1::isUnsignedShift(instruction) && deviations.signedShift) {
        const uint32_t value = registerValue(mips1::rt(instruction));
        const unsigned by = mips1::isShiftByRegister(instruction) ? base & 31 : instruction >> 6 & 31;
        const uint32_t sign = value >> 31 != 0 && by != 0 ? ~static_cast<uint32_t>(0) << (32 - by) : 0;
        pendingRegister = mips1::rd(instruction);
        pendingValue = value >> by | sign;
    }
    if (mips1::isOr(instruction) && deviations.firstOr) {
        pendingRegister = mips1::rd(instruction);
        pendingValue = base;
    }
    const uint32_t address = base + (number ^ 0x8000) - 0x8000;
    // On a MIPS in kernel mode, as Unicorn runs it, 0x80000000 and 0xa0000000 are mirrors of address 0, and the hooks of
    // Unicorn 2.1 are given the address there.
    const bool store = mips1::isStore(instruction);
    if ((store || mips1::isLoad(instruction)) && !inMemory(address, 1))
        return beyond(store ? "stores" : "loads", address);
    if (mips1::isPart(instruction) && deviations.alignedParts && (address & 3) != 0)
        return fail("reaches a part of a word at " + hex(address) + " with lwl, lwr, swl or swr, and the machine asserts a "
                    "multiple of 4; keep words aligned: no packed struct");
    if (mips1::hasUnsignedImmediate(instruction) && deviations.unsignedImmediate && (number & 0x8000) != 0)
        fail("has a negative number in lbu, lhu or sltiu, which Nachos 5.0j takes as 65536 more");
}

// The emulator has executed the instruction as a MIPS does; the simulated machine's result takes the place of that.
void Machine::finishDeviation()
{
    if (pendingRegister != 0)
        setRegister(pendingRegister, pendingValue);
    pendingRegister = 0;
}

void Machine::onException(uint32_t number)
{
    switch (number) {
    case SYSTEM_CALL:
        // The machine would go on behind the delay slot and not at the branch's target.
        if (mips1::branches(previous))
            return fail("makes a system call in the delay slot of a branch");
        return systemCall(); // Unicorn goes on behind the instruction by itself
    case ADDRESS_LOAD:
    case ADDRESS_STORE:
        return fail("loads, stores or jumps at an address that is not a multiple of the size");
    case OVERFLOW:
        return fail("overflows in an addition or a subtraction");
    default:
        return fail("raises exception " + decimal(number));
    }
}

void Machine::systemCall()
{
    const uint32_t number = registerValue(V0);
    const uint32_t first = registerValue(A0);
    const uint32_t second = registerValue(A1);
    const uint32_t third = registerValue(A2);
    const uint32_t file = calls->fileFirst ? first : third;
    const uint32_t buffer = calls->fileFirst ? second : first;
    const uint32_t size = calls->fileFirst ? third : second;
    if (number == calls->halt)
        return stop(HALTED);
    if (number == calls->exit) {
        status = static_cast<int>(first);
        return stop(EXITED);
    }
    if (number == calls->read)
        return setRegister(V0, readConsole(buffer, size, file));
    if (number == calls->write)
        return writeConsole(buffer, size, file);
    if (number != calls->yield) // there is no other thread
        fail("makes system call " + decimal(number) + ", which this machine does not serve");
}

int Machine::readConsole(uint32_t address, uint32_t size, uint32_t file)
{
    if (file != ConsoleInput) {
        fail("reads from file " + decimal(file) + ", which is not the console's input");
        return -1;
    }
    if (!inMemory(address, size)) {
        fail("reads " + decimal(size) + " bytes to " + hex(address) + ", and memory ends at " + hex(length));
        return -1;
    }
    if (!writable(address, size)) {
        fail("reads to " + hex(address) + ", which is read-only");
        return -1;
    }
    std::vector<unsigned char> buffer(size + 1); // never empty
    const ssize_t got = read(STDIN_FILENO, &buffer[0], size);
    if (got > 0)
        uc_mem_write(engine, address, &buffer[0], static_cast<size_t>(got));
    return static_cast<int>(got);
}

void Machine::writeConsole(uint32_t address, uint32_t size, uint32_t file)
{
    if (file != ConsoleOutput)
        return fail("writes to file " + decimal(file) + ", which is not the console's output");
    if (!inMemory(address, size))
        return fail("writes " + decimal(size) + " bytes from " + hex(address) + ", and memory ends at " + hex(length));
    std::vector<unsigned char> buffer(size + 1);
    uc_mem_read(engine, address, &buffer[0], size);
    if (fwrite(&buffer[0], 1, size, stdout) != size || fflush(stdout) != 0)
        return fail("writes to the console, and the console does not take it");
    setRegister(V0, size);
}

bool Machine::inMemory(uint32_t address, uint32_t size) const
{
    return size <= length && address <= length - size;
}

bool Machine::writable(uint32_t address, uint32_t size) const
{
    for (uint32_t i = 0; i < size; i++)
        if (readOnly[address + i])
            return false;
    return true;
}

uint32_t Machine::registerValue(unsigned number) const
{
    uint32_t value = 0;
    uc_reg_read(engine, UC_MIPS_REG_0 + static_cast<int>(number), &value);
    return value;
}

void Machine::setRegister(unsigned number, uint32_t value)
{
    uc_reg_write(engine, UC_MIPS_REG_0 + static_cast<int>(number), &value);
}

void Machine::stop(Outcome how)
{
    outcome = how;
    uc_emu_stop(engine);
}

// The first reason is the one that counts: what Unicorn says after it follows from it.
void Machine::fail(const std::string &why)
{
    if (message.empty())
        message = "at " + hex(pc) + " the program " + why;
    stop(FAILED);
}
