//! The sections of a linked program that become parts of an ELKS executable. The crate `execfmt-elf` reads
//! the file; what ELKS can run is checked here.

use alloc::vec::Vec;

use execfmt_common::Expected;
use execfmt_elf::{Defect, DefectKind, ElfFile, Section, Sections as ElfSections, elf};

use super::error::{ConvertError, Flaw, InputRule, PartName};
use super::{ElfOptions, Note};
use crate::relocation::Relocation;

/// A number from a file that was opened as a 32-bit file.
pub(super) fn word(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Largest size of a section, in bytes.
const MAX_SECTION: u32 = 0xffff;

/// A section that becomes a part of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: PartName,
    pub(super) address: u32,
    pub(super) size: u32,
    /// None for bss.
    pub(super) bytes: &'a [u8],
    section: Section<'a>,
}

impl Part<'_> {
    /// One past its last address, which was checked when the part was read.
    pub(super) const fn end(&self) -> u32 {
        self.address.saturating_add(self.size)
    }

    pub(super) const fn contains(&self, address: u32) -> bool {
        address >= self.address && address < self.end()
    }

    pub(super) fn error(
        &self,
        rule: InputRule,
        field: &'static str,
        found: u32,
        expected: Expected,
    ) -> ConvertError {
        rule.error(field, self.section.field(field), found.into(), expected).in_section(self.name.name())
    }

    fn address_error(&self, rule: InputRule, expected: Expected) -> ConvertError {
        self.error(rule, "sh_addr", self.address, expected)
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
    /// All parts, in the order of their names.
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

    /// Bss, and the gap between it and the data. The checks of the parts exclude a negative size.
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
    pub(super) relocations: Option<Section<'a>>,
    pub(super) notes: Vec<Note>,
}

/// The parts of a linked program.
pub(super) fn sections<'a>(
    file: &ElfFile<'a>,
    sections: &ElfSections<'a>,
) -> Result<Sections<'a>, ConvertError> {
    let mut slots: [(PartName, Option<Part<'a>>); 4] = PartName::ALL.map(|name| (name, None));
    let (mut relocations, mut notes) = (None, Vec::new());
    for section in sections.iter() {
        let kind = section.kind;
        match kind {
            elf::SHT_REL if section.info == 0 => {
                if relocations.is_some() {
                    let at = section.field("sh_info");
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
                        let found = section.name.into();
                        let error = InputRule::DuplicateSection.error(
                            "sh_name",
                            section.offset,
                            found,
                            Expected::Exactly(0),
                        );
                        return Err(error.in_section(&name));
                    }
                    *slot = Some(part(*slot_name, &section)?);
                } else if section.size != 0 && section.has(elf::SHF_ALLOC) {
                    if name.starts_with(".fardata") || name.starts_with(".farbss") {
                        let at = section.field("sh_size");
                        let size = section.size;
                        let error = InputRule::FarData.error("sh_size", at, size, Expected::Exactly(0));
                        return Err(error.in_section(&name));
                    }
                    let at = section.field("sh_flags");
                    let flags = section.flags;
                    let expected = Expected::Exactly(flags & !u64::from(elf::SHF_ALLOC));
                    let error = InputRule::StraySection.error("sh_flags", at, flags, expected);
                    return Err(error.in_section(&name));
                }
            }
            _ => {}
        }
    }
    let [(_, text), (_, far_text), (_, data), (_, bss)] = slots;
    let Some(text) = text.filter(|text| text.size != 0) else {
        return Err(InputRule::NoText.error("e_shnum", file.field("e_shnum"), 0, Expected::AtLeast(1)));
    };
    Ok(Sections { parts: Parts { text, far_text, data, bss }, relocations, notes })
}

/// A section that becomes a part of the program: its size fits a segment, its addresses 32 bits, its bytes the file.
fn part<'a>(part_name: PartName, section: &Section<'a>) -> Result<Part<'a>, ConvertError> {
    let name = part_name.name();
    let (address, size) = (word(section.address), word(section.size));
    let in_section = |defect: Defect| ConvertError::from(defect).in_section(name);
    if size > MAX_SECTION {
        let at = section.field("sh_size");
        let expected = Expected::AtMost(MAX_SECTION.into());
        return Err(InputRule::SectionTooLarge.error("sh_size", at, size.into(), expected).in_section(name));
    }
    section.end_address().map_err(in_section)?;
    let bytes = section.contents().map_err(in_section)?;
    Ok(Part { name: part_name, address, size, bytes, section: *section })
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
            DefectKind::Relocations => InputRule::PartialRelocation,
            DefectKind::SectionTable => InputRule::Malformed(Flaw::SectionTable),
            DefectKind::SectionHeaderSize => InputRule::Malformed(Flaw::SectionHeaderSize),
            DefectKind::NoNames => InputRule::Malformed(Flaw::NoNames),
            DefectKind::Name => InputRule::Malformed(Flaw::Name),
            DefectKind::Symbols | DefectKind::NoSymbolNames => InputRule::Malformed(Flaw::SymbolTable),
            // The other rules are about the identification, and about program headers, which are not read
            // here.
            _ => InputRule::Malformed(Flaw::Identification),
        };
        rule.error(defect.field, defect.offset, defect.found, defect.expected)
    }
}

/// The rules of ELKS for the addresses of the parts.
pub(super) fn check(file: &ElfFile<'_>, parts: &Parts<'_>, options: &ElfOptions) -> Result<(), ConvertError> {
    let entry = word(file.numbers().entry);
    if !parts.text.contains(entry) {
        let at = file.field("e_entry");
        let expected = if entry < parts.text.address {
            Expected::AtLeast(parts.text.address.into())
        } else {
            Expected::AtMost(parts.text.end().saturating_sub(1).into())
        };
        return Err(InputRule::EntryOutsideText.error("e_entry", at, entry.into(), expected));
    }
    for (index, second) in parts.all().enumerate() {
        for first in parts.all().take(index) {
            // Bss below data has a rule of its own. There are at most four parts.
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
            let expected = Expected::Exactly(0);
            return Err(far_text.error(InputRule::TinyFarText, "sh_size", far_text.size, expected));
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
        let expected = Expected::AtMost(MAX_SECTION.into());
        return Err(last.error(InputRule::DataTooLarge, "sh_size", taken, expected));
    }
    Ok(())
}
