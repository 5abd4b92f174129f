use core::ffi::{CStr, c_char, c_void};
use core::mem::offset_of;

use noff::{
    BuildError, Builder, Header, Layout, LoadError, Lookalike, NoffField, NoffFinding, NoffRule, Options,
    PageSize, Program, SegmentField, SegmentHeader, SegmentKind, Strictness, check, parse_header,
    read_header,
};
use static_assertions::const_assert_eq;

use crate::base::{
    EXECFMT_E_ARGUMENT, EXECFMT_E_BUFFER, EXECFMT_E_LENGTH, EXECFMT_E_RANGE, EXECFMT_END, byte_order,
    byte_order_code, execfmt_finding, execfmt_read_fn, execfmt_status, finding_for_c, finding_from_c, reader,
    write_sentence,
};
use crate::memory;

/// The first word of every NOFF file.
pub const EXECFMT_NOFF_MAGIC: u32 = 0x00BA_DFAD;
/// How many bytes of a file decide its header in every case.
pub const EXECFMT_NOFF_MAX_HEADER_SIZE: u32 = 52;
/// The page size of the stock Nachos machine, in bytes.
pub const EXECFMT_NOFF_PAGE_SIZE: u32 = 128;
/// The stack size of the stock kernel, in bytes.
pub const EXECFMT_NOFF_USER_STACK_SIZE: u32 = 1024;
/// The most pieces of one page that come from the file.
pub const EXECFMT_NOFF_MAX_PIECES: usize = 3;

const_assert_eq!(EXECFMT_NOFF_MAGIC, noff::MAGIC);
const_assert_eq!(EXECFMT_NOFF_MAX_HEADER_SIZE as usize, noff::MAX_HEADER_SIZE);
const_assert_eq!(EXECFMT_NOFF_PAGE_SIZE, PageSize::NACHOS.bytes());
const_assert_eq!(EXECFMT_NOFF_USER_STACK_SIZE, noff::USER_STACK_SIZE);

/// Error: the file, or the prefix given, ends within the header.
pub const EXECFMT_NOFF_E_TRUNCATED: execfmt_status = 100;
/// Error: not a NOFF file. `detail` says what it looks like.
pub const EXECFMT_NOFF_E_BAD_MAGIC: execfmt_status = 101;
/// Error: the header fits neither layout; choose one in the options.
pub const EXECFMT_NOFF_E_LAYOUT: execfmt_status = 102;
/// Error: a segment's address and size add up to more than 32 bits hold.
pub const EXECFMT_NOFF_E_ADDRESS: execfmt_status = 103;
/// Error: a segment's bytes would lie beyond the end of the file.
pub const EXECFMT_NOFF_E_PAST_EOF: execfmt_status = 104;
/// Error: a segment's bytes would begin within the header.
pub const EXECFMT_NOFF_E_HEADER_OVERLAP: execfmt_status = 105;
/// Error: two segments claim the same addresses; `detail` is the other one.
pub const EXECFMT_NOFF_E_OVERLAP: execfmt_status = 106;
/// Error, when building: the layout has no such segment.
pub const EXECFMT_NOFF_E_NO_SUCH_SEGMENT: execfmt_status = 120;
/// Error, when building: the file would be 4 GiB or longer.
pub const EXECFMT_NOFF_E_TOO_LONG: execfmt_status = 121;
/// Warning: uninitData begins within the padding of initData.
pub const EXECFMT_NOFF_W_PADDING_OVERLAP: execfmt_status = 150;
/// Warning: two segments use the same bytes of the file; `detail` is the other one.
pub const EXECFMT_NOFF_W_FILE_OVERLAP: execfmt_status = 151;
/// Warning: a size is not a multiple of 16.
pub const EXECFMT_NOFF_W_RAGGED_SIZE: execfmt_status = 152;
/// Warning: an address is not a multiple of 4.
pub const EXECFMT_NOFF_W_UNALIGNED: execfmt_status = 153;
/// Warning: the code does not begin at address 0.
pub const EXECFMT_NOFF_W_CODE_NOT_AT_ZERO: execfmt_status = 154;
/// Warning when parsing, error when building: there is no code.
pub const EXECFMT_NOFF_W_NO_CODE: execfmt_status = 155;
/// Warning: the layout chosen is not the one that the header shows.
pub const EXECFMT_NOFF_W_LAYOUT: execfmt_status = 156;
/// Warning: the file goes on behind the last segment.
pub const EXECFMT_NOFF_W_TRAILING_BYTES: execfmt_status = 157;
/// Warning: the segments' sizes add up to less than the memory that they span.
pub const EXECFMT_NOFF_W_MEMORY_GAP: execfmt_status = 158;
/// Warning: the program ends at a higher address than any known real one.
pub const EXECFMT_NOFF_W_LARGE: execfmt_status = 159;

/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: nothing known.
pub const EXECFMT_NOFF_LOOKS_UNKNOWN: u32 = 0;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: an ELF file.
pub const EXECFMT_NOFF_LOOKS_ELF: u32 = 1;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: a little-endian MIPS COFF file, to be converted.
pub const EXECFMT_NOFF_LOOKS_COFF: u32 = 2;
/// `detail` of EXECFMT_NOFF_E_BAD_MAGIC: a big-endian MIPS COFF file.
pub const EXECFMT_NOFF_LOOKS_COFF_BIG: u32 = 3;

/// Segment: instructions.
pub const EXECFMT_NOFF_CODE: u32 = 0;
/// Segment: initialised data.
pub const EXECFMT_NOFF_INIT_DATA: u32 = 1;
/// Segment: constants.
pub const EXECFMT_NOFF_READONLY_DATA: u32 = 2;
/// Segment: zeroed data.
pub const EXECFMT_NOFF_UNINIT_DATA: u32 = 3;

/// Field: the length of the file.
pub const EXECFMT_NOFF_FIELD_FILE_LENGTH: u32 = 1;
/// Field: the magic.
pub const EXECFMT_NOFF_FIELD_MAGIC: u32 = 2;
/// Field: virtual_addr of segment N is this number plus 4 * N.
pub const EXECFMT_NOFF_FIELD_VIRTUAL_ADDR: u32 = 16;
/// Field: in_file_addr of segment N is this number plus 4 * N.
pub const EXECFMT_NOFF_FIELD_IN_FILE_ADDR: u32 = 17;
/// Field: size of segment N is this number plus 4 * N.
pub const EXECFMT_NOFF_FIELD_SIZE: u32 = 18;

/// Strictness: errors refuse a file.
pub const EXECFMT_NOFF_REFUSE_ERRORS: u32 = 0;
/// Strictness: warnings refuse a file too.
pub const EXECFMT_NOFF_REFUSE_WARNINGS: u32 = 1;

/// What a parser is told besides the bytes. All zero is the default.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct execfmt_noff_options {
    /// 3 or 4 segments, or 0 to let the file decide.
    pub layout: u32,
    /// EXECFMT_NOFF_REFUSE_ERRORS or EXECFMT_NOFF_REFUSE_WARNINGS.
    pub strictness: u32,
}

/// A segment's record in the header. The fields of an empty one mean nothing.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff_segment {
    /// Where the segment begins in the address space, in bytes.
    pub virtual_addr: u32,
    /// Where its bytes begin in the file; means nothing for uninit_data.
    pub in_file_addr: u32,
    /// Its length in bytes.
    pub size: u32,
}

// One truth: the struct for C lies in memory as the record lies in the file.
type Wire = noff::Segment<zerocopy::NativeEndian>;
const_assert_eq!(size_of::<execfmt_noff_segment>(), size_of::<Wire>());
const_assert_eq!(offset_of!(execfmt_noff_segment, virtual_addr), offset_of!(Wire, virtual_addr));
const_assert_eq!(offset_of!(execfmt_noff_segment, in_file_addr), offset_of!(Wire, in_file_addr));
const_assert_eq!(offset_of!(execfmt_noff_segment, size), offset_of!(Wire, size));

/// A program: its header, checked. Filled in by execfmt_noff_parse and execfmt_noff_parse_header; the other functions
/// check it again, so that a struct that was changed or never filled in does no harm.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff {
    /// The number of segments in the header: 3 or 4.
    pub layout: u32,
    /// EXECFMT_LITTLE_ENDIAN or EXECFMT_BIG_ENDIAN: the order of the header's words.
    pub byte_order: u32,
    /// The length of the file in bytes.
    pub file_len: u32,
    /// The address just behind the highest segment.
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
    /// The segment: EXECFMT_NOFF_CODE and so on.
    pub segment: u32,
    /// Where the run begins in the page, in bytes.
    pub offset_in_page: u32,
    /// Where it begins in the file, in bytes.
    pub file_offset: u32,
    /// Its length in bytes.
    pub length: u32,
}

/// One virtual page of a program. What no piece fills is zero.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_noff_page {
    /// The number of pieces in use.
    pub piece_count: u32,
    /// 1 when every byte of the page belongs to a read-only segment, else 0.
    pub read_only: u32,
    /// The segments that have a byte in the page: bit 1 << EXECFMT_NOFF_CODE and so on.
    pub segments: u32,
    /// The pieces.
    pub pieces: [execfmt_noff_piece; EXECFMT_NOFF_MAX_PIECES],
}

/// The bytes of a segment to build a file from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_noff_payload {
    /// The bytes; may be NULL when there are none.
    pub bytes: *const u8,
    /// How many.
    pub length: usize,
    /// Where the segment begins in the address space.
    pub virtual_addr: u32,
}

/// What to build a file from. The bytes stand in the file in the order code, readonly_data, init_data.
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
    /// Where the zeroed data begin in the address space.
    pub uninit_addr: u32,
    /// The length of the zeroed data in bytes.
    pub uninit_size: u32,
}

/// Every rule, to find one by its number.
const RULES: [NoffRule; 26] = [
    NoffRule::Truncated,
    NoffRule::BadMagic(Lookalike::Unknown),
    NoffRule::BadMagic(Lookalike::Elf),
    NoffRule::BadMagic(Lookalike::CoffLittle),
    NoffRule::BadMagic(Lookalike::CoffBig),
    NoffRule::UndecidableLayout,
    NoffRule::AddressOverflow,
    NoffRule::SegmentPastEof,
    NoffRule::HeaderOverlap,
    NoffRule::SegmentsOverlap(SegmentKind::Code),
    NoffRule::SegmentsOverlap(SegmentKind::InitData),
    NoffRule::SegmentsOverlap(SegmentKind::ReadonlyData),
    NoffRule::SegmentsOverlap(SegmentKind::UninitData),
    NoffRule::PaddingOverlap,
    NoffRule::FileRangesOverlap(SegmentKind::Code),
    NoffRule::FileRangesOverlap(SegmentKind::InitData),
    NoffRule::FileRangesOverlap(SegmentKind::ReadonlyData),
    NoffRule::FileRangesOverlap(SegmentKind::UninitData),
    NoffRule::RaggedSize,
    NoffRule::UnalignedAddress,
    NoffRule::CodeNotAtZero,
    NoffRule::NoCode,
    NoffRule::LayoutContradicted,
    NoffRule::TrailingBytes,
    NoffRule::MemoryGap,
    NoffRule::LargeProgram,
];

/// The number of a rule, its detail and a sentence about it.
const fn rule_code(rule: NoffRule) -> (execfmt_status, u32, &'static CStr) {
    match rule {
        NoffRule::Truncated => (EXECFMT_NOFF_E_TRUNCATED, 0, c"NOFF: the file ends within the header"),
        NoffRule::BadMagic(like) => {
            (EXECFMT_NOFF_E_BAD_MAGIC, lookalike_code(like), c"NOFF: not a NOFF file; was it converted?")
        }
        NoffRule::UndecidableLayout => {
            (EXECFMT_NOFF_E_LAYOUT, 0, c"NOFF: the header fits neither layout; choose one in the options")
        }
        NoffRule::AddressOverflow => {
            (EXECFMT_NOFF_E_ADDRESS, 0, c"NOFF: a segment goes beyond 32-bit addresses")
        }
        NoffRule::SegmentPastEof => {
            (EXECFMT_NOFF_E_PAST_EOF, 0, c"NOFF: a segment's bytes would lie beyond the end of the file")
        }
        NoffRule::HeaderOverlap => {
            (EXECFMT_NOFF_E_HEADER_OVERLAP, 0, c"NOFF: a segment's bytes would begin within the header")
        }
        NoffRule::SegmentsOverlap(other) => {
            (EXECFMT_NOFF_E_OVERLAP, segment_code(other), c"NOFF: two segments claim the same addresses")
        }
        NoffRule::PaddingOverlap => {
            (EXECFMT_NOFF_W_PADDING_OVERLAP, 0, c"NOFF: uninitData begins within the padding of initData")
        }
        NoffRule::FileRangesOverlap(other) => (
            EXECFMT_NOFF_W_FILE_OVERLAP,
            segment_code(other),
            c"NOFF: two segments use the same bytes of the file",
        ),
        NoffRule::RaggedSize => (EXECFMT_NOFF_W_RAGGED_SIZE, 0, c"NOFF: a size is not a multiple of 16"),
        NoffRule::UnalignedAddress => {
            (EXECFMT_NOFF_W_UNALIGNED, 0, c"NOFF: an address is not a multiple of 4")
        }
        NoffRule::CodeNotAtZero => {
            (EXECFMT_NOFF_W_CODE_NOT_AT_ZERO, 0, c"NOFF: the code does not begin at address 0")
        }
        NoffRule::NoCode => (EXECFMT_NOFF_W_NO_CODE, 0, c"NOFF: there is no code"),
        NoffRule::LayoutContradicted => {
            (EXECFMT_NOFF_W_LAYOUT, 0, c"NOFF: the layout chosen is not the one that the header shows")
        }
        NoffRule::TrailingBytes => {
            (EXECFMT_NOFF_W_TRAILING_BYTES, 0, c"NOFF: the file goes on behind the last segment")
        }
        NoffRule::MemoryGap => {
            (EXECFMT_NOFF_W_MEMORY_GAP, 0, c"NOFF: the sizes add up to less than the memory they span")
        }
        NoffRule::LargeProgram => {
            (EXECFMT_NOFF_W_LARGE, 0, c"NOFF: the program ends at a higher address than any known one")
        }
    }
}

const fn lookalike_code(like: Lookalike) -> u32 {
    match like {
        Lookalike::Unknown => EXECFMT_NOFF_LOOKS_UNKNOWN,
        Lookalike::Elf => EXECFMT_NOFF_LOOKS_ELF,
        Lookalike::CoffLittle => EXECFMT_NOFF_LOOKS_COFF,
        Lookalike::CoffBig => EXECFMT_NOFF_LOOKS_COFF_BIG,
    }
}

const fn segment_code(kind: SegmentKind) -> u32 {
    match kind {
        SegmentKind::Code => EXECFMT_NOFF_CODE,
        SegmentKind::InitData => EXECFMT_NOFF_INIT_DATA,
        SegmentKind::ReadonlyData => EXECFMT_NOFF_READONLY_DATA,
        SegmentKind::UninitData => EXECFMT_NOFF_UNINIT_DATA,
    }
}

fn field_code(field: NoffField) -> u32 {
    let (base, kind) = match field {
        NoffField::FileLength => return EXECFMT_NOFF_FIELD_FILE_LENGTH,
        NoffField::NoffMagic => return EXECFMT_NOFF_FIELD_MAGIC,
        NoffField::Segment(kind, SegmentField::VirtualAddr) => (EXECFMT_NOFF_FIELD_VIRTUAL_ADDR, kind),
        NoffField::Segment(kind, SegmentField::InFileAddr) => (EXECFMT_NOFF_FIELD_IN_FILE_ADDR, kind),
        NoffField::Segment(kind, SegmentField::Size) => (EXECFMT_NOFF_FIELD_SIZE, kind),
    };
    base.saturating_add(segment_code(kind).saturating_mul(4))
}

fn field_of(code: u32) -> Option<NoffField> {
    let parts = [SegmentField::VirtualAddr, SegmentField::InFileAddr, SegmentField::Size];
    let of_segments =
        SegmentKind::ALL.iter().flat_map(|&kind| parts.map(|part| NoffField::Segment(kind, part)));
    let mut all = [NoffField::FileLength, NoffField::NoffMagic].into_iter().chain(of_segments);
    all.find(|&field| field_code(field) == code)
}

pub(crate) fn message(status: execfmt_status) -> Option<&'static CStr> {
    match status {
        EXECFMT_NOFF_E_NO_SUCH_SEGMENT => Some(c"NOFF: a header with 3 segments has no readonlyData"),
        EXECFMT_NOFF_E_TOO_LONG => Some(c"NOFF: the file would be 4 GiB or longer"),
        _ => RULES.iter().map(|&rule| rule_code(rule)).find(|code| code.0 == status).map(|code| code.2),
    }
}

fn for_c(finding: &NoffFinding) -> execfmt_finding {
    let (status, detail, _) = rule_code(finding.rule);
    finding_for_c(finding, status, detail, field_code(finding.field))
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
///
/// # Safety
/// As for [`memory::read`].
unsafe fn program(noff: *const execfmt_noff) -> Result<Program, execfmt_status> {
    // SAFETY: the caller's promise.
    let noff = unsafe { memory::read(noff) }?;
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
    Program::new(header, noff.file_len, Strictness::Errors).map_err(|finding| rule_code(finding.rule).0)
}

/// # Safety
/// As for [`memory::read`]; NULL stands for the default.
unsafe fn options(options: *const execfmt_noff_options) -> Result<Options, execfmt_status> {
    if options.is_null() {
        return Ok(Options::default());
    }
    // SAFETY: the caller's promise.
    let options = unsafe { memory::read(options) }?;
    let layout = match options.layout {
        0 => None,
        count => Some(Layout::from_segment_count(count).ok_or(EXECFMT_E_ARGUMENT)?),
    };
    let strictness = match options.strictness {
        EXECFMT_NOFF_REFUSE_ERRORS => Strictness::Errors,
        EXECFMT_NOFF_REFUSE_WARNINGS => Strictness::Warnings,
        _ => return Err(EXECFMT_E_ARGUMENT),
    };
    Ok(Options { layout, strictness })
}

fn page_size(bytes: u32) -> Result<PageSize, execfmt_status> {
    PageSize::new(bytes).ok_or(EXECFMT_E_ARGUMENT)
}

fn load_status(error: LoadError<execfmt_status>) -> execfmt_status {
    match error {
        LoadError::MemoryTooSmall(_) => EXECFMT_E_BUFFER,
        LoadError::PageSize(_) => EXECFMT_E_ARGUMENT,
        LoadError::Read(status) => status,
    }
}

/// The length of a frame; no slice is made of one that is no page.
fn frame_len(page_size: u32) -> Result<usize, execfmt_status> {
    usize::try_from(self::page_size(page_size)?.bytes()).map_err(|_| EXECFMT_E_LENGTH)
}

/// Reads from a whole file in memory, as a caller's function reads from its file.
fn read_from(file: &[u8]) -> impl FnMut(u32, &mut [u8]) -> Result<(), execfmt_status> + '_ {
    |offset, place| {
        let rest = usize::try_from(offset).ok().and_then(|offset| file.get(offset..));
        let bytes = rest.and_then(|rest| rest.get(..place.len()));
        place.copy_from_slice(bytes.ok_or(EXECFMT_NOFF_E_PAST_EOF)?);
        Ok(())
    }
}

/// Reads and checks a whole file of `length` bytes. On success `*noff` is filled in; when the file is refused, the
/// status says why, and `*finding`, unless it is NULL, has the field, its place, the value found and the one expected.
/// `options` may be NULL.
///
/// # Safety
/// `file` must point to `length` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_parse(
    file: *const u8,
    length: usize,
    options: *const execfmt_noff_options,
    noff: *mut execfmt_noff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    match u32::try_from(length) {
        // SAFETY: the caller's promise.
        Ok(file_len) => unsafe { execfmt_noff_parse_header(file, length, file_len, options, noff, finding) },
        Err(_) => EXECFMT_E_LENGTH,
    }
}

/// As execfmt_noff_parse, for a kernel that has read only the beginning of a file of `file_len` bytes: its first
/// EXECFMT_NOFF_MAX_HEADER_SIZE bytes, or all of a shorter file.
///
/// # Safety
/// `prefix` must point to `prefix_len` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_parse_header(
    prefix: *const u8,
    prefix_len: usize,
    file_len: u32,
    options: *const execfmt_noff_options,
    noff: *mut execfmt_noff,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::options(options) }.and_then(|options| {
        // SAFETY: the caller's promise.
        let prefix = unsafe { memory::slice(prefix, prefix_len) }?;
        memory::check(noff, 1)?;
        match parse_header(prefix, file_len, options) {
            // SAFETY: the caller's promise.
            Ok(program) => unsafe { memory::write(noff, execfmt_noff::from(&program)) },
            Err(refusal) => {
                if !finding.is_null() {
                    // SAFETY: the caller's promise.
                    unsafe { memory::write(finding, for_c(&refusal)) }?;
                }
                Err(rule_code(refusal.rule).0)
            }
        }
    });
    memory::status(outcome)
}

/// What is unusual about a program: the finding number `index`, from 0 on; EXECFMT_END behind the last one.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_check(
    noff: *const execfmt_noff,
    index: u32,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let index = usize::try_from(index).map_err(|_| EXECFMT_END)?;
        let found = check(program.header(), program.file_len()).nth(index).ok_or(EXECFMT_END)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(finding, for_c(&found)) }
    });
    memory::status(outcome)
}

/// Everything that is wrong or unusual in a file, whether it is refused or not: the finding number `index`, from 0 on;
/// EXECFMT_END behind the last one. The other arguments are those of execfmt_noff_parse_header. A header that cannot be
/// read has one finding.
///
/// # Safety
/// `prefix` must point to `prefix_len` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_check_file(
    prefix: *const u8,
    prefix_len: usize,
    file_len: u32,
    options: *const execfmt_noff_options,
    index: u32,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { self::options(options) }.and_then(|options| {
        // SAFETY: the caller's promise.
        let prefix = unsafe { memory::slice(prefix, prefix_len) }?;
        let index = usize::try_from(index).map_err(|_| EXECFMT_END)?;
        let found = match read_header(prefix, file_len, options.layout) {
            Ok(header) => check(&header, file_len).nth(index),
            Err(refusal) => Some(refusal).filter(|_| index == 0),
        };
        // SAFETY: the caller's promise.
        unsafe { memory::write(finding, for_c(&found.ok_or(EXECFMT_END)?)) }
    });
    memory::status(outcome)
}

/// Writes a sentence about a finding of this format as snprintf does: at most `capacity` bytes into `buffer`, the
/// closing NUL among them. Returns the length of the whole sentence without the NUL; 0, and an empty string, when the
/// struct holds no finding of this format. `buffer` may be NULL with a `capacity` of 0, to learn the length.
///
/// # Safety
/// `finding` must be NULL or point to its struct, `buffer` be NULL or point to `capacity` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_finding_message(
    finding: *const execfmt_finding,
    buffer: *mut c_char,
    capacity: usize,
) -> usize {
    // SAFETY: the caller's promise.
    let finding = unsafe { memory::read(finding) }.ok().and_then(|c| {
        let number = (c.status, c.detail);
        let rule = RULES.into_iter().find(|&rule| (rule_code(rule).0, rule_code(rule).1) == number)?;
        finding_from_c(&c, rule, field_of(c.field)?)
    });
    // SAFETY: the caller's promise.
    unsafe {
        match finding {
            Some(finding) => write_sentence(buffer, capacity, format_args!("{finding}")),
            None => write_sentence(buffer, capacity, format_args!("")),
        }
    }
}

/// Stores in `*pages` how many pages of `page_size` bytes (a power of two up to 65536) the program and a stack of
/// `stack_size` bytes take. EXECFMT_E_RANGE beyond 32 bits.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_page_count(
    noff: *const execfmt_noff,
    page_size: u32,
    stack_size: u32,
    pages: *mut u32,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let count = program.page_count(self::page_size(page_size)?, stack_size);
        // SAFETY: the caller's promise.
        unsafe { memory::write(pages, u32::try_from(count).map_err(|_| EXECFMT_E_RANGE)?) }
    });
    memory::status(outcome)
}

/// Stores in `*stack_pointer` the initial stack pointer: 16 bytes below the end of the last page. EXECFMT_E_RANGE when
/// there is no such 32-bit address.
///
/// # Safety
/// The pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_stack_pointer(
    noff: *const execfmt_noff,
    page_size: u32,
    stack_size: u32,
    stack_pointer: *mut u32,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let pointer =
            program.stack_pointer(self::page_size(page_size)?, stack_size).ok_or(EXECFMT_E_RANGE)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(stack_pointer, pointer) }
    });
    memory::status(outcome)
}

/// Says what virtual page `vpn` holds: which bytes come from where in the file (all others are zero), which segments
/// it has a part of, and whether it is read-only.
///
/// # Safety
/// The pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_describe_page(
    noff: *const execfmt_noff,
    vpn: u32,
    page_size: u32,
    page: *mut execfmt_noff_page,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let source = program.page(vpn, self::page_size(page_size)?);
        let mut target = execfmt_noff_page { read_only: source.is_read_only().into(), ..Default::default() };
        for (place, piece) in target.pieces.iter_mut().zip(source.pieces()) {
            let segment = segment_code(piece.segment);
            let (offset_in_page, file_offset, length) =
                (piece.offset_in_page, piece.file_offset, piece.length);
            *place = execfmt_noff_piece { segment, offset_in_page, file_offset, length };
            target.piece_count = target.piece_count.saturating_add(1);
        }
        target.segments =
            source.segments().fold(0, |bits, kind| bits | 1_u32.wrapping_shl(segment_code(kind)));
        // SAFETY: the caller's promise.
        unsafe { memory::write(page, target) }
    });
    memory::status(outcome)
}

/// Fills a frame of `page_size` bytes with virtual page `vpn`, from a file of `length` bytes in memory.
///
/// # Safety
/// `file` must point to `length` readable bytes, `frame` to `page_size` writable ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_read_page(
    noff: *const execfmt_noff,
    file: *const u8,
    length: usize,
    vpn: u32,
    frame: *mut u8,
    page_size: u32,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let frame_len = frame_len(page_size)?;
        // SAFETY: the caller's promise.
        let (file, frame) = unsafe { memory::slices((file, length), (frame, frame_len)) }?;
        program.load_page_with(vpn, frame, read_from(file)).map_err(load_status)
    });
    memory::status(outcome)
}

/// Fills a frame of `page_size` bytes with virtual page `vpn`. `read` is called for each piece that comes from the
/// file, with `context` passed along: straight into the frame, no buffer in between.
///
/// # Safety
/// `frame` must point to `page_size` writable bytes; `read` must be NULL or a function of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_load_page(
    noff: *const execfmt_noff,
    read: execfmt_read_fn,
    context: *mut c_void,
    vpn: u32,
    frame: *mut u8,
    page_size: u32,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let frame_len = frame_len(page_size)?;
        let read = reader(read, context)?;
        // SAFETY: the caller's promise.
        let frame = unsafe { memory::slice_mut(frame, frame_len) }?;
        program.load_page_with(vpn, frame, read).map_err(load_status)
    });
    memory::status(outcome)
}

/// Loads the whole program into a flat memory of `memory_len` bytes, of which the first is address 0. `read` is called
/// for each segment that comes from the file; all other memory is zeroed, up to its end. EXECFMT_E_BUFFER, and nothing
/// is written, when the memory does not reach up to memory_end.
///
/// # Safety
/// `memory` must point to `memory_len` writable bytes; `read` must be NULL or a function of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_load(
    noff: *const execfmt_noff,
    read: execfmt_read_fn,
    context: *mut c_void,
    memory: *mut u8,
    memory_len: usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { program(noff) }.and_then(|program| {
        let read = reader(read, context)?;
        // SAFETY: the caller's promise.
        let memory = unsafe { memory::slice_mut(memory, memory_len) }?;
        program.load_with(memory, read).map_err(load_status)
    });
    memory::status(outcome)
}

/// # Safety
/// The payload's pointer must be NULL or point to its bytes.
unsafe fn payload<'a>(payload: &execfmt_noff_payload) -> Result<&'a [u8], execfmt_status> {
    if payload.length == 0 {
        return Ok(&[]);
    }
    // SAFETY: the caller's promise.
    unsafe { memory::slice(payload.bytes, payload.length) }
}

/// # Safety
/// The struct's pointers must be NULL or point to their bytes.
unsafe fn builder<'a>(contents: *const execfmt_noff_contents) -> Result<Builder<'a>, execfmt_status> {
    // SAFETY: the caller's promise.
    let contents = unsafe { memory::read(contents) }?;
    let layout = Layout::from_segment_count(contents.layout).ok_or(EXECFMT_E_ARGUMENT)?;
    // SAFETY: the caller's promise.
    let [code, readonly, init] = unsafe {
        [payload(&contents.code)?, payload(&contents.readonly_data)?, payload(&contents.init_data)?]
    };
    Ok(Builder::new(layout, byte_order(contents.byte_order)?)
        .code(contents.code.virtual_addr, code)
        .readonly_data(contents.readonly_data.virtual_addr, readonly)
        .init_data(contents.init_data.virtual_addr, init)
        .uninit_data(contents.uninit_addr, contents.uninit_size))
}

fn build_status(error: BuildError) -> execfmt_status {
    match error {
        BuildError::NoSuchSegment(_) => EXECFMT_NOFF_E_NO_SUCH_SEGMENT,
        BuildError::TooLong => EXECFMT_NOFF_E_TOO_LONG,
        BuildError::Refused(finding) => rule_code(finding.rule).0,
        BuildError::BufferTooSmall(_) => EXECFMT_E_BUFFER,
    }
}

/// Stores in `*length` how many bytes the file will have.
///
/// # Safety
/// The pointers must be NULL or point to their values, those within `*contents` to their bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_built_len(
    contents: *const execfmt_noff_contents,
    length: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { builder(contents) }.and_then(|builder| {
        // SAFETY: the caller's promise.
        unsafe { memory::write(length, builder.written_len().map_err(build_status)?) }
    });
    memory::status(outcome)
}

/// Writes a file into `buffer` and stores its length in `*written`. What could not be parsed back is refused with the
/// status of the rule that it breaks, and nothing is written.
///
/// # Safety
/// `buffer` must point to `capacity` writable bytes that overlap none of the contents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_noff_build(
    contents: *const execfmt_noff_contents,
    buffer: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { builder(contents) }.and_then(|builder| {
        let length = builder.written_len().map_err(build_status)?;
        // First, so that nothing is built that the caller would not hear of.
        memory::check(written, 1)?;
        if capacity < length {
            return Err(EXECFMT_E_BUFFER);
        }
        // SAFETY: the caller's promise.
        let contents = unsafe { memory::read(contents) }?;
        for payload in [contents.code, contents.readonly_data, contents.init_data] {
            if payload.length != 0 {
                // SAFETY: the caller's promise. Only that the two do not overlap is wanted here.
                unsafe { memory::slices((payload.bytes, payload.length), (buffer, length)) }?;
            }
        }
        // SAFETY: the caller's promise; not overlapping, as was just seen.
        let buffer = unsafe { memory::slice_mut(buffer, length) }?;
        let length = builder.write_to(buffer).map_err(build_status)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(written, length) }
    });
    memory::status(outcome)
}

#[cfg(test)]
mod tests {
    use execfmt_common::Rule as _;

    use super::*;

    #[test]
    fn every_rule_has_a_number_of_its_own_and_comes_back_from_it() {
        for (index, rule) in RULES.iter().enumerate() {
            let code = rule_code(*rule);
            let same = |other: &NoffRule| (rule_code(*other).0, rule_code(*other).1) == (code.0, code.1);
            assert_eq!(RULES.iter().position(same), Some(index), "{}", rule.code());
        }
    }

    #[test]
    fn every_field_comes_back_from_its_number() {
        for code in [1, 2, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30] {
            assert_eq!(field_of(code).map(field_code), Some(code));
        }
        assert_eq!(field_of(19), None);
    }
}
