//! From a linked program to an address space, and to what a debugger needs.
//!
//! A program's loadable segments are copied to their addresses in a new address space; that space, not the
//! executable, is what goes into an image.

mod error;
#[cfg(feature = "side-file")]
mod side_file;
mod symbols;

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::ops::Deref;

use execfmt_common::{ByteOrder, Expected};
use execfmt_elf::{ElfFile, Segment as Header, Wanted, elf};

pub use error::{ElfError, ElfField, ElfFinding, ElfPart, ElfRule, elf_facts};
#[cfg(feature = "side-file")]
pub use side_file::{SideFile, side_file};
pub use symbols::symbols_of_elf;

use crate::arch::Arch;
use crate::capability::Restr;
use crate::try_vec::{collected, push};

/// Maximum number of `PT_LOAD` segments of a file. Linkers write a handful.
pub const MAX_SEGMENTS: usize = 1024;

/// A `PT_LOAD` segment whose bytes are within the file and whose addresses do not wrap around.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    header: Header<'a>,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Deref for Segment<'a> {
    type Target = Header<'a>;

    fn deref(&self) -> &Header<'a> {
        &self.header
    }
}

impl Segment<'_> {
    /// One past its last address.
    pub(crate) fn end(&self) -> u64 {
        self.address.saturating_add(self.memory_size)
    }

    /// One past the address of the last byte that comes from the file.
    pub(crate) fn file_end(&self) -> u64 {
        self.address.saturating_add(self.bytes.len() as u64)
    }

    pub(crate) fn finding(
        &self,
        rule: ElfRule,
        name: &'static str,
        found: u64,
        expected: Expected,
    ) -> ElfError {
        let field = ElfField { segment: Some(self.index), name };
        ElfError::Refused(rule.finding(field, self.field(name), found, expected))
    }
}

/// Sorts segments by a key; the sort is stable.
pub(crate) fn sorted<'a>(
    segments: &[Segment<'a>],
    key: impl Fn(&Segment<'a>) -> u64,
) -> Result<Vec<Segment<'a>>, ElfError> {
    let keys = segments.iter().map(key).zip(0_usize..);
    // Heap sort needs no memory.
    let order = BinaryHeap::from(collected(keys)?).into_sorted_vec();
    Ok(collected(order.iter().filter_map(|&(_, index)| segments.get(index).copied()))?)
}

/// The restrictions that remain after the flags of all segments that touch a page.
pub(crate) fn restr_of(flags: u32) -> Restr {
    let no_write = if flags & elf::PF_W == 0 { Restr::RO } else { Restr::NONE };
    let no_exec = if flags & elf::PF_X == 0 { Restr::NX } else { Restr::NONE };
    no_write.with(no_exec)
}

/// The parts of a file that the loaders use.
#[derive(Clone, Debug)]
pub(crate) struct Program<'a> {
    pub(crate) entry: u64,
    pub(crate) segments: Vec<Segment<'a>>,
}

/// The requirements on a file besides well-formed program headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demands {
    /// Only that it is for one of the architecture's machines.
    Machine,
    /// Also the byte order, fixed addresses, and no interpreter.
    Runnable,
}

/// In a field of the file header.
fn header_finding(
    file: &ElfFile<'_>,
    rule: ElfRule,
    name: &'static str,
    found: u64,
    expected: Expected,
) -> ElfError {
    ElfError::Refused(rule.finding(ElfField { segment: None, name }, file.field(name), found, expected))
}

/// Checks that parts of the file with several names do not add up to more than the file.
fn shared_bytes(total: usize, len: usize) -> ElfError {
    let (field, expected) = (ElfField { segment: None, name: "file length" }, Expected::AtMost(len as u64));
    ElfError::Refused(ElfRule::SharedBytes.finding(field, 0, total as u64, expected))
}

/// A file of either class and byte order, for any machine.
fn open(bytes: &[u8]) -> Result<ElfFile<'_>, ElfError> {
    Ok(ElfFile::parse(bytes, &Wanted::default())?)
}

/// The machine of a program's code, `e_machine`: [`Arch::elf_machines`] shows which architecture runs it.
///
/// # Errors
/// [`ElfError::Refused`] when it is not an ELF file.
pub fn machine_of_elf(bytes: &[u8]) -> Result<u16, ElfError> {
    Ok(open(bytes)?.numbers().machine)
}

pub(crate) fn read(bytes: &[u8], arch: Arch, demands: Demands) -> Result<Program<'_>, ElfError> {
    let file = open(bytes)?;
    let machine = file.numbers().machine;
    let machines = arch.elf_machines();
    if !machines.contains(&machine) {
        let first = machines.first().copied().unwrap_or_default().into();
        let expected =
            machines.get(1).map_or(Expected::Exactly(first), |&m| Expected::Either(first, m.into()));
        return Err(header_finding(&file, ElfRule::WrongMachine, "e_machine", machine.into(), expected));
    }
    if demands == Demands::Runnable {
        demand_runnable(&file, arch)?;
    }
    let mut segments = Vec::new();
    let mut total = 0_u64;
    for header in file.segments()?.iter() {
        if header.kind == elf::PT_INTERP && demands == Demands::Runnable {
            let segment = Segment { header, bytes: &[] };
            let expected = Expected::Exactly(elf::PT_LOAD.into());
            return Err(segment.finding(ElfRule::Dynamic, "p_type", header.kind.into(), expected));
        }
        if header.kind == elf::PT_LOAD {
            let segment = Segment { header, bytes: header.contents()? };
            total = total.saturating_add(segment.memory_size);
            if total > u32::MAX.into() {
                let expected = Expected::AtMost(u32::MAX.into());
                return Err(segment.finding(ElfRule::TooLarge, "p_memsz", total, expected));
            }
            push(&mut segments, segment)?;
        }
    }
    if segments.is_empty() || segments.len() > MAX_SEGMENTS {
        let none = segments.is_empty();
        let rule = if none { ElfRule::NoSegments } else { ElfRule::TooManySegments };
        let expected = if none { Expected::AtLeast(1) } else { Expected::AtMost(MAX_SEGMENTS as u64) };
        return Err(header_finding(&file, rule, "e_phnum", segments.len() as u64, expected));
    }
    Ok(Program { entry: file.numbers().entry, segments })
}

fn demand_runnable(file: &ElfFile<'_>, arch: Arch) -> Result<(), ElfError> {
    let found = file.layout().byte_order;
    if found != arch.byte_order() {
        let data = |order: ByteOrder| match order {
            ByteOrder::Little => u64::from(elf::ELFDATA2LSB),
            ByteOrder::Big => u64::from(elf::ELFDATA2MSB),
        };
        let expected = Expected::Exactly(data(arch.byte_order()));
        return Err(header_finding(file, ElfRule::WrongByteOrder, "EI_DATA", data(found), expected));
    }
    let kind = file.numbers().kind;
    if kind != elf::ET_EXEC {
        let expected = Expected::Exactly(elf::ET_EXEC.into());
        return Err(header_finding(file, ElfRule::NotLinked, "e_type", kind.into(), expected));
    }
    Ok(())
}
