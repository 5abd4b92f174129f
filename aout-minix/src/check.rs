//! The rules that the rest of a file can break: relocations, the room for decompression, symbols.
//!
//! What ELKS itself refuses is reported by [`elks`](crate::elks), with the errno. These rules cover what
//! loaders handle incorrectly without reporting it.

use execfmt_common::Expected;

use crate::codec::IN_PLACE_MARGIN;
use crate::elks;
use crate::elks_symbol::MAX_ELKS_TABLE;
use crate::field::AoutField;
use crate::header::Header;
use crate::header_check::{check_header, unless_allowed};
use crate::image::Image;
use crate::nlist::NLIST_SIZE;
use crate::relocation::{RELOCATION_SIZE, Relocation, RelocationType, SymbolIndex};
use crate::rules::{AoutFinding, AoutRule};
use crate::section::Section;
use crate::symbols::SymbolFormat;

/// Checks a whole file: [`check_header`], then every relocation, the memory that compressed sections need,
/// the symbol table, and trailing bytes. Takes time proportional to the file's length.
///
/// The memory is that of ELKS with the default [`Options`](elks::Options). Whether compressed sections can be
/// decompressed, and whether a kernel runs the file, is determined by [`check_bytes`](crate::check_bytes).
///
/// ```
/// use aout_minix::{AoutRule, Builder, FileType, Relocation, SymbolIndex};
///
/// let mut file = [0; 80];
/// // ELKS would overwrite a word after the text, whatever it belongs to.
/// let outside = [Relocation::segword(100, SymbolIndex::DATA)];
/// let built = Builder::new(FileType::SPLITID).text(&[0x90; 4]).text_relocations(&outside).write_to(&mut file)?;
/// let image = aout_minix::Image::parse(&file[..built])?;
/// let finding = aout_minix::check(&image).next().unwrap();
/// assert_eq!((finding.rule, finding.offset, finding.found), (AoutRule::RelocationPlace, 52, 100));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn check<'a>(image: &'a Image<'_>) -> impl Iterator<Item = AoutFinding> + 'a {
    check_for(image, elks::Options::default())
}

/// Like [`check`], with the memory that ELKS provides under other options.
pub(crate) fn check_for<'a>(
    image: &'a Image<'_>,
    options: elks::Options,
) -> impl Iterator<Item = AoutFinding> + 'a {
    let header = check_header(image.header(), image.bytes().len() as u64);
    let relocations = Section::LOADED.into_iter().flat_map(move |section| {
        let table = section.relocations().map(|table| image.header().offset_of(table)).unwrap_or_default();
        let offsets =
            (0_u64..).map(move |index| table.saturating_add(index.saturating_mul(RELOCATION_SIZE as u64)));
        // A partial record at the end is reported by `check_header`.
        let relocations = offsets.zip(image.relocations(section).map_while(Result::ok));
        relocations.flat_map(move |(offset, relocation)| {
            RELOCATION_RULES
                .into_iter()
                .filter_map(move |rule| rule(&Placed { header: image.header(), section, offset, relocation }))
        })
    });
    header
        .chain(relocations)
        .chain(no_room_to_expand(image, options))
        .chain(symbols(image))
        .chain(trailing_bytes(image))
}

/// A relocation with the facts that its rules need.
struct Placed<'a> {
    header: &'a Header,
    /// The section that it changes.
    section: Section,
    /// File offset of its record, in bytes.
    offset: u64,
    relocation: Relocation,
}

impl Placed<'_> {
    fn finding(&self, rule: AoutRule, field: AoutField, found: u64, expected: Expected) -> AoutFinding {
        let offset = self.offset.saturating_add(field.record_offset());
        AoutFinding { rule, field, offset, found, expected }
    }
}

const RELOCATION_RULES: [fn(&Placed<'_>) -> Option<AoutFinding>; 4] =
    [relocation_type, relocation_target, relocation_place, no_far_text];

const SEGMENTS: Expected = Expected::Either(SymbolIndex::TEXT.0 as u64, SymbolIndex::DATA.0 as u64);

fn relocation_type(placed: &Placed<'_>) -> Option<AoutFinding> {
    let expected = Expected::Exactly(RelocationType::SEGWORD.0.into());
    let field = AoutField::RelocationType(placed.section);
    let found = placed.relocation.kind.0.into();
    (!expected.allows(found)).then(|| placed.finding(AoutRule::RelocationType, field, found, expected))
}

fn relocation_target(placed: &Placed<'_>) -> Option<AoutFinding> {
    let target = placed.relocation.symndx;
    let known = matches!(target, SymbolIndex::TEXT | SymbolIndex::DATA | SymbolIndex::FTEXT);
    let field = AoutField::RelocationSymndx(placed.section);
    (!known).then(|| placed.finding(AoutRule::RelocationTarget, field, target.0.into(), SEGMENTS))
}

fn relocation_place(placed: &Placed<'_>) -> Option<AoutFinding> {
    // The word is two bytes long: a section of at most one byte has no room for it.
    let last = placed.header.sizes(placed.section).uncompressed.checked_sub(2);
    let found = placed.relocation.vaddr.into();
    let expected = last.map_or(Expected::AnythingBut(found), |last| Expected::AtMost(last.into()));
    let field = AoutField::RelocationVaddr(placed.section);
    (!expected.allows(found)).then(|| placed.finding(AoutRule::RelocationPlace, field, found, expected))
}

fn no_far_text(placed: &Placed<'_>) -> Option<AoutFinding> {
    let target = placed.relocation.symndx;
    let missing = target == SymbolIndex::FTEXT && placed.header.supplement.ftseg == 0;
    let field = AoutField::RelocationSymndx(placed.section);
    missing.then(|| placed.finding(AoutRule::NoFarText, field, target.0.into(), SEGMENTS))
}

/// The memory that compressed sections need, compared with what ELKS gives them. Nothing is reported for a
/// file that ELKS refuses by its header.
fn no_room_to_expand(image: &Image<'_>, options: elks::Options) -> impl Iterator<Item = AoutFinding> + use<> {
    let header = *image.header();
    let program = elks::Program::new(image.bytes(), options).ok();
    let layout = program.map(|program| *program.layout());
    let stored = layout.into_iter().flat_map(move |layout| {
        Section::LOADED.into_iter().filter(move |&section| header.sizes(section).is_compressed).filter_map(
            move |section| {
                let field = AoutField::stored_size_of(section, true);
                let found = header.stored_size(section).into();
                let expected = Expected::AtMost(layout.area(section).into());
                unless_allowed(AoutRule::StoredBeyondAllocation(section), field, found, expected)
            },
        )
    });
    let data = header.sizes(Section::Data);
    let expanding = layout.filter(|layout| data.is_compressed && layout.data != 0);
    let expanding = expanding.and_then(|layout| {
        // As the kernel computes it: a size beyond 16 bits is reported separately.
        let needed = u64::from(layout.data).saturating_add(IN_PLACE_MARGIN as u64);
        let expected = Expected::AtMost(layout.data_len.into());
        unless_allowed(AoutRule::NoRoomToExpand, AoutField::Dseg, needed, expected)
    });
    stored.chain(expanding)
}

fn symbols(image: &Image<'_>) -> Option<AoutFinding> {
    let table = image.section(Section::Symbols);
    let (offset, found) = (image.header().offset_of(Section::Symbols), table.len() as u64);
    let (rule, expected) = match SymbolFormat::of(table) {
        SymbolFormat::Unknown => (AoutRule::UnknownSymbols, Expected::MultipleOf(NLIST_SIZE as u64)),
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
