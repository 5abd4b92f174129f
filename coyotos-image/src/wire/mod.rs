//! The records as they are in the file: one wire struct each, generic over the byte order `O` and, for
//! records with bit-fields, over their packing `K`. The single definition for reading and building.

mod codec;
mod located;
mod packing;

use core::mem::{offset_of, size_of};

use execfmt_common::ByteOrder;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use codec::Layout;
pub(crate) use codec::{Codec, with_codec};
pub(crate) use located::{Located, field, located};
pub use packing::{AsWritten, BitFields, NativeBigEndian, Packing};

/// The first eight bytes of every image.
pub const MAGIC: [u8; 8] = *b"coyimage";

/// The header's `version`.
pub const VERSION: u32 = 1;

/// The size of the header in bytes; the rest of page 0 is zero.
pub const HEADER_SIZE: usize = size_of::<Header<LittleEndian>>();

/// Number of capabilities in a GPT.
pub const GPT_SLOTS: usize = 16;

/// Number of capability registers of a process.
pub const CAP_REGS: usize = 32;

/// The header's `endian` for a byte order.
pub const fn endian_word(order: ByteOrder) -> u32 {
    match order {
        ByteOrder::Little => 1234,
        ByteOrder::Big => 4321,
    }
}

macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident { $($fields:tt)+ })+) => { $(
        execfmt_common::wire! {
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
            #[repr(C)]
            pub struct $name<O: zerocopy::ByteOrder> { $($fields)+ }
        }
    )+ };
}

wire! {
    /// The header, 104 bytes at the start of page 0.
    Header {
        /// `coyimage`.
        pub magic: [u8; 8],
        /// 1234 in the byte order of a little-endian target, 4321 in that of a big-endian one.
        pub endian: U32<O>,
        /// 1.
        pub version: U32<O>,
        /// The architecture: 1 i386, 2 ColdFire, 3 ARM.
        pub target: U32<O>,
        /// The page size in bytes.
        pub pg_size: U32<O> = "pgSize",
        /// Number of records of the alloc table.
        pub n_alloc: U32<O> = "nAlloc",
        /// Number of records of the bank table.
        pub n_bank: U32<O> = "nBank",
        /// Number of records of the symbol table.
        pub n_symbol: U32<O> = "nSymbol",
        /// The size of the string table in bytes.
        pub n_string_bytes: U32<O> = "nStringBytes",
        /// Number of pages, including the header's and the tables'.
        pub n_page: U32<O> = "nPage",
        /// Number of capability pages.
        pub n_cap_page: U32<O> = "nCapPage",
        /// Number of GPTs.
        pub n_gpt: U32<O> = "nGPT",
        /// Number of endpoints.
        pub n_endpoint: U32<O> = "nEndpoint",
        /// Number of processes.
        pub n_proc: U32<O> = "nProc",
        /// The size of the image in bytes.
        pub img_bytes: U32<O> = "imgBytes",
        /// OID of the first page of the bank table.
        pub bank_vec_oid: U64<O> = "bankVecOID",
        /// OID of the first page of the symbol table.
        pub sym_vec_oid: U64<O> = "symVecOID",
        /// OID of the first page of the string table.
        pub string_table_oid: U64<O> = "stringTableOID",
        /// OID of the first page of the alloc table.
        pub alloc_vec_oid: U64<O> = "allocVecOID",
        /// One past the OID of the last page of the tables: the number of pages.
        pub end_vec_oid: U64<O> = "endVecOID",
    }

    /// A record of the bank table, 16 bytes.
    Bank {
        /// The OID of the bank's endpoint.
        pub oid: U64<O>,
        /// The index of the parent bank.
        pub parent: U64<O>,
    }

    /// A record of the alloc table, 24 bytes.
    Alloc {
        /// The object's OID.
        pub oid: U64<O>,
        /// The index of the bank that the object is charged to.
        pub bank: U64<O>,
        /// Page 0, CapPage 1, GPT 2, Process 3, Endpoint 4.
        pub frame_type: U32<O> = "type",
        /// Zero.
        pub reserved: U32<O>,
    }

    /// A record of the symbol table, 24 bytes. The format reserves the table; the record is defined by this
    /// project.
    Symbol {
        /// The address.
        pub value: U64<O>,
        /// The space that contains the address.
        pub object: U64<O>,
        /// Offset of the name in the string table, in bytes.
        pub string_offset: U32<O> = "string",
        /// The kind in the lowest 8 bits, the size in bytes above.
        pub kind: U32<O>,
    }

    /// A capability, 16 bytes.
    Capability {
        /// From the lowest bit on: type 6 bits, swizzled 1, restr 5, allocCount 20.
        pub word0: U32<O>,
        /// protPayload; or, in a memory capability, l2g 7 bits, zero 1, match 24.
        pub word1: U32<O>,
        /// The OID, or a window's offset.
        pub oid: U64<O>,
    }

    /// A GPT, 264 bytes.
    Gpt {
        /// l2v 6 bits, ha 1, bg 1, zero 24.
        pub word0: U32<O>,
        /// Zero.
        pub reserved: U32<O>,
        /// The slots.
        pub cap: [Capability<O>; GPT_SLOTS],
    }

    /// An endpoint, 32 bytes.
    Endpoint {
        /// pm 1 bit, zero 31.
        pub word0: U32<O>,
        /// protPayload.
        pub prot_payload: U32<O> = "protPayload",
        /// endpointID.
        pub endpoint_id: U64<O> = "endpointID",
        /// The receiving process.
        pub recipient: Capability<O>,
    }

    /// An endpoint of July 2007, 48 bytes.
    OldEndpoint {
        /// pm 1 bit, sq 1, padding 30.
        pub word0: U32<O>,
        /// protPayload.
        pub prot_payload: U32<O> = "protPayload",
        /// endpointID.
        pub endpoint_id: U64<O> = "endpointID",
        /// The receiving process.
        pub recipient: Capability<O>,
        /// Null in every image.
        pub rcv_queue: Capability<O> = "rcvQueue",
    }

    /// A process, 632 bytes.
    Process {
        /// 0 running, 1 receiving, 2 faulted.
        pub run_state: u8 = "runState",
        /// Zero.
        pub reserved0: u8 = "reserved",
        /// XM 1, SX 2, SN 4, TC 8, TR 10, CS 20, PC 40 (hexadecimal).
        pub flags: U16<O>,
        /// Pending notices.
        pub notices: U32<O>,
        /// The fault code.
        pub fault_code: U32<O> = "faultCode",
        /// Zero.
        pub reserved1: U32<O> = "reserved",
        /// Details of the fault: for a Startup fault, the PC.
        pub fault_info: U64<O> = "faultInfo",
        /// schedule, addrSpace, brand, cohort, ioSpace, handler.
        pub state_caps: [Capability<O>; 6],
        /// The capability registers.
        pub cap_reg: [Capability<O>; CAP_REGS] = "capReg",
    }
}

type Le = LittleEndian;
const_assert_eq!(HEADER_SIZE, 104);
const_assert_eq!(offset_of!(Header<Le>, endian), 8);
const_assert_eq!(offset_of!(Header<Le>, n_alloc), 24);
const_assert_eq!(offset_of!(Header<Le>, n_symbol), 32);
const_assert_eq!(offset_of!(Header<Le>, n_page), 40);
const_assert_eq!(offset_of!(Header<Le>, n_proc), 56);
const_assert_eq!(offset_of!(Header<Le>, img_bytes), 60);
const_assert_eq!(offset_of!(Header<Le>, bank_vec_oid), 64);
const_assert_eq!(offset_of!(Header<Le>, string_table_oid), 80);
const_assert_eq!(offset_of!(Header<Le>, end_vec_oid), 96);
const_assert_eq!(size_of::<Bank<Le>>(), 16);
const_assert_eq!(size_of::<Alloc<Le>>(), 24);
const_assert_eq!(offset_of!(Alloc<Le>, frame_type), 16);
const_assert_eq!(size_of::<Symbol<Le>>(), 24);
const_assert_eq!(offset_of!(Symbol<Le>, string_offset), 16);
const_assert_eq!(size_of::<Capability<Le>>(), 16);
const_assert_eq!(offset_of!(Capability<Le>, word1), 4);
const_assert_eq!(offset_of!(Capability<Le>, oid), 8);
const_assert_eq!(size_of::<Gpt<Le>>(), 264);
const_assert_eq!(offset_of!(Gpt<Le>, cap), 8);
const_assert_eq!(size_of::<Endpoint<Le>>(), 32);
const_assert_eq!(offset_of!(Endpoint<Le>, endpoint_id), 8);
const_assert_eq!(offset_of!(Endpoint<Le>, recipient), 16);
const_assert_eq!(size_of::<OldEndpoint<Le>>(), 48);
const_assert_eq!(offset_of!(OldEndpoint<Le>, recipient), offset_of!(Endpoint<Le>, recipient));
const_assert_eq!(size_of::<Process<Le>>(), 632);
const_assert_eq!(offset_of!(Process<Le>, flags), 2);
const_assert_eq!(offset_of!(Process<Le>, fault_code), 8);
const_assert_eq!(offset_of!(Process<Le>, fault_info), 16);
const_assert_eq!(offset_of!(Process<Le>, state_caps), 24);
const_assert_eq!(offset_of!(Process<Le>, cap_reg), 120);
const_assert_eq!(align_of::<Process<BigEndian>>(), 1);
const_assert_eq!(size_of::<Process<BigEndian>>(), 632);
