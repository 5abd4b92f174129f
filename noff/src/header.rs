//! The header as it lies in the file: one wire struct per record, the single truth for reading, building and
//! the C header.

use core::fmt;
use core::mem::{offset_of, size_of};

use execfmt_common::ByteOrder;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::segment::{SegmentField, SegmentHeader, SegmentKind};

/// The first word of every NOFF file. In the file: `AD DF BA 00` little-endian, `00 BA DF AD` big-endian.
pub const MAGIC: u32 = 0x00BA_DFAD;

/// How many bytes of a file decide its header in every case: the size of the larger layout.
pub const MAX_HEADER_SIZE: usize = size_of::<Header4<LittleEndian>>();

/// A segment's record in the header: 12 bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Segment<O: zerocopy::ByteOrder> {
    /// Where the segment begins in the program's address space, in bytes.
    pub virtual_addr: U32<O>,
    /// Where its bytes begin in the file. Meaningless for `uninitData`.
    pub in_file_addr: U32<O>,
    /// Its length in bytes. When 0, the two other fields are meaningless: most real files hold garbage there.
    pub size: U32<O>,
}

/// The header of a file with three segments (Nachos 3.x, jnachos, many 4.0 trees): 40 bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Header3<O: zerocopy::ByteOrder> {
    /// [`MAGIC`].
    pub noff_magic: U32<O>,
    /// Instructions.
    pub code: Segment<O>,
    /// Initialised data.
    pub init_data: Segment<O>,
    /// Zeroed data.
    pub uninit_data: Segment<O>,
}

/// The header of a file with four segments (Nachos 4.0 built with `RDATA`): 52 bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Header4<O: zerocopy::ByteOrder> {
    /// [`MAGIC`].
    pub noff_magic: U32<O>,
    /// Instructions.
    pub code: Segment<O>,
    /// Initialised data.
    pub init_data: Segment<O>,
    /// Constants.
    pub readonly_data: Segment<O>,
    /// Zeroed data.
    pub uninit_data: Segment<O>,
}

const_assert_eq!(size_of::<Segment<LittleEndian>>(), 12);
const_assert_eq!(size_of::<Header3<LittleEndian>>(), 40);
const_assert_eq!(size_of::<Header4<LittleEndian>>(), 52);
const_assert_eq!(align_of::<Header4<BigEndian>>(), 1);
const_assert_eq!(offset_of!(Segment<LittleEndian>, in_file_addr), 4);
const_assert_eq!(offset_of!(Segment<LittleEndian>, size), 8);
const_assert_eq!(offset_of!(Header3<LittleEndian>, code), 4);
const_assert_eq!(offset_of!(Header3<LittleEndian>, init_data), 16);
const_assert_eq!(offset_of!(Header3<LittleEndian>, uninit_data), 28);
const_assert_eq!(offset_of!(Header4<LittleEndian>, code), 4);
const_assert_eq!(offset_of!(Header4<LittleEndian>, init_data), 16);
const_assert_eq!(offset_of!(Header4<LittleEndian>, readonly_data), 28);
const_assert_eq!(offset_of!(Header4<LittleEndian>, uninit_data), 40);

/// Which of the two headers a file has. Both bear the same magic.
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

    /// The layout with so many segments.
    pub const fn from_segment_count(count: u32) -> Option<Self> {
        match count {
            3 => Some(Self::Three),
            4 => Some(Self::Four),
            _ => None,
        }
    }

    /// The size of the header in bytes, which is also where the first segment's bytes begin.
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

    /// Where a segment's record is in the header, in bytes; `None` for `readonlyData` with three segments.
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

    /// Where a field is in the file, in bytes; `None` for `readonlyData` with three segments.
    pub const fn field_offset(self, kind: SegmentKind, field: SegmentField) -> Option<u64> {
        type S = Segment<LittleEndian>;
        let within = match field {
            SegmentField::VirtualAddr => offset_of!(S, virtual_addr),
            SegmentField::InFileAddr => offset_of!(S, in_file_addr),
            SegmentField::Size => offset_of!(S, size),
        };
        match self.record_offset(kind) {
            Some(record) => Some(record.wrapping_add(within) as u64),
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

/// A header as numbers: what the file says, nothing judged yet.
///
/// Fields of empty segments hold whatever the file holds. [`check`](crate::check) judges a header;
/// [`Program`](crate::Program) is one that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Three segments or four.
    pub layout: Layout,
    /// The order of the bytes in the header's words. (The segments' contents are little-endian MIPS code and
    /// data behind either: a big-endian header tells of the host that ran the converter.)
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
        let none = SegmentHeader { virtual_addr: 0, in_file_addr: 0, size: 0 };
        Self { layout, byte_order, code: none, init_data: none, readonly_data: none, uninit_data: none }
    }

    /// The numbers of one segment. With three segments `readonlyData` is empty.
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

    /// The highest end address of a non-empty segment, in bytes; 0 when there is none, `None` when an address
    /// goes beyond 32 bits.
    ///
    /// Kernels that add up the segments' sizes instead allocate too little when there is a gap.
    pub fn memory_end(&self) -> Option<u32> {
        self.non_empty().try_fold(0, |end: u32, (_, segment)| Some(end.max(segment.memory_end()?)))
    }

    /// The lowest `in_file_addr` of the segments that have bytes in the file: in every known real file, the
    /// size of its header. This is what tells the two layouts apart.
    pub(crate) fn payload_start(&self) -> Option<(SegmentKind, u32)> {
        self.file_backed().map(|(kind, segment)| (kind, segment.in_file_addr)).min_by_key(|&(_, at)| at)
    }

    /// Reads the words behind the magic. `None` when there are too few bytes.
    pub(crate) fn decode(bytes: &[u8], layout: Layout, byte_order: ByteOrder) -> Option<Self> {
        match byte_order {
            ByteOrder::Little => Self::decode_in::<LittleEndian>(bytes, layout),
            ByteOrder::Big => Self::decode_in::<BigEndian>(bytes, layout),
        }
        .map(|header| Self { byte_order, ..header })
    }

    fn decode_in<O: zerocopy::ByteOrder>(bytes: &[u8], layout: Layout) -> Option<Self> {
        let mut header = Self::empty(layout, ByteOrder::Little);
        match layout {
            Layout::Three => {
                let (wire, _) = Header3::<O>::ref_from_prefix(bytes).ok()?;
                header.code = wire.code.into();
                header.init_data = wire.init_data.into();
                header.uninit_data = wire.uninit_data.into();
            }
            Layout::Four => {
                let (wire, _) = Header4::<O>::ref_from_prefix(bytes).ok()?;
                header.code = wire.code.into();
                header.init_data = wire.init_data.into();
                header.readonly_data = wire.readonly_data.into();
                header.uninit_data = wire.uninit_data.into();
            }
        }
        Some(header)
    }

    /// Writes the header at the start of `out`. `None`, and nothing written, when there is too little room.
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

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NOFF, {}, {} header", self.layout, self.byte_order)?;
        self.non_empty().try_for_each(|(kind, segment)| {
            write!(f, "; {kind} {:#x}+{:#x}", segment.virtual_addr, segment.size)?;
            if kind.is_file_backed() { write!(f, " from byte {}", segment.in_file_addr) } else { Ok(()) }
        })
    }
}
