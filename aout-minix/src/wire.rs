//! The records of the header as they are in the file: one struct per record, from which reading, building, the names
//! and offsets of fields in findings, and the C header all follow.

use execfmt_common::wire;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// `hlen` of a file without supplement: 32 bytes.
pub const HLEN_PLAIN: u8 = 0x20;
/// `hlen` of a file with relocations: 48 bytes.
pub const HLEN_RELOC: u8 = 0x30;
/// `hlen` of a file with far text or compressed sections: 64 bytes.
pub const HLEN_FAR: u8 = 0x40;

/// Number of bytes at the start of a file that determine everything in its header.
pub const MAX_HEADER_SIZE: usize = HLEN_FAR as usize;

wire! {
    /// The header proper: 32 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct ExecHeader<O: zerocopy::ByteOrder> {
        /// The magic number: 01 03.
        pub magic: [u8; 2],
        /// How the file is to be loaded.
        pub flags: u8,
        /// The processor, which determines the byte order.
        pub cpu: u8,
        /// The size of the whole header in bytes, supplement included.
        pub hlen: u8,
        /// Reserved: 0.
        pub reserved1: u8,
        /// 0 or 1: determines what `chmem` and `minstack` mean.
        pub version: U16<O>,
        /// Size of the text in bytes, uncompressed.
        pub tseg: U32<O>,
        /// Size of the data in bytes, uncompressed.
        pub dseg: U32<O>,
        /// Size of the bss in bytes.
        pub bseg: U32<O>,
        /// The entry point, in bytes from the start of the text.
        pub entry: U32<O>,
        /// Version 1: bytes of heap, 0 for 4096, FFF0 hexadecimal and above for as much as fits. Version 0:
        /// bytes of data, bss, heap and stack together, 0 for a default.
        pub chmem: U16<O>,
        /// Version 1: bytes of stack, 0 for 4096. Minix reads this and the word before as one of 32 bits.
        pub minstack: U16<O>,
        /// Size of the symbol table in bytes.
        pub syms: U32<O>,
    }
}

wire! {
    /// The first half of the supplement, present when `hlen` is 0x30 or 0x40: 16 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct RelocSupplement<O: zerocopy::ByteOrder> {
        /// Size of the text's relocations in bytes.
        pub trsize: U32<O>,
        /// Size of the data's relocations in bytes.
        pub drsize: U32<O>,
        /// Base of the text; ELKS requires 0.
        pub tbase: U32<O>,
        /// Base of the data; ELKS requires 0.
        pub dbase: U32<O>,
    }
}

wire! {
    /// The second half of the supplement, present when `hlen` is 0x40: 16 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct FarSupplement<O: zerocopy::ByteOrder> {
        /// Size of the far text in bytes, uncompressed.
        pub ftseg: U32<O>,
        /// Size of the far text's relocations in bytes.
        pub ftrsize: U32<O>,
        /// Size of the text as stored, in bytes; 0 when it is not compressed.
        pub compr_tseg: U16<O>,
        /// Size of the data as stored, in bytes; 0 when it is not compressed.
        pub compr_dseg: U16<O>,
        /// Size of the far text as stored, in bytes; 0 when it is not compressed.
        pub compr_ftseg: U16<O>,
        /// Reserved: 0.
        pub reserved: U16<O>,
    }
}

const_assert_eq!(size_of::<ExecHeader<LittleEndian>>(), HLEN_PLAIN as usize);
const_assert_eq!(size_of::<RelocSupplement<LittleEndian>>(), (HLEN_RELOC - HLEN_PLAIN) as usize);
const_assert_eq!(size_of::<FarSupplement<LittleEndian>>(), (HLEN_FAR - HLEN_RELOC) as usize);
const_assert_eq!(align_of::<ExecHeader<BigEndian>>(), 1);
