//! The ELF files of ia16-elf-ld. The `object` crate reads the file; what ELKS can run is judged here.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::offset_of;

use execfmt_common::Expected;
use object::elf::{self, FileHeader32, SectionHeader32};
use object::read::elf::{FileHeader, SectionHeader, SectionTable};
use object::{LittleEndian, SectionIndex};

use super::error::{ConvertError, InputRule};
use super::{Conversion, DataMemory, ElfOptions, Note, relocs, symtab};
use crate::build::Builder;
use crate::elks;
use crate::relocation::Relocation;
use crate::types::FileType;

pub(super) type Elf = FileHeader32<LittleEndian>;
pub(super) type Header = SectionHeader32<LittleEndian>;
pub(super) type Table<'a> = SectionTable<'a, Elf>;

pub(super) const LE: LittleEndian = LittleEndian;

/// The most bytes that a section can have.
const MAX_SECTION: u32 = 0xffff;

/// The most bytes of data segment that `--chmem` can ask for.
const MAX_CHMEM: u32 = 0xfff0;

/// The longest section name that is looked at, in bytes. Names may share their bytes, so that a file can hold many
/// times its own length of them.
const MAX_NAME: usize = 64;

/// A section that becomes a part of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: &'static str,
    pub(super) address: u32,
    pub(super) size: u32,
    /// None for the bss.
    pub(super) bytes: &'a [u8],
    /// Where its header is in the file.
    header_offset: u64,
}

impl Part<'_> {
    /// The address just behind it. Reading the part has made sure that there is one.
    pub(super) const fn end(&self) -> u32 {
        self.address.saturating_add(self.size)
    }

    pub(super) const fn contains(&self, address: u32) -> bool {
        address >= self.address && address < self.end()
    }

    fn error(
        &self,
        rule: InputRule,
        field: usize,
        name: &'static str,
        found: u32,
        expected: Expected,
    ) -> ConvertError {
        let offset = self.header_offset.saturating_add(field as u64);
        rule.error(name, offset, found.into(), expected).in_section(self.name)
    }

    fn address_error(&self, rule: InputRule, expected: Expected) -> ConvertError {
        self.error(rule, offset_of!(Header, sh_addr), "sh_addr", self.address, expected)
    }
}

/// A linked program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) text: Part<'a>,
    pub(super) far_text: Option<Part<'a>>,
    pub(super) data: Option<Part<'a>>,
    pub(super) bss: Option<Part<'a>>,
}

impl<'a> Parts<'a> {
    /// All, in the order of the names.
    pub(super) fn all(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        [Some(self.text), self.far_text, self.data, self.bss].into_iter().flatten()
    }

    /// Where the data segment begins.
    pub(super) fn data_address(&self) -> Option<u32> {
        self.data.or(self.bss).map(|part| part.address)
    }

    fn data_size(&self) -> u32 {
        self.data.map_or(0, |data| data.size)
    }

    /// Bss, and the gap between it and the data. Judging the parts has made sure that it is not negative.
    fn bss_size(&self) -> u32 {
        match (self.data, self.bss) {
            (_, None) => 0,
            (None, Some(bss)) => bss.size,
            (Some(data), Some(bss)) => bss.end().saturating_sub(data.end()),
        }
    }
}

pub(super) fn convert(bytes: &[u8], options: &ElfOptions) -> Result<Conversion, ConvertError> {
    let header = file_header(bytes)?;
    let table = header.sections(LE, bytes).map_err(|_| {
        let rule = InputRule::Malformed("the section header table does not lie within the file");
        let at = offset_of!(Elf, e_shoff) as u64;
        rule.error("e_shoff", at, header.e_shoff(LE).into(), Expected::AtMost(bytes.len() as u64))
    })?;
    let Sections { parts, relocations, mut notes } = sections(header, &table, bytes)?;
    judge(header, &parts, options)?;
    let mut lists = relocs::read(bytes, &table, &parts, relocations)?;
    let symbol_table = if options.symtab || options.symfile {
        Some(symtab::build(bytes, &table, &parts, options.tiny, &mut notes))
    } else {
        None
    };
    let (mut text, mut far_text, mut data) = (parts.text.bytes.to_vec(), Vec::new(), Vec::new());
    far_text.extend_from_slice(parts.far_text.map(|part| part.bytes).unwrap_or_default());
    data.extend_from_slice(parts.data.map(|part| part.bytes).unwrap_or_default());
    if let Some(rom) = options.rom {
        let segments = relocs::rom_segments(rom, &parts)?;
        for (list, contents) in lists.iter_mut().zip([&mut text, &mut far_text, &mut data]) {
            relocs::apply(core::mem::take(list), contents, segments);
        }
        text.append(&mut far_text);
    }
    let [text_list, far_text_list, data_list] = &lists;
    let mut builder =
        Builder::new(if options.tiny { FileType::COMBID } else { FileType::SPLITID_AHISTORICAL })
            .entry(header.e_entry(LE).saturating_sub(parts.text.address))
            .text(&text)
            .far_text(&far_text)
            .data(&data)
            .bss(parts.bss_size())
            .text_relocations(text_list.as_slice())
            .far_text_relocations(far_text_list.as_slice())
            .data_relocations(data_list.as_slice());
    if let (true, Some(table)) = (options.symtab, &symbol_table) {
        builder = builder.symbols(table);
    }
    let file = memory(builder, &parts, options)?.to_vec()?;
    if options.rom.is_none() {
        notes.extend(elks::execve(&file, elks::Options::default()).err().map(Note::Refused));
    }
    Ok(Conversion { bytes: file, symbol_table, notes })
}

/// The lists of relocations of text, far text and data.
pub(super) type Lists = [Vec<Relocation>; 3];

/// Sets version, `chmem` and `minstack`.
fn memory<'a>(
    builder: Builder<'a>,
    parts: &Parts<'_>,
    options: &ElfOptions,
) -> Result<Builder<'a>, ConvertError> {
    let text = if options.tiny { parts.text.size } else { 0 };
    let taken = text.saturating_add(parts.data_size()).saturating_add(parts.bss_size());
    Ok(match options.memory {
        DataMemory::Default => builder.version(u16::from(!options.tiny)),
        DataMemory::HeapStack { heap, stack } => builder.version(1).chmem(heap).minstack(stack),
        DataMemory::Total(total) => {
            if u32::from(total) <= taken {
                let expected = Expected::AtLeast(u64::from(taken).saturating_add(1));
                return Err(InputRule::TotalDataTooSmall.error("--total-data", 0, total.into(), expected));
            }
            builder.version(0).chmem(total)
        }
        DataMemory::Chmem(more) => {
            let sum = taken.saturating_add(more.into());
            let total = u16::try_from(sum).ok().filter(|_| sum <= MAX_CHMEM);
            let expected = Expected::AtMost(MAX_CHMEM.into());
            let total = total.ok_or(InputRule::ChmemTooLarge.error("--chmem", 0, sum.into(), expected))?;
            builder.version(0).chmem(total)
        }
    })
}

/// The file header, if it is one of a little-endian 32-bit file for the 80386.
fn file_header(bytes: &[u8]) -> Result<&Elf, ConvertError> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let len = bytes.len() as u64;
    if !bytes.starts_with(&elf::ELFMAG) {
        let found = bytes.first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
        let expected = Expected::Exactly(u32::from_le_bytes(elf::ELFMAG).into());
        return Err(InputRule::UnknownFormat.error("magic", 0, found.into(), expected));
    }
    if len < size_of::<Elf>() as u64 {
        let expected = Expected::AtLeast(size_of::<Elf>() as u64);
        return Err(InputRule::Truncated.error("file length", len, len, expected));
    }
    let class_at = offset_of!(elf::Ident, class);
    if byte(class_at) == elf::ELFCLASS64 {
        let expected = Expected::Exactly(elf::ELFCLASS32.into());
        return Err(InputRule::Elf64.error("EI_CLASS", class_at as u64, elf::ELFCLASS64.into(), expected));
    }
    let data_at = offset_of!(elf::Ident, data);
    if byte(data_at) == elf::ELFDATA2MSB {
        let expected = Expected::Exactly(elf::ELFDATA2LSB.into());
        return Err(InputRule::BigEndian.error("EI_DATA", data_at as u64, elf::ELFDATA2MSB.into(), expected));
    }
    let header = Elf::parse(bytes).map_err(|_| {
        let rule = InputRule::Malformed("the identification is not that of a 32-bit ELF file of version 1");
        rule.error(
            "e_ident",
            class_at as u64,
            byte(class_at).into(),
            Expected::Exactly(elf::ELFCLASS32.into()),
        )
    })?;
    let machine = header.e_machine(LE);
    if machine != elf::EM_386 {
        let at = offset_of!(Elf, e_machine) as u64;
        let expected = Expected::Exactly(elf::EM_386.into());
        return Err(InputRule::WrongMachine.error("e_machine", at, machine.into(), expected));
    }
    Ok(header)
}

struct Sections<'a> {
    parts: Parts<'a>,
    /// The number of the section that holds the program's relocations.
    relocations: Option<SectionIndex>,
    notes: Vec<Note>,
}

fn sections<'a>(header: &Elf, table: &Table<'a>, bytes: &'a [u8]) -> Result<Sections<'a>, ConvertError> {
    let names = names(header, table, bytes)?;
    let mut slots: [(&str, Option<Part<'a>>); 4] =
        [(".text", None), (".fartext", None), (".data", None), (".bss", None)];
    let (mut relocations, mut notes) = (None, Vec::new());
    for (index, section) in table.iter().enumerate() {
        let offset = section_offset(header, index);
        let kind = section.sh_type(LE);
        match kind {
            elf::SHT_REL if section.sh_info(LE) == 0 => {
                if relocations.is_some() {
                    let at = offset.saturating_add(offset_of!(Header, sh_info) as u64);
                    let error = InputRule::TwoRelocationTables.error("sh_info", at, 0, Expected::AtLeast(1));
                    return Err(error.in_section(&name(names, section)?));
                }
                relocations = Some(SectionIndex(index));
            }
            elf::SHT_REL | elf::SHT_RELA => {
                notes.push(Note::RelocationsIgnored { name: name(names, section)? });
            }
            elf::SHT_PROGBITS | elf::SHT_NOBITS => {
                let name = name(names, section)?;
                // The bss has no bytes; the others have.
                let mut fitting =
                    slots.iter_mut().filter(|(slot, _)| (*slot == ".bss") == (kind == elf::SHT_NOBITS));
                if let Some((slot_name, slot)) = fitting.find(|(slot, _)| *slot == name) {
                    if slot.is_some() {
                        let found = u64::from(section.sh_name(LE));
                        let error =
                            InputRule::DuplicateSection.error("sh_name", offset, found, Expected::Exactly(0));
                        return Err(error.in_section(&name));
                    }
                    *slot = Some(part(slot_name, section, offset, bytes)?);
                } else if section.sh_size(LE) != 0 && section.sh_flags(LE) & elf::SHF_ALLOC != 0 {
                    let at = offset.saturating_add(offset_of!(Header, sh_flags) as u64);
                    let flags = section.sh_flags(LE);
                    let expected = Expected::Exactly((flags & !elf::SHF_ALLOC).into());
                    let error = InputRule::StraySection.error("sh_flags", at, flags.into(), expected);
                    return Err(error.in_section(&name));
                }
            }
            _ => {}
        }
    }
    let [(_, text), (_, far_text), (_, data), (_, bss)] = slots;
    let Some(text) = text.filter(|text| text.size != 0) else {
        let at = offset_of!(Elf, e_shnum) as u64;
        return Err(InputRule::NoText.error("e_shnum", at, header.e_shnum(LE).into(), Expected::AtLeast(2)));
    };
    let far_text = far_text.filter(|part| part.size != 0);
    Ok(Sections { parts: Parts { text, far_text, data, bss }, relocations, notes })
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

fn name(names: &[u8], section: &Header) -> Result<String, ConvertError> {
    let start = section.sh_name(LE);
    let name = usize::try_from(start).ok().and_then(|start| names.get(start..)).ok_or_else(|| {
        let rule = InputRule::Malformed("the section's name lies outside the string table");
        rule.error("sh_name", 0, start.into(), Expected::AtMost(names.len() as u64))
    })?;
    let name = name.get(..MAX_NAME).unwrap_or(name);
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    Ok(name.get(..end).unwrap_or_default().escape_ascii().to_string())
}

/// A section that becomes a part of the program: its size fits a segment, its addresses 32 bits, its bytes the file.
fn part<'a>(
    name: &'static str,
    section: &Header,
    header_offset: u64,
    bytes: &'a [u8],
) -> Result<Part<'a>, ConvertError> {
    let (address, size) = (section.sh_addr(LE), section.sh_size(LE));
    let mut part = Part { name, address, size, bytes: &[], header_offset };
    let size_at = offset_of!(Header, sh_size);
    if size > MAX_SECTION {
        let expected = Expected::AtMost(MAX_SECTION.into());
        return Err(part.error(InputRule::SectionTooLarge, size_at, "sh_size", size, expected));
    }
    if address.checked_add(size).is_none() {
        let room = Expected::AtMost(u32::MAX.saturating_sub(address).into());
        return Err(part.error(InputRule::AddressOverflow, size_at, "sh_size", size, room));
    }
    if section.sh_type(LE) == elf::SHT_PROGBITS {
        part.bytes = section.data(LE, bytes).map_err(|_| {
            let end = u64::from(section.sh_offset(LE)).saturating_add(size.into());
            let at = header_offset.saturating_add(offset_of!(Header, sh_offset) as u64);
            let expected = Expected::AtMost(bytes.len() as u64);
            InputRule::SectionPastEof.error("sh_offset + sh_size", at, end, expected).in_section(name)
        })?;
    }
    Ok(part)
}

/// What ELKS asks of the parts' places.
fn judge(header: &Elf, parts: &Parts<'_>, options: &ElfOptions) -> Result<(), ConvertError> {
    let entry = header.e_entry(LE);
    if !parts.text.contains(entry) {
        let at = offset_of!(Elf, e_entry) as u64;
        let expected = if entry < parts.text.address {
            Expected::AtLeast(parts.text.address.into())
        } else {
            Expected::AtMost(parts.text.end().saturating_sub(1).into())
        };
        return Err(InputRule::EntryOutsideText.error("e_entry", at, entry.into(), expected));
    }
    for (index, second) in parts.all().enumerate() {
        for first in parts.all().take(index) {
            // Bss below data has a rule of its own. Four parts at most.
            let overlap = first.end().min(second.end()).saturating_sub(first.address.max(second.address));
            if overlap != 0 {
                let (lower, upper) =
                    if first.address <= second.address { (first, second) } else { (second, first) };
                let expected = Expected::AtLeast(lower.end().into());
                return Err(upper.address_error(InputRule::SectionsOverlap(lower.name), expected));
            }
        }
    }
    if let (Some(data), Some(bss)) = (parts.data, parts.bss.filter(|bss| bss.size != 0)) {
        if bss.address < data.end() {
            return Err(bss.address_error(InputRule::BssBelowData, Expected::AtLeast(data.end().into())));
        }
    }
    if options.tiny {
        if let Some(far_text) = parts.far_text {
            let size_at = offset_of!(Header, sh_size);
            let error = far_text.error(
                InputRule::TinyFarText,
                size_at,
                "sh_size",
                far_text.size,
                Expected::Exactly(0),
            );
            return Err(error);
        }
        let first = parts.data.or(parts.bss).filter(|part| part.address != parts.text.end());
        if let Some(part) = first {
            let expected = Expected::Exactly(parts.text.end().into());
            return Err(part.address_error(InputRule::TinyDataNotBehindText, expected));
        }
    }
    let text = if options.tiny { parts.text.size } else { 0 };
    let taken = text.saturating_add(parts.data_size()).saturating_add(parts.bss_size());
    if taken > MAX_SECTION {
        let last = parts.bss.or(parts.data).unwrap_or(parts.text);
        let size_at = offset_of!(Header, sh_size);
        let expected = Expected::AtMost(MAX_SECTION.into());
        return Err(last.error(InputRule::DataTooLarge, size_at, "sh_size", taken, expected));
    }
    Ok(())
}
