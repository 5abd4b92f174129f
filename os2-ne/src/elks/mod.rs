//! What ELKS does with a file: the rules of its `execve`, in its order, with its errno; the memory that results; and
//! loading.
//!
//! ```text
//!  each segment: an allocation          the auto data segment, data_len
//!           ┌──────────────┐            DS:0         ┌──────────────┐
//!           │ bytes of the │                         │ bytes of the │
//!           │ file         │                         │ file         │
//!           ├──────────────┤ size                    ├──────────────┤ size
//!           │ zeros        │                         │ zeros        │
//!           ├──────────────┤ min_alloc               ├──────────────┤ min_alloc = t_enddata, endbrk
//!           │ up to 15     │                         │ heap       ↓ │
//!           └──────────────┘ paras * 16              │ stack      ↑ │
//!                                                    ├──────────────┤ begstack = SP
//!                                                    │ argc, argv … │
//!                                                    └──────────────┘ data_len = t_endseg
//! ```
//!
//! Source: the loader of the kernel of August 2026, run on 131,500 files.

mod layout;
mod load;
mod rules;

pub use elks_kernel::{INIT_HEAP, INIT_STACK, MIN_ARGUMENT_BYTES};
pub use layout::{Layout, MAX_HEAP, MAX_SEGMENTS, Options, SegmentKind, SegmentLayout};
pub use load::{LoadError, Memory, load};
pub use rules::{ElksRefusal, ElksRule, Errno, Returned, elks_ne_facts};

use elks_kernel::paragraphs_wrapping;
use execfmt_common::Expected;

use crate::field::NeField;
use crate::header::{Header, word};
use crate::image::{Image, Segment};
use crate::rules::NeRule;
use crate::system::System;
use crate::wire::{MZ_HEADER_SIZE, MZ_MAGIC};

/// Bits of the program flags that ELKS looks at.
pub const PROGRAM_MASK: u8 = 0x1f;

/// What ELKS expects in them: data of its own for each instance.
pub const PROGRAM: u8 = 2;

/// The first segment size that the kernel does not allocate, in paragraphs.
const TOO_MANY_PARAS: u16 = 0x1000;

/// A file that ELKS starts.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    image: Image<'a>,
    layout: Layout,
}

impl<'a> Program<'a> {
    /// The file.
    pub const fn image(&self) -> &Image<'a> {
        &self.image
    }

    /// The memory that the program gets.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Checks a file as the kernel does.
///
/// That ELKS starts a program does not say that it runs: see [`faults`](crate::faults).
///
/// # Errors
/// The first rule that the file breaks, with the errno that the kernel returns.
pub fn execve(file: &[u8], options: Options) -> Result<Program<'_>, ElksRefusal> {
    let image = image(file, options)?;
    let layout = layout(&image, options)?;
    for segment in image.segments() {
        contents(&segment)?;
    }
    Ok(Program { image, layout })
}

/// Rules 1 to 5: headers and segment table.
fn image(file: &[u8], options: Options) -> Result<Image<'_>, ElksRefusal> {
    let len = file.len() as u64;
    let length =
        |rule: ElksRule, needed: u64| rule.at(NeField::FileLength, 0, len, Expected::AtLeast(needed));
    let magic = *file.first_chunk().ok_or_else(|| length(ElksRule::Empty, 2))?;
    let e_magic = NeField::Mz("e_magic");
    if magic != MZ_MAGIC {
        return Err(ElksRule::NotMz.at(e_magic, 0, word(magic), Expected::Exactly(word(MZ_MAGIC))));
    }
    if !options.os2 {
        return Err(ElksRule::NotConfigured.at(e_magic, 0, word(magic), Expected::AnythingBut(word(magic))));
    }
    if len < MZ_HEADER_SIZE as u64 {
        return Err(length(ElksRule::MzShort, MZ_HEADER_SIZE as u64));
    }
    let header = Header::parse(file).map_err(|finding| {
        let rule = if finding.rule == NeRule::NotNe { ElksRule::NotNe } else { ElksRule::HeaderShort };
        ElksRefusal {
            rule,
            field: finding.field,
            offset: finding.offset,
            found: finding.found,
            expected: finding.expected,
        }
    })?;
    check_header(&header)?;
    Image::parse(file).map_err(|finding| {
        let rule = ElksRule::SegmentTableShort;
        ElksRefusal {
            rule,
            field: finding.field,
            offset: finding.offset,
            found: finding.found,
            expected: finding.expected,
        }
    })
}

/// Rules 3 and 4.
fn check_header(header: &Header) -> Result<(), ElksRefusal> {
    let must = |rule: ElksRule, name, found: u16, expected: Expected| {
        if expected.allows(found.into()) { Ok(()) } else { Err(rule.header(header, name, found, expected)) }
    };
    let none = Expected::Exactly(0);
    let system = ElksRule::TargetSystem(System::of(header));
    must(system, "target_os", header.target_os().into(), Expected::Exactly(1))?;
    let flags = header.ne.program_flags;
    if flags & PROGRAM_MASK != PROGRAM {
        let expected = Expected::Exactly(u64::from(flags & !PROGRAM_MASK | PROGRAM));
        return Err(ElksRule::ProgramFlags.header(header, "program_flags", flags, expected));
    }
    let auto = header.auto_data_segment();
    must(ElksRule::AutoSegment, "auto_data_segment", auto, Expected::AtLeast(1))?;
    let count = header.num_segments();
    must(ElksRule::AutoSegment, "auto_data_segment", auto, Expected::AtMost(count.into()))?;
    must(ElksRule::Modules, "num_modules", header.num_modules(), none)?;
    must(ElksRule::Movable, "num_movable", header.num_movable(), none)?;
    must(ElksRule::Resources, "num_resources", header.num_resources(), none)?;
    must(ElksRule::TooManySegments, "num_segments", count, Expected::AtMost(MAX_SEGMENTS as u64))
}

/// A number of the header, or its default.
const fn or_default(asked: u16, default: u16) -> u16 {
    if asked == 0 { default } else { asked }
}

/// Rules 6 and 7.
fn layout(image: &Image<'_>, options: Options) -> Result<Layout, ElksRefusal> {
    let header = image.header();
    let heap = or_default(header.heap(), INIT_HEAP);
    let stack = or_default(header.stack(), INIT_STACK);
    let counted = if heap == MAX_HEAP { 1 } else { heap };
    let asked = u32::from(stack).saturating_add(options.argument_bytes.into()).saturating_add(counted.into());
    let mut layout = Layout {
        segments: [None; MAX_SEGMENTS],
        data_len: 0,
        minstack: stack,
        heap_asked: heap,
        t_enddata: 0,
        t_endseg: 0,
        begstack: 0,
        endbrk: 0,
        entry: header.ip(),
        entry_segment: header.cs(),
        auto_data_segment: header.auto_data_segment(),
        argument_bytes: options.argument_bytes,
        asked,
    };
    for (segment, slot) in image.segments().zip(&mut layout.segments) {
        let (min_alloc, size) = (segment.min_alloc(), segment.size());
        let mut paras = paragraphs_wrapping(min_alloc);
        if paras == 0 {
            let expected = if min_alloc == 0 { Expected::AtLeast(1) } else { Expected::AtMost(0xfff0) };
            return Err(ElksRule::SegmentMemory.segment(&segment, "min_alloc", min_alloc, expected));
        }
        if size == 0 {
            return Err(ElksRule::NoBytes.segment(&segment, "size", size, Expected::AtLeast(1)));
        }
        let is_auto = segment.number == layout.auto_data_segment;
        if is_auto {
            paras = paras.saturating_add(paragraphs_wrapping(elks_kernel::low_word(asked)));
            if paras >= TOO_MANY_PARAS {
                let found = u64::from(paras).saturating_mul(16);
                let expected = Expected::AtMost(u64::from(MAX_DATA_LEN));
                return Err(ElksRule::AutoTooLarge.header(header, "heap", found, expected));
            }
            if heap == MAX_HEAP {
                paras = MAX_DATA_LEN / 16;
            }
            layout.data_len = paras.wrapping_mul(16);
            layout.t_endseg = layout.data_len;
            layout.t_enddata = min_alloc;
            layout.endbrk = min_alloc.wrapping_add(1) & !1;
            layout.begstack = layout.t_endseg.wrapping_sub(options.argument_bytes) & !1;
        }
        *slot =
            Some(SegmentLayout { kind: SegmentKind::of(segment.is_data(), is_auto), paras, size, min_alloc });
    }
    if layout.segment(header.cs()).is_none() {
        let expected = if header.cs() == 0 {
            Expected::AtLeast(1)
        } else {
            Expected::AtMost(header.num_segments().into())
        };
        return Err(ElksRule::EntrySegment.header(header, "cs", header.cs(), expected));
    }
    Ok(layout)
}

/// The most bytes that the auto data segment can have.
const MAX_DATA_LEN: u16 = 0xfff0;

/// Rule 8: a segment's bytes and relocations.
fn contents(segment: &Segment<'_>) -> Result<(), ElksRefusal> {
    let available = segment.available().len();
    let expected = Expected::AtMost(available as u64);
    if !expected.allows(segment.size().into()) {
        return Err(ElksRule::SegmentShort.segment(segment, "size", segment.size(), expected));
    }
    for relocation in segment.relocations() {
        let (offset, record) = relocation.map_err(|finding| ElksRefusal {
            rule: ElksRule::RelocationsShort,
            field: finding.field,
            offset: finding.offset,
            found: finding.found,
            expected: finding.expected,
        })?;
        if let Err((name, found, expected)) = record.known() {
            let field = NeField::Relocation(segment.number, name);
            return Err(ElksRule::RelocationKind.at(field, offset, found.into(), expected));
        }
    }
    Ok(())
}
