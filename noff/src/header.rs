//! A header as numbers, in either layout and byte order.

use core::fmt;
use core::mem::offset_of;

use execfmt_common::{ByteOrder, WireField};
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U32};
use zerocopy::{FromBytes, IntoBytes};

use crate::segment::{SegmentField, SegmentHeader, SegmentKind};
use crate::wire::{Header3, Header4, MAGIC};

/// Which of the two header layouts a file has. Both have the same magic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// code, initData, uninitData: 40 bytes.
    Three,
    /// code, initData, readonlyData, uninitData: 52 bytes.
    Four,
}

impl Layout {
    /// Both, the smaller first.
    pub const ALL: [Self; 2] = [Self::Three, Self::Four];

    /// The number of segments in the header.
    pub const fn segment_count(self) -> u32 {
        match self {
            Self::Three => 3,
            Self::Four => 4,
        }
    }

    /// The layout with `count` segments.
    pub const fn from_segment_count(count: u32) -> Option<Self> {
        match count {
            3 => Some(Self::Three),
            4 => Some(Self::Four),
            _ => None,
        }
    }

    /// The size of the header in bytes, which is also the file offset of the first segment's bytes.
    pub const fn header_size(self) -> u32 {
        match self {
            Self::Three => 40,
            Self::Four => 52,
        }
    }

    /// The segments in header order.
    pub const fn kinds(self) -> &'static [SegmentKind] {
        match self {
            Self::Three => &[SegmentKind::Code, SegmentKind::InitData, SegmentKind::UninitData],
            Self::Four => &SegmentKind::ALL,
        }
    }

    /// The fields of the header, in order. Those of segments are records.
    pub const fn fields(self) -> &'static [WireField] {
        match self {
            Self::Three => Header3::<LittleEndian>::FIELDS,
            Self::Four => Header4::<LittleEndian>::FIELDS,
        }
    }

    /// Offset of a segment's record in the header, in bytes; `None` for `readonlyData` in the three-segment
    /// layout.
    const fn record_offset(self, kind: SegmentKind) -> Option<usize> {
        type H3 = Header3<LittleEndian>;
        type H4 = Header4<LittleEndian>;
        Some(match (self, kind) {
            (Self::Three, SegmentKind::Code) => offset_of!(H3, code),
            (Self::Three, SegmentKind::InitData) => offset_of!(H3, init_data),
            (Self::Three, SegmentKind::ReadonlyData) => return None,
            (Self::Three, SegmentKind::UninitData) => offset_of!(H3, uninit_data),
            (Self::Four, SegmentKind::Code) => offset_of!(H4, code),
            (Self::Four, SegmentKind::InitData) => offset_of!(H4, init_data),
            (Self::Four, SegmentKind::ReadonlyData) => offset_of!(H4, readonly_data),
            (Self::Four, SegmentKind::UninitData) => offset_of!(H4, uninit_data),
        })
    }

    /// A field of a segment's record; 0 when the layout has no such record.
    pub(crate) fn word(
        self,
        header: &[u8],
        kind: SegmentKind,
        field: SegmentField,
        byte_order: ByteOrder,
    ) -> u32 {
        let offset = self.record_offset(kind).map(|record| record.wrapping_add(field.offset()));
        let word = offset.and_then(|offset| header.get(offset..)?.first_chunk());
        word.map_or(0, |word| byte_order.u32(*word))
    }

    /// Offset of a field in the file, in bytes; `None` for `readonlyData` in the three-segment layout.
    pub const fn field_offset(self, kind: SegmentKind, field: SegmentField) -> Option<u64> {
        match self.record_offset(kind) {
            Some(record) => Some(record.wrapping_add(field.offset()) as u64),
            None => None,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} segments", self.segment_count())
    }
}

const_assert_eq!(Layout::Three.header_size() as usize, size_of::<Header3<LittleEndian>>());
const_assert_eq!(Layout::Four.header_size() as usize, size_of::<Header4<LittleEndian>>());

/// A header as numbers: what the file contains, unchecked.
///
/// Fields of empty segments have whatever values the file contains. [`check`](crate::check) reports what is
/// wrong with a header; a [`Program`](crate::Program) is a header that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Three segments or four.
    pub layout: Layout,
    /// The byte order of the header's words. (The segments' contents are little-endian MIPS code and data in
    /// either case: a big-endian header only means that the converter ran on a big-endian host.)
    pub byte_order: ByteOrder,
    /// Instructions.
    pub code: SegmentHeader,
    /// Initialised data.
    pub init_data: SegmentHeader,
    /// Constants. All zero when the layout has three segments.
    pub readonly_data: SegmentHeader,
    /// Zeroed data.
    pub uninit_data: SegmentHeader,
}

impl Header {
    /// A header without segments.
    pub const fn empty(layout: Layout, byte_order: ByteOrder) -> Self {
        let none = SegmentHeader::NONE;
        Self { layout, byte_order, code: none, init_data: none, readonly_data: none, uninit_data: none }
    }

    /// The numbers of one segment. In the three-segment layout `readonlyData` is empty.
    pub const fn segment(&self, kind: SegmentKind) -> SegmentHeader {
        match kind {
            SegmentKind::Code => self.code,
            SegmentKind::InitData => self.init_data,
            SegmentKind::ReadonlyData => self.readonly_data,
            SegmentKind::UninitData => self.uninit_data,
        }
    }

    /// Replaces the numbers of one segment.
    pub fn set_segment(&mut self, kind: SegmentKind, segment: SegmentHeader) {
        match kind {
            SegmentKind::Code => self.code = segment,
            SegmentKind::InitData => self.init_data = segment,
            SegmentKind::ReadonlyData => self.readonly_data = segment,
            SegmentKind::UninitData => self.uninit_data = segment,
        }
    }

    /// The layout's segments in header order, empty ones too.
    pub fn segments(&self) -> impl Iterator<Item = (SegmentKind, SegmentHeader)> + '_ {
        self.layout.kinds().iter().map(|&kind| (kind, self.segment(kind)))
    }

    /// The segments whose size is not 0, in header order.
    pub fn non_empty(&self) -> impl Iterator<Item = (SegmentKind, SegmentHeader)> + '_ {
        self.segments().filter(|(_, segment)| segment.size != 0)
    }

    /// The non-empty segments that have bytes in the file, in header order.
    pub fn file_backed(&self) -> impl Iterator<Item = (SegmentKind, SegmentHeader)> + '_ {
        self.non_empty().filter(|(kind, _)| kind.is_file_backed())
    }

    /// The highest end address of a non-empty segment: one past its last byte. 0 when there is none, `None`
    /// when an address is beyond 32 bits.
    ///
    /// Kernels that instead add up the segments' sizes allocate too little memory when there is a gap.
    pub fn memory_end(&self) -> Option<u32> {
        self.non_empty().try_fold(0, |end: u32, (_, segment)| Some(end.max(segment.memory_end()?)))
    }

    /// The lowest `in_file_addr` of the segments that have bytes in the file: in every known real file, the
    /// size of its header. This is what distinguishes the two layouts.
    pub(crate) fn payload_start(&self) -> Option<(SegmentKind, u32)> {
        let mut lowest = None;
        for kind in [SegmentKind::Code, SegmentKind::InitData, SegmentKind::ReadonlyData] {
            let SegmentHeader { in_file_addr, size, .. } = self.segment(kind);
            if size != 0 && lowest.is_none_or(|(_, least)| in_file_addr < least) {
                lowest = Some((kind, in_file_addr));
            }
        }
        lowest
    }

    /// Reads the words after the magic, in the given layout or in the one that fits. `None` when none fits or
    /// there are too few bytes.
    ///
    /// The first three records are at the same offsets in both layouts. At most one layout fits: the bytes of `code`
    /// and `initData` cannot begin at 40 and at 52.
    #[inline(always)]
    pub(crate) fn decode<O: zerocopy::ByteOrder>(
        bytes: &[u8],
        layout: Option<Layout>,
        byte_order: ByteOrder,
    ) -> Option<Self> {
        const THREE: u32 = Layout::Three.header_size();
        const FOUR: u32 = Layout::Four.header_size();
        let (wire, _) = Header3::<O>::ref_from_prefix(bytes).ok()?;
        let (code, init_data, third) = (wire.code.into(), wire.init_data.into(), wire.uninit_data.into());
        let lowest = payload_offset(code).min(payload_offset(init_data));
        if layout.unwrap_or(if lowest == THREE { Layout::Three } else { Layout::Four }) == Layout::Three {
            let readonly_data = SegmentHeader::NONE;
            return Some(Self {
                layout: Layout::Three,
                byte_order,
                code,
                init_data,
                readonly_data,
                uninit_data: third,
            });
        }
        let (wire, _) = Header4::<O>::ref_from_prefix(bytes).ok()?;
        if layout.is_none() && lowest.min(payload_offset(third)) != FOUR {
            return None;
        }
        let uninit_data = wire.uninit_data.into();
        Some(Self { layout: Layout::Four, byte_order, code, init_data, readonly_data: third, uninit_data })
    }

    /// Writes the header at the start of `out`. Returns `None` and writes nothing when there is too little
    /// room.
    pub(crate) fn encode(&self, out: &mut [u8]) -> Option<()> {
        match self.byte_order {
            ByteOrder::Little => self.encode_in::<LittleEndian>(out),
            ByteOrder::Big => self.encode_in::<BigEndian>(out),
        }
    }

    fn encode_in<O: zerocopy::ByteOrder>(&self, out: &mut [u8]) -> Option<()> {
        let noff_magic = U32::new(MAGIC);
        let (code, init_data) = (self.code.into(), self.init_data.into());
        let uninit_data = self.uninit_data.into();
        match self.layout {
            Layout::Three => {
                Header3::<O> { noff_magic, code, init_data, uninit_data }.write_to_prefix(out).ok()
            }
            Layout::Four => {
                let readonly_data = self.readonly_data.into();
                let wire = Header4::<O> { noff_magic, code, init_data, readonly_data, uninit_data };
                wire.write_to_prefix(out).ok()
            }
        }
    }
}

/// File offset of a segment's bytes; the largest value when it has none.
#[inline(always)]
const fn payload_offset(segment: SegmentHeader) -> u32 {
    if segment.size == 0 { u32::MAX } else { segment.in_file_addr }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NOFF, {}, {} header", self.layout, self.byte_order)?;
        self.non_empty().try_for_each(|(kind, segment)| {
            write!(f, "; {kind} {:#x}+{:#x}", segment.virtual_addr, segment.size)?;
            if kind.is_file_backed() { write!(f, " from byte {}", segment.in_file_addr) } else { Ok(()) }
        })
    }
}
