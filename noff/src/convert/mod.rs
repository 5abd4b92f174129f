//! From MIPS COFF, MIPS ELF or NOFF to NOFF or a flat file: what `coff2noff` and `coff2flat` do, and for ELF as well.
//!
//! ```text
//! bytes ──▶ Executable {sections, notes} ──to_noff──▶ Conversion {bytes, notes}
//!   coff.rs, elf.rs                        plan.rs: sections to segments
//!                                        ──to_flat──▶ Conversion
//!                                          flat.rs
//! ```
//!
//! Sections are mapped by their flags. What is left out or moved is said in a [`Note`]; what a NOFF cannot express is
//! refused with the names and addresses of the sections concerned.

mod coff;
mod elf;
mod error;
mod flat;
mod note;
mod plan;

use alloc::string::String;
use alloc::vec::Vec;

use execfmt_common::Expected;

use crate::error::Lookalike;
use crate::image::Image;
use crate::segment::SegmentKind;

pub use coff::{FileHeader, OptionalHeader, SectionHeader};
pub use error::{ConvertError, InputField, InputFinding, InputRule, Span};
pub use flat::{FLAT_STACK_SIZE, MAX_FLAT_SIZE};
pub use note::Note;
pub use plan::MAX_FILL;

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
pub struct Executable<'a> {
    /// The format of the file.
    pub source: Source,
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
        // In the order of the file, which the output keeps; bss, which has no place in it, comes last.
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
        Self { source: Source::Noff, sections: sections.collect(), notes: Vec::new() }
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
