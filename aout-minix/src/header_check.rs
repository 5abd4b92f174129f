//! The rules that the header alone can break, each a small function. One list for parser, builder and checker.

use core::ops::ControlFlow;

use execfmt_common::{Expected, Refusal};

use crate::field::AoutField;
use crate::header::{Header, SectionSizes};
use crate::relocation::RELOCATION_SIZE;
use crate::rules::{AoutFinding, AoutRule};
use crate::section::Section;
use crate::types::{Cpu, FileType};
use crate::wire::{HLEN_FAR, HLEN_PLAIN, HLEN_RELOC};

/// Checks a header by every rule, and returns the findings in the order of the fields.
///
/// `file_len` is the length of the whole file in bytes. The iterator allocates nothing and ends after a
/// bounded number of steps.
pub fn check_header(header: &Header, file_len: u64) -> impl Iterator<Item = AoutFinding> + '_ {
    let mut next = 0;
    core::iter::from_fn(move || {
        let finding = nth(header, file_len, next);
        next = next.saturating_add(1);
        finding
    })
}

/// The finding after `skip` others. A header has a few dozen at most, so walking again for each is bounded.
#[cold]
#[inline(never)]
fn nth(header: &Header, file_len: u64, mut skip: u32) -> Option<AoutFinding> {
    let found = walk::<true, _>(header, file_len, |finding| match skip.checked_sub(1) {
        None => ControlFlow::Break(finding),
        Some(rest) => {
            skip = rest;
            ControlFlow::Continue(())
        }
    });
    found.break_value()
}

/// Refuses a file that cannot be split into sections.
#[inline(always)]
pub(crate) fn must_divide<E: Refusal<AoutRule>>(header: &Header, file_len: u64) -> Result<(), E> {
    match walk::<false, _>(header, file_len, |finding| ControlFlow::Break(E::new(|| finding))) {
        ControlFlow::Break(refusal) => Err(refusal),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// Checks a header by every rule, in order, and passes each finding to the receiver until it breaks.
///
/// Without `ALL`, only the rules remain that prevent a file from being split into sections: which they are is
/// a constant condition at each site, and the sections are checked in straight-line code, so a parser pays
/// only for its own guards.
#[inline(always)]
fn walk<const ALL: bool, B>(
    header: &Header,
    file_len: u64,
    mut found: impl FnMut(AoutFinding) -> ControlFlow<B>,
) -> ControlFlow<B> {
    macro_rules! rules {
        ($($rule:expr => $broken:expr,)+) => {
            $(if ALL || const { $rule.refuses_to_parse() } {
                if let Some(finding) = $broken { found(finding)?; }
            })+
        };
    }
    rules! {
        AoutRule::MixedEndian => mixed_endian(header),
        AoutRule::BadHlen => bad_hlen(header),
        AoutRule::UnknownCpu => unknown_cpu(header),
        AoutRule::UnknownVersion => unknown_version(header),
        AoutRule::NoText => no_text(header),
        AoutRule::EntryOutsideText => entry_outside_text(header),
    }
    let mut end = u64::from(header.hlen);
    macro_rules! sections {
        ($($section:expr),+) => {
            $(let section = $section;
            // Seven sizes of 32 bits: the sum cannot wrap.
            end = end.wrapping_add(header.stored_size(section).into());
            rules! { AoutRule::SectionPastEof(Section::Text) => section_past_eof(header, file_len, section, end), })+
        };
    }
    if ALL {
        for section in Section::ALL {
            sections!(section);
        }
    } else {
        let [text, far_text, data, of_text, of_far_text, of_data, symbols] = Section::ALL;
        sections!(text, far_text, data, of_text, of_far_text, of_data, symbols);
    }
    for section in Section::LOADED {
        rules! { AoutRule::PartialRelocation(Section::Text) => partial_relocation(header, section), }
    }
    for (field, value) in CUT_FIELDS {
        rules! { AoutRule::CutTo16Bits => cut_to_16_bits(header, field, value(header)), }
    }
    for section in Section::LOADED {
        rules! { AoutRule::NotShorter(Section::Text) => compressed(header, section), }
    }
    let reserved = [
        (AoutField::Reserved1, u64::from(header.reserved1)),
        (AoutField::Reserved, header.supplement.reserved.into()),
    ];
    for (field, value) in reserved {
        rules! {
            AoutRule::Reserved => unless_allowed(AoutRule::Reserved, field, value, Expected::Exactly(0)),
        }
    }
    ControlFlow::Continue(())
}

/// A finding in a field of the header, unless the value found is allowed.
#[inline(always)]
pub(crate) fn unless_allowed(
    rule: AoutRule,
    field: AoutField,
    found: u64,
    expected: Expected,
) -> Option<AoutFinding> {
    (!expected.allows(found)).then(|| rule.in_header(field, found, expected))
}

#[inline(always)]
fn mixed_endian(header: &Header) -> Option<AoutFinding> {
    if !header.file_type.cpu.is_mixed_endian() {
        return None;
    }
    let expected = Expected::Either(Cpu::I8086.0.into(), Cpu::M68K.0.into());
    Some(AoutRule::MixedEndian.in_header(AoutField::Type, header.file_type.word().into(), expected))
}

#[inline(always)]
fn bad_hlen(header: &Header) -> Option<AoutFinding> {
    if matches!(header.hlen, HLEN_PLAIN | HLEN_RELOC | HLEN_FAR) {
        return None;
    }
    let expected = Expected::Either(HLEN_PLAIN.into(), HLEN_RELOC.into());
    Some(AoutRule::BadHlen.in_header(AoutField::Hlen, header.hlen.into(), expected))
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

#[inline(always)]
fn section_past_eof(header: &Header, file_len: u64, section: Section, end: u64) -> Option<AoutFinding> {
    let SectionSizes { stored, is_compressed, .. } = header.sizes(section);
    if stored == 0 || end <= file_len {
        return None;
    }
    let room = file_len.saturating_sub(end.wrapping_sub(stored.into()));
    let field = AoutField::stored_size_of(section, is_compressed);
    Some(AoutRule::SectionPastEof(section).in_header(field, stored.into(), Expected::AtMost(room)))
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

/// The fields of which ELKS uses only 16 bits.
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
