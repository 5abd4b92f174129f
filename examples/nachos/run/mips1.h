// What the Nachos machine asks of code and a modern emulator does not: no instruction above MIPS I, and no use of a
// register in the instruction that follows its load (the load delay slot).
#ifndef NACHOS_RUN_MIPS1_H
#define NACHOS_RUN_MIPS1_H

#include <stdint.h>

namespace mips1 {

// The registers that a word names.
unsigned rs(uint32_t word);
unsigned rt(uint32_t word);
unsigned rd(uint32_t word);

// srl or srlv; of these, srlv.
bool isUnsignedShift(uint32_t word);
bool isShiftByRegister(uint32_t word);

// or of two registers.
bool isOr(uint32_t word);

// An instruction that loads from memory, or stores to it, at register `rs` plus the low half of the word.
bool isLoad(uint32_t word);
bool isStore(uint32_t word);

// lwl, lwr, swl or swr.
bool isPart(uint32_t word);

// lbu, lhu or sltiu.
bool hasUnsignedImmediate(uint32_t word);

// Whether the word is an instruction that the Nachos machine executes: the integer part of MIPS I, no coprocessor.
bool known(uint32_t word);

// Whether the word is a jump or a branch, whose next instruction is executed before its target.
bool branches(uint32_t word);

// Whether the word reads general register `reg`.
bool reads(uint32_t word, unsigned reg);

// The register that the word loads from memory, 0 when it loads none.
unsigned loads(uint32_t word);

// Whether `next`, executed right after `load`, takes the register that `load` fills before it has its value.
// lwl and lwr are the exception of the architecture: they may follow a load of the register that they complete.
bool loadDelayBroken(uint32_t load, uint32_t next);

} // namespace mips1

#endif
