use core::ffi::c_char;

use ::os2_ne::elks::{Layout, MAX_SEGMENTS, Options, SegmentKind, SegmentLayout};
use ::os2_ne::{Header, Relocation, Relocations, Segment, Source, System};
use execfmt_common::Detail as _;
use static_assertions::const_assert_eq;

use crate::memory::{Caller, fill_display, options};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

/// The most segments that ELKS loads.
pub const EXECFMT_NE_MAX_SEGMENTS: usize = 5;
const_assert_eq!(EXECFMT_NE_MAX_SEGMENTS, MAX_SEGMENTS);

/// System: the header does not name it.
pub const EXECFMT_NE_SYSTEM_UNKNOWN: u32 = 0;
/// System: OS/2 itself.
pub const EXECFMT_NE_SYSTEM_OS2: u32 = 1;
/// System: 16-bit Windows.
pub const EXECFMT_NE_SYSTEM_WINDOWS: u32 = 2;
/// System: DOS 4 with its multitasking.
pub const EXECFMT_NE_SYSTEM_DOS4: u32 = 3;
/// System: Windows in 386 mode.
pub const EXECFMT_NE_SYSTEM_WINDOWS_386: u32 = 4;
/// System: ELKS, whose files name OS/2 and need nothing of it.
pub const EXECFMT_NE_SYSTEM_ELKS: u32 = 256;

/// Kind of segment: code.
pub const EXECFMT_NE_CODE: u32 = 0;
/// Kind of segment: data.
pub const EXECFMT_NE_DATA: u32 = 1;
/// Kind of segment: the auto data segment, with data, heap and stack.
pub const EXECFMT_NE_AUTO: u32 = 2;
/// Kind of segment: the auto data segment, marked as code.
pub const EXECFMT_NE_AUTO_MARKED_CODE: u32 = 3;

/// Source of a relocation: a word becomes the segment of the target.
pub const EXECFMT_NE_SOURCE_SEGMENT: u32 = 2;
/// Source of a relocation: two words become offset and segment of the target.
pub const EXECFMT_NE_SOURCE_FAR_POINTER: u32 = 3;

/// Heap: what ELKS gives, 4096 bytes.
pub const EXECFMT_NE_HEAP_DEFAULT: u32 = 0;
/// Heap: as much as the segment has.
pub const EXECFMT_NE_HEAP_ALL: u32 = 0xffff;
/// Heap or stack, of execfmt_ne_chmem: leave it as it is.
pub const EXECFMT_NE_KEEP: u32 = 0xffff_ffff;

/// The kernel is without CONFIG_EXEC_OS2: it takes no NE files.
pub const EXECFMT_NE_WITHOUT_OS2: u32 = 1;

/// Table of names: the resident ones, of which the first is that of the module.
pub const EXECFMT_NE_RESIDENT_NAMES: u32 = 0;
/// Table of names: the others, of which the first is a description.
pub const EXECFMT_NE_NON_RESIDENT_NAMES: u32 = 1;

/// Room for a name and its NUL, in bytes: none is longer.
pub const EXECFMT_NE_NAME_SIZE: usize = 256;
/// Room for what execfmt_ne_relocation says of a target, in bytes, its NUL included.
pub const EXECFMT_NE_TARGET_SIZE: usize = 40;

/// The ELKS kernel that is asked, and what it is asked to run. All 0 is the default: NE is configured, real mode, the
/// smallest argument block of a real execve.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_ne_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// EXECFMT_NE_WITHOUT_OS2, or 0.
    pub without: u32,
    /// 1 for a kernel in protected mode, else 0.
    pub protected_mode: u32,
    /// The size of the argument block (argc, argv, environment and their strings) in bytes, at most 65535; 0 for 10, which
    /// is the smallest.
    pub argument_bytes: u32,
}
options!(execfmt_ne_options, 16);

impl execfmt_ne_options {
    #[inline]
    pub(super) fn of(caller: Caller<'_>, options: *const Self) -> Result<Options, execfmt_status> {
        // What a struct of zeros says too, without the work.
        if options.is_null() {
            return Ok(Options::default());
        }
        let c = caller.options(options)?;
        if c.without > EXECFMT_NE_WITHOUT_OS2 || c.protected_mode > 1 {
            return Err(EXECFMT_E_ARGUMENT);
        }
        let argument_bytes = match u16::try_from(c.argument_bytes) {
            Ok(0) => Options::default().argument_bytes,
            other => other.map_err(|_| EXECFMT_E_ARGUMENT)?,
        };
        Ok(Options { os2: c.without == 0, protected_mode: c.protected_mode == 1, argument_bytes })
    }
}

/// What the headers of a file say, nothing judged. Each number in 32 bits, whatever it has in the file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_ne {
    /// File offset of the NE header, in bytes.
    pub position: u32,
    /// The system that the file is for: EXECFMT_NE_SYSTEM_ELKS and so on, or another number of the header's.
    pub system: u32,
    /// The number of the system in the header.
    pub target_os: u32,
    /// Program flags.
    pub program_flags: u32,
    /// Application flags.
    pub application_flags: u32,
    /// Number of segments.
    pub segment_count: u32,
    /// Number of the segment with data, heap and stack, from 1; 0 for none.
    pub auto_data_segment: u32,
    /// Number of the segment in which the program starts, from 1.
    pub entry_segment: u32,
    /// Where it starts, in bytes from the start of that segment.
    pub entry: u32,
    /// Bytes of heap: EXECFMT_NE_HEAP_DEFAULT, EXECFMT_NE_HEAP_ALL, or so many.
    pub heap: u32,
    /// Bytes of stack; 0 for 4096.
    pub stack: u32,
    /// Number of the stack's segment, which ELKS ignores.
    pub stack_segment: u32,
    /// The initial stack pointer, which ELKS ignores.
    pub stack_pointer: u32,
    /// File offset of the segment table, in bytes.
    pub segment_table: u32,
    /// The power of two in which the segment table counts file offsets.
    pub shift: u32,
    /// Number of modules that the program imports from.
    pub module_count: u32,
    /// Number of movable entry points.
    pub movable_count: u32,
    /// Number of resources.
    pub resource_count: u32,
}

impl From<&Header> for execfmt_ne {
    #[inline(always)]
    fn from(header: &Header) -> Self {
        Self {
            position: header.position,
            system: System::of(header).number(),
            target_os: header.target_os().into(),
            program_flags: header.ne.program_flags.into(),
            application_flags: header.ne.application_flags.into(),
            segment_count: header.num_segments().into(),
            auto_data_segment: header.auto_data_segment().into(),
            entry_segment: header.cs().into(),
            entry: header.ip().into(),
            heap: header.heap().into(),
            stack: header.stack().into(),
            stack_segment: header.ss().into(),
            stack_pointer: header.sp().into(),
            segment_table: header.segment_table_offset(),
            shift: header.shift().into(),
            module_count: header.num_modules().into(),
            movable_count: header.num_movable().into(),
            resource_count: header.num_resources().into(),
        }
    }
}

/// A segment of a file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_ne_segment {
    /// File offset of its entry in the segment table, in bytes.
    pub entry_offset: u64,
    /// Its number, from 1.
    pub number: u32,
    /// EXECFMT_NE_CODE and so on.
    pub kind: u32,
    /// Its flags in the file.
    pub flags: u32,
    /// File offset of its bytes.
    pub file_offset: u32,
    /// Bytes in the file, as the table says.
    pub size: u32,
    /// How many of them the file holds: less than `size` in a file that was cut short.
    pub available: u32,
    /// Bytes in memory; ELKS refuses 0.
    pub min_alloc: u32,
    /// Number of relocations, as the file says.
    pub relocation_count: u32,
}

pub(super) const fn kind_code(kind: SegmentKind) -> u32 {
    match kind {
        SegmentKind::Code => EXECFMT_NE_CODE,
        SegmentKind::Data => EXECFMT_NE_DATA,
        SegmentKind::Auto => EXECFMT_NE_AUTO,
        SegmentKind::AutoMarkedCode => EXECFMT_NE_AUTO_MARKED_CODE,
    }
}

pub(super) fn kind_of(segment: &Segment<'_>, header: &Header) -> SegmentKind {
    SegmentKind::of(segment.is_data(), segment.number == header.auto_data_segment())
}

impl execfmt_ne_segment {
    pub(super) fn new(segment: &Segment<'_>, header: &Header) -> Self {
        Self {
            entry_offset: segment.entry_offset,
            number: segment.number.into(),
            kind: kind_code(kind_of(segment, header)),
            flags: segment.flags().into(),
            file_offset: segment.offset,
            size: segment.size().into(),
            available: u32::try_from(segment.available().len()).unwrap_or(u32::MAX),
            min_alloc: segment.min_alloc().into(),
            relocation_count: Relocations::count(&segment.relocations()).into(),
        }
    }
}

/// A relocation of a segment.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_ne_relocation {
    /// File offset of its record, in bytes.
    pub file_offset: u64,
    /// Where it changes its segment, in bytes from the segment's start.
    pub source_offset: u32,
    /// EXECFMT_NE_SOURCE_SEGMENT, EXECFMT_NE_SOURCE_FAR_POINTER, or another number that ELKS does not know.
    pub source: u32,
    /// Flags of the record.
    pub flags: u32,
    /// 1 when ELKS knows relocations of this kind, else 0.
    pub is_known: u32,
    /// 1 when what the file holds is added, else 0.
    pub is_additive: u32,
    /// Number of the target's segment, from 1.
    pub target_segment: u32,
    /// Offset in that segment, in bytes; without meaning for EXECFMT_NE_SOURCE_SEGMENT.
    pub target_offset: u32,
    /// 0.
    pub reserved: u32,
    /// The target for people, such as "segment 2 (auto):0010" or "segment 7 (none)", ended by a NUL.
    pub target: [c_char; EXECFMT_NE_TARGET_SIZE],
}

/// A relocation's target in words.
struct Target<'a> {
    number: u8,
    kind: Option<SegmentKind>,
    relocation: Option<&'a Relocation>,
}

impl core::fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "segment {} ({})", self.number, self.kind.map_or("none", SegmentKind::name))?;
        match self.relocation {
            Some(Relocation { source: Source::FarPointer, target_offset, .. }) => {
                write!(f, ":{target_offset:04x}")
            }
            _ => Ok(()),
        }
    }
}

impl execfmt_ne_relocation {
    pub(super) fn new(
        file_offset: u64,
        record: &::os2_ne::RelocationRecord,
        kind: Option<SegmentKind>,
    ) -> Self {
        let known = record.known().ok();
        let mut c = Self {
            file_offset,
            source_offset: record.source_offset.get().into(),
            source: record.source_type.into(),
            flags: record.flags.into(),
            is_known: known.is_some().into(),
            is_additive: (record.flags & ::os2_ne::ADDITIVE != 0).into(),
            target_segment: record.target_segment.into(),
            target_offset: record.target_offset.get().into(),
            reserved: 0,
            target: [0; EXECFMT_NE_TARGET_SIZE],
        };
        let target = Target { number: record.target_segment, kind, relocation: known.as_ref() };
        fill_display(&mut c.target, target);
        c
    }
}

/// A place in a table of names. All 0 is the beginning of the resident ones; for the others, set `table`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_ne_cursor {
    /// EXECFMT_NE_RESIDENT_NAMES or EXECFMT_NE_NON_RESIDENT_NAMES.
    pub table: u32,
    /// Number of the name, from 0.
    pub index: u32,
    /// File offset of the name; 0 for the first.
    pub offset: u32,
}

/// A name of a file.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_ne_name {
    /// Number of the entry point; 0 for the module's own name and description.
    pub ordinal: u32,
    /// The length of the name in bytes.
    pub name_length: u32,
    /// The name as it is in the file, ended by a NUL: of bytes that may be anything.
    pub name: [c_char; EXECFMT_NE_NAME_SIZE],
}

impl Default for execfmt_ne_name {
    fn default() -> Self {
        Self { ordinal: 0, name_length: 0, name: [0; EXECFMT_NE_NAME_SIZE] }
    }
}

/// The memory of a segment as ELKS sets it up.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_elks_ne_segment {
    /// EXECFMT_NE_CODE and so on.
    pub kind: u32,
    /// Its memory, in paragraphs of 16 bytes.
    pub paras: u32,
    /// Bytes from the file.
    pub size: u32,
    /// Bytes of code or data: those from the file, and zeros.
    pub min_alloc: u32,
}

impl From<&SegmentLayout> for execfmt_elks_ne_segment {
    #[inline(always)]
    fn from(segment: &SegmentLayout) -> Self {
        Self {
            kind: kind_code(segment.kind),
            paras: segment.paras.into(),
            size: segment.size.into(),
            min_alloc: segment.min_alloc.into(),
        }
    }
}

/// The memory of a program as execve of ELKS sets it up. In bytes, but for paragraphs of 16.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_elks_ne_layout {
    /// Number of segments.
    pub segment_count: u32,
    /// The memory of all segments, in paragraphs.
    pub total_paras: u32,
    /// Size of the auto data segment.
    pub data_len: u32,
    /// The stack that is reserved.
    pub minstack: u32,
    /// The end of the data.
    pub t_enddata: u32,
    /// The end of the auto data segment.
    pub t_endseg: u32,
    /// The initial stack pointer.
    pub begstack: u32,
    /// The initial break.
    pub endbrk: u32,
    /// What the heap may grow by.
    pub heap: u32,
    /// The initial instruction pointer.
    pub entry: u32,
    /// Number of the segment in which the program starts, from 1.
    pub entry_segment: u32,
    /// Number of the auto data segment, from 1.
    pub auto_data_segment: u32,
    /// The segments, of which segment_count are in use.
    pub segments: [execfmt_elks_ne_segment; EXECFMT_NE_MAX_SEGMENTS],
}

impl From<&Layout> for execfmt_elks_ne_layout {
    #[inline(always)]
    fn from(layout: &Layout) -> Self {
        let mut c = Self {
            segment_count: 0,
            total_paras: 0,
            data_len: layout.data_len.into(),
            minstack: layout.minstack.into(),
            t_enddata: layout.t_enddata.into(),
            t_endseg: layout.t_endseg.into(),
            begstack: layout.begstack.into(),
            endbrk: layout.endbrk.into(),
            heap: layout.heap().into(),
            entry: layout.entry.into(),
            entry_segment: layout.entry_segment.into(),
            auto_data_segment: layout.auto_data_segment.into(),
            segments: Default::default(),
        };
        for (place, segment) in c.segments.iter_mut().zip(layout.segments()) {
            *place = segment.into();
            c.segment_count = c.segment_count.saturating_add(1);
            c.total_paras = c.total_paras.saturating_add(place.paras);
        }
        c
    }
}

/// Memory for a segment that is to be loaded.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_ne_memory {
    /// The memory: 16 * paras bytes or more. It stays the caller's.
    pub bytes: *mut u8,
    /// Its length in bytes.
    pub length: usize,
    /// Where it is on the machine, in paragraphs: what relocations store. 65535 at most.
    pub base: u32,
}
