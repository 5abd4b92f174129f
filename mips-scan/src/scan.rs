//! The scan of code words.

use core::ops::ControlFlow;

use execfmt_common::{ByteOrder, Expected, Finding};

use crate::opcode::{Form, Level, Opcode, Reads};
use crate::rules::{CodeField, CodeFinding, CodeRule, Register};

/// A word that programs place where execution must never arrive. It is neither an instruction nor a finding.
pub const TRAP: u32 = 0xffff_ffff;

/// `jr $31`, the return of a function.
const RETURN: u32 = 0x03e0_0008;

/// Instructions, and their positions.
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    /// The words; bytes after the last whole one are ignored.
    pub bytes: &'a [u8],
    /// The address of the first word.
    pub address: u32,
    /// The file offset of the first word, in bytes.
    pub file_offset: u64,
    /// The byte order of the words.
    pub byte_order: ByteOrder,
}

impl<'a> Code<'a> {
    /// The code up to its last return (`jr $31` and the instruction after it): constants follow it if a
    /// format does not separate the two. All of it if there is no return.
    #[must_use]
    pub fn up_to_last_return(self) -> Self {
        let returns = (0..self.len()).rev().find(|&index| self.word(index) == Some(RETURN));
        let end = returns.map(|index| index.saturating_add(2).saturating_mul(4));
        let bytes = end.and_then(|end| self.bytes.get(..end)).unwrap_or(self.bytes);
        Self { bytes, ..self }
    }

    fn len(&self) -> usize {
        self.bytes.len() / 4
    }

    fn word(&self, index: usize) -> Option<u32> {
        let start = index.checked_mul(4)?;
        let bytes = self.bytes.get(start..start.checked_add(4)?)?;
        Some(self.byte_order.u32(bytes.try_into().ok()?))
    }

    fn address_of(&self, index: usize) -> u32 {
        self.address.wrapping_add(u32::try_from(index).unwrap_or(u32::MAX).wrapping_mul(4))
    }

    fn index_of(&self, address: u32) -> Option<usize> {
        let distance = address.checked_sub(self.address)?;
        (distance & 3 == 0).then_some(())?;
        usize::try_from(distance.checked_div(4)?).ok().filter(|&index| index < self.len())
    }
}

/// What a scan looks for in addition to what every machine of Nachos lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanOptions {
    /// The defects of Nachos 5.0j's machine.
    pub nachos5j: bool,
}

/// The counts of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Number of words that are instructions.
    pub instructions: u64,
    /// Number of `srl` and `srlv`: nearly every simulated machine shifts in the sign, so an unsigned shift of
    /// a value whose top bit is set gives another result than on a MIPS. Nearly every program has one, so it
    /// is not a finding.
    pub unsigned_shifts: u64,
    /// The address of the first of them.
    pub first_unsigned_shift: Option<u32>,
    /// Number of `or` instructions of two different registers: the machine of Nachos 3.4 uses the first for
    /// both operands. An `or` whose second register is $0 is a move of the first, and correct there too.
    pub ors: u64,
    /// The address of the first of them.
    pub first_or: Option<u32>,
}

impl Counts {
    /// The sum of these counts and those of subsequent code.
    #[must_use]
    pub const fn and(self, next: Self) -> Self {
        Self {
            instructions: self.instructions.saturating_add(next.instructions),
            unsigned_shifts: self.unsigned_shifts.saturating_add(next.unsigned_shifts),
            first_unsigned_shift: match self.first_unsigned_shift {
                None => next.first_unsigned_shift,
                first => first,
            },
            ors: self.ors.saturating_add(next.ors),
            first_or: match self.first_or {
                None => next.first_or,
                first => first,
            },
        }
    }
}

/// Reports what the code requires of a machine, in code order (for a load and its use, in the order of the
/// load); `report` stops it by [`ControlFlow::Break`].
pub fn scan(
    code: &Code<'_>,
    options: ScanOptions,
    report: &mut dyn FnMut(CodeFinding) -> ControlFlow<()>,
) -> Counts {
    let mut counts = Counts::default();
    let _ = (0..code.len()).try_for_each(|index| instruction(code, index, options, &mut counts, report));
    counts
}

fn instruction(
    code: &Code<'_>,
    index: usize,
    options: ScanOptions,
    counts: &mut Counts,
    report: &mut dyn FnMut(CodeFinding) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some(word) = code.word(index).filter(|&word| word != TRAP) else {
        return ControlFlow::Continue(());
    };
    let Some(opcode) = Opcode::of(word) else { return ControlFlow::Continue(()) };
    counts.instructions = counts.instructions.saturating_add(1);
    if matches!(opcode.mnemonic(), b"srl" | b"srlv") {
        counts.unsigned_shifts = counts.unsigned_shifts.saturating_add(1);
        counts.first_unsigned_shift.get_or_insert(code.address_of(index));
    }
    let (first, second) = (word.wrapping_shr(21) & 31, word.wrapping_shr(16) & 31);
    if opcode.mnemonic() == b"or" && second != 0 && second != first {
        counts.ors = counts.ors.saturating_add(1);
        counts.first_or.get_or_insert(code.address_of(index));
    }
    let negative = word & 0x8000 != 0;
    let rule = match (opcode.level, opcode.mnemonic()) {
        (Level::Mips1, b"lwl" | b"lwr" | b"swl" | b"swr") => Some(CodeRule::UnalignedAccess),
        (Level::Mips1, b"lbu" | b"lhu" | b"sltiu") if options.nachos5j && negative => {
            Some(CodeRule::UnsignedImmediate)
        }
        (Level::Mips1, _) => None,
        (Level::Float, _) => Some(CodeRule::FloatingPoint),
        (Level::Coprocessor, _) => Some(CodeRule::Coprocessor),
        _ => Some(CodeRule::AboveMips1),
    };
    if let Some(rule) = rule {
        report(finding(code, index, word, rule))?;
    }
    if matches!(opcode.form, Form::Load | Form::LoadPart) {
        let register = Register(u8::try_from(word.wrapping_shr(16) & 31).unwrap_or_default());
        for successor in successors(code, index).into_iter().flatten() {
            let Some(next) = code.word(successor).filter(|&next| uses(next, register)) else { continue };
            report(finding(code, successor, next, CodeRule::LoadDelay(register)))?;
        }
    }
    ControlFlow::Continue(())
}

fn finding(code: &Code<'_>, index: usize, word: u32, rule: CodeRule) -> CodeFinding {
    Finding {
        rule,
        field: CodeField { address: code.address_of(index) },
        offset: code.file_offset.saturating_add((index as u64).saturating_mul(4)),
        found: word.into(),
        expected: Expected::AnythingBut(word.into()),
    }
}

/// The instructions that can be executed after one: the next, or, in the delay slot of a jump, its target.
fn successors(code: &Code<'_>, index: usize) -> [Option<usize>; 2] {
    let next = index.checked_add(1);
    let Some(before) = index.checked_sub(1).and_then(|before| code.word(before)) else {
        return [next, None];
    };
    let slot = code.address_of(index);
    let target = || {
        let address = match Opcode::of(before)?.mnemonic() {
            b"j" | b"jal" => (slot & 0xf000_0000) | ((before & 0x03ff_ffff) << 2),
            b"jr" | b"jalr" => return None,
            _ => slot.wrapping_add(((before & 0xffff) ^ 0x8000).wrapping_sub(0x8000).wrapping_shl(2)),
        };
        code.index_of(address)
    };
    match Opcode::of(before).map(|opcode| opcode.form) {
        Some(Form::Jump(_)) => [target(), None],
        Some(Form::Branch(_)) => [next, target()],
        _ => [next, None],
    }
}

/// True when an instruction reads a register other than 0 that the previous one loads.
fn uses(word: u32, register: Register) -> bool {
    let (rs, rt) = (word.wrapping_shr(21) & 31, word.wrapping_shr(16) & 31);
    let register = u32::from(register.0);
    let Some(opcode) = Opcode::of(word).filter(|_| register != 0 && word != TRAP) else { return false };
    match opcode.reads() {
        Reads::Nothing => false,
        Reads::Rs => rs == register,
        Reads::Rt => rt == register,
        Reads::RsRt => rs == register || rt == register,
    }
}
