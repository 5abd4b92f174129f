use core::fmt;
use core::mem::offset_of;

use execfmt_common::Detail;
use zerocopy::byteorder::{LittleEndian, U32};

use crate::wire::Segment;

/// A segment of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentKind {
    /// Instructions.
    Code,
    /// Initialised data.
    InitData,
    /// Constants; only in files with four segments.
    ReadonlyData,
    /// Zeroed data, with no bytes in the file.
    UninitData,
}

impl SegmentKind {
    /// All four, in the order of the four-segment header.
    pub const ALL: [Self; 4] = [Self::Code, Self::InitData, Self::ReadonlyData, Self::UninitData];

    /// The name that Nachos' own `noff.h` gives the segment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::InitData => "initData",
            Self::ReadonlyData => "readonlyData",
            Self::UninitData => "uninitData",
        }
    }

    /// True for the segments whose bytes come from the file.
    pub const fn is_file_backed(self) -> bool {
        !matches!(self, Self::UninitData)
    }

    /// True for the segments that are read-only for a program.
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::Code | Self::ReadonlyData)
    }
}

impl Detail for SegmentKind {
    fn number(self) -> u32 {
        match self {
            Self::Code => 0,
            Self::InitData => 1,
            Self::ReadonlyData => 2,
            Self::UninitData => 3,
        }
    }

    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

impl fmt::Display for SegmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A field of a segment's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SegmentField {
    /// `virtualAddr`.
    VirtualAddr,
    /// `inFileAddr`.
    InFileAddr,
    /// `size`.
    Size,
}

impl SegmentField {
    /// All three, in the order of the record.
    pub const ALL: [Self; 3] = [Self::VirtualAddr, Self::InFileAddr, Self::Size];

    /// The name of the field in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VirtualAddr => "virtual_addr",
            Self::InFileAddr => "in_file_addr",
            Self::Size => "size",
        }
    }

    /// Offset of the field in the record, in bytes.
    pub(crate) const fn offset(self) -> usize {
        type S = Segment<LittleEndian>;
        match self {
            Self::VirtualAddr => offset_of!(S, virtual_addr),
            Self::InFileAddr => offset_of!(S, in_file_addr),
            Self::Size => offset_of!(S, size),
        }
    }
}

/// A segment's record as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SegmentHeader {
    /// Address of the segment's first byte.
    pub virtual_addr: u32,
    /// File offset of its bytes. Meaningless for `uninitData`.
    pub in_file_addr: u32,
    /// Its length in bytes. When 0, the other fields are meaningless.
    pub size: u32,
}

impl SegmentHeader {
    pub(crate) const NONE: Self = Self { virtual_addr: 0, in_file_addr: 0, size: 0 };

    /// One past the segment's last address; `None` when it is beyond 32 bits.
    pub const fn memory_end(&self) -> Option<u32> {
        self.virtual_addr.checked_add(self.size)
    }

    /// One past the file offset of the segment's last byte.
    pub const fn file_end(&self) -> u64 {
        (self.in_file_addr as u64).wrapping_add(self.size as u64)
    }
}

impl<O: zerocopy::ByteOrder> From<Segment<O>> for SegmentHeader {
    #[inline(always)]
    fn from(wire: Segment<O>) -> Self {
        Self {
            virtual_addr: wire.virtual_addr.get(),
            in_file_addr: wire.in_file_addr.get(),
            size: wire.size.get(),
        }
    }
}

impl<O: zerocopy::ByteOrder> From<SegmentHeader> for Segment<O> {
    fn from(segment: SegmentHeader) -> Self {
        Self {
            virtual_addr: U32::new(segment.virtual_addr),
            in_file_addr: U32::new(segment.in_file_addr),
            size: U32::new(segment.size),
        }
    }
}
