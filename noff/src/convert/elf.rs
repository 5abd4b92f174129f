//! MIPS ELF, what today's compilers give. The crate `execfmt-elf32` reads the file; what Nachos can run is judged here.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::offset_of;

use execfmt_common::Expected;
use execfmt_elf32::{Defect, DefectKind, Elf, ElfFile, ElfSection, Header, LE, elf};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

use super::error::ConvertError;
use super::names::{is_constructors, is_metadata};
use super::rules::{ElfPart, InputRule};
use super::{Executable, Note, Role, Section, Source, Span};

// Names of the MIPS psABI supplement that the `object` crate does not have.
const SHT_MIPS_ABIFLAGS: u32 = 0x7000_002a;
const EF_MIPS_ARCH_ASE_M16: u32 = 0x0400_0000;
const EF_MIPS_MICROMIPS: u32 = 0x0200_0000;

/// `.MIPS.abiflags`: where its `fp_abi` byte is, and the values of it that use no floating-point register.
const FP_ABI_OFFSET: usize = 7;
const FP_ABI_ANY: u8 = 0;
const FP_ABI_SOFT: u8 = 3;

/// Types of sections that hold facts about the code and not a part of the program.
fn is_metadata_type(kind: u32) -> bool {
    matches!(kind, elf::SHT_NOTE | elf::SHT_MIPS_REGINFO | elf::SHT_MIPS_OPTIONS | SHT_MIPS_ABIFLAGS)
}

/// Sections whose absence is not reported: symbols and names.
fn is_bookkeeping(kind: u32) -> bool {
    matches!(kind, elf::SHT_NULL | elf::SHT_SYMTAB | elf::SHT_STRTAB)
}

/// The machines whose code Nachos may run: MIPS, and what old tools called its little-endian variant.
const MACHINES: [u16; 2] = [elf::EM_MIPS, elf::EM_MIPS_RS3_LE];

pub(super) fn read(bytes: &[u8]) -> Result<Executable<'_>, ConvertError> {
    let file = ElfFile::open(bytes, &MACHINES)?;
    let header = file.header();
    let kind = header.e_type(LE);
    if kind != elf::ET_EXEC {
        let at = offset_of!(Elf, e_type) as u64;
        return Err(InputRule::NotLinked.error(
            "e_type",
            at,
            kind.into(),
            Expected::Exactly(elf::ET_EXEC.into()),
        ));
    }
    let flags = header.e_flags(LE);
    let independent = flags & (elf::EF_MIPS_PIC | elf::EF_MIPS_CPIC);
    if independent != 0 {
        let at = offset_of!(Elf, e_flags) as u64;
        let expected = Expected::Exactly((flags & !independent).into());
        return Err(InputRule::PositionIndependent.error("e_flags", at, flags.into(), expected));
    }
    let mut notes = code_notes(header);
    let mut sections = Vec::new();
    for section in file.sections() {
        let (size, kind) = (section.header.sh_size(LE), section.header.sh_type(LE));
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
        if section.header.sh_flags(LE) & elf::SHF_ALLOC == 0 || is_metadata_type(kind) || is_metadata(&name) {
            notes.push(Note::Dropped { name, size });
            continue;
        }
        if is_constructors(&name) {
            notes.push(Note::Constructors { name: name.clone() });
        }
        sections.push(loaded(&section, name)?);
    }
    if sections.is_empty() {
        let at = offset_of!(Elf, e_shnum) as u64;
        let found = header.e_shnum(LE).into();
        return Err(InputRule::NoSections.error("e_shnum", at, found, Expected::AtLeast(2)));
    }
    thread_local(&file)?;
    let executable = Executable { source: Source::Elf, entry: Some(header.e_entry(LE)), sections, notes };
    executable.bounded(bytes.len())?.with_bytes_at_entry("e_entry", offset_of!(Elf, e_entry) as u64)
}

/// What `e_flags` says of the code.
fn code_notes(header: &Elf) -> Vec<Note> {
    let mut notes = Vec::new();
    let flags = header.e_flags(LE);
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
    if flags & (EF_MIPS_ARCH_ASE_M16 | EF_MIPS_MICROMIPS) != 0 {
        notes.push(Note::Compressed);
    }
    notes
}

/// Refuses a segment of thread-local storage, which may be there without a section.
fn thread_local(file: &ElfFile<'_>) -> Result<(), ConvertError> {
    let header = file.header();
    let Ok(segments) = header.program_headers(LE, file.bytes()) else { return Ok(()) };
    let Some(index) = segments.iter().position(|segment| segment.p_type(LE) == elf::PT_TLS) else {
        return Ok(());
    };
    let before = u64::from(header.e_phentsize(LE)).saturating_mul(index as u64);
    let at = u64::from(header.e_phoff(LE)).saturating_add(before);
    let expected = Expected::AnythingBut(elf::PT_TLS.into());
    Err(InputRule::ThreadLocal.error("p_type", at, elf::PT_TLS.into(), expected))
}

/// A section that takes up memory.
fn loaded<'a>(section: &ElfSection<'a>, name: String) -> Result<Section<'a>, ConvertError> {
    let (header, refuse) = (section.header, |error: ConvertError| error.in_section(&name));
    let (kind, flags) = (header.sh_type(LE), header.sh_flags(LE));
    if matches!(kind, elf::SHT_DYNAMIC | elf::SHT_DYNSYM) || name == ".interp" {
        let expected = Expected::Exactly(elf::SHT_PROGBITS.into());
        let at = section.field(offset_of!(Header, sh_type));
        return Err(refuse(InputRule::Dynamic.error("sh_type", at, kind.into(), expected)));
    }
    if flags & elf::SHF_TLS != 0 {
        let expected = Expected::Exactly((flags & !elf::SHF_TLS).into());
        let at = section.field(offset_of!(Header, sh_flags));
        return Err(refuse(InputRule::ThreadLocal.error("sh_flags", at, flags.into(), expected)));
    }
    if flags & elf::SHF_MIPS_GPREL != 0 {
        let expected = Expected::Exactly((flags & !elf::SHF_MIPS_GPREL).into());
        let at = section.field(offset_of!(Header, sh_flags));
        return Err(refuse(InputRule::SmallData.error("sh_flags", at, flags.into(), expected)));
    }
    let end = section.end_address().map_err(|defect| refuse(defect.into()))?;
    let span = Span { start: header.sh_addr(LE), end };
    let role = if kind == elf::SHT_NOBITS {
        Role::Zero
    } else if flags & elf::SHF_EXECINSTR != 0 {
        Role::Code
    } else if flags & elf::SHF_WRITE != 0 {
        Role::Data
    } else {
        Role::ReadOnly
    };
    // A section without bytes of its own type has none here either.
    let bytes = section.contents().map_err(|defect| refuse(defect.into()))?;
    Ok(Section { name, span, role, bytes })
}

impl From<Defect> for ConvertError {
    fn from(defect: Defect) -> Self {
        let rule = match defect.kind {
            DefectKind::NotElf => InputRule::UnknownFormat,
            DefectKind::Truncated => InputRule::Truncated,
            DefectKind::Class64 => InputRule::Elf64,
            DefectKind::BigEndian => InputRule::BigEndian,
            DefectKind::Machine => InputRule::WrongMachine,
            DefectKind::AddressOverflow => InputRule::AddressOverflow,
            DefectKind::SectionPastEof => InputRule::SectionPastEof,
            DefectKind::Identification => InputRule::Malformed(ElfPart::Identification),
            DefectKind::SectionTable => InputRule::Malformed(ElfPart::SectionTable),
            DefectKind::NoNames => InputRule::Malformed(ElfPart::Names),
            DefectKind::Name => InputRule::Malformed(ElfPart::Name),
        };
        rule.error(defect.field, defect.offset, defect.found, defect.expected)
    }
}
