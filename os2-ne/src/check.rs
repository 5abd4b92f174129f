//! The errors and warnings that ELKS does not check for.

use execfmt_common::Expected;

use crate::elks::{Layout, MAX_SEGMENTS, Options, SegmentKind, SegmentLayout};
use crate::field::NeField;
use crate::header::Header;
use crate::image::{Image, Segment, segment_flags};
use crate::relocation::{Relocation, Source};
use crate::rules::{NeFinding, NeRule};
use crate::wire::{NE_HEADER_SIZE, SEGMENT_ENTRY_SIZE};

/// Number of segments above which they are no longer compared pairwise: no file for ELKS has that many.
const PAIRS: usize = MAX_SEGMENTS;

/// Reports every error and warning of a file: segments and relocations past its end, and what the kernel does
/// not check.
///
/// `layout` is the memory that ELKS gives the program; without it, rules that depend on memory are skipped.
/// Takes time proportional to the file's length, and allocates nothing.
pub fn faults(
    image: &Image<'_>,
    layout: Option<&Layout>,
    options: Options,
    found: &mut dyn FnMut(NeFinding),
) {
    let header = image.header();
    check_header(header, found);
    let mut words = Words::default();
    for segment in image.segments() {
        check_segment(image, &segment, found);
        let memory = layout.and_then(|layout| layout.segment(segment.number));
        if let Some(memory) = memory {
            check_size(&segment, memory, found);
        }
        if layout.is_some() || usize::from(header.num_segments()) <= MAX_SEGMENTS {
            check_relocations(image, &segment, memory, &mut words, found);
        }
    }
    if let Some((number, offset)) = words.first {
        let field = NeField::Relocation(number, "target_segment");
        found(NeRule::DataSegmentWords.at(field, offset, words.count, Expected::Exactly(0)));
    }
    if let Some(layout) = layout {
        check_layout(image, layout, options, found);
    }
}

/// Reports a finding unless the value is allowed.
fn expect(
    found: &mut dyn FnMut(NeFinding),
    header: &Header,
    rule: NeRule,
    name: &'static str,
    value: impl Into<u64>,
    expected: Expected,
) {
    let value = value.into();
    if !expected.allows(value) {
        found(rule.header(header, name, value, expected));
    }
}

/// The rules of the header that need no memory layout.
fn check_header(header: &Header, found: &mut dyn FnMut(NeFinding)) {
    let (shift, application, program) =
        (header.shift(), header.ne.application_flags, header.ne.program_flags);
    expect(found, header, NeRule::ShiftZero, "shift", shift, Expected::AtLeast(1));
    expect(found, header, NeRule::ShiftLarge, "shift", shift, Expected::AtMost(31));
    let mut flag = |rule, name, flags: u8, mask: u8| {
        expect(&mut *found, header, rule, name, flags, Expected::Exactly((flags & !mask).into()));
    };
    flag(NeRule::LinkErrors, "application_flags", application, 0x20);
    flag(NeRule::Library, "application_flags", application, 0x80);
    flag(NeRule::Processor, "program_flags", program, 0xe0);
    let auto = header.auto_data_segment();
    if header.ss() != 0 {
        expect(found, header, NeRule::OtherStack, "ss", header.ss(), Expected::Exactly(auto.into()));
    }
    expect(found, header, NeRule::SpIgnored, "sp", header.sp(), Expected::Exactly(0));
}

/// The bytes of a segment in the file.
fn range(segment: &Segment<'_>) -> (u64, u64) {
    (segment.offset.into(), segment.end())
}

fn check_segment(image: &Image<'_>, segment: &Segment<'_>, found: &mut dyn FnMut(NeFinding)) {
    let header = image.header();
    for (rule, flag) in [(NeRule::Iterated, segment_flags::ITERATED), (NeRule::Wide, segment_flags::WIDE)] {
        let expected = Expected::Exactly((segment.flags() & !flag).into());
        if !expected.allows(segment.flags().into()) {
            found(rule.segment(segment, "flags", segment.flags(), expected));
        }
    }
    if segment.size() == 0 {
        return;
    }
    if let Err(finding) = segment.bytes() {
        found(finding);
        return;
    }
    let (start, end) = range(segment);
    let table = u64::from(header.segment_table_offset());
    let entries = u64::from(header.num_segments()).saturating_mul(SEGMENT_ENTRY_SIZE as u64);
    let position = u64::from(header.position);
    let headers = [
        (0, crate::wire::MZ_HEADER_SIZE as u64),
        (position, position.saturating_add(NE_HEADER_SIZE as u64)),
        (table, table.saturating_add(entries)),
    ];
    if let Some((_, bound)) = headers.into_iter().rfind(|it| start < it.1 && it.0 < end) {
        found(NeRule::SegmentOnHeaders.segment(segment, "offset", start, Expected::AtLeast(bound)));
    }
    if usize::from(header.num_segments()) <= PAIRS {
        let before = image.segments().take_while(|other| other.number < segment.number);
        let other = before.map(|other| range(&other)).find(|it| it.0 < it.1 && start < it.1 && it.0 < end);
        if let Some((_, bound)) = other {
            found(NeRule::SegmentsOverlap.segment(segment, "offset", start, Expected::AtLeast(bound)));
        }
    }
}

/// The segment has more bytes in the file than in memory.
fn check_size(segment: &Segment<'_>, memory: &SegmentLayout, found: &mut dyn FnMut(NeFinding)) {
    let (size, min_alloc) = (segment.size(), Expected::AtMost(segment.min_alloc().into()));
    let allocated = Expected::AtMost(memory.bytes().into());
    let (rule, expected) = if !allocated.allows(size.into()) {
        (NeRule::WrittenBeyondAllocation, allocated)
    } else if min_alloc.allows(size.into()) {
        return;
    } else if matches!(memory.kind, SegmentKind::Auto | SegmentKind::AutoMarkedCode) {
        (NeRule::HeapOnData, min_alloc)
    } else {
        (NeRule::FileLargerThanMemory, min_alloc)
    };
    found(rule.segment(segment, "size", size, expected));
}

/// One bit for each byte that a relocation changed, in half a segment and a few bytes around it: the stack of
/// a kernel has no room for a whole segment.
struct Changed {
    half: u16,
    bits: [u64; 513],
}

impl Changed {
    const SIZE: u16 = 0x8000;
    /// Number of bytes that a relocation beginning before the half may change in it, and one beginning in it
    /// may change after it.
    const AROUND: u16 = 4;

    /// Whether an offset is in the half.
    fn holds(&self, offset: u16) -> bool {
        offset.wrapping_sub(self.half) < Self::SIZE
    }

    /// Marks a byte; returns true when it was marked before.
    fn mark(&mut self, offset: u16) -> bool {
        let position = offset.wrapping_sub(self.half).wrapping_add(Self::AROUND);
        // Only the lower six bits count.
        let bit = 1_u64.wrapping_shl(position.into());
        let Some(word) = self.bits.get_mut(usize::from(position >> 6)) else { return false };
        let before = *word & bit != 0;
        *word |= bit;
        before
    }
}

/// Relocations that change bytes that another relocation has changed. Offsets wrap around at 64 KiB.
fn check_overlaps(segment: &Segment<'_>, found: &mut dyn FnMut(NeFinding)) {
    for half in [0, Changed::SIZE] {
        let mut changed = Changed { half, bits: [0; 513] };
        for (offset, record) in segment.relocations().map_while(Result::ok) {
            let Ok(relocation) = record.known() else { continue };
            let start = relocation.source_offset;
            let mut overlap = false;
            for byte in 0..relocation.source.width() {
                overlap |= changed.mark(start.wrapping_add(byte));
            }
            if overlap && changed.holds(start) {
                let field = NeField::Relocation(segment.number, "source_offset");
                let expected = Expected::AnythingBut(start.into());
                found(NeRule::RelocationsOverlap.at(field, offset, start.into(), expected));
            }
        }
    }
}

/// The relocations that write the paragraph of a data segment into memory.
#[derive(Default)]
struct Words {
    count: u64,
    /// Segment and file offset of the first.
    first: Option<(u16, u64)>,
}

/// The rules of relocations, and the count of words that name data segments.
fn check_relocations(
    image: &Image<'_>,
    segment: &Segment<'_>,
    memory: Option<&SegmentLayout>,
    words: &mut Words,
    found: &mut dyn FnMut(NeFinding),
) {
    for item in segment.relocations() {
        let (offset, record) = match item {
            Ok(it) => it,
            Err(finding) => {
                found(finding);
                break;
            }
        };
        let Ok(relocation) = record.known() else { continue };
        let at = |rule: NeRule, name, value: u64, expected| {
            rule.at(NeField::Relocation(segment.number, name), offset, value, expected)
        };
        let count = image.header().num_segments();
        let target = relocation.target_segment;
        match image.segment(target.into()).filter(|it| it.number <= count) {
            Some(it) if it.is_data() => {
                words.count = words.count.saturating_add(1);
                words.first = words.first.or(Some((segment.number, offset)));
            }
            Some(_) => {}
            None => {
                let expected =
                    if target == 0 { Expected::AtLeast(1) } else { Expected::AtMost(count.into()) };
                found(at(NeRule::RelocationTarget, "target_segment", target.into(), expected));
            }
        }
        let start = relocation.source_offset;
        let end = u32::from(start).saturating_add(relocation.source.width().into());
        let (in_file, in_memory) =
            (u32::from(segment.size()), memory.map_or(u32::from(segment.size()), SegmentLayout::bytes));
        if end > in_memory {
            let expected = Expected::AtMost(in_memory.into());
            found(at(NeRule::RelocationOutside, "source_offset", end.into(), expected));
        } else if end > in_file {
            let expected = Expected::AtMost(in_file.into());
            found(at(NeRule::RelocationBeyondBytes, "source_offset", end.into(), expected));
        } else if let Some(held) = chain(segment, relocation) {
            found(at(NeRule::Chain, "source_offset", held.into(), Expected::Exactly(CHAIN_END.into())));
        }
    }
    check_overlaps(segment, found);
}

/// The word that ends a chain of relocated words.
const CHAIN_END: u16 = 0xffff;

/// The word that a relocation replaces when it is not additive, unless that is the end of a chain.
fn chain(segment: &Segment<'_>, relocation: Relocation) -> Option<u16> {
    if relocation.source == Source::FarPointer && relocation.additive {
        return None;
    }
    let bytes = segment.available().get(relocation.source_offset.into()..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes)).filter(|&held| held != CHAIN_END)
}

/// The rules that depend on the memory layout.
fn check_layout(image: &Image<'_>, layout: &Layout, options: Options, found: &mut dyn FnMut(NeFinding)) {
    let header = image.header();
    let room = u64::from(u16::MAX).saturating_sub(15);
    expect(found, header, NeRule::SizesWrap, "heap", layout.asked, Expected::AtMost(room));
    let needed = Expected::AtLeast(layout.argument_bytes.into());
    expect(found, header, NeRule::ArgumentsOutside, "heap", layout.t_endseg, needed);
    let data_and_stack = u64::from(layout.endbrk).saturating_add(layout.minstack.into());
    let expected = Expected::AtMost(layout.begstack.into());
    expect(found, header, NeRule::NoHeap, "stack", data_and_stack, expected);
    if let Some(entry) = layout.segment(layout.entry_segment) {
        // The kernel refuses segments without bytes.
        let last = Expected::AtMost(entry.size.saturating_sub(1).into());
        expect(found, header, NeRule::EntryOutside, "ip", layout.entry, last);
        if entry.kind != SegmentKind::Code {
            let number = layout.entry_segment;
            found(NeRule::EntryInData.header(header, "cs", number, Expected::AnythingBut(number.into())));
        }
    }
    if let Some(auto) = image.segment(layout.auto_data_segment).filter(|auto| !auto.is_data()) {
        let expected = Expected::Exactly((auto.flags() | segment_flags::DATA).into());
        found(NeRule::AutoIsCode.segment(&auto, "flags", auto.flags(), expected));
    }
    if options.protected_mode {
        let code = layout.segments().filter(|it| it.kind == SegmentKind::Code).count() as u64;
        expect(found, header, NeRule::ProtectedMode, "num_segments", code, Expected::Exactly(0));
    }
}
