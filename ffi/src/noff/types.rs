use core::mem::offset_of;

use crate::finding::{byte_order, byte_order_code};
use crate::memory::{Caller, options};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};
use ::noff::{Header, Layout, PageSize, Program, SegmentHeader, SegmentKind, Strictness};
use static_assertions::const_assert_eq;

/// The first word of every NOFF file.
pub const EXECFMT_NOFF_MAGIC: u32 = 0x00BA_DFAD;
/// Number of bytes at the start of a file that always contain the whole header.
pub const EXECFMT_NOFF_MAX_HEADER_SIZE: u32 = 52;
/// The page size of the stock Nachos machine, in bytes.
pub const EXECFMT_NOFF_PAGE_SIZE: u32 = 128;
/// The stack size of the stock kernel, in bytes.
pub const EXECFMT_NOFF_USER_STACK_SIZE: u32 = 1024;
/// Maximum number of pieces of one page that come from the file.
pub const EXECFMT_NOFF_MAX_PIECES: usize = 3;

const_assert_eq!(EXECFMT_NOFF_MAGIC, ::noff::MAGIC);
const_assert_eq!(EXECFMT_NOFF_MAX_HEADER_SIZE as usize, ::noff::MAX_HEADER_SIZE);
const_assert_eq!(EXECFMT_NOFF_PAGE_SIZE, PageSize::NACHOS.bytes());
const_assert_eq!(EXECFMT_NOFF_USER_STACK_SIZE, ::noff::USER_STACK_SIZE);

/// Segment: instructions.
pub const EXECFMT_NOFF_CODE: u32 = 0;
/// Segment: initialised data.
pub const EXECFMT_NOFF_INIT_DATA: u32 = 1;
/// Segment: constants.
pub const EXECFMT_NOFF_READONLY_DATA: u32 = 2;
/// Segment: zeroed data.
pub const EXECFMT_NOFF_UNINIT_DATA: u32 = 3;

/// Strictness: errors refuse a file.
pub const EXECFMT_NOFF_REFUSE_ERRORS: u32 = 0;
/// Strictness: warnings refuse a file too.
pub const EXECFMT_NOFF_REFUSE_WARNINGS: u32 = 1;

/// Options of a parser. All 0 is the default.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_noff_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// 3 or 4 segments, or 0 to take the layout from the file.
    pub layout: u32,
    /// EXECFMT_NOFF_REFUSE_ERRORS or EXECFMT_NOFF_REFUSE_WARNINGS.
    pub strictness: u32,
}
options!(execfmt_noff_options, 12);

/// A segment's record in the header. The fields of an empty one are meaningless.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff_segment {
    /// Address of the segment's first byte.
    pub virtual_addr: u32,
    /// File offset of its bytes; meaningless for uninit_data.
    pub in_file_addr: u32,
    /// Its length in bytes.
    pub size: u32,
}

// The struct for C has the same layout in memory as the record in the file.
type Wire = ::noff::Segment<zerocopy::NativeEndian>;
const_assert_eq!(size_of::<execfmt_noff_segment>(), size_of::<Wire>());
const_assert_eq!(offset_of!(execfmt_noff_segment, virtual_addr), offset_of!(Wire, virtual_addr));
const_assert_eq!(offset_of!(execfmt_noff_segment, in_file_addr), offset_of!(Wire, in_file_addr));
const_assert_eq!(offset_of!(execfmt_noff_segment, size), offset_of!(Wire, size));

/// A program: its checked header. Filled in by execfmt_noff_parse and execfmt_noff_parse_header; the other
/// functions check it again, so a struct that was changed or never filled in does no harm.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff {
    /// The number of segments in the header: 3 or 4.
    pub layout: u32,
    /// EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN: the byte order of the header's words.
    pub byte_order: u32,
    /// The length of the file in bytes.
    pub file_len: u32,
    /// One past the highest address of a segment.
    pub memory_end: u32,
    /// Instructions.
    pub code: execfmt_noff_segment,
    /// Initialised data.
    pub init_data: execfmt_noff_segment,
    /// Constants; empty with 3 segments.
    pub readonly_data: execfmt_noff_segment,
    /// Zeroed data.
    pub uninit_data: execfmt_noff_segment,
}

/// A run of bytes that a page takes from the file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff_piece {
    /// The segment: EXECFMT_NOFF_CODE or another of these constants.
    pub segment: u32,
    /// Offset of its first byte in the page, in bytes.
    pub offset_in_page: u32,
    /// Offset of its first byte in the file, in bytes.
    pub file_offset: u32,
    /// Its length in bytes.
    pub length: u32,
}

/// One virtual page of a program. Bytes that no piece fills are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff_page {
    /// The number of pieces in use.
    pub piece_count: u32,
    /// 1 when every byte of the page belongs to a read-only segment, else 0.
    pub read_only: u32,
    /// The segments that have a byte in the page: a set of bits 1 << EXECFMT_NOFF_CODE and so on.
    pub segments: u32,
    /// The pieces.
    pub pieces: [execfmt_noff_piece; EXECFMT_NOFF_MAX_PIECES],
}

/// Where a program finds its arguments.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff_arguments {
    /// Their number: for register 4.
    pub argc: u32,
    /// The address of the array of argument addresses: for register 5.
    pub argv: u32,
    /// The initial stack pointer: for register 29.
    pub stack_pointer: u32,
}

/// The contents of a segment of a file to be built.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_noff_payload {
    /// The bytes; may be NULL when there are none.
    pub bytes: *const u8,
    /// Their number.
    pub length: usize,
    /// Address of the segment's first byte.
    pub virtual_addr: u32,
}

/// The contents of a file to be built. The bytes are in the file in the order code, readonly_data, init_data.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_noff_contents {
    /// 3 or 4 segments.
    pub layout: u32,
    /// EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN.
    pub byte_order: u32,
    /// Instructions.
    pub code: execfmt_noff_payload,
    /// Initialised data.
    pub init_data: execfmt_noff_payload,
    /// Constants; must be empty with 3 segments.
    pub readonly_data: execfmt_noff_payload,
    /// Address of the zeroed data.
    pub uninit_addr: u32,
    /// Size of the zeroed data in bytes.
    pub uninit_size: u32,
}

impl From<SegmentHeader> for execfmt_noff_segment {
    fn from(segment: SegmentHeader) -> Self {
        let SegmentHeader { virtual_addr, in_file_addr, size } = segment;
        Self { virtual_addr, in_file_addr, size }
    }
}

impl From<execfmt_noff_segment> for SegmentHeader {
    fn from(segment: execfmt_noff_segment) -> Self {
        let execfmt_noff_segment { virtual_addr, in_file_addr, size } = segment;
        Self { virtual_addr, in_file_addr, size }
    }
}

impl From<&Program> for execfmt_noff {
    fn from(program: &Program) -> Self {
        let header = program.header();
        Self {
            layout: header.layout.segment_count(),
            byte_order: byte_order_code(header.byte_order),
            file_len: program.file_len(),
            memory_end: program.memory_end(),
            code: header.code.into(),
            init_data: header.init_data.into(),
            readonly_data: header.readonly_data.into(),
            uninit_data: header.uninit_data.into(),
        }
    }
}

/// A caller's struct, checked again.
pub(super) fn program(caller: Caller<'_>, noff: *const execfmt_noff) -> Result<Program, execfmt_status> {
    let noff = caller.read(noff)?;
    let mut header = Header::empty(
        Layout::from_segment_count(noff.layout).ok_or(EXECFMT_E_ARGUMENT)?,
        byte_order(noff.byte_order)?,
    );
    header.set_segment(SegmentKind::Code, noff.code.into());
    header.set_segment(SegmentKind::InitData, noff.init_data.into());
    header.set_segment(SegmentKind::UninitData, noff.uninit_data.into());
    if header.layout == Layout::Four {
        header.set_segment(SegmentKind::ReadonlyData, noff.readonly_data.into());
    }
    Program::new(header, noff.file_len, Strictness::Errors).map_err(|finding| finding.rule.number())
}
