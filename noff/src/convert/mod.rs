//! From MIPS COFF, MIPS ELF or NOFF to NOFF or a flat file: what `coff2noff` and `coff2flat` do, and for ELF as well.
//!
//! ```text
//! bytes ──▶ Executable {sections, notes} ──to_noff──▶ Conversion {bytes, notes}
//!   coff.rs, elf.rs                        plan.rs: sections to segments
//!                                        ──to_flat──▶ Conversion
//!                                          flat.rs
//! ```
//!
//! Sections are mapped by their flags. A [`Note`] reports what was left out or moved, and what may not run; what a NOFF
//! cannot express, or a Nachos kernel can never run, is refused with the names and addresses of the sections concerned.

mod coff;
mod elf;
mod error;
mod flat;
mod names;
mod note;
mod plan;
mod rules;
mod span;

use alloc::string::String;
use alloc::vec::Vec;

use execfmt_common::{ByteOrder, Expected};

use crate::header::Layout;
use crate::image::Image;
use crate::lookalike::Lookalike;
use crate::profile::{Format, Profile};
use crate::segment::SegmentKind;

pub use coff::{FileHeader, OptionalHeader, SectionHeader};
pub use error::ConvertError;
pub use flat::{FLAT_STACK_SIZE, MAX_FLAT_SIZE};
pub use note::Note;
pub use plan::MAX_FILL;
pub use rules::{ElfPart, InputField, InputFinding, InputRule, input_facts};
pub use span::Span;

/// What a section holds, and so which segment it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Instructions: `code`.
    Code,
    /// Constants: `readonlyData` where there is one, else `initData` or `code`.
    ReadOnly,
    /// Initialised data: `initData`.
    Data,
    /// Zeroed data: `uninitData`.
    Zero,
}

/// A non-empty section that takes up memory when the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// Its name in the input file.
    pub name: String,
    /// The addresses that it takes.
    pub span: Span,
    /// What it holds.
    pub role: Role,
    /// Its bytes, as many as the span is long; none when its role is [`Role::Zero`].
    pub bytes: &'a [u8],
}

/// The format that an [`Executable`] was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// MIPS COFF.
    Coff,
    /// MIPS ELF.
    Elf,
    /// NOFF.
    Noff,
}

/// A linked MIPS program as sections, whatever file it came from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Executable<'a> {
    /// The format of the file.
    pub source: Source,
    /// The entry point that the file names. NOFF has no place for one.
    pub entry: Option<u32>,
    /// The sections in the file's order.
    pub sections: Vec<Section<'a>>,
    /// What a user should know of the reading.
    pub notes: Vec<Note>,
}

/// The outcome of a conversion.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// The file.
    pub bytes: Vec<u8>,
    /// What a user should know of it: what was left out, merged or filled, and what may not run.
    pub notes: Vec<Note>,
}

/// What a NOFF file is to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NoffOptions {
    /// Three segments or four.
    pub layout: Layout,
    /// The order of the bytes in the header's words.
    pub byte_order: ByteOrder,
    /// The address at which the kernel starts programs.
    pub start: u32,
    /// Segments are padded with zeros up to a multiple of this, where the next one leaves room; 1 for no padding.
    pub granularity: u32,
}

impl NoffOptions {
    /// For a kernel that starts programs at address 0 and takes segments of any size.
    pub const fn new(layout: Layout, byte_order: ByteOrder) -> Self {
        Self { layout, byte_order, start: 0, granularity: 1 }
    }

    /// For one family of kernels. `None` when it does not load NOFF files.
    pub const fn for_profile(profile: &Profile<'_>) -> Option<Self> {
        match profile.format {
            Format::Noff { layout, .. } => Some(Self {
                layout,
                byte_order: profile.byte_orders.preferred(),
                start: profile.start,
                granularity: profile.size_granularity,
            }),
            Format::Coff => None,
        }
    }

    /// The same with another layout or byte order, where one is given.
    #[must_use]
    pub fn with(self, layout: Option<Layout>, byte_order: Option<ByteOrder>) -> Self {
        let (layout, byte_order) = (layout.unwrap_or(self.layout), byte_order.unwrap_or(self.byte_order));
        Self { layout, byte_order, ..self }
    }
}

impl<'a> Executable<'a> {
    /// Reads a MIPS COFF or ELF file.
    ///
    /// # Errors
    /// [`ConvertError::Input`] with the field that is wrong.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ConvertError> {
        match Lookalike::of(bytes) {
            Lookalike::Elf => elf::read(bytes),
            Lookalike::CoffLittle | Lookalike::CoffBig => coff::read(bytes),
            Lookalike::Unknown => {
                let found = bytes.first_chunk().map_or(0, |word| u32::from_le_bytes(*word).into());
                let expected = Expected::Either(coff::MAGIC.into(), execfmt_elf32::MAGIC.into());
                Err(InputRule::UnknownFormat.error("magic", 0, found, expected))
            }
        }
    }

    /// Takes the segments of a NOFF file as sections, to write them in another layout or byte order.
    pub fn from_image(image: &Image<'a>) -> Self {
        // In the order of the file, which the output keeps; bss, which has no bytes in it, comes last.
        let mut segments: Vec<_> = image.program().header().non_empty().collect();
        segments.sort_by_key(|(kind, segment)| (!kind.is_file_backed(), segment.in_file_addr));
        let sections = segments.into_iter().map(|(kind, segment)| Section {
            name: kind.name().into(),
            span: Span::new(segment.virtual_addr, segment.size).unwrap_or_default(),
            role: match kind {
                SegmentKind::Code => Role::Code,
                SegmentKind::InitData => Role::Data,
                SegmentKind::ReadonlyData => Role::ReadOnly,
                SegmentKind::UninitData => Role::Zero,
            },
            bytes: image.segment_bytes(kind),
        });
        Self { source: Source::Noff, entry: None, sections: sections.collect(), notes: Vec::new() }
    }

    /// Refuses an entry point at which the file has no bytes.
    ///
    /// Linkers write 0 where they know no entry point, so that 0 may be outside of all sections; but it must not be in
    /// one whose bytes are elsewhere, as all are in a file of debugging information.
    fn with_bytes_at_entry(self, field: &'static str, offset: u64) -> Result<Self, ConvertError> {
        let Some(entry) = self.entry else { return Ok(self) };
        let covered = |section: &&Section<'_>| section.span.start <= entry && entry < section.span.end;
        let has_bytes = match self.sections.iter().find(covered) {
            Some(section) => section.role != Role::Zero,
            None => entry == 0,
        };
        if !has_bytes || self.sections.iter().all(|section| section.role == Role::Zero) {
            let starts = self.sections.iter().filter(|section| section.role != Role::Zero);
            let lowest = starts.map(|section| section.span.start).min().unwrap_or(u32::MAX);
            let expected = if entry < lowest {
                Expected::AtLeast(lowest.into())
            } else {
                Expected::AnythingBut(entry.into())
            };
            return Err(InputRule::EntryWithoutBytes.error(field, offset, entry.into(), expected));
        }
        Ok(self)
    }

    /// Refuses sections that use the same bytes of the file many times over, so that no conversion is longer than
    /// its input but for the fill that [`MAX_FILL`] bounds.
    fn bounded(self, file_len: usize) -> Result<Self, ConvertError> {
        let sum =
            self.sections.iter().fold(0_u64, |sum, section| sum.saturating_add(section.bytes.len() as u64));
        let bound = file_len as u64;
        if sum > bound {
            return Err(InputRule::SharedBytes.error("section sizes", bound, sum, Expected::AtMost(bound)));
        }
        Ok(self)
    }
}
