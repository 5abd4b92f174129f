//! The sections of a linked program that become parts of an ELKS executable. The crate `execfmt-elf32` reads the file;
//! what ELKS can run is checked here.

use alloc::vec::Vec;
use core::mem::offset_of;

use execfmt_common::Expected;
use execfmt_elf32::{Defect, DefectKind, Elf, ElfFile, ElfSection, Header, LE, elf};
use object::read::elf::{FileHeader, SectionHeader, SectionTable};

use super::error::{ConvertError, Flaw, InputRule, PartName};
use super::{ElfOptions, Note};
use crate::relocation::Relocation;

pub(super) type Table<'a> = SectionTable<'a, Elf>;

/// Largest size of a section, in bytes.
const MAX_SECTION: u32 = 0xffff;

/// A section that becomes a part of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: PartName,
    pub(super) address: u32,
    pub(super) size: u32,
    /// None for the bss.
    pub(super) bytes: &'a [u8],
    /// Where its header is in the file.
    header_offset: u64,
}

impl Part<'_> {
    /// One past its last address. Reading the part has made sure that there is one.
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
        rule.error(name, offset, found.into(), expected).in_section(self.name.name())
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

    pub(super) fn data_size(&self) -> u32 {
        self.data.map_or(0, |data| data.size)
    }

    /// Bss, and the gap between it and the data. Judging the parts has made sure that it is not negative.
    pub(super) fn bss_size(&self) -> u32 {
        match (self.data, self.bss) {
            (_, None) => 0,
            (None, Some(bss)) => bss.size,
            (Some(data), Some(bss)) => bss.end().saturating_sub(data.end()),
        }
    }
}

/// The lists of relocations of text, far text and data.
pub(super) type Lists = [Vec<Relocation>; 3];

pub(super) struct Sections<'a> {
    pub(super) parts: Parts<'a>,
    /// The section that holds the program's relocations.
    pub(super) relocations: Option<ElfSection<'a>>,
    pub(super) notes: Vec<Note>,
}

/// The parts of a linked program.
pub(super) fn sections<'a>(file: &ElfFile<'a>) -> Result<Sections<'a>, ConvertError> {
    let mut slots: [(PartName, Option<Part<'a>>); 4] = PartName::ALL.map(|name| (name, None));
    let (mut relocations, mut notes) = (None, Vec::new());
    for section in file.sections() {
        let kind = section.header.sh_type(LE);
        match kind {
            elf::SHT_REL if section.header.sh_info(LE) == 0 => {
                if relocations.is_some() {
                    let at = section.field(offset_of!(Header, sh_info));
                    let error = InputRule::TwoRelocationTables.error("sh_info", at, 0, Expected::AtLeast(1));
                    return Err(error.in_section(&section.name()?));
                }
                relocations = Some(section);
            }
            elf::SHT_REL | elf::SHT_RELA => {
                notes.push(Note::RelocationsIgnored { name: section.name()? });
            }
            elf::SHT_PROGBITS | elf::SHT_NOBITS => {
                let name = section.name()?;
                // The bss has no bytes; the others have.
                let mut fitting = slots
                    .iter_mut()
                    .filter(|(slot, _)| (*slot == PartName::Bss) == (kind == elf::SHT_NOBITS));
                if let Some((slot_name, slot)) = fitting.find(|(slot, _)| slot.name() == name) {
                    if slot.is_some() {
                        let found = u64::from(section.header.sh_name(LE));
                        let error = InputRule::DuplicateSection.error(
                            "sh_name",
                            section.offset,
                            found,
                            Expected::Exactly(0),
                        );
                        return Err(error.in_section(&name));
                    }
                    *slot = Some(part(*slot_name, &section)?);
                } else if section.header.sh_size(LE) != 0 && section.header.sh_flags(LE) & elf::SHF_ALLOC != 0
                {
                    if name.starts_with(".fardata") || name.starts_with(".farbss") {
                        let at = section.field(offset_of!(Header, sh_size));
                        let size = section.header.sh_size(LE).into();
                        let error = InputRule::FarData.error("sh_size", at, size, Expected::Exactly(0));
                        return Err(error.in_section(&name));
                    }
                    let at = section.field(offset_of!(Header, sh_flags));
                    let flags = section.header.sh_flags(LE);
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
        let found = file.header().e_shnum(LE).into();
        return Err(InputRule::NoText.error("e_shnum", at, found, Expected::AtLeast(2)));
    };
    Ok(Sections { parts: Parts { text, far_text, data, bss }, relocations, notes })
}

/// A section that becomes a part of the program: its size fits a segment, its addresses 32 bits, its bytes the file.
fn part<'a>(part_name: PartName, section: &ElfSection<'a>) -> Result<Part<'a>, ConvertError> {
    let name = part_name.name();
    let (address, size) = (section.header.sh_addr(LE), section.header.sh_size(LE));
    let in_section = |defect: Defect| ConvertError::from(defect).in_section(name);
    if size > MAX_SECTION {
        let at = section.field(offset_of!(Header, sh_size));
        let expected = Expected::AtMost(MAX_SECTION.into());
        return Err(InputRule::SectionTooLarge.error("sh_size", at, size.into(), expected).in_section(name));
    }
    section.end_address().map_err(in_section)?;
    let bytes = section.contents().map_err(in_section)?;
    Ok(Part { name: part_name, address, size, bytes, header_offset: section.offset })
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
            DefectKind::Identification => InputRule::Malformed(Flaw::Identification),
            DefectKind::SectionTable => InputRule::Malformed(Flaw::SectionTable),
            DefectKind::NoNames => InputRule::Malformed(Flaw::NoNames),
            DefectKind::Name => InputRule::Malformed(Flaw::Name),
        };
        rule.error(defect.field, defect.offset, defect.found, defect.expected)
    }
}

/// What ELKS asks of the addresses of the parts.
pub(super) fn check(header: &Elf, parts: &Parts<'_>, options: &ElfOptions) -> Result<(), ConvertError> {
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
        if let Some(far_text) = parts.far_text.filter(|far_text| far_text.size != 0) {
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
