//! MIPS ELF, what today's compilers give. The crate `execfmt-elf32` reads the file; what Nachos can run is judged here.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::offset_of;

use execfmt_common::Expected;
use execfmt_elf32::{Defect, DefectKind, Elf, ElfFile, ElfSection, Header, LE, elf};
use object::read::elf::{FileHeader, SectionHeader};

use super::error::{ConvertError, InputRule, Span};
use super::{Executable, Note, Role, Section, Source};

// Names of the MIPS psABI supplement that the `object` crate does not have.
const SHT_MIPS_ABIFLAGS: u32 = 0x7000_002a;
const EF_MIPS_ARCH_ASE_M16: u32 = 0x0400_0000;
const EF_MIPS_MICROMIPS: u32 = 0x0200_0000;

/// `.MIPS.abiflags`: where its `fp_abi` byte is, and the values of it that use no floating-point register.
const FP_ABI_OFFSET: usize = 7;
const FP_ABI_ANY: u8 = 0;
const FP_ABI_SOFT: u8 = 3;

/// Sections that linkers mark as loaded, but that hold facts about the code and not a part of the program.
fn is_metadata(name: &str, kind: u32) -> bool {
    matches!(kind, elf::SHT_NOTE | elf::SHT_MIPS_REGINFO | elf::SHT_MIPS_OPTIONS | SHT_MIPS_ABIFLAGS)
        || matches!(
            name,
            ".MIPS.abiflags" | ".reginfo" | ".MIPS.options" | ".pdr" | ".mdebug" | ".gnu.attributes"
        )
        || name.starts_with(".note")
}

/// Sections whose absence nobody needs to be told of: symbols and names.
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
        if section.header.sh_flags(LE) & elf::SHF_ALLOC == 0 || is_metadata(&name, kind) {
            notes.push(Note::Dropped { name, size });
            continue;
        }
        sections.push(loaded(&section, name)?);
    }
    if sections.is_empty() {
        let at = offset_of!(Elf, e_shnum) as u64;
        let found = header.e_shnum(LE).into();
        return Err(InputRule::NoSections.error("e_shnum", at, found, Expected::AtLeast(2)));
    }
    Executable { source: Source::Elf, sections, notes }.bounded(bytes.len())
}

/// What `e_flags` and `e_entry` say of the code.
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
    let entry = header.e_entry(LE);
    if entry != 0 {
        notes.push(Note::Entry { entry });
    }
    notes
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
            kind @ (DefectKind::Identification
            | DefectKind::SectionTable
            | DefectKind::NoNames
            | DefectKind::Name) => InputRule::Malformed(kind.reason()),
        };
        rule.error(defect.field, defect.offset, defect.found, defect.expected)
    }
}
