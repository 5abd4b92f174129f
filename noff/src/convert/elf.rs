//! MIPS ELF, the output of current compilers. The crate `execfmt-elf` reads the file; what Nachos can run is
//! checked here.

use alloc::string::String;
use alloc::vec::Vec;

use execfmt_common::{ByteOrder, Expected};
use execfmt_elf::{Class, Defect, DefectKind, ElfFile, FileNumbers, Section as ElfSection, Wanted, elf};
use mips_coff::Symbols;

use super::error::ConvertError;
use super::executable::{Executable, Role, Section, Source};
use super::names::{is_constructors, is_metadata};
use super::note::Note;
use super::rules::{ElfPart, InputRule};
use super::span::Span;

/// `.MIPS.abiflags`: the offset of its `fp_abi` byte, and the values of it for code that uses no
/// floating-point registers.
const FP_ABI_OFFSET: usize = 7;
const FP_ABI_ANY: u8 = 0;
const FP_ABI_SOFT: u8 = 3;

/// Types of sections that describe the code and are not part of the program.
fn is_metadata_type(kind: u32) -> bool {
    matches!(kind, elf::SHT_NOTE | elf::SHT_MIPS_REGINFO | elf::SHT_MIPS_OPTIONS | elf::SHT_MIPS_ABIFLAGS)
}

/// Sections that may be left out without a note: symbols and names.
fn is_bookkeeping(kind: u32) -> bool {
    matches!(kind, elf::SHT_NULL | elf::SHT_SYMTAB | elf::SHT_STRTAB)
}

/// The values of `e_machine` that Nachos can run: MIPS, and the one that old tools used for little-endian
/// MIPS.
const WANTED: Wanted<'_> = Wanted {
    class: Some(Class::Elf32),
    byte_order: Some(ByteOrder::Little),
    machines: &[elf::EM_MIPS, elf::EM_MIPS_RS3_LE],
};

pub(super) fn read(bytes: &[u8]) -> Result<Executable<'_>, ConvertError> {
    let file = ElfFile::parse(bytes, &WANTED)?;
    let header = file.numbers();
    if header.kind != elf::ET_EXEC {
        let expected = Expected::Exactly(elf::ET_EXEC.into());
        return Err(InputRule::NotLinked.error("e_type", file.field("e_type"), header.kind.into(), expected));
    }
    let flags = header.flags;
    let independent = flags & (elf::EF_MIPS_PIC | elf::EF_MIPS_CPIC);
    if independent != 0 {
        let expected = Expected::Exactly((flags & !independent).into());
        let at = file.field("e_flags");
        return Err(InputRule::PositionIndependent.error("e_flags", at, flags.into(), expected));
    }
    let mut notes = code_notes(header);
    let mut sections = Vec::new();
    for section in file.sections()?.iter() {
        let (size, kind) = (section.size, section.kind);
        if size == 0 || is_bookkeeping(kind) {
            continue;
        }
        let name = section.name()?;
        if name == ".MIPS.abiflags" {
            let fp_abi = section.contents().ok().and_then(|data| data.get(FP_ABI_OFFSET).copied());
            if fp_abi.is_some_and(|abi| abi != FP_ABI_ANY && abi != FP_ABI_SOFT) {
                notes.push(Note::HardFloat);
            }
        }
        if !section.has(elf::SHF_ALLOC) || is_metadata_type(kind) || is_metadata(&name) {
            notes.push(Note::Dropped { name, size: word(size) });
            continue;
        }
        if is_constructors(&name) {
            notes.push(Note::Constructors { name: name.clone() });
        }
        sections.push(loaded(&section, name)?);
    }
    if sections.is_empty() {
        return Err(InputRule::NoSections.error("e_shnum", file.field("e_shnum"), 0, Expected::AtLeast(1)));
    }
    thread_local(&file)?;
    let (entry, symbols) = (Some(word(header.entry)), Ok(Symbols::default()));
    let executable = Executable { source: Source::Elf, entry, sections, notes, symbols };
    executable.bounded(bytes.len())?.with_bytes_at_entry("e_entry", file.field("e_entry"))
}

/// The instruction set and ABI that `e_flags` declares.
fn code_notes(header: &FileNumbers) -> Vec<Note> {
    let mut notes = Vec::new();
    let flags = header.flags;
    let isa = match flags & elf::EF_MIPS_ARCH {
        elf::EF_MIPS_ARCH_1 => None,
        elf::EF_MIPS_ARCH_2 => Some("MIPS II"),
        elf::EF_MIPS_ARCH_3 => Some("MIPS III"),
        elf::EF_MIPS_ARCH_4 => Some("MIPS IV"),
        elf::EF_MIPS_ARCH_5 => Some("MIPS V"),
        elf::EF_MIPS_ARCH_32 => Some("MIPS32"),
        elf::EF_MIPS_ARCH_64 => Some("MIPS64"),
        elf::EF_MIPS_ARCH_32R2 => Some("MIPS32 release 2"),
        elf::EF_MIPS_ARCH_64R2 => Some("MIPS64 release 2"),
        elf::EF_MIPS_ARCH_32R6 => Some("MIPS32 release 6"),
        elf::EF_MIPS_ARCH_64R6 => Some("MIPS64 release 6"),
        _ => Some("an unknown MIPS"),
    };
    notes.extend(isa.map(|name| Note::Isa { name }));
    if flags & (elf::EF_MIPS_ARCH_ASE_M16 | elf::EF_MIPS_MICROMIPS) != 0 {
        notes.push(Note::Compressed);
    }
    notes
}

/// Refuses a segment of thread-local storage, which may exist without a section.
fn thread_local(file: &ElfFile<'_>) -> Result<(), ConvertError> {
    let Some(segment) = file.segments()?.iter().find(|segment| segment.kind == elf::PT_TLS) else {
        return Ok(());
    };
    let expected = Expected::AnythingBut(elf::PT_TLS.into());
    Err(InputRule::ThreadLocal.error("p_type", segment.field("p_type"), elf::PT_TLS.into(), expected))
}

/// A number from a file that was opened as a 32-bit file.
fn word(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A section that takes up memory.
fn loaded<'a>(section: &ElfSection<'a>, name: String) -> Result<Section<'a>, ConvertError> {
    let refuse = |error: ConvertError| error.in_section(&name);
    let kind = section.kind;
    if matches!(kind, elf::SHT_DYNAMIC | elf::SHT_DYNSYM) || name == ".interp" {
        let expected = Expected::Exactly(elf::SHT_PROGBITS.into());
        let at = section.field("sh_type");
        return Err(refuse(InputRule::Dynamic.error("sh_type", at, kind.into(), expected)));
    }
    let without = |flag: u32, rule: InputRule| {
        let expected = Expected::Exactly(section.flags & !u64::from(flag));
        refuse(rule.error("sh_flags", section.field("sh_flags"), section.flags, expected))
    };
    if section.has(elf::SHF_TLS) {
        return Err(without(elf::SHF_TLS, InputRule::ThreadLocal));
    }
    if section.has(elf::SHF_MIPS_GPREL) {
        return Err(without(elf::SHF_MIPS_GPREL, InputRule::SmallData));
    }
    let end = section.end_address().map_err(|defect| refuse(defect.into()))?;
    let span = Span { start: word(section.address), end: word(end) };
    let role = if kind == elf::SHT_NOBITS {
        Role::Zero
    } else if section.has(elf::SHF_EXECINSTR) {
        Role::Code
    } else if section.has(elf::SHF_WRITE) {
        Role::Data
    } else {
        Role::ReadOnly
    };
    // A section without bytes of its own type has none here either.
    let bytes = section.contents().map_err(|defect| refuse(defect.into()))?;
    let file_offset = if bytes.is_empty() { 0 } else { section.file_offset };
    Ok(Section { name, span, role, bytes, file_offset })
}

impl From<Defect> for ConvertError {
    fn from(defect: Defect) -> Self {
        let rule = match defect.kind {
            DefectKind::NotElf => InputRule::UnknownFormat,
            DefectKind::Truncated => InputRule::Truncated,
            DefectKind::Class => InputRule::Elf64,
            DefectKind::ByteOrder => InputRule::BigEndian,
            DefectKind::Machine => InputRule::WrongMachine,
            DefectKind::AddressOverflow => InputRule::AddressOverflow,
            DefectKind::SectionPastEof => InputRule::SectionPastEof,
            DefectKind::SectionTable => InputRule::Malformed(ElfPart::SectionTable),
            DefectKind::SectionHeaderSize => InputRule::Malformed(ElfPart::SectionHeaderSize),
            DefectKind::NoNames => InputRule::Malformed(ElfPart::Names),
            DefectKind::Name => InputRule::Malformed(ElfPart::Name),
            DefectKind::SegmentTable | DefectKind::SegmentHeaderSize => {
                InputRule::Malformed(ElfPart::ProgramHeaders)
            }
            // The other rules are about the identification, and about parts that are not read here.
            _ => InputRule::Malformed(ElfPart::Identification),
        };
        rule.error(defect.field, defect.offset, defect.found, defect.expected)
    }
}
