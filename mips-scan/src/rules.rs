//! The findings of a scan.

use core::fmt;

use execfmt_common::{Advice, Detail, Finding, rules};

use crate::opcode::Opcode;

/// The instruction concerned. Displayed as `code at 0x40`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeField {
    /// Its address.
    pub address: u32,
}

impl fmt::Display for CodeField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code at {:#x}", self.address)
    }
}

/// A general register, by its number: 0 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Register(pub u8);

impl Detail for Register {
    fn number(self) -> u32 {
        self.0.into()
    }

    fn from_number(number: u32) -> Option<Self> {
        u8::try_from(number).ok().filter(|&number| number < 32).map(Self)
    }
}

/// A finding in code: `offset` is the instruction's file offset, `found` is its word.
pub type CodeFinding = Finding<CodeRule>;

/// The name of the instruction concerned.
fn name(finding: &CodeFinding) -> &'static str {
    opcode(finding).map_or("a word", Opcode::name)
}

fn opcode(finding: &CodeFinding) -> Option<&'static Opcode> {
    Opcode::of(u32::try_from(finding.found).ok()?)
}

rules! {
    /// What code requires but the simulated machine of Nachos lacks, or executes differently.
    pub enum CodeRule for CodeField, in code_facts {
        /// An instruction that a MIPS I does not have.
        AboveMips1 = 750, EXECFMT_MIPS_W_ABOVE_MIPS1, Warning, "above_mips1", "code: an instruction above MIPS I",
            |finding, f| write!(f, "`{}` is an instruction of {}, but the machine is a MIPS I", name(finding), opcode(finding).map_or("a later MIPS", |opcode| opcode.level.name())),
            advice Advice::CompileForMips1;
        /// An instruction of the floating-point unit, which the simulated machine does not have.
        FloatingPoint = 751, EXECFMT_MIPS_W_FLOATING_POINT, Warning, "floating_point", "code: a floating-point instruction",
            |finding, f| write!(f, "`{}` needs a floating-point unit, but the machine has none", name(finding)),
            advice Advice::SoftFloat;
        /// `lwl`, `lwr`, `swl` or `swr`: some simulated machines stop at an address that is not a multiple of
        /// 4.
        UnalignedAccess = 752, EXECFMT_MIPS_W_UNALIGNED_ACCESS, Warning, "unaligned_access", "code: access to an unaligned word",
            |finding, f| write!(f, "`{}` accesses an unaligned word, at which some simulated machines stop", name(finding)),
            advice Advice::AlignData;
        /// The instruction after a load uses the loaded register, which still has its old value on a MIPS I.
        LoadDelay(register: Register) = 753, EXECFMT_MIPS_W_LOAD_DELAY, Warning, "load_delay", "code: a register is used in the delay slot of its load",
            |finding, f| write!(f, "`{}` uses register ${} right after its load: a MIPS I still sees the old value", name(finding), register.0),
            advice Advice::CompileForMips1;
        /// An instruction of a coprocessor other than floating point: programs cannot run it.
        Coprocessor = 754, EXECFMT_MIPS_W_COPROCESSOR, Warning, "coprocessor", "code: a coprocessor instruction",
            |finding, f| write!(f, "`{}` is an instruction of a coprocessor, which the machine does not have", name(finding));
        /// `lbu`, `lhu` or `sltiu` with a negative immediate, which the machine of Nachos 5.0j treats as
        /// unsigned.
        UnsignedImmediate = 755, EXECFMT_MIPS_W_UNSIGNED_IMMEDIATE, Warning, "unsigned_immediate", "code: lbu, lhu or sltiu with a negative immediate",
            |finding, f| write!(f, "`{}` has a negative immediate, which Nachos 5.0j reads as 65536 more", name(finding));
    }
}
