//! The rules, each a small function. One table for parser, builder and checker.
//!
//! What ELKS itself refuses is told by [`elks`](crate::elks), with the errno. Here stands what keeps a file from being
//! read, and what loaders get wrong without a word.

use execfmt_common::Expected;

use crate::elks;
use crate::elks_symbol::{MAX_ELKS_TABLE, SymbolFormat};
use crate::error::{AoutField, AoutFinding, AoutRule};
use crate::header::{HLEN_FAR, HLEN_PLAIN, HLEN_RELOC, Header};
use crate::image::Image;
use crate::relocation::{RELOCATION_SIZE, Relocation, RelocationType, SymbolIndex};
use crate::section::Section;
use crate::types::Cpu;

/// Judges a header: every rule that it breaks, in the order of the fields.
///
/// `file_len` is the length of the whole file in bytes. The iterator allocates nothing and ends after a fixed number
/// of steps.
pub fn check_header(header: &Header, file_len: u64) -> impl Iterator<Item = AoutFinding> + '_ {
    let whole = [mixed_endian, bad_hlen, unknown_cpu, unknown_version, no_text, entry_outside_text];
    let whole = whole.into_iter().filter_map(move |rule: HeaderRule| rule(header));
    let sections =
        Section::ALL.into_iter().filter_map(move |section| section_past_eof(header, file_len, section));
    let ragged = Section::LOADED.into_iter().filter_map(move |section| ragged_relocations(header, section));
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
    whole.chain(sections).chain(ragged).chain(cut).chain(compressed).chain(reserved)
}

/// Judges a whole file: [`check_header`], then every relocation, the room that compressed sections need, the symbol
/// table, and what stands behind it. Takes time in proportion to the file's length.
///
/// ```
/// use aout_minix::{AoutRule, Builder, FileType, Relocation, SymbolIndex};
///
/// let mut file = [0; 80];
/// // ELKS would overwrite a word behind the text, whatever it belongs to.
/// let wild = [Relocation::segword(100, SymbolIndex::DATA)];
/// let built = Builder::new(FileType::SPLITID).text(&[0x90; 4]).text_relocations(&wild).write_to(&mut file)?;
/// let image = aout_minix::parse(&file[..built])?;
/// let finding = aout_minix::check(&image).next().unwrap();
/// assert_eq!((finding.rule, finding.offset, finding.found), (AoutRule::RelocationPlace, 52, 100));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn check<'a>(image: &'a Image<'_>) -> impl Iterator<Item = AoutFinding> + 'a {
    let header = check_header(image.header(), image.bytes().len() as u64);
    let relocations = Section::LOADED.into_iter().flat_map(move |section| {
        let table = section.relocations().map(|table| image.header().offset_of(table)).unwrap_or_default();
        let steps =
            (0_u64..).map(move |index| table.saturating_add(index.saturating_mul(RELOCATION_SIZE as u64)));
        // A ragged tail is told by `check_header`.
        let relocations = steps.zip(image.relocations(section).map_while(Result::ok));
        relocations.flat_map(move |(at, relocation)| {
            let rules: [RelocationRule; 4] =
                [relocation_type, relocation_target, relocation_place, no_far_text];
            rules.into_iter().filter_map(move |rule| rule(image.header(), section, at, relocation))
        })
    });
    header
        .chain(relocations)
        .chain(no_room_to_expand(image))
        .chain(symbols(image))
        .chain(trailing_bytes(image))
}

type HeaderRule = fn(&Header) -> Option<AoutFinding>;
type RelocationRule = fn(&Header, Section, u64, Relocation) -> Option<AoutFinding>;

/// A finding in a field of the header, unless the value found is allowed.
fn judge(rule: AoutRule, field: AoutField, found: u64, expected: Expected) -> Option<AoutFinding> {
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
    let expected = Expected::Exactly(crate::types::FileType::SPLITID.word().into());
    let finding = AoutRule::UnknownCpu.in_header(AoutField::Type, header.file_type.word().into(), expected);
    header.file_type.cpu.name().is_none().then_some(finding)
}

fn unknown_version(header: &Header) -> Option<AoutFinding> {
    judge(AoutRule::UnknownVersion, AoutField::Version, header.version.into(), Expected::Either(0, 1))
}

fn no_text(header: &Header) -> Option<AoutFinding> {
    judge(AoutRule::NoText, AoutField::Tseg, header.tseg.into(), Expected::AtLeast(1))
}

fn entry_outside_text(header: &Header) -> Option<AoutFinding> {
    let last = header.tseg.checked_sub(1)?;
    judge(AoutRule::EntryOutsideText, AoutField::Entry, header.entry.into(), Expected::AtMost(last.into()))
}

fn is_compressed(header: &Header, section: Section) -> bool {
    header.stored_size(section) != plain_size(header, section)
}

fn plain_size(header: &Header, section: Section) -> u32 {
    match section {
        Section::Text => header.tseg,
        Section::FarText => header.supplement.ftseg,
        Section::Data => header.dseg,
        _ => header.stored_size(section),
    }
}

fn section_past_eof(header: &Header, file_len: u64, section: Section) -> Option<AoutFinding> {
    let room = file_len.saturating_sub(header.offset_of(section));
    let field = AoutField::stored_size_of(section, is_compressed(header, section));
    let found = header.stored_size(section).into();
    judge(AoutRule::SectionPastEof(section), field, found, Expected::AtMost(room))
}

fn ragged_relocations(header: &Header, section: Section) -> Option<AoutFinding> {
    let table = section.relocations()?;
    let field = AoutField::stored_size_of(table, false);
    let found = header.stored_size(table).into();
    judge(AoutRule::RaggedRelocations(table), field, found, Expected::MultipleOf(RELOCATION_SIZE as u64))
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
    judge(AoutRule::CutTo16Bits, field, found, Expected::AtMost(u16::MAX.into()))
}

fn compressed(header: &Header, section: Section) -> Option<AoutFinding> {
    let stored = u32::from(match section {
        Section::Text => header.supplement.compr_tseg,
        Section::FarText => header.supplement.compr_ftseg,
        _ => header.supplement.compr_dseg,
    });
    let plain = plain_size(header, section);
    let field = AoutField::stored_size_of(section, true);
    if stored == 0 {
        return None;
    }
    if plain == 0 {
        return judge(AoutRule::EmptyCompressed(section), field, stored.into(), Expected::Exactly(0));
    }
    judge(
        AoutRule::NotShorter(section),
        field,
        stored.into(),
        Expected::AtMost(plain.saturating_sub(1).into()),
    )
}

fn in_relocation(
    rule: AoutRule,
    field: AoutField,
    offset: u64,
    found: u64,
    expected: Expected,
) -> Option<AoutFinding> {
    (!expected.allows(found)).then_some(AoutFinding { rule, field, offset, found, expected })
}

fn relocation_type(_: &Header, section: Section, at: u64, relocation: Relocation) -> Option<AoutFinding> {
    let expected = Expected::Exactly(RelocationType::SEGWORD.0.into());
    let field = AoutField::RelocationType(section);
    in_relocation(AoutRule::RelocationType, field, at.saturating_add(6), relocation.kind.0.into(), expected)
}

fn relocation_target(_: &Header, section: Section, at: u64, relocation: Relocation) -> Option<AoutFinding> {
    let known = matches!(relocation.symndx, SymbolIndex::TEXT | SymbolIndex::DATA | SymbolIndex::FTEXT);
    let expected = Expected::Either(SymbolIndex::TEXT.0.into(), SymbolIndex::DATA.0.into());
    let finding = AoutFinding {
        rule: AoutRule::RelocationTarget,
        field: AoutField::RelocationSymndx(section),
        offset: at.saturating_add(4),
        found: relocation.symndx.0.into(),
        expected,
    };
    (!known).then_some(finding)
}

fn relocation_place(
    header: &Header,
    section: Section,
    at: u64,
    relocation: Relocation,
) -> Option<AoutFinding> {
    // The word is two bytes long: a section of one byte or none has no place for it.
    let last = i64::from(plain_size(header, section)).saturating_sub(2);
    let expected = Expected::AtMost(u64::try_from(last).unwrap_or_default());
    let finding = AoutFinding {
        rule: AoutRule::RelocationPlace,
        field: AoutField::RelocationVaddr(section),
        offset: at,
        found: relocation.vaddr.into(),
        expected,
    };
    (i64::from(relocation.vaddr) > last).then_some(finding)
}

fn no_far_text(header: &Header, section: Section, at: u64, relocation: Relocation) -> Option<AoutFinding> {
    let finding = AoutFinding {
        rule: AoutRule::NoFarText,
        field: AoutField::RelocationSymndx(section),
        offset: at.saturating_add(4),
        found: relocation.symndx.0.into(),
        expected: Expected::Either(SymbolIndex::TEXT.0.into(), SymbolIndex::DATA.0.into()),
    };
    (relocation.symndx == SymbolIndex::FTEXT && header.supplement.ftseg == 0).then_some(finding)
}

/// What compressed sections need against what ELKS gives them. Nothing for a file that ELKS refuses by its header.
fn no_room_to_expand(image: &Image<'_>) -> impl Iterator<Item = AoutFinding> + use<> {
    let header = *image.header();
    let program = elks::Program::new(image.bytes(), elks::Options::default()).ok();
    let layout = program.map(|program| *program.layout());
    let stored = layout.into_iter().flat_map(move |layout| {
        Section::LOADED.into_iter().filter_map(move |section| {
            let area = layout.area(section);
            let rule = AoutRule::StoredBeyondAllocation(section);
            let field = AoutField::stored_size_of(section, true);
            let found = header.stored_size(section).into();
            let finding = judge(rule, field, found, Expected::AtMost(area.into()));
            finding.filter(|_| is_compressed(&header, section))
        })
    });
    let expanding = layout.filter(|_| header.supplement.compr_dseg != 0 && header.dseg != 0);
    let expanding = expanding.and_then(|layout| {
        let needed = u64::from(header.dseg).saturating_add(elks::SAFETY_DISTANCE.into());
        judge(AoutRule::NoRoomToExpand, AoutField::Dseg, needed, Expected::AtMost(layout.data_len.into()))
    });
    stored.chain(expanding)
}

fn symbols(image: &Image<'_>) -> Option<AoutFinding> {
    let table = image.section(Section::Symbols);
    let (offset, found) = (image.header().offset_of(Section::Symbols), table.len() as u64);
    let (rule, expected) = match SymbolFormat::of(table) {
        SymbolFormat::Unknown => {
            (AoutRule::UnknownSymbols, Expected::MultipleOf(crate::nlist::NLIST_SIZE as u64))
        }
        SymbolFormat::Elks if table.len() > MAX_ELKS_TABLE => {
            (AoutRule::LongSymbols, Expected::AtMost(MAX_ELKS_TABLE as u64))
        }
        _ => return None,
    };
    Some(AoutFinding { rule, field: AoutField::SymbolTable, offset, found, expected })
}

fn trailing_bytes(image: &Image<'_>) -> Option<AoutFinding> {
    let end = image.header().end_of_sections();
    let found = image.bytes().len() as u64;
    let finding = AoutFinding {
        rule: AoutRule::TrailingBytes,
        field: AoutField::FileLength,
        offset: end.min(found),
        found,
        expected: Expected::Exactly(end),
    };
    (found > end).then_some(finding)
}
