//! How ELKS treats a file: the rules of its `execve`, in its order, with its errno; the memory that results;
//! and loading.
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
use execfmt_common::{Expected, Refusal};

use crate::field::NeField;
use crate::header::{Header, word};
use crate::image::{Image, Segment};
use crate::rules::{NeFinding, NeRule};
use crate::system::System;
use crate::wire::{MZ_HEADER_SIZE, MZ_MAGIC};

/// The bits of the program flags that ELKS checks.
pub const PROGRAM_MASK: u8 = 0x1f;

/// The value that ELKS requires in them: data of its own for each instance.
pub const PROGRAM: u8 = 2;

/// The smallest segment size that the kernel cannot allocate, in paragraphs.
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
/// A program that ELKS starts may still not run correctly: see [`faults`](crate::faults).
///
/// # Errors
/// The first rule that the file breaks, with the errno that the kernel returns.
pub fn execve(file: &[u8], options: Options) -> Result<Program<'_>, ElksRefusal> {
    let mut layout = Layout::EMPTY;
    match start::<()>(file, options, &mut layout) {
        Ok(image) => Ok(Program { image, layout }),
        Err(()) => Err(explained(file, options)),
    }
}

impl Layout {
    /// Computes the memory of a program from a whole file: like [`execve`], for a kernel that needs nothing
    /// else. It is written in place, since a layout has many small fields, which are slow to move. When the
    /// file is refused, the layout is unspecified.
    ///
    /// # Errors
    /// Those of [`execve`].
    #[inline(always)]
    pub fn read(&mut self, file: &[u8], options: Options) -> Result<(), ElksRefusal> {
        match start::<()>(file, options, self) {
            Ok(_) => Ok(()),
            Err(()) => Err(explained(file, options)),
        }
    }
}

/// Why the kernel refuses a file that it refuses.
#[cold]
#[inline(never)]
fn explained(file: &[u8], options: Options) -> ElksRefusal {
    let mut layout = Layout::EMPTY;
    start(file, options, &mut layout)
        .map_or_else(|refusal| refusal, |_| too_short(file, ElksRule::Empty, MZ_MAGIC.len()))
}

fn too_short(file: &[u8], rule: ElksRule, needed: usize) -> ElksRefusal {
    rule.at(NeField::FileLength, 0, file.len() as u64, Expected::AtLeast(needed as u64))
}

#[inline(always)]
fn start<'a, E: Refusal<ElksRule>>(
    file: &'a [u8],
    options: Options,
    memory: &mut Layout,
) -> Result<Image<'a>, E> {
    let image = image(file, options)?;
    layout(&image, options, memory)?;
    for number in 1..=image.header().num_segments() {
        let Some(segment) = image.segment(number) else { break };
        contents(&segment)?;
    }
    Ok(image)
}

/// Rules 1 to 5: headers and segment table.
#[inline(always)]
fn image<E: Refusal<ElksRule>>(file: &[u8], options: Options) -> Result<Image<'_>, E> {
    let length = |rule: ElksRule, needed| Err(E::new(|| too_short(file, rule, needed)));
    let Some(&magic) = file.first_chunk() else { return length(ElksRule::Empty, MZ_MAGIC.len()) };
    let e_magic = NeField::Mz("e_magic");
    if magic != MZ_MAGIC {
        return ElksRule::NotMz.refuse(e_magic, 0, word(magic), Expected::Exactly(word(MZ_MAGIC)));
    }
    if !options.os2 {
        return ElksRule::NotConfigured.refuse(e_magic, 0, word(magic), Expected::AnythingBut(word(magic)));
    }
    if file.len() < MZ_HEADER_SIZE {
        return length(ElksRule::MzShort, MZ_HEADER_SIZE);
    }
    let header = Header::read(file).map_err(|refusal| {
        E::translated(refusal, |finding: NeFinding| {
            let not_ne = finding.rule == NeRule::NotNe;
            renamed(finding, if not_ne { ElksRule::NotNe } else { ElksRule::HeaderShort })
        })
    })?;
    check_header(&header)?;
    Image::with_table(file, header)
        .map_err(|refusal| E::translated(refusal, |finding| renamed(finding, ElksRule::SegmentTableShort)))
}

/// A finding of the format's rules, as a rule of the kernel.
fn renamed(finding: NeFinding, rule: ElksRule) -> ElksRefusal {
    let NeFinding { field, offset, found, expected, .. } = finding;
    ElksRefusal { rule, field, offset, found, expected }
}

/// Rules 3 and 4.
#[inline(always)]
fn check_header<E: Refusal<ElksRule>>(header: &Header) -> Result<(), E> {
    let none = Expected::Exactly(0);
    let system = ElksRule::TargetSystem(System::of(header));
    must(header, system, "target_os", header.target_os().into(), Expected::Exactly(1))?;
    let flags = header.ne.program_flags;
    if flags & PROGRAM_MASK != PROGRAM {
        let expected = Expected::Exactly(u64::from(flags & !PROGRAM_MASK | PROGRAM));
        return ElksRule::ProgramFlags.header(header, "program_flags", flags, expected);
    }
    let auto = header.auto_data_segment();
    must(header, ElksRule::AutoSegment, "auto_data_segment", auto, Expected::AtLeast(1))?;
    let count = header.num_segments();
    must(header, ElksRule::AutoSegment, "auto_data_segment", auto, Expected::AtMost(count.into()))?;
    must(header, ElksRule::Modules, "num_modules", header.num_modules(), none)?;
    must(header, ElksRule::Movable, "num_movable", header.num_movable(), none)?;
    must(header, ElksRule::Resources, "num_resources", header.num_resources(), none)?;
    must(header, ElksRule::TooManySegments, "num_segments", count, Expected::AtMost(MAX_SEGMENTS as u64))
}

/// Refuses a header field whose value is not allowed.
#[inline(always)]
fn must<E: Refusal<ElksRule>>(
    header: &Header,
    rule: ElksRule,
    name: &'static str,
    found: u16,
    expected: Expected,
) -> Result<(), E> {
    if expected.allows(found.into()) { Ok(()) } else { rule.header(header, name, found, expected) }
}

/// A number from the header, or its default.
const fn or_default(asked: u16, default: u16) -> u16 {
    if asked == 0 { default } else { asked }
}

/// Rules 6 and 7.
#[inline(always)]
fn layout<E: Refusal<ElksRule>>(image: &Image<'_>, options: Options, layout: &mut Layout) -> Result<(), E> {
    let header = image.header();
    let heap = or_default(header.heap(), INIT_HEAP);
    let stack = or_default(header.stack(), INIT_STACK);
    let counted = if heap == MAX_HEAP { 1 } else { heap };
    let asked = u32::from(stack).saturating_add(options.argument_bytes.into()).saturating_add(counted.into());
    *layout = Layout {
        minstack: stack,
        heap_asked: heap,
        entry: header.ip(),
        entry_segment: header.cs(),
        auto_data_segment: header.auto_data_segment(),
        argument_bytes: options.argument_bytes,
        asked,
        ..Layout::EMPTY
    };
    for (number, slot) in (1..=header.num_segments()).zip(&mut layout.segments) {
        let Some(segment) = image.segment(number) else { break };
        let (min_alloc, size) = (segment.min_alloc(), segment.size());
        let mut paras = paragraphs_wrapping(min_alloc);
        if paras == 0 {
            let expected = if min_alloc == 0 { Expected::AtLeast(1) } else { Expected::AtMost(0xfff0) };
            return ElksRule::SegmentMemory.segment(&segment, "min_alloc", min_alloc, expected);
        }
        if size == 0 {
            return ElksRule::NoBytes.segment(&segment, "size", size, Expected::AtLeast(1));
        }
        let is_auto = segment.number == layout.auto_data_segment;
        if is_auto {
            paras = paras.saturating_add(paragraphs_wrapping(elks_kernel::low_word(asked)));
            if paras >= TOO_MANY_PARAS {
                let found = u64::from(paras).saturating_mul(16);
                let expected = Expected::AtMost(u64::from(MAX_DATA_LEN));
                return ElksRule::AutoTooLarge.header(header, "heap", found, expected);
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
        return ElksRule::EntrySegment.header(header, "cs", header.cs(), expected);
    }
    Ok(())
}

/// Maximum size of the auto data segment in bytes.
const MAX_DATA_LEN: u16 = 0xfff0;

/// Rule 8: a segment's bytes and relocations.
#[inline(always)]
fn contents<E: Refusal<ElksRule>>(segment: &Segment<'_>) -> Result<(), E> {
    let available = segment.available().len();
    let expected = Expected::AtMost(available as u64);
    if !expected.allows(segment.size().into()) {
        return ElksRule::SegmentShort.segment(segment, "size", segment.size(), expected);
    }
    let mut relocations = segment.relocations();
    while let Some(relocation) = relocations.read() {
        let (offset, record) = relocation.map_err(|refusal| {
            E::translated(refusal, |finding| renamed(finding, ElksRule::RelocationsShort))
        })?;
        if let Err((name, found, expected)) = record.known() {
            let field = NeField::Relocation(segment.number, name);
            return ElksRule::RelocationKind.refuse(field, offset, found.into(), expected);
        }
    }
    Ok(())
}
