//! The fields of a file, by their names in the wire structs.

use core::fmt;

use execfmt_common::WireField;

use crate::wire::{MzHeader, NeHeader, RelocationRecord, SegmentEntry};

/// A field of an NE file. Displayed by its name in the wire struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NeField {
    /// The file as a whole; the value is its length in bytes.
    FileLength,
    /// A field of [`MzHeader`].
    Mz(&'static str),
    /// A field of [`NeHeader`].
    Header(&'static str),
    /// A field of a segment's [`SegmentEntry`]; the segment's number, from 1.
    Segment(u16, &'static str),
    /// The number of relocations of that segment.
    RelocationCount(u16),
    /// A field of a [`RelocationRecord`] of that segment.
    Relocation(u16, &'static str),
}

impl fmt::Display for NeField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileLength => f.write_str("file length"),
            Self::Mz(name) | Self::Header(name) => f.write_str(name),
            Self::Segment(number, name) => write!(f, "segment {number} {name}"),
            Self::RelocationCount(number) => write!(f, "segment {number} relocation count"),
            Self::Relocation(number, name) => write!(f, "segment {number} relocation {name}"),
        }
    }
}

impl NeField {
    /// Offset of the field in its record, in bytes.
    pub fn offset_in_record(self) -> u64 {
        let (fields, name): (&[WireField], _) = match self {
            Self::FileLength | Self::RelocationCount(_) => return 0,
            Self::Mz(name) => (MzHeader::FIELDS, name),
            Self::Header(name) => (NeHeader::FIELDS, name),
            Self::Segment(_, name) => (SegmentEntry::FIELDS, name),
            Self::Relocation(_, name) => (RelocationRecord::FIELDS, name),
        };
        let field = fields.iter().find(|field| field.name == name);
        debug_assert!(field.is_some(), "{name} is a field");
        field.map_or(0, |field| field.offset as u64)
    }
}
