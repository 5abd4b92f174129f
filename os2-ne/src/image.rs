//! A file split into its segments.

use execfmt_common::{Expected, Refusal};
use zerocopy::FromBytes;

use crate::field::NeField;
use crate::header::{Header, from_offset, too_short};
use crate::relocation::Relocations;
use crate::rules::{NeFinding, NeRule};
use crate::system::System;
use crate::wire::{MZ_HEADER_SIZE, SEGMENT_ENTRY_SIZE, SegmentEntry};

/// Bits of a segment's flags.
pub mod segment_flags {
    /// Data; without it, code.
    pub const DATA: u16 = 0x0001;
    /// The bytes in the file are a pattern to be repeated (iterated data).
    pub const ITERATED: u16 = 0x0008;
    /// Relocations follow the bytes in the file.
    pub const RELOCATIONS: u16 = 0x0100;
    /// The privilege level; Open Watcom sets both bits.
    pub const LEVEL: u16 = 0x0c00;
    /// For 32-bit code.
    pub const WIDE: u16 = 0x2000;
}

/// A file whose header and segment table are complete.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    bytes: &'a [u8],
    header: Header,
}

impl<'a> Image<'a> {
    /// Reads the header, and checks that the file has the whole segment table. Segments and relocations may
    /// still extend past the end of the file: their own methods report that.
    ///
    /// # Errors
    /// Those of [`Header::parse`], and a segment table that extends past the end of the file.
    #[inline(always)]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NeFinding> {
        match Self::read::<()>(bytes) {
            Ok(image) => Ok(image),
            Err(()) => Err(Self::explained(bytes)),
        }
    }

    /// Why the headers of a refused file cannot be read.
    #[cold]
    #[inline(never)]
    fn explained(bytes: &'a [u8]) -> NeFinding {
        Self::read(bytes).map_or_else(|finding| finding, |_| too_short(bytes, MZ_HEADER_SIZE as u64))
    }

    #[inline(always)]
    fn read<E: Refusal<NeRule>>(bytes: &'a [u8]) -> Result<Self, E> {
        Self::with_table(bytes, Header::read(bytes)?)
    }

    /// A file whose header is known.
    #[inline(always)]
    pub(crate) fn with_table<E: Refusal<NeRule>>(bytes: &'a [u8], header: Header) -> Result<Self, E> {
        let table = from_offset(bytes, header.segment_table_offset());
        let room = table.len().checked_div(SEGMENT_ENTRY_SIZE).unwrap_or_default() as u64;
        let (count, expected) = (header.num_segments(), Expected::AtMost(room));
        if !expected.allows(count.into()) {
            return Err(E::new(|| {
                NeRule::SegmentTablePastEof.header(&header, "num_segments", count, expected)
            }));
        }
        Ok(Self { bytes, header })
    }

    /// The whole file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The system for which the file is made.
    pub fn system(&self) -> System {
        System::of(&self.header)
    }

    /// The segments in the order of the table.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'a>> + Clone + use<'a> {
        let image = *self;
        (1..=image.header.num_segments()).filter_map(move |number| image.segment(number))
    }

    /// A segment by its number, from 1.
    #[inline(always)]
    pub fn segment(&self, number: u16) -> Option<Segment<'a>> {
        let Self { bytes, header } = self;
        let before = usize::from(number.checked_sub(1)?).checked_mul(SEGMENT_ENTRY_SIZE)?;
        if number > header.num_segments() {
            return None;
        }
        let table = from_offset(bytes, header.segment_table_offset());
        let (entry, _) = SegmentEntry::read_from_prefix(table.get(before..)?).ok()?;
        let (entry_offset, offset) = (header.entry_offset(number), header.file_offset(entry.offset.get()));
        Some(Segment { file: bytes, number, entry_offset, offset, entry })
    }
}

/// A segment of a file.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    file: &'a [u8],
    /// Its number, from 1.
    pub number: u16,
    /// File offset of its entry in the segment table, in bytes.
    pub entry_offset: u64,
    /// File offset of its bytes, in bytes.
    pub offset: u32,
    /// Its entry in the segment table.
    pub entry: SegmentEntry,
}

impl<'a> Segment<'a> {
    /// Size in the file in bytes.
    pub fn size(&self) -> u16 {
        self.entry.size.get()
    }

    /// Size in memory in bytes.
    pub fn min_alloc(&self) -> u16 {
        self.entry.min_alloc.get()
    }

    /// Its [flags](segment_flags).
    pub fn flags(&self) -> u16 {
        self.entry.flags.get()
    }

    /// True for data, false for code.
    pub fn is_data(&self) -> bool {
        self.flags() & segment_flags::DATA != 0
    }

    /// True when relocations follow its bytes.
    pub fn has_relocations(&self) -> bool {
        self.flags() & segment_flags::RELOCATIONS != 0
    }

    /// Those of its bytes that the file has: fewer than `size` when it ends too early.
    #[inline(always)]
    pub fn available(&self) -> &'a [u8] {
        let rest = from_offset(self.file, self.offset);
        rest.get(..self.size().into()).unwrap_or(rest)
    }

    /// The bytes in the file.
    ///
    /// # Errors
    /// The file ends too early.
    pub fn bytes(&self) -> Result<&'a [u8], NeFinding> {
        let (available, size) = (self.available(), self.size());
        if available.len() == usize::from(size) {
            return Ok(available);
        }
        let expected = Expected::AtMost(available.len() as u64);
        Err(NeRule::SegmentPastEof.segment(self, "size", size, expected))
    }

    /// File offset of the end of the bytes, which is where relocations follow.
    pub fn end(&self) -> u64 {
        u64::from(self.offset).saturating_add(self.size().into())
    }

    /// The relocations that follow the bytes; none unless the flags indicate some.
    #[inline(always)]
    pub fn relocations(&self) -> Relocations<'a> {
        if !self.has_relocations() {
            return Relocations::NONE;
        }
        let rest = from_offset(self.file, self.offset).get(self.size().into()..).unwrap_or_default();
        Relocations::new(self.number, rest, self.end())
    }
}

impl NeRule {
    /// A finding in a field of a segment's entry.
    pub(crate) fn segment(
        self,
        segment: &Segment<'_>,
        name: &'static str,
        found: impl Into<u64>,
        expected: Expected,
    ) -> NeFinding {
        self.at(NeField::Segment(segment.number, name), segment.entry_offset, found.into(), expected)
    }
}
