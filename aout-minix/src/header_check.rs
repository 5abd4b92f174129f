//! The rules that the header alone can break, each a small function. One list for parser, builder and checker.

use execfmt_common::Expected;

use crate::field::AoutField;
use crate::header::Header;
use crate::relocation::RELOCATION_SIZE;
use crate::rules::{AoutFinding, AoutRule};
use crate::section::Section;
use crate::types::{Cpu, FileType};
use crate::wire::{HLEN_FAR, HLEN_PLAIN, HLEN_RELOC};

/// Checks a header: every rule that it breaks, in the order of the fields.
///
/// `file_len` is the length of the whole file in bytes. The iterator allocates nothing and ends after a fixed number
/// of steps.
pub fn check_header(header: &Header, file_len: u64) -> impl Iterator<Item = AoutFinding> + '_ {
    let whole = [mixed_endian, bad_hlen, unknown_cpu, unknown_version, no_text, entry_outside_text];
    let whole = whole.into_iter().filter_map(move |rule: HeaderRule| rule(header));
    let sections =
        Section::ALL.into_iter().filter_map(move |section| section_past_eof(header, file_len, section));
    let partial = Section::LOADED.into_iter().filter_map(move |section| partial_relocation(header, section));
    let cut =
        CUT_FIELDS.into_iter().filter_map(move |(field, value)| cut_to_16_bits(header, field, value(header)));
    let compressed = Section::LOADED.into_iter().filter_map(move |section| compressed(header, section));
    let reserved = [
        (AoutField::Reserved1, u64::from(header.reserved1)),
        (AoutField::Reserved, header.supplement.reserved.into()),
    ];
    let reserved = reserved.into_iter().filter(|&(_, found)| found != 0);
    let reserved =
        reserved.map(|(field, found)| AoutRule::Reserved.in_header(field, found, Expected::Exactly(0)));
    whole.chain(sections).chain(partial).chain(cut).chain(compressed).chain(reserved)
}

type HeaderRule = fn(&Header) -> Option<AoutFinding>;

/// A finding in a field of the header, unless the value found is allowed.
pub(crate) fn unless_allowed(
    rule: AoutRule,
    field: AoutField,
    found: u64,
    expected: Expected,
) -> Option<AoutFinding> {
    (!expected.allows(found)).then(|| rule.in_header(field, found, expected))
}

fn mixed_endian(header: &Header) -> Option<AoutFinding> {
    let expected = Expected::Either(Cpu::I8086.0.into(), Cpu::M68K.0.into());
    let finding = AoutRule::MixedEndian.in_header(AoutField::Type, header.file_type.word().into(), expected);
    header.file_type.cpu.is_mixed_endian().then_some(finding)
}

fn bad_hlen(header: &Header) -> Option<AoutFinding> {
    let known = matches!(header.hlen, HLEN_PLAIN | HLEN_RELOC | HLEN_FAR);
    let expected = Expected::Either(HLEN_PLAIN.into(), HLEN_RELOC.into());
    let finding = AoutRule::BadHlen.in_header(AoutField::Hlen, header.hlen.into(), expected);
    (!known).then_some(finding)
}

fn unknown_cpu(header: &Header) -> Option<AoutFinding> {
    let expected = Expected::Exactly(FileType::SPLITID.word().into());
    let finding = AoutRule::UnknownCpu.in_header(AoutField::Type, header.file_type.word().into(), expected);
    header.file_type.cpu.name().is_none().then_some(finding)
}

fn unknown_version(header: &Header) -> Option<AoutFinding> {
    unless_allowed(
        AoutRule::UnknownVersion,
        AoutField::Version,
        header.version.into(),
        Expected::Either(0, 1),
    )
}

fn no_text(header: &Header) -> Option<AoutFinding> {
    unless_allowed(AoutRule::NoText, AoutField::Tseg, header.tseg.into(), Expected::AtLeast(1))
}

fn entry_outside_text(header: &Header) -> Option<AoutFinding> {
    let last = header.tseg.checked_sub(1)?;
    unless_allowed(
        AoutRule::EntryOutsideText,
        AoutField::Entry,
        header.entry.into(),
        Expected::AtMost(last.into()),
    )
}

fn section_past_eof(header: &Header, file_len: u64, section: Section) -> Option<AoutFinding> {
    let room = file_len.saturating_sub(header.offset_of(section));
    let field = AoutField::stored_size_of(section, header.sizes(section).is_compressed);
    let found = header.stored_size(section).into();
    unless_allowed(AoutRule::SectionPastEof(section), field, found, Expected::AtMost(room))
}

fn partial_relocation(header: &Header, section: Section) -> Option<AoutFinding> {
    let table = section.relocations()?;
    let field = AoutField::stored_size_of(table, false);
    let found = header.stored_size(table).into();
    unless_allowed(
        AoutRule::PartialRelocation(table),
        field,
        found,
        Expected::MultipleOf(RELOCATION_SIZE as u64),
    )
}

type Value = fn(&Header) -> u64;

/// What ELKS uses 16 bits of.
const CUT_FIELDS: [(AoutField, Value); 6] = [
    (AoutField::Tseg, |header| header.tseg.into()),
    (AoutField::Dseg, |header| header.dseg.into()),
    (AoutField::Bseg, |header| header.bseg.into()),
    (AoutField::Entry, |header| header.entry.into()),
    (AoutField::Dbase, |header| header.supplement.dbase.into()),
    (AoutField::Ftseg, |header| header.supplement.ftseg.into()),
];

fn cut_to_16_bits(header: &Header, field: AoutField, found: u64) -> Option<AoutFinding> {
    if header.file_type.cpu != Cpu::I8086 {
        return None;
    }
    unless_allowed(AoutRule::CutTo16Bits, field, found, Expected::AtMost(u16::MAX.into()))
}

fn compressed(header: &Header, section: Section) -> Option<AoutFinding> {
    let stored = u64::from(header.supplement.compressed_size(section));
    let size = header.sizes(section).uncompressed;
    let field = AoutField::stored_size_of(section, true);
    match (stored, size.checked_sub(1)) {
        (0, _) => None,
        (_, None) => unless_allowed(AoutRule::EmptyCompressed(section), field, stored, Expected::Exactly(0)),
        (_, Some(most)) => {
            unless_allowed(AoutRule::NotShorter(section), field, stored, Expected::AtMost(most.into()))
        }
    }
}
