//! The header as it is in the file: one struct per record, from which reading, building, errors,
//! documentation and the C header take offsets and sizes.

use execfmt_common::wire;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The first word of every NOFF file. In the file: the bytes `AD DF BA 00` little-endian, `00 BA DF AD`
/// big-endian.
pub const MAGIC: u32 = 0x00BA_DFAD;

/// Number of bytes at the start of a file that decide its header in every case: the size of the larger layout.
pub const MAX_HEADER_SIZE: usize = size_of::<Header4<LittleEndian>>();

wire! {
    /// A segment's record in the header: 12 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct Segment<O: zerocopy::ByteOrder> {
        /// Address of the segment's first byte in the program's address space.
        pub virtual_addr: U32<O>,
        /// File offset of its bytes. Meaningless for `uninitData`.
        pub in_file_addr: U32<O>,
        /// Its length in bytes. When 0, the two other fields are meaningless: most real files hold garbage there.
        pub size: U32<O>,
    }
}

wire! {
    /// The header of a file with three segments (Nachos 3.x, jnachos, many 4.0 trees): 40 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct Header3<O: zerocopy::ByteOrder> {
        /// The magic number: 0x00BADFAD.
        pub noff_magic: U32<O>,
        /// Instructions.
        pub code: Segment<O>,
        /// Initialised data.
        pub init_data: Segment<O> = "initData",
        /// Zeroed data.
        pub uninit_data: Segment<O> = "uninitData",
    }
}

wire! {
    /// The header of a file with four segments (Nachos 4.0 built with `RDATA`): 52 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct Header4<O: zerocopy::ByteOrder> {
        /// The magic number: 0x00BADFAD.
        pub noff_magic: U32<O>,
        /// Instructions.
        pub code: Segment<O>,
        /// Initialised data.
        pub init_data: Segment<O> = "initData",
        /// Constants.
        pub readonly_data: Segment<O> = "readonlyData",
        /// Zeroed data.
        pub uninit_data: Segment<O> = "uninitData",
    }
}

const_assert_eq!(size_of::<Segment<LittleEndian>>(), 12);
const_assert_eq!(size_of::<Header3<LittleEndian>>(), 40);
const_assert_eq!(size_of::<Header4<LittleEndian>>(), 52);
const_assert_eq!(align_of::<Header4<BigEndian>>(), 1);
