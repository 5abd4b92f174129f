#include "mips1.h"

namespace mips1 {

namespace {

enum Opcode {
    SPECIAL = 0, REGIMM = 1, J = 2, JAL = 3, BEQ = 4, BNE = 5, BLEZ = 6, BGTZ = 7,
    ADDI = 8, SLTIU = 11, LUI = 15,
    LB = 32, LWL = 34, LBU = 36, LHU = 37, LWR = 38,
    SB = 40, SH = 41, SWL = 42, SW = 43, SWR = 46
};

// Operations within SPECIAL.
enum Function {
    SLL = 0, SRL = 2, SRA = 3, SLLV = 4, SRLV = 6, SRAV = 7, JR = 8, JALR = 9, SYSCALL = 12,
    MFHI = 16, MTHI = 17, MFLO = 18, MTLO = 19, MULT = 24, DIVU = 27, ADD = 32, OR = 37, NOR = 39, SLT = 42, SLTU = 43
};

unsigned opcode(uint32_t word) { return word >> 26; }
unsigned function(uint32_t word) { return word & 63; }

bool knownSpecial(unsigned f)
{
    return f == SLL || (f >= SRL && f <= SLLV) || (f >= SRLV && f <= JALR) || f == SYSCALL
        || (f >= MFHI && f <= MTLO) || (f >= MULT && f <= DIVU) || (f >= ADD && f <= NOR) || f == SLT || f == SLTU;
}

bool isLoadOpcode(unsigned op) { return op >= LB && op <= LWR; }
bool isStoreOpcode(unsigned op) { return (op >= SB && op <= SW) || op == SWR; }

} // namespace

unsigned rs(uint32_t word) { return word >> 21 & 31; }
unsigned rt(uint32_t word) { return word >> 16 & 31; }
unsigned rd(uint32_t word) { return word >> 11 & 31; }

bool isUnsignedShift(uint32_t word)
{
    return opcode(word) == SPECIAL && (function(word) == SRL || function(word) == SRLV);
}

bool isShiftByRegister(uint32_t word) { return function(word) == SRLV; }

bool isOr(uint32_t word) { return opcode(word) == SPECIAL && function(word) == OR; }

bool isLoad(uint32_t word) { return isLoadOpcode(opcode(word)); }
bool isStore(uint32_t word) { return isStoreOpcode(opcode(word)); }

bool isPart(uint32_t word)
{
    const unsigned op = opcode(word);
    return op == LWL || op == LWR || op == SWL || op == SWR;
}

bool hasUnsignedImmediate(uint32_t word)
{
    const unsigned op = opcode(word);
    return op == SLTIU || op == LBU || op == LHU;
}

bool known(uint32_t word)
{
    const unsigned op = opcode(word);
    if (op == SPECIAL)
        return knownSpecial(function(word));
    if (op == REGIMM) // bltz, bgez, bltzal, bgezal
        return (rt(word) & 0x0e) == 0;
    return op <= LUI || isLoadOpcode(op) || isStoreOpcode(op);
}

bool branches(uint32_t word)
{
    const unsigned op = opcode(word);
    const unsigned f = function(word);
    return (op >= REGIMM && op <= BGTZ) || (op == SPECIAL && (f == JR || f == JALR));
}

bool reads(uint32_t word, unsigned reg)
{
    if (reg == 0)
        return false;
    const unsigned op = opcode(word);
    bool readsRs = op != J && op != JAL && op != LUI;
    bool readsRt = op == BEQ || op == BNE || isStoreOpcode(op) || op == LWL || op == LWR;
    if (op == SPECIAL) {
        const unsigned f = function(word);
        const bool byConstant = f == SLL || f == SRL || f == SRA;
        // An exception completes a load that is under way, so that the kernel finds all registers filled.
        const bool takesNone = f == SYSCALL || f == MFHI || f == MFLO;
        readsRs = !byConstant && !takesNone;
        readsRt = !takesNone && f != JR && f != JALR && f != MTHI && f != MTLO;
    }
    return (readsRs && rs(word) == reg) || (readsRt && rt(word) == reg);
}

unsigned loads(uint32_t word)
{
    const unsigned op = opcode(word);
    return isLoadOpcode(op) ? rt(word) : 0;
}

bool loadDelayBroken(uint32_t load, uint32_t next)
{
    const unsigned reg = loads(load);
    const unsigned op = opcode(next);
    if ((op == LWL || op == LWR) && rt(next) == reg)
        return reg != 0 && rs(next) == reg;
    return reads(next, reg);
}

} // namespace mips1
