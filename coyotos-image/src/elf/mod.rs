//! From a linked program to an address space, and what a debugger needs.
//!
//! A tool extracts the loadable segments of an executable and copies them to their addresses in a new address space; that
//! space, not the executable, is what goes into an image.

mod error;
#[cfg(feature = "side-file")]
mod side_file;
mod symbols;

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::mem::offset_of;

use execfmt_common::{ByteOrder, Expected};
use object::elf::{self, FileHeader32, FileHeader64, ProgramHeader32, ProgramHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endian, Endianness};

pub use error::{ElfError, ElfField, ElfFinding, ElfPart, ElfRule, elf_facts};
#[cfg(feature = "side-file")]
pub use side_file::{SideFile, side_file};
pub use symbols::symbols_of_elf;

use crate::arch::Arch;
use crate::capability::Restr;
use crate::try_vec::{collected, push};

/// Maximum number of `PT_LOAD` segments of a file. Linkers write a handful.
pub const MAX_SEGMENTS: usize = 1024;

/// A `PT_LOAD` segment whose bytes lie within the file and whose addresses do not wrap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// Its number among all program headers.
    pub(crate) index: u16,
    /// Where its program header is in the file, and of which class it is.
    pub(crate) header_at: u64,
    pub(crate) class: Class,
    pub(crate) file_offset: u64,
    pub(crate) address: u64,
    pub(crate) bytes: &'a [u8],
    pub(crate) memory_size: u64,
    pub(crate) flags: u32,
}

impl Segment<'_> {
    /// The address after the last byte.
    pub(crate) const fn end(&self) -> u64 {
        self.address.saturating_add(self.memory_size)
    }

    /// The address after the last byte that comes from the file.
    pub(crate) const fn file_end(&self) -> u64 {
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
        let at = self.header_at.saturating_add(self.class.program_header_field(name) as u64);
        ElfError::Refused(rule.finding(field, at, found, expected))
    }
}

/// The segments in the order of a key; those with the same key stay in the order that they are in.
pub(crate) fn sorted<'a>(
    segments: &[Segment<'a>],
    key: impl Fn(&Segment<'a>) -> u64,
) -> Result<Vec<Segment<'a>>, ElfError> {
    let keys = segments.iter().map(key).zip(0_usize..);
    // A heap sorts within the memory that is there.
    let order = BinaryHeap::from(collected(keys)?).into_sorted_vec();
    Ok(collected(order.iter().filter_map(|&(_, index)| segments.get(index).copied()))?)
}

/// The restrictions that are left after the flags of all segments that a page belongs to.
pub(crate) fn restr_of(flags: u32) -> Restr {
    let no_write = if flags & elf::PF_W == 0 { Restr::RO } else { Restr::NONE };
    let no_exec = if flags & elf::PF_X == 0 { Restr::NX } else { Restr::NONE };
    no_write.with(no_exec)
}

/// What the loaders need of a file.
#[derive(Clone, Debug)]
pub(crate) struct Program<'a> {
    pub(crate) entry: u64,
    pub(crate) segments: Vec<Segment<'a>>,
}

/// What is demanded of a file besides well-formed program headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demands {
    /// Only that its machine is the architecture's.
    Machine,
    /// The byte order too, that it is linked to its addresses, and that it needs no interpreter.
    Runnable,
}

fn header_finding(rule: ElfRule, name: &'static str, at: usize, found: u64, expected: Expected) -> ElfError {
    ElfError::Refused(rule.finding(ElfField { segment: None, name }, at as u64, found, expected))
}

/// That a table does not lie within a file of `len` bytes, or that what is in it does not.
fn malformed(part: ElfPart, (name, at): (&'static str, usize), found: u64, len: usize) -> ElfError {
    let within = Expected::AtMost(len as u64);
    // A table may begin within the file and still not fit: then its place alone does not say what would be right.
    let expected = if within.allows(found) { Expected::AnythingBut(found) } else { within };
    header_finding(ElfRule::Malformed(part), name, at, found, expected)
}

/// That section headers, or what they name, do not lie within the file.
fn damaged_sections<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    len: usize,
) -> ElfError {
    malformed(
        ElfPart::SectionHeaders,
        ("e_shoff", Class::of::<Elf>().e_shoff()),
        header.e_shoff(endian).into(),
        len,
    )
}

/// That what is in the file under several names adds up to more than the file has.
fn shared_bytes(total: usize, len: usize) -> ElfError {
    let expected = Expected::AtMost(len as u64);
    header_finding(ElfRule::SharedBytes, "file length", 0, total as u64, expected)
}

/// The class of an ELF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Elf32,
    Elf64,
}

impl Class {
    fn of<Elf: FileHeader>() -> Self {
        if Elf::is_type_64_sized() { Self::Elf64 } else { Self::Elf32 }
    }

    /// Where the file header has the place and the number of the program headers, in bytes.
    const fn e_phoff_and_e_phnum(self) -> (usize, usize) {
        type Narrow = FileHeader32<Endianness>;
        type Wide = FileHeader64<Endianness>;
        match self {
            Self::Elf32 => (offset_of!(Narrow, e_phoff), offset_of!(Narrow, e_phnum)),
            Self::Elf64 => (offset_of!(Wide, e_phoff), offset_of!(Wide, e_phnum)),
        }
    }

    /// Where the file header has the place of the section headers, in bytes.
    const fn e_shoff(self) -> usize {
        match self {
            Self::Elf32 => offset_of!(FileHeader32<Endianness>, e_shoff),
            Self::Elf64 => offset_of!(FileHeader64<Endianness>, e_shoff),
        }
    }

    /// Where a program header has a field, in bytes; of several, the first.
    fn program_header_field(self, name: &str) -> usize {
        match (self, name.split(' ').next()) {
            (Self::Elf32, Some("p_offset")) => offset_of!(ProgramHeader32<Endianness>, p_offset),
            (Self::Elf32, Some("p_vaddr")) => offset_of!(ProgramHeader32<Endianness>, p_vaddr),
            (Self::Elf32, Some("p_filesz")) => offset_of!(ProgramHeader32<Endianness>, p_filesz),
            (Self::Elf32, Some("p_memsz")) => offset_of!(ProgramHeader32<Endianness>, p_memsz),
            (Self::Elf64, Some("p_offset")) => offset_of!(ProgramHeader64<Endianness>, p_offset),
            (Self::Elf64, Some("p_vaddr")) => offset_of!(ProgramHeader64<Endianness>, p_vaddr),
            (Self::Elf64, Some("p_filesz")) => offset_of!(ProgramHeader64<Endianness>, p_filesz),
            (Self::Elf64, Some("p_memsz")) => offset_of!(ProgramHeader64<Endianness>, p_memsz),
            _ => 0, // p_type, the first of both.
        }
    }
}

fn class(bytes: &[u8]) -> Result<Class, ElfError> {
    if !bytes.starts_with(&elf::ELFMAG) {
        let found = bytes.first_chunk().map_or(0, |magic| u32::from_be_bytes(*magic));
        let expected = Expected::Exactly(u32::from_be_bytes(elf::ELFMAG).into());
        return Err(header_finding(ElfRule::NotElf, "e_ident", 0, found.into(), expected));
    }
    let at = offset_of!(elf::Ident, class);
    match bytes.get(at).copied() {
        Some(elf::ELFCLASS32) => Ok(Class::Elf32),
        Some(elf::ELFCLASS64) => Ok(Class::Elf64),
        found => {
            let expected = Expected::Either(elf::ELFCLASS32.into(), elf::ELFCLASS64.into());
            let found = found.unwrap_or_default().into();
            Err(header_finding(ElfRule::Malformed(ElfPart::Class), "EI_CLASS", at, found, expected))
        }
    }
}

pub(crate) fn read<'a>(bytes: &'a [u8], arch: Arch, demands: Demands) -> Result<Program<'a>, ElfError> {
    match class(bytes)? {
        Class::Elf32 => read_as::<FileHeader32<Endianness>>(bytes, arch, demands),
        Class::Elf64 => read_as::<FileHeader64<Endianness>>(bytes, arch, demands),
    }
}

/// The machine that a program's code is for, `e_machine`: [`Arch::elf_machines`] shows which architecture runs it.
///
/// # Errors
/// [`ElfError::Refused`] for a file that is not an ELF file.
pub fn machine_of_elf(bytes: &[u8]) -> Result<u16, ElfError> {
    match class(bytes)? {
        Class::Elf32 => parse::<FileHeader32<Endianness>>(bytes).map(|(elf, endian)| elf.e_machine(endian)),
        Class::Elf64 => parse::<FileHeader64<Endianness>>(bytes).map(|(elf, endian)| elf.e_machine(endian)),
    }
}

fn parse<Elf: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<(&Elf, Endianness), ElfError> {
    let cut_short = |_| {
        let rule = ElfRule::Malformed(ElfPart::Header);
        let expected = Expected::AtLeast(size_of::<Elf>() as u64);
        header_finding(rule, "file length", 0, bytes.len() as u64, expected)
    };
    let header = Elf::parse(bytes).map_err(cut_short)?;
    Ok((header, header.endian().map_err(cut_short)?))
}

fn read_as<'a, Elf: FileHeader<Endian = Endianness>>(
    bytes: &'a [u8],
    arch: Arch,
    demands: Demands,
) -> Result<Program<'a>, ElfError> {
    let (header, endian) = parse::<Elf>(bytes)?;
    let machine = header.e_machine(endian);
    let machines = arch.elf_machines();
    if !machines.contains(&machine) {
        let first = machines.first().copied().unwrap_or_default().into();
        let expected =
            machines.get(1).map_or(Expected::Exactly(first), |&m| Expected::Either(first, m.into()));
        return Err(header_finding(ElfRule::WrongMachine, "e_machine", E_MACHINE, machine.into(), expected));
    }
    if demands == Demands::Runnable {
        demand_runnable(header, endian, arch)?;
    }
    let (e_phoff, e_phnum) = Class::of::<Elf>().e_phoff_and_e_phnum();
    let table = header.program_headers(endian, bytes).map_err(|_| {
        malformed(ElfPart::ProgramHeaders, ("e_phoff", e_phoff), header.e_phoff(endian).into(), bytes.len())
    })?;
    let mut segments = Vec::new();
    let mut total = 0_u64;
    let entry_size = u64::from(header.e_phentsize(endian));
    for (index, segment) in (0_u16..).zip(table) {
        let at = header.e_phoff(endian).into().saturating_add(entry_size.saturating_mul(index.into()));
        let kind = segment.p_type(endian);
        if kind == elf::PT_INTERP && demands == Demands::Runnable {
            let field = ElfField { segment: Some(index), name: "p_type" };
            let expected = Expected::Exactly(elf::PT_LOAD.into());
            return Err(ElfError::Refused(ElfRule::Dynamic.finding(field, at, kind.into(), expected)));
        }
        if kind == elf::PT_LOAD {
            let segment = bounded::<Elf>(segment, endian, bytes, index, at)?;
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
        return Err(header_finding(rule, "e_phnum", e_phnum, segments.len() as u64, expected));
    }
    Ok(Program { entry: header.e_entry(endian).into(), segments })
}

/// Where `e_type` and `e_machine` are in either class, in bytes.
const E_TYPE: usize = offset_of!(FileHeader32<Endianness>, e_type);
const E_MACHINE: usize = offset_of!(FileHeader32<Endianness>, e_machine);

fn demand_runnable<Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    endian: Endianness,
    arch: Arch,
) -> Result<(), ElfError> {
    let big = endian.is_big_endian();
    if big != (arch.byte_order() == ByteOrder::Big) {
        let data = |big: bool| if big { elf::ELFDATA2MSB } else { elf::ELFDATA2LSB };
        let expected = Expected::Exactly(data(!big).into());
        let at = offset_of!(elf::Ident, data);
        return Err(header_finding(ElfRule::WrongByteOrder, "EI_DATA", at, data(big).into(), expected));
    }
    let kind = header.e_type(endian);
    if kind != elf::ET_EXEC {
        let expected = Expected::Exactly(elf::ET_EXEC.into());
        return Err(header_finding(ElfRule::NotLinked, "e_type", E_TYPE, kind.into(), expected));
    }
    Ok(())
}

fn bounded<'a, Elf: FileHeader<Endian = Endianness>>(
    header: &Elf::ProgramHeader,
    endian: Endianness,
    bytes: &'a [u8],
    index: u16,
    header_at: u64,
) -> Result<Segment<'a>, ElfError> {
    let (file_offset, file_size) = (header.p_offset(endian).into(), header.p_filesz(endian).into());
    let (address, memory_size) = (header.p_vaddr(endian).into(), header.p_memsz(endian).into());
    let flags = header.p_flags(endian);
    let class = Class::of::<Elf>();
    let mut segment =
        Segment { index, header_at, class, file_offset, address, bytes: &[], memory_size, flags };
    let len = bytes.len() as u64;
    let range = || {
        if file_size == 0 {
            return Some(&[][..]); // A segment of zeros has no place in the file, whatever its offset says.
        }
        let rest = bytes.get(usize::try_from(file_offset).ok()?..)?;
        rest.get(..usize::try_from(file_size).ok()?)
    };
    let Some(data) = range() else {
        let end = file_offset.saturating_add(file_size);
        return Err(segment.finding(ElfRule::PastEof, "p_offset + p_filesz", end, Expected::AtMost(len)));
    };
    segment.bytes = data;
    if file_size > memory_size {
        let expected = Expected::AtMost(memory_size);
        return Err(segment.finding(ElfRule::FileSize, "p_filesz", file_size, expected));
    }
    let top = if class == Class::Elf32 { 1 << 32 } else { u64::MAX };
    if memory_size > u64::saturating_sub(top, address) {
        let expected = Expected::AtMost(u64::saturating_sub(top, address));
        return Err(segment.finding(ElfRule::AddressOverflow, "p_memsz", memory_size, expected));
    }
    Ok(segment)
}
