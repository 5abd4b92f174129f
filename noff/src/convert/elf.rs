//! MIPS ELF, what today's compilers give. The file is read by the `object` crate; what Nachos can run is judged here.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::offset_of;

use execfmt_common::Expected;
use object::elf::{self, FileHeader32, SectionHeader32};
use object::read::elf::{FileHeader, SectionHeader, SectionTable};
use object::{LittleEndian, SectionIndex};

use super::coff::file_range;
use super::error::{ConvertError, InputRule, Span};
use super::{Executable, Note, Role, Section, Source};

type Elf = FileHeader32<LittleEndian>;
type Header = SectionHeader32<LittleEndian>;
type Table<'a> = SectionTable<'a, Elf>;

const LE: LittleEndian = LittleEndian;

/// The four bytes that begin an ELF file, as a little-endian word.
pub(super) const MAGIC: u32 = u32::from_le_bytes(elf::ELFMAG);

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

pub(super) fn read(bytes: &[u8]) -> Result<Executable<'_>, ConvertError> {
    let header = header(bytes)?;
    let table = header.sections(LE, bytes).map_err(|_| {
        let rule = InputRule::Malformed("the section header table does not lie within the file");
        let at = offset_of!(Elf, e_shoff) as u64;
        rule.error("e_shoff", at, header.e_shoff(LE).into(), Expected::AtMost(bytes.len() as u64))
    })?;
    let names = names(header, &table, bytes)?;
    let mut notes = code_notes(header);
    let mut sections = Vec::new();
    for (index, section) in table.iter().enumerate() {
        let size = section.sh_size(LE);
        if size == 0 || is_bookkeeping(section.sh_type(LE)) {
            continue;
        }
        let offset = section_offset(header, index);
        let name = name(names, section, offset)?;
        if name == ".MIPS.abiflags" {
            let fp_abi = section.data(LE, bytes).ok().and_then(|data| data.get(FP_ABI_OFFSET).copied());
            if fp_abi.is_some_and(|abi| abi != FP_ABI_ANY && abi != FP_ABI_SOFT) {
                notes.push(Note::HardFloat);
            }
        }
        if section.sh_flags(LE) & elf::SHF_ALLOC == 0 || is_metadata(&name, section.sh_type(LE)) {
            notes.push(Note::Dropped { name, size });
            continue;
        }
        sections.push(loaded(bytes, section, offset, name)?);
    }
    if sections.is_empty() {
        let at = offset_of!(Elf, e_shnum) as u64;
        let found = header.e_shnum(LE).into();
        return Err(InputRule::NoSections.error("e_shnum", at, found, Expected::AtLeast(2)));
    }
    Executable { source: Source::Elf, sections, notes }.bounded(bytes.len())
}

/// The file header, if it is that of a linked little-endian MIPS program.
fn header(bytes: &[u8]) -> Result<&Elf, ConvertError> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    // Looked at one by one before the whole header is, for a better word than `not this kind of file`.
    let class_at = offset_of!(elf::Ident, class);
    if byte(class_at) == elf::ELFCLASS64 {
        let expected = Expected::Exactly(elf::ELFCLASS32.into());
        return Err(InputRule::Elf64.error("EI_CLASS", class_at as u64, elf::ELFCLASS64.into(), expected));
    }
    let machine_at = offset_of!(Elf, e_machine);
    let big = byte(offset_of!(elf::Ident, data)) == elf::ELFDATA2MSB;
    let machine = [byte(machine_at), byte(machine_at.saturating_add(1))];
    let machine = if big { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
    if machine != elf::EM_MIPS && machine != elf::EM_MIPS_RS3_LE && bytes.len() >= size_of::<Elf>() {
        let expected = Expected::Exactly(elf::EM_MIPS.into());
        return Err(InputRule::WrongMachine.error("e_machine", machine_at as u64, machine.into(), expected));
    }
    if big {
        let at = offset_of!(elf::Ident, data) as u64;
        let expected = Expected::Exactly(elf::ELFDATA2LSB.into());
        return Err(InputRule::BigEndian.error("EI_DATA", at, elf::ELFDATA2MSB.into(), expected));
    }
    let header = Elf::parse(bytes).map_err(|_| {
        let len = bytes.len() as u64;
        if len < size_of::<Elf>() as u64 {
            let expected = Expected::AtLeast(size_of::<Elf>() as u64);
            return InputRule::Truncated.error("file length", len, len, expected);
        }
        let rule = InputRule::Malformed("the identification is not that of a 32-bit ELF file of version 1");
        rule.error(
            "e_ident",
            class_at as u64,
            byte(class_at).into(),
            Expected::Exactly(elf::ELFCLASS32.into()),
        )
    })?;
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
    Ok(header)
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

/// Where a section's header is in the file.
fn section_offset(header: &Elf, index: usize) -> u64 {
    let entry = u64::from(header.e_shentsize(LE));
    u64::from(header.e_shoff(LE)).saturating_add((index as u64).saturating_mul(entry))
}

/// The bytes that section names are taken from.
fn names<'a>(header: &Elf, table: &Table<'_>, bytes: &'a [u8]) -> Result<&'a [u8], ConvertError> {
    let index = header.shstrndx(LE, bytes).unwrap_or_default();
    let section = usize::try_from(index).ok().and_then(|index| table.section(SectionIndex(index)).ok());
    section.and_then(|section| section.data(LE, bytes).ok()).ok_or_else(|| {
        let rule = InputRule::Malformed("there is no section with the names of the sections");
        let bound = Expected::AtMost((table.len() as u64).saturating_sub(1));
        rule.error("e_shstrndx", offset_of!(Elf, e_shstrndx) as u64, index.into(), bound)
    })
}

/// The longest section name that is kept, in bytes. Names may share their bytes, so that a file can hold many times
/// its own length of them.
const MAX_NAME: usize = 64;

fn name(names: &[u8], section: &Header, offset: u64) -> Result<String, ConvertError> {
    let start = section.sh_name(LE);
    let name = usize::try_from(start).ok().and_then(|start| names.get(start..)).ok_or_else(|| {
        let rule = InputRule::Malformed("the section's name lies outside the string table");
        rule.error("sh_name", offset, start.into(), Expected::AtMost(names.len() as u64))
    })?;
    let name = name.get(..MAX_NAME).unwrap_or(name);
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    Ok(name.get(..end).unwrap_or_default().escape_ascii().to_string())
}

/// A section that takes up memory.
fn loaded<'a>(
    bytes: &'a [u8],
    section: &Header,
    offset: u64,
    name: String,
) -> Result<Section<'a>, ConvertError> {
    let (address, size, kind) = (section.sh_addr(LE), section.sh_size(LE), section.sh_type(LE));
    let flags = section.sh_flags(LE);
    let at = |field: usize| offset.saturating_add(field as u64);
    if matches!(kind, elf::SHT_DYNAMIC | elf::SHT_DYNSYM) || name == ".interp" {
        let expected = Expected::Exactly(elf::SHT_PROGBITS.into());
        let error =
            InputRule::Dynamic.error("sh_type", at(offset_of!(Header, sh_type)), kind.into(), expected);
        return Err(error.in_section(&name));
    }
    if flags & elf::SHF_TLS != 0 {
        let expected = Expected::Exactly((flags & !elf::SHF_TLS).into());
        let error = InputRule::ThreadLocal.error(
            "sh_flags",
            at(offset_of!(Header, sh_flags)),
            flags.into(),
            expected,
        );
        return Err(error.in_section(&name));
    }
    let Some(span) = Span::new(address, size) else {
        let room = Expected::AtMost(u32::MAX.saturating_sub(address).into());
        let error =
            InputRule::AddressOverflow.error("sh_size", at(offset_of!(Header, sh_size)), size.into(), room);
        return Err(error.in_section(&name));
    };
    let role = if kind == elf::SHT_NOBITS {
        Role::Zero
    } else if flags & elf::SHF_EXECINSTR != 0 {
        Role::Code
    } else if flags & elf::SHF_WRITE != 0 {
        Role::Data
    } else {
        Role::ReadOnly
    };
    if role == Role::Zero {
        return Ok(Section { name, span, role, bytes: &[] });
    }
    let Some(data) = file_range(bytes, section.sh_offset(LE), size) else {
        let end = u64::from(section.sh_offset(LE)).saturating_add(size.into());
        let field = at(offset_of!(Header, sh_offset));
        let expected = Expected::AtMost(bytes.len() as u64);
        return Err(InputRule::SectionPastEof
            .error("sh_offset + sh_size", field, end, expected)
            .in_section(&name));
    };
    Ok(Section { name, span, role, bytes: data })
}
