use core::ffi::c_char;

use ::os2_ne::elks::{Layout, MAX_SEGMENTS, Options, SegmentKind, SegmentLayout};
use ::os2_ne::{Header, Relocation, Segment, Source, System};
use execfmt_common::Detail as _;
use static_assertions::const_assert_eq;

use crate::memory::{Caller, fill_display, options};
use crate::status::{EXECFMT_E_ARGUMENT, execfmt_status};

/// Maximum number of segments that ELKS loads.
pub const EXECFMT_NE_MAX_SEGMENTS: usize = 5;
const_assert_eq!(EXECFMT_NE_MAX_SEGMENTS, MAX_SEGMENTS);

/// System: not specified by the header.
pub const EXECFMT_NE_SYSTEM_UNKNOWN: u32 = 0;
/// System: OS/2 itself.
pub const EXECFMT_NE_SYSTEM_OS2: u32 = 1;
/// System: 16-bit Windows.
pub const EXECFMT_NE_SYSTEM_WINDOWS: u32 = 2;
/// System: multitasking DOS 4.
pub const EXECFMT_NE_SYSTEM_DOS4: u32 = 3;
/// System: Windows in 386 mode.
pub const EXECFMT_NE_SYSTEM_WINDOWS_386: u32 = 4;
/// System: ELKS, whose files have OS/2 as their target and require nothing of it.
pub const EXECFMT_NE_SYSTEM_ELKS: u32 = 256;

/// Kind of segment: code.
pub const EXECFMT_NE_CODE: u32 = 0;
/// Kind of segment: data.
pub const EXECFMT_NE_DATA: u32 = 1;
/// Kind of segment: the auto data segment, with data, heap and stack.
pub const EXECFMT_NE_AUTO: u32 = 2;
/// Kind of segment: the auto data segment, marked as code.
pub const EXECFMT_NE_AUTO_MARKED_CODE: u32 = 3;

/// Source of a relocation: a word, which is set to the target's segment.
pub const EXECFMT_NE_SOURCE_SEGMENT: u32 = 2;
/// Source of a relocation: two words, which are set to the target's offset and segment.
pub const EXECFMT_NE_SOURCE_FAR_POINTER: u32 = 3;

/// Heap: the default of ELKS, 4096 bytes.
pub const EXECFMT_NE_HEAP_DEFAULT: u32 = 0;
/// Heap: as much as fits into the segment.
pub const EXECFMT_NE_HEAP_ALL: u32 = 0xffff;
/// Heap or stack, for execfmt_ne_chmem: keep the current value.
pub const EXECFMT_NE_KEEP: u32 = 0xffff_ffff;

/// The kernel was built without CONFIG_EXEC_OS2: it accepts no NE files.
pub const EXECFMT_NE_WITHOUT_OS2: u32 = 1;

/// Table of names: the resident ones, the first of which is that of the module.
pub const EXECFMT_NE_RESIDENT_NAMES: u32 = 0;
/// Table of names: the non-resident ones, the first of which is a description.
pub const EXECFMT_NE_NON_RESIDENT_NAMES: u32 = 1;

/// Size of the array for a name and its NUL, in bytes: no name is longer.
pub const EXECFMT_NE_NAME_SIZE: usize = 256;
/// Size of the array for the target in an execfmt_ne_relocation, in bytes, including its NUL.
pub const EXECFMT_NE_TARGET_SIZE: usize = 40;

/// How the ELKS kernel was configured, and how the program is called. All 0 is the default: NE is configured,
/// real mode, the smallest argument block that a real execve passes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_ne_options {
    /// The size of this struct in bytes: sizeof.
    pub size: u32,
    /// EXECFMT_NE_WITHOUT_OS2, or 0.
    pub without: u32,
    /// 1 for a kernel in protected mode, else 0.
    pub protected_mode: u32,
    /// The size of the argument block (argc, argv, environment and their strings) in bytes, at most 65535; 0
    /// for 10, which is the smallest.
    pub argument_bytes: u32,
}
options!(execfmt_ne_options, 16);

impl execfmt_ne_options {
    #[inline]
    pub(super) fn of(caller: Caller<'_>, options: *const Self) -> Result<Options, execfmt_status> {
        // The same as a struct of zeros, without the work of reading it.
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

/// The contents of a file's headers, unchecked. Each number has 32 bits, whatever its size in the file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_ne {
    /// File offset of the NE header, in bytes.
    pub position: u32,
    /// The system for which the file is made: EXECFMT_NE_SYSTEM_ELKS or another of these constants, or
    /// another number from the header.
    pub system: u32,
    /// The number of the system in the header.
    pub target_os: u32,
    /// Program flags.
    pub program_flags: u32,
    /// Application flags.
    pub application_flags: u32,
    /// Number of segments.
    pub segment_count: u32,
    /// Number of the auto data segment, which holds data, heap and stack, from 1; 0 for none.
    pub auto_data_segment: u32,
    /// Number of the segment in which the program starts, from 1.
    pub entry_segment: u32,
    /// The entry point, in bytes from the start of that segment.
    pub entry: u32,
    /// Bytes of heap: EXECFMT_NE_HEAP_DEFAULT, EXECFMT_NE_HEAP_ALL, or a number.
    pub heap: u32,
    /// Bytes of stack; 0 for 4096.
    pub stack: u32,
    /// Number of the stack's segment, which ELKS ignores.
    pub stack_segment: u32,
    /// The initial stack pointer, which ELKS ignores.
    pub stack_pointer: u32,
    /// File offset of the segment table, in bytes.
    pub segment_table: u32,
    /// File offsets in the segment table are in units of 2 to this power, in bytes.
    pub shift: u32,
    /// Number of modules from which the program imports.
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
    /// EXECFMT_NE_CODE or another of these constants.
    pub kind: u32,
    /// Its flags in the file.
    pub flags: u32,
    /// File offset of its bytes.
    pub file_offset: u32,
    /// Size in the file in bytes, from the segment table.
    pub size: u32,
    /// Number of these bytes that the file contains: less than `size` if it was cut short.
    pub available: u32,
    /// Size in memory in bytes; ELKS refuses 0.
    pub min_alloc: u32,
    /// Number of relocations, from the count in the file.
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
            relocation_count: segment.relocations().left().into(),
        }
    }
}

/// A relocation of a segment.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_ne_relocation {
    /// File offset of its record, in bytes.
    pub file_offset: u64,
    /// Offset of the changed bytes in the segment.
    pub source_offset: u32,
    /// EXECFMT_NE_SOURCE_SEGMENT, EXECFMT_NE_SOURCE_FAR_POINTER, or another number, which ELKS does not
    /// support.
    pub source: u32,
    /// Flags of the record.
    pub flags: u32,
    /// 1 when ELKS supports relocations of this kind, else 0.
    pub is_known: u32,
    /// 1 when the value in the file is added, else 0.
    pub is_additive: u32,
    /// Number of the target's segment, from 1.
    pub target_segment: u32,
    /// Offset in that segment, in bytes; not used for EXECFMT_NE_SOURCE_SEGMENT.
    pub target_offset: u32,
    /// 0.
    pub reserved: u32,
    /// The target as text, such as "segment 2 (auto):0010" or "segment 7 (none)", terminated by a NUL.
    pub target: [c_char; EXECFMT_NE_TARGET_SIZE],
}

/// A relocation's target as text.
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

/// A position in a table of names. All 0 is the beginning of the resident ones; for the non-resident ones,
/// set `table`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_ne_cursor {
    /// EXECFMT_NE_RESIDENT_NAMES or EXECFMT_NE_NON_RESIDENT_NAMES.
    pub table: u32,
    /// Index of the name, from 0.
    pub index: u32,
    /// File offset of the name; 0 for the first.
    pub offset: u32,
}

/// A name of a file.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_ne_name {
    /// The ordinal of the entry point; 0 for the module's own name and description.
    pub ordinal: u32,
    /// The length of the name in bytes.
    pub name_length: u32,
    /// The name as in the file, terminated by a NUL. Its bytes may have any value.
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
    /// EXECFMT_NE_CODE or another of these constants.
    pub kind: u32,
    /// Size of its memory, in paragraphs of 16 bytes.
    pub paras: u32,
    /// Number of bytes from the file.
    pub size: u32,
    /// Number of bytes of code or data: those from the file, and zeros.
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

/// The memory of a program as execve of ELKS sets it up. In bytes, except where paragraphs of 16 bytes are
/// stated.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct execfmt_elks_ne_layout {
    /// Number of segments.
    pub segment_count: u32,
    /// Size of the memory of all segments, in paragraphs.
    pub total_paras: u32,
    /// Size of the auto data segment.
    pub data_len: u32,
    /// Size of the reserved stack.
    pub minstack: u32,
    /// One past the end of the data.
    pub t_enddata: u32,
    /// One past the end of the auto data segment.
    pub t_endseg: u32,
    /// The initial stack pointer.
    pub begstack: u32,
    /// The initial break.
    pub endbrk: u32,
    /// How much the heap may grow.
    pub heap: u32,
    /// The initial instruction pointer.
    pub entry: u32,
    /// Number of the segment in which the program starts, from 1.
    pub entry_segment: u32,
    /// Number of the auto data segment, from 1.
    pub auto_data_segment: u32,
    /// The segments; segment_count of them are in use.
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

/// Memory for loading a segment.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct execfmt_ne_memory {
    /// The memory: at least 16 * paras bytes. It remains the caller's.
    pub bytes: *mut u8,
    /// Its length in bytes.
    pub length: usize,
    /// Its address on the machine, in paragraphs, which relocations store. At most 65535.
    pub base: u32,
}
