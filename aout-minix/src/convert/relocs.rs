//! The relocations of a linked program: from ELF to a.out, or into a ROM.

use alloc::vec::Vec;

use execfmt_common::Expected;
use execfmt_elf::{Class, DefectKind, Record, RelocationNumbers, Section, Sections};

use super::Rom;
use super::error::{ConvertError, InputRule, OptionError};
use super::parts::{Lists, Part, Parts, word};
use crate::relocation::{Relocation, SymbolIndex};

/// The relocation of the segelf ABI: a segment's paragraph.
const R_386_SEGRELATIVE: u8 = 48;

/// Maximum number of relocations of a section.
const MAX_RELOCATIONS: usize = 0x8000;

/// Reads the relocations of text, far text and data, each in the order of the file.
pub(super) fn read(
    parts: &Parts<'_>,
    sections: &Sections<'_>,
    section: Option<Section<'_>>,
) -> Result<Lists, ConvertError> {
    let mut lists = Lists::default();
    let Some(section) = section else { return Ok(lists) };
    let relocations = sections.relocations(&section).map_err(|defect| {
        let error = ConvertError::from(defect);
        // The section's name would say nothing about a wrong record size.
        if defect.kind == DefectKind::Relocations { error } else { error.in_section("of relocations") }
    })?;
    for (offset, relocation) in relocations.iter() {
        let place = word(relocation.address);
        let list = |part: Option<Part<'_>>| part.is_some_and(|part| part.contains(place));
        let [text, far_text, data] = &mut lists;
        let (part, list) = if list(Some(parts.text)) {
            (parts.text, text)
        } else if let Some(part) = parts.far_text.filter(|part| part.contains(place)) {
            (part, far_text)
        } else if let Some(part) = parts.data.filter(|part| part.contains(place)) {
            (part, data)
        } else {
            let lowest = parts.text.address;
            let below = place < lowest;
            let expected =
                if below { Expected::AtLeast(lowest.into()) } else { Expected::AnythingBut(place.into()) };
            return Err(InputRule::StrayRelocation.error("r_offset", offset, place.into(), expected));
        };
        if list.len() >= MAX_RELOCATIONS {
            let expected = Expected::AtMost(MAX_RELOCATIONS as u64);
            let found = (MAX_RELOCATIONS as u64).saturating_add(1);
            let error = InputRule::TooManyRelocations.error("r_offset", offset, found, expected);
            return Err(error.in_section(part.name.name()));
        }
        list.push(
            convert(&relocation, offset, &part, parts).map_err(|error| error.in_section(part.name.name()))?,
        );
    }
    Ok(lists)
}

fn convert(
    relocation: &RelocationNumbers,
    offset: u64,
    part: &Part<'_>,
    parts: &Parts<'_>,
) -> Result<Relocation, ConvertError> {
    let info_at = offset.saturating_add(Record::Relocation.offset(Class::Elf32, "r_info") as u64);
    let [kind, ..] = relocation.info.to_le_bytes();
    if kind != R_386_SEGRELATIVE {
        let expected = Expected::Exactly(R_386_SEGRELATIVE.into());
        return Err(InputRule::RelocationType.error("r_info", info_at, kind.into(), expected));
    }
    let place = word(relocation.address);
    let vaddr = place.saturating_sub(part.address);
    let word = usize::try_from(vaddr).ok().and_then(|start| part.bytes.get(start..)?.first_chunk::<2>());
    let word = word.ok_or_else(|| {
        let last = part.end().checked_sub(2);
        let expected = last.map_or(Expected::AnythingBut(place.into()), |last| Expected::AtMost(last.into()));
        InputRule::RelocationStraddles.error("r_offset", offset, place.into(), expected)
    })?;
    let paragraph = u16::from_le_bytes(*word);
    let address = u32::from(paragraph).saturating_mul(16);
    let far_text = parts.far_text.filter(|far_text| far_text.address == address);
    let target = if address == parts.text.address {
        SymbolIndex::TEXT
    } else if far_text.is_some_and(|far_text| far_text.size != 0) {
        SymbolIndex::FTEXT
    } else if parts.data_address() == Some(address) {
        SymbolIndex::DATA
    } else if far_text.is_some() {
        // Against an empty far text, as elf2elks writes it; ELKS uses the paragraph after the text.
        SymbolIndex::FTEXT
    } else {
        let expected = Expected::Exactly((parts.text.address >> 4).into());
        return Err(InputRule::RelocationTarget.error("r_offset", offset, paragraph.into(), expected));
    };
    Ok(Relocation::segword(vaddr, target))
}

/// The paragraphs of text, far text and data in a ROM.
#[derive(Clone, Copy, Debug)]
pub(super) struct RomSegments {
    text: u16,
    far_text: u16,
    data: u16,
}

/// The size of an a.out header without supplement, in paragraphs.
const HEADER_PARAGRAPHS: u32 = 2;

pub(super) fn rom_segments(rom: Rom, parts: &Parts<'_>) -> Result<RomSegments, ConvertError> {
    let expected = Expected::MultipleOf(16);
    if !expected.allows(parts.text.size.into()) {
        return Err(parts.text.error(InputRule::RomTextSize, "sh_size", parts.text.size, expected));
    }
    let text = u32::from(rom.aout_seg).saturating_add(HEADER_PARAGRAPHS);
    let far_text = text.saturating_add(parts.text.size.wrapping_div(16));
    let paragraph =
        |value: u32| u16::try_from(value).map_err(|_| OptionError::RomBeyondMemory { paragraph: value });
    Ok(RomSegments { text: paragraph(text)?, far_text: paragraph(far_text)?, data: rom.data_seg })
}

/// Writes the paragraphs into the contents of a section.
pub(super) fn apply(list: Vec<Relocation>, contents: &mut [u8], segments: RomSegments) {
    for relocation in list {
        let value = match relocation.symndx {
            SymbolIndex::TEXT => segments.text,
            SymbolIndex::FTEXT => segments.far_text,
            _ => segments.data,
        };
        let start = usize::try_from(relocation.vaddr).ok();
        // Converting the relocation has verified that the word is within the contents.
        if let Some(word) = start.and_then(|start| contents.get_mut(start..)?.first_chunk_mut::<2>()) {
            *word = value.to_le_bytes();
        }
    }
}
