//! The records as they are in the file: one struct per record, from which reading, building, the names and
//! offsets of fields in findings, and the C header all follow.

use execfmt_common::wire;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{LittleEndian, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// A 16-bit word of the file.
pub type Word = U16<LittleEndian>;

/// The first bytes of the file.
pub const MZ_MAGIC: [u8; 2] = *b"MZ";

/// The first bytes of the NE header.
pub const NE_MAGIC: [u8; 2] = *b"NE";

/// Length of the part of the MZ header that ELKS reads, in bytes.
pub const MZ_HEADER_SIZE: usize = size_of::<MzHeader>();

/// Length of the NE header, in bytes.
pub const NE_HEADER_SIZE: usize = size_of::<NeHeader>();

/// Length of an entry of the segment table, in bytes.
pub const SEGMENT_ENTRY_SIZE: usize = size_of::<SegmentEntry>();

/// Length of a relocation record, in bytes.
pub const RELOCATION_SIZE: usize = size_of::<RelocationRecord>();

wire! {
    /// The MZ header, of which only the magic and the last field are used: 64 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct MzHeader {
        /// `MZ`.
        pub e_magic: [u8; 2],
        /// What DOS needs to run the stub; ELKS ignores it.
        pub dos: [u8; 58],
        /// File offset of the NE header in bytes.
        pub e_lfanew: U32<LittleEndian>,
    }
}

wire! {
    /// The NE header: 64 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct NeHeader {
        /// `NE`.
        pub magic: [u8; 2],
        /// The linker's version, major and minor.
        pub linker_version: [u8; 2],
        /// Offset of the entry table in bytes, from the NE header.
        pub entry_table: Word,
        /// Size of the entry table in bytes.
        pub entry_table_size: Word,
        /// Checksum of the file; not used.
        pub checksum: U32<LittleEndian>,
        /// Bits 0-1: data segment (0 none, 1 one for all instances, 2 one each); 2: DLL initialisation; 3: protected mode only; 4-7: instructions of 8086, 286, 386, 8087.
        pub program_flags: u8,
        /// Bits 0-1: screen type; 5: errors in linking; 7: library.
        pub application_flags: u8,
        /// Number of the auto data segment, which holds data, heap and stack, from 1.
        pub auto_data_segment: Word,
        /// Bytes of heap; 0 for 4096, FFFF hexadecimal for as much as fits into the segment.
        pub heap: Word,
        /// Bytes of stack; 0 for 4096.
        pub stack: Word,
        /// The entry point, in bytes from the start of segment `cs`.
        pub ip: Word,
        /// Number of the segment in which the program starts, from 1.
        pub cs: Word,
        /// Initial stack pointer; ELKS ignores it.
        pub sp: Word,
        /// Number of the stack segment; ELKS ignores it.
        pub ss: Word,
        /// Number of segments.
        pub num_segments: Word,
        /// Number of modules from which the program imports.
        pub num_modules: Word,
        /// Size of the table of non-resident names in bytes.
        pub non_resident_size: Word,
        /// Offset of the segment table in bytes, from the NE header.
        pub segment_table: Word,
        /// Offset of the resource table in bytes, from the NE header.
        pub resource_table: Word,
        /// Offset of the table of resident names in bytes, from the NE header.
        pub resident_names: Word,
        /// Offset of the module reference table in bytes, from the NE header.
        pub module_table: Word,
        /// Offset of the table of imported names in bytes, from the NE header.
        pub imported_names: Word,
        /// File offset of the table of non-resident names in bytes.
        pub non_resident_names: U32<LittleEndian>,
        /// Number of movable entry points.
        pub num_movable: Word,
        /// File offsets in the segment table are in units of 2 to this power, in bytes.
        pub shift: Word,
        /// Number of resources.
        pub num_resources: Word,
        /// The system: 0 unknown, 1 OS/2, 2 Windows, 3 DOS 4, 4 Windows 386.
        pub target_os: u8,
        /// Flags of OS/2.
        pub os2_flags: u8,
        /// Data for Windows; ELKS ignores it.
        pub windows: [u8; 6],
        /// Expected version of Windows, minor and major.
        pub windows_version: [u8; 2],
    }
}

wire! {
    /// An entry of the segment table: 8 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct SegmentEntry {
        /// File offset in units of 1 << shift bytes.
        pub offset: Word,
        /// Size in the file in bytes.
        pub size: Word,
        /// Bits 0: data; 3: iterated; 4: movable; 6: preload; 8: relocations follow; 10-11: privilege level;
        /// 13: 32-bit.
        pub flags: Word,
        /// Size in memory in bytes.
        pub min_alloc: Word,
    }
}

wire! {
    /// A relocation: 8 bytes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct RelocationRecord {
        /// What is changed: 2 a segment word, 3 a far pointer.
        pub source_type: u8,
        /// Bits 0-1: kind of the target, 0 for one of the file's segments; 2: additive.
        pub flags: u8,
        /// Offset of the changed bytes in their segment.
        pub source_offset: Word,
        /// Number of the target segment, from 1.
        pub target_segment: u8,
        /// Reserved: 0.
        pub reserved: u8,
        /// Offset in the target segment in bytes.
        pub target_offset: Word,
    }
}

const_assert_eq!(MZ_HEADER_SIZE, 64);
const_assert_eq!(NE_HEADER_SIZE, 64);
const_assert_eq!(SEGMENT_ENTRY_SIZE, 8);
const_assert_eq!(RELOCATION_SIZE, 8);
const_assert_eq!(core::mem::offset_of!(NeHeader, target_os), 0x36);
const_assert_eq!(core::mem::offset_of!(NeHeader, num_segments), 0x1c);
