//! The rules, each a small function of the header and the file's length. One table for parser, builder and
//! checker.
//!
//! Sources: measured on 329 distinct real NOFF files and by running three real Nachos kernels. Fields of an empty
//! segment are never judged (300 of the 329 hold stack leftovers there), nor is the `in_file_addr` of
//! `uninitData`.

use execfmt_common::Expected;

use crate::error::{NoffField, NoffFinding, NoffRule};
use crate::header::Header;
use crate::segment::{SegmentField, SegmentHeader, SegmentKind};

/// The most bytes by which `uninitData` may begin within `initData`: converters round sizes up to 16, but not the
/// address of what follows. Two of 329 real files are so.
pub const MAX_PADDING: u32 = 15;

/// The highest end address of a known real program. Above it the checker warns.
pub const LARGEST_KNOWN_END: u32 = 0x7c68;

/// Judges a header: every rule that it breaks, errors and warnings, in the order of the segments.
///
/// `file_len` is the length of the whole file in bytes. The iterator allocates nothing and ends after a fixed
/// number of steps.
///
/// ```
/// let mut file = [0; 44];
/// file[..4].copy_from_slice(&noff::MAGIC.to_le_bytes());
/// file[8] = 40; // code.in_file_addr
/// file[12] = 80; // code.size, beyond the end of the file
/// let header = noff::read_header(&file, 44, None).unwrap();
/// let finding = noff::check(&header, 44).next().unwrap();
/// assert_eq!(finding.offset, 12);
/// assert_eq!(finding.found, 80);
/// assert_eq!(finding.expected.bound(), 4);
/// ```
pub fn check(header: &Header, file_len: u32) -> impl Iterator<Item = NoffFinding> + '_ {
    let subject = Subject { header, file_len };
    let each = header
        .non_empty()
        .flat_map(move |segment| SEGMENT_RULES.iter().filter_map(move |rule| rule(&subject, segment)));
    let pairs = header.non_empty().flat_map(move |second| {
        let firsts = header.non_empty().take_while(move |&first| first != second);
        firsts.flat_map(move |first| PAIR_RULES.iter().filter_map(move |rule| rule(&subject, first, second)))
    });
    let whole = WHOLE_RULES.iter().filter_map(move |rule| rule(&subject));
    each.chain(pairs).chain(whole)
}

#[derive(Clone, Copy)]
struct Subject<'a> {
    header: &'a Header,
    file_len: u32,
}

type Named = (SegmentKind, SegmentHeader);

type SegmentRule = fn(&Subject<'_>, Named) -> Option<NoffFinding>;
type PairRule = fn(&Subject<'_>, Named, Named) -> Option<NoffFinding>;
type WholeRule = fn(&Subject<'_>) -> Option<NoffFinding>;

const SEGMENT_RULES: [SegmentRule; 5] =
    [address_overflow, past_eof, header_overlap, ragged_size, unaligned_address];

const PAIR_RULES: [PairRule; 2] = [segments_overlap, file_ranges_overlap];

const WHOLE_RULES: [WholeRule; 5] =
    [code_place, layout_contradicted, trailing_bytes, memory_gap, large_program];

impl Subject<'_> {
    /// A finding in a segment's field, unless the value found is allowed.
    fn judge(
        &self,
        rule: NoffRule,
        (kind, segment): Named,
        field: SegmentField,
        expected: Expected,
    ) -> Option<NoffFinding> {
        let found = u64::from(match field {
            SegmentField::VirtualAddr => segment.virtual_addr,
            SegmentField::InFileAddr => segment.in_file_addr,
            SegmentField::Size => segment.size,
        });
        let offset = self.header.layout.field_offset(kind, field)?;
        let finding = rule.finding(NoffField::Segment(kind, field), offset, found, expected);
        (!expected.allows(found)).then_some(finding)
    }
}

fn address_overflow(subject: &Subject<'_>, segment: Named) -> Option<NoffFinding> {
    let room = u32::MAX.wrapping_sub(segment.1.virtual_addr);
    let expected = Expected::AtMost(room.into());
    subject.judge(NoffRule::AddressOverflow, segment, SegmentField::Size, expected)
}

fn past_eof(subject: &Subject<'_>, segment: Named) -> Option<NoffFinding> {
    if !segment.0.is_file_backed() {
        return None;
    }
    let (field, bound) = match subject.file_len.checked_sub(segment.1.in_file_addr) {
        None => (SegmentField::InFileAddr, subject.file_len),
        Some(rest) => (SegmentField::Size, rest),
    };
    subject.judge(NoffRule::SegmentPastEof, segment, field, Expected::AtMost(bound.into()))
}

fn header_overlap(subject: &Subject<'_>, segment: Named) -> Option<NoffFinding> {
    let expected = Expected::AtLeast(subject.header.layout.header_size().into());
    segment.0.is_file_backed().then_some(())?;
    subject.judge(NoffRule::HeaderOverlap, segment, SegmentField::InFileAddr, expected)
}

fn ragged_size(subject: &Subject<'_>, segment: Named) -> Option<NoffFinding> {
    subject.judge(NoffRule::RaggedSize, segment, SegmentField::Size, Expected::MultipleOf(16))
}

fn unaligned_address(subject: &Subject<'_>, segment: Named) -> Option<NoffFinding> {
    subject.judge(NoffRule::UnalignedAddress, segment, SegmentField::VirtualAddr, Expected::MultipleOf(4))
}

/// The end of the lower of two ranges that overlap, and whether the second is the upper one.
fn overlap(first: (u64, u64), second: (u64, u64)) -> Option<(bool, u64, u64)> {
    let second_above = second.0 >= first.0;
    let (lower, upper) = if second_above { (first, second) } else { (second, first) };
    let length = lower.1.min(upper.1).saturating_sub(upper.0);
    (length > 0).then_some((second_above, lower.1, length))
}

fn segments_overlap(subject: &Subject<'_>, first: Named, second: Named) -> Option<NoffFinding> {
    let range = |segment: SegmentHeader| Some((segment.virtual_addr.into(), segment.memory_end()?.into()));
    let (second_above, bound, length) = overlap(range(first.1)?, range(second.1)?)?;
    let (lower, upper) = if second_above { (first, second) } else { (second, first) };
    let padding = second_above && (first.0, second.0) == (SegmentKind::InitData, SegmentKind::UninitData);
    let rule = if padding && length <= MAX_PADDING.into() {
        NoffRule::PaddingOverlap
    } else {
        NoffRule::SegmentsOverlap(lower.0)
    };
    subject.judge(rule, upper, SegmentField::VirtualAddr, Expected::AtLeast(bound))
}

fn file_ranges_overlap(subject: &Subject<'_>, first: Named, second: Named) -> Option<NoffFinding> {
    (first.0.is_file_backed() && second.0.is_file_backed()).then_some(())?;
    let range = |segment: SegmentHeader| (segment.in_file_addr.into(), segment.file_end());
    let (second_above, bound, _) = overlap(range(first.1), range(second.1))?;
    let (lower, upper) = if second_above { (first, second) } else { (second, first) };
    let rule = NoffRule::FileRangesOverlap(lower.0);
    subject.judge(rule, upper, SegmentField::InFileAddr, Expected::AtLeast(bound))
}

fn code_place(subject: &Subject<'_>) -> Option<NoffFinding> {
    let code = (SegmentKind::Code, subject.header.code);
    if code.1.size == 0 {
        return subject.judge(NoffRule::NoCode, code, SegmentField::Size, Expected::AtLeast(4));
    }
    subject.judge(NoffRule::CodeNotAtZero, code, SegmentField::VirtualAddr, Expected::Exactly(0))
}

fn layout_contradicted(subject: &Subject<'_>) -> Option<NoffFinding> {
    let (kind, _) = subject.header.payload_start()?;
    let segment = (kind, subject.header.segment(kind));
    let expected = Expected::Exactly(subject.header.layout.header_size().into());
    subject.judge(NoffRule::LayoutContradicted, segment, SegmentField::InFileAddr, expected)
}

fn trailing_bytes(subject: &Subject<'_>) -> Option<NoffFinding> {
    let header_end = u64::from(subject.header.layout.header_size());
    let end = subject.header.file_backed().map(|(_, segment)| segment.file_end()).fold(header_end, u64::max);
    let found = u64::from(subject.file_len);
    let finding =
        NoffRule::TrailingBytes.finding(NoffField::FileLength, end.min(found), found, Expected::Exactly(end));
    (found > end).then_some(finding)
}

/// The segment that reaches highest, and its end.
fn highest(header: &Header) -> Option<(SegmentKind, u64)> {
    let ends = header.non_empty().filter_map(|(kind, segment)| Some((kind, segment.memory_end()?.into())));
    ends.max_by_key(|&(_, end)| end)
}

fn memory_gap(subject: &Subject<'_>) -> Option<NoffFinding> {
    let (kind, end) = highest(subject.header)?;
    let sum = subject.header.non_empty().fold(0_u64, |sum, (_, s)| sum.saturating_add(s.size.into()));
    let offset = subject.header.layout.field_offset(kind, SegmentField::VirtualAddr)?;
    let field = NoffField::Segment(kind, SegmentField::VirtualAddr);
    (sum < end).then_some(NoffRule::MemoryGap.finding(field, offset, sum, Expected::AtLeast(end)))
}

fn large_program(subject: &Subject<'_>) -> Option<NoffFinding> {
    let (kind, end) = highest(subject.header)?;
    let offset = subject.header.layout.field_offset(kind, SegmentField::Size)?;
    let field = NoffField::Segment(kind, SegmentField::Size);
    let expected = Expected::AtMost(LARGEST_KNOWN_END.into());
    (!expected.allows(end)).then_some(NoffRule::LargeProgram.finding(field, offset, end, expected))
}
