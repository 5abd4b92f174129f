use alloc::string::String;
use alloc::vec::Vec;

use execfmt_common::Expected;
use mips_coff::{CoffFinding, Symbols};

use super::error::ConvertError;
use super::note::Note;
use super::rules::InputRule;
use super::span::Span;
use crate::image::Image;
use crate::segment::SegmentKind;

/// What a section holds, which determines the segment that it goes to.
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
    /// The addresses that it occupies.
    pub span: Span,
    /// What it holds.
    pub role: Role,
    /// Its bytes, as many as the span is long; empty when its role is [`Role::Zero`].
    pub bytes: &'a [u8],
    /// File offset of its bytes; 0 when there are none.
    pub file_offset: u64,
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

/// A linked MIPS program as sections, whatever format it was read from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Executable<'a> {
    /// The format of the file.
    pub source: Source,
    /// The entry point that the file names; `None` for NOFF, which has no field for it.
    pub entry: Option<u32>,
    /// The sections in the file's order.
    pub sections: Vec<Section<'a>>,
    /// Notes from reading the file.
    pub notes: Vec<Note>,
    /// The external symbols of a COFF file, which are kept in an ELF file, or why they cannot be read.
    pub symbols: Result<Symbols<'a>, CoffFinding>,
}

/// The result of a conversion.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// The file.
    pub bytes: Vec<u8>,
    /// Notes for the user: what was left out, merged or filled, and what may not run.
    pub notes: Vec<Note>,
}

impl<'a> Executable<'a> {
    /// Treats the segments of a NOFF file as sections, to write them in another layout or byte order.
    pub fn from_image(image: &Image<'a>) -> Self {
        // In file order, which the output keeps; bss, which has no bytes in the file, comes last.
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
            file_offset: if kind.is_file_backed() { segment.in_file_addr.into() } else { 0 },
        });
        let symbols = Ok(Symbols::default());
        Self { source: Source::Noff, entry: None, sections: sections.collect(), notes: Vec::new(), symbols }
    }

    /// Refuses an entry point at which the file has no bytes.
    ///
    /// Linkers write 0 when they know no entry point, so 0 may lie outside all sections; but it must not be
    /// in a section whose bytes are elsewhere, as those of a separate debug file are.
    pub(super) fn with_bytes_at_entry(self, field: &'static str, offset: u64) -> Result<Self, ConvertError> {
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

    /// Refuses sections that use the same bytes of the file many times over, so that the output is never
    /// longer than the input plus the fill that [`MAX_FILL`] bounds.
    pub(super) fn bounded(self, file_len: usize) -> Result<Self, ConvertError> {
        let sum =
            self.sections.iter().fold(0_u64, |sum, section| sum.saturating_add(section.bytes.len() as u64));
        let bound = file_len as u64;
        if sum > bound {
            return Err(InputRule::SharedBytes.error("section sizes", bound, sum, Expected::AtMost(bound)));
        }
        Ok(self)
    }
}
