//! The rules as functions of the header and the file's length: one list for parser, builder and checker.
//!
//! Sources: 411 distinct real NOFF files and three real Nachos kernels, run. The other fields of an empty
//! segment are never checked (300 of 329 files hold stack leftovers there), nor is the `in_file_addr` of
//! `uninitData`.
//!
//! A rule is a guard and what to report when the guard fails. All checking goes through [`walk`], which is
//! inlined into its two users: the parser, which only needs to know whether a rule of error severity is
//! broken, so only the guards of errors remain in it; and [`check`], which reports each finding.

use core::ops::ControlFlow;

use execfmt_common::{Expected, Severity};

use crate::header::{Header, Layout};
use crate::rules::{NoffField, NoffFinding, NoffRule, facts};
use crate::segment::{SegmentField, SegmentHeader, SegmentKind};

/// Maximum number of bytes by which `uninitData` may begin before the end of `initData`: converters round
/// sizes up to a multiple of 16, but not the address of what follows. Two of 329 real files are like this.
pub const MAX_PADDING: u32 = 15;

/// The highest end address among 411 known real programs. Above it [`check`] warns.
pub const LARGEST_KNOWN_END: u32 = 0xc248;

/// The addresses at which known kernels start programs: 0 in most, 0x80 in one family.
pub const KNOWN_STARTS: [u32; 2] = [0, 0x80];

/// Checks a header by every rule, and returns the errors and warnings in the order of the segments.
///
/// `file_len` is the length of the whole file in bytes. The iterator allocates nothing and ends after a
/// bounded number of steps.
///
/// ```
/// let mut file = [0; 44];
/// file[..4].copy_from_slice(&noff::MAGIC.to_le_bytes());
/// file[8] = 40; // code.in_file_addr
/// file[12] = 80; // code.size, beyond the end of the file
/// let header = noff::Header::parse(&file, 44, None).unwrap();
/// let finding = noff::check(&header, 44).next().unwrap();
/// assert_eq!(finding.offset, 12);
/// assert_eq!(finding.found, 80);
/// assert_eq!(finding.expected.bound(), 4);
/// ```
pub fn check(header: &Header, file_len: u32) -> impl Iterator<Item = NoffFinding> + '_ {
    let mut next = 0;
    core::iter::from_fn(move || {
        let finding = nth(header, file_len, Severity::Warning, next);
        next = next.saturating_add(1);
        finding
    })
}

/// The first finding of at least the given severity.
pub(crate) fn first(header: &Header, file_len: u32, least: Severity) -> Option<NoffFinding> {
    nth(header, file_len, least, 0)
}

/// Of the findings of at least the given severity, the one after `skip` others. A header has a few dozen at
/// most, so walking again for each is bounded.
#[cold]
#[inline(never)]
fn nth(header: &Header, file_len: u32, least: Severity, mut skip: u32) -> Option<NoffFinding> {
    let breach = walk::<true, _>(Subject { header, file_len }, |breach| {
        if breach.rule.severity() < least {
            return ControlFlow::Continue(());
        }
        match skip.checked_sub(1) {
            None => ControlFlow::Break(breach),
            Some(rest) => {
                skip = rest;
                ControlFlow::Continue(())
            }
        }
    });
    breach.break_value().map(|breach| breach.finding(header.layout))
}

/// One past the highest address of a header that breaks no rule of error severity; `None` for any other
/// header.
#[inline(always)]
pub(crate) fn valid_end(header: &Header, file_len: u32) -> Option<u32> {
    let subject = Subject { header, file_len };
    let stop = |breach: Breach| {
        if breach.rule.is_error() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match walk::<false, _>(subject, stop) {
        ControlFlow::Break(()) => None,
        ControlFlow::Continue(()) => {
            let end = |range: Range| if range.is_empty() { 0 } else { range.end() };
            let [code, init, constants, bss] = subject.ranges();
            u32::try_from(end(code).max(end(init)).max(end(constants)).max(end(bss))).ok()
        }
    }
}

/// A broken rule: a finding without the offset of its field, which follows from the layout.
#[derive(Clone, Copy)]
struct Breach {
    rule: NoffRule,
    field: NoffField,
    found: u64,
    expected: Expected,
}

impl Breach {
    fn finding(self, layout: Layout) -> NoffFinding {
        let offset = match self.field {
            NoffField::Segment(kind, field) => layout.field_offset(kind, field).unwrap_or_default(),
            NoffField::NoffMagic => 0,
            NoffField::FileLength => self.found.min(self.expected.bound()),
        };
        self.rule.finding(self.field, offset, self.found, self.expected)
    }
}

/// A segment as the rules see it, with ends that cannot wrap. A segment that the layout lacks has size 0.
#[derive(Clone, Copy)]
struct Range {
    kind: SegmentKind,
    virtual_addr: u32,
    in_file_addr: u32,
    size: u32,
}

impl Range {
    const fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// One past the last address.
    const fn end(&self) -> u64 {
        (self.virtual_addr as u64).wrapping_add(self.size as u64)
    }

    /// One past the file offset of the last byte.
    const fn file_end(&self) -> u64 {
        (self.in_file_addr as u64).wrapping_add(self.size as u64)
    }

    /// True when the end address fits into 32 bits.
    const fn is_addressable(&self) -> bool {
        self.end() <= u32::MAX as u64
    }

    const fn field(&self, field: SegmentField) -> u32 {
        match field {
            SegmentField::VirtualAddr => self.virtual_addr,
            SegmentField::InFileAddr => self.in_file_addr,
            SegmentField::Size => self.size,
        }
    }

    /// A rule broken by a field of the segment.
    #[inline(always)]
    fn breach(self, rule: NoffRule, field: SegmentField, expected: Expected) -> Option<Breach> {
        let found = self.field(field).into();
        Some(Breach { rule, field: NoffField::Segment(self.kind, field), found, expected })
    }

    /// The same, unless the value is allowed.
    #[inline(always)]
    fn expect(self, rule: NoffRule, field: SegmentField, expected: Expected) -> Option<Breach> {
        if expected.allows(self.field(field).into()) { None } else { self.breach(rule, field, expected) }
    }
}

/// The header and file length that are checked.
#[derive(Clone, Copy)]
struct Subject<'a> {
    header: &'a Header,
    file_len: u32,
}

impl Subject<'_> {
    #[inline(always)]
    const fn range(&self, kind: SegmentKind) -> Range {
        let absent = matches!((kind, self.header.layout), (SegmentKind::ReadonlyData, Layout::Three));
        let SegmentHeader { virtual_addr, in_file_addr, size } = self.header.segment(kind);
        Range { kind, virtual_addr, in_file_addr, size: if absent { 0 } else { size } }
    }

    #[inline(always)]
    const fn header_size(&self) -> u32 {
        self.header.layout.header_size()
    }

    #[inline(always)]
    const fn ranges(&self) -> [Range; 4] {
        [
            self.range(SegmentKind::Code),
            self.range(SegmentKind::InitData),
            self.range(SegmentKind::ReadonlyData),
            self.range(SegmentKind::UninitData),
        ]
    }
}

fn non_empty(ranges: &[Range; 4]) -> impl Iterator<Item = &Range> {
    ranges.iter().filter(|range| !range.is_empty())
}

/// The segment with the highest end address.
#[inline(never)]
fn highest(ranges: &[Range; 4]) -> Option<&Range> {
    non_empty(ranges).filter(|range| range.is_addressable()).max_by_key(|range| range.end())
}

/// Checks a header by every rule, in order, and passes each breach to the receiver until it breaks.
///
/// Without `WARNINGS`, rules of that severity are removed at compile time: the severity is a constant
/// condition at each site. Segments are then checked in straight-line code and passed by value, which keeps
/// them in registers.
#[inline(always)]
fn walk<const WARNINGS: bool, B>(
    subject: Subject<'_>,
    mut found: impl FnMut(Breach) -> ControlFlow<B>,
) -> ControlFlow<B> {
    macro_rules! rules {
        ([$($rule:ident: $function:ident),+], $($argument:expr),+) => {
            rules!(@ [$($rule: $function),+], ($($argument),+))
        };
        (@ [$($rule:ident: $function:ident),+], $arguments:tt) => {
            $(if WARNINGS || const { matches!(facts::severity::$rule, Severity::Error) } {
                if let Some(breach) = $function $arguments { found(breach)?; }
            })+
        };
    }
    macro_rules! each {
        ($($range:expr)+) => {
            $(let range = $range;
            if !range.is_empty() {
                rules!([
                    AddressOverflow: address_overflow,
                    SegmentPastEof: past_eof,
                    HeaderOverlap: header_overlap,
                    MisalignedSize: misaligned_size,
                    MisalignedAddress: misaligned_address
                ], subject, range);
            })+
        };
    }
    macro_rules! pair {
        ($($first:expr, $second:expr;)+) => {
            $(let (first, second) = ($first, $second);
            if !first.is_empty() && !second.is_empty() {
                rules!([
                    SegmentsOverlap: segments_overlap,
                    FileRangesOverlap: file_ranges_overlap
                ], first, second);
            })+
        };
    }
    let ranges = subject.ranges();
    if WARNINGS {
        for range in ranges {
            each!(range);
        }
        for (index, &second) in ranges.iter().enumerate() {
            for &first in ranges.iter().take(index) {
                pair!(first, second;);
            }
        }
    } else {
        let [code, init, constants, bss] = ranges;
        each!(code init constants bss);
        pair!(code, init; code, constants; init, constants; code, bss; init, bss; constants, bss;);
    }
    rules!([
        CodeNotAtStart: code_start,
        LayoutContradicted: layout_contradicted,
        TrailingBytes: trailing_bytes,
        MemoryGap: memory_gap,
        LargeProgram: large_program
    ], subject, &ranges);
    ControlFlow::Continue(())
}

#[inline(always)]
fn address_overflow(_: Subject<'_>, range: Range) -> Option<Breach> {
    if range.is_addressable() {
        return None;
    }
    let room = u32::MAX.wrapping_sub(range.virtual_addr);
    range.breach(NoffRule::AddressOverflow, SegmentField::Size, Expected::AtMost(room.into()))
}

#[inline(always)]
fn past_eof(subject: Subject<'_>, range: Range) -> Option<Breach> {
    if !range.kind.is_file_backed() || range.file_end() <= subject.file_len.into() {
        return None;
    }
    let (field, bound) = match subject.file_len.checked_sub(range.in_file_addr) {
        None => (SegmentField::InFileAddr, subject.file_len),
        Some(rest) => (SegmentField::Size, rest),
    };
    range.breach(NoffRule::SegmentPastEof, field, Expected::AtMost(bound.into()))
}

#[inline(always)]
fn header_overlap(subject: Subject<'_>, range: Range) -> Option<Breach> {
    if !range.kind.is_file_backed() {
        return None;
    }
    let expected = Expected::AtLeast(subject.header_size().into());
    range.expect(NoffRule::HeaderOverlap, SegmentField::InFileAddr, expected)
}

#[inline(always)]
fn misaligned_size(_: Subject<'_>, range: Range) -> Option<Breach> {
    range.expect(NoffRule::MisalignedSize, SegmentField::Size, Expected::MultipleOf(16))
}

#[inline(always)]
fn misaligned_address(_: Subject<'_>, range: Range) -> Option<Breach> {
    range.expect(NoffRule::MisalignedAddress, SegmentField::VirtualAddr, Expected::MultipleOf(4))
}

/// Two ranges, sorted by address.
const fn in_order(first: Range, second: Range, second_above: bool) -> (Range, Range) {
    if second_above { (first, second) } else { (second, first) }
}

#[inline(always)]
fn segments_overlap(first: Range, second: Range) -> Option<Breach> {
    let apart =
        u64::from(second.virtual_addr) >= first.end() || u64::from(first.virtual_addr) >= second.end();
    if apart || !first.is_addressable() || !second.is_addressable() {
        return None;
    }
    let second_above = second.virtual_addr >= first.virtual_addr;
    let (lower, upper) = in_order(first, second, second_above);
    let padding =
        second_above && matches!((first.kind, second.kind), (SegmentKind::InitData, SegmentKind::UninitData));
    // bss may begin within the padding; how much of it lies there does not matter.
    let room = lower.end().saturating_sub(upper.virtual_addr.into());
    let rule = if padding && room <= MAX_PADDING.into() {
        NoffRule::PaddingOverlap
    } else {
        NoffRule::SegmentsOverlap(lower.kind)
    };
    upper.breach(rule, SegmentField::VirtualAddr, Expected::AtLeast(lower.end()))
}

#[inline(always)]
fn file_ranges_overlap(first: Range, second: Range) -> Option<Breach> {
    if !first.kind.is_file_backed() || !second.kind.is_file_backed() {
        return None;
    }
    if u64::from(second.in_file_addr) >= first.file_end()
        || u64::from(first.in_file_addr) >= second.file_end()
    {
        return None;
    }
    let (lower, upper) = in_order(first, second, second.in_file_addr >= first.in_file_addr);
    let rule = NoffRule::FileRangesOverlap(lower.kind);
    upper.breach(rule, SegmentField::InFileAddr, Expected::AtLeast(lower.file_end()))
}

#[inline(always)]
fn code_start(_: Subject<'_>, ranges: &[Range; 4]) -> Option<Breach> {
    let [code, ..] = *ranges;
    if code.is_empty() {
        return code.breach(NoffRule::NoCode, SegmentField::Size, Expected::AtLeast(4));
    }
    let [usual, other] = KNOWN_STARTS;
    let expected = Expected::Either(usual.into(), other.into());
    code.expect(NoffRule::CodeNotAtStart, SegmentField::VirtualAddr, expected)
}

#[inline(always)]
fn layout_contradicted(subject: Subject<'_>, ranges: &[Range; 4]) -> Option<Breach> {
    let in_file = non_empty(ranges).filter(|range| range.kind.is_file_backed());
    let lowest = in_file.min_by_key(|range| range.in_file_addr)?;
    let expected = Expected::Exactly(subject.header_size().into());
    lowest.expect(NoffRule::LayoutContradicted, SegmentField::InFileAddr, expected)
}

#[inline(always)]
fn trailing_bytes(subject: Subject<'_>, ranges: &[Range; 4]) -> Option<Breach> {
    let in_file = non_empty(ranges).filter(|range| range.kind.is_file_backed());
    let end = in_file.fold(subject.header_size().into(), |end, range| range.file_end().max(end));
    let found = u64::from(subject.file_len);
    if found <= end {
        return None;
    }
    let (rule, field) = (NoffRule::TrailingBytes, NoffField::FileLength);
    Some(Breach { rule, field, found, expected: Expected::Exactly(end) })
}

#[inline(always)]
fn memory_gap(_: Subject<'_>, ranges: &[Range; 4]) -> Option<Breach> {
    let highest = highest(ranges)?;
    let sum = non_empty(ranges).fold(0_u64, |sum, range| sum.saturating_add(range.size.into()));
    if sum >= highest.end() {
        return None;
    }
    let (rule, field) = (NoffRule::MemoryGap, NoffField::Segment(highest.kind, SegmentField::VirtualAddr));
    Some(Breach { rule, field, found: sum, expected: Expected::AtLeast(highest.end()) })
}

#[inline(always)]
fn large_program(_: Subject<'_>, ranges: &[Range; 4]) -> Option<Breach> {
    let highest = highest(ranges)?;
    let expected = Expected::AtMost(LARGEST_KNOWN_END.into());
    if expected.allows(highest.end()) {
        return None;
    }
    let (rule, field) = (NoffRule::LargeProgram, NoffField::Segment(highest.kind, SegmentField::Size));
    Some(Breach { rule, field, found: highest.end(), expected })
}
