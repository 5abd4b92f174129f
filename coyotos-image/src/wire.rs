//! The records as they lie in the file: one wire struct each, generic over the byte order `O` and, where a record has
//! bit-fields, over their packing `K`. The single truth for reading and building.

use core::mem::{offset_of, size_of};

use execfmt_common::{ByteOrder, WireField};
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The first eight bytes of every image.
pub const MAGIC: [u8; 8] = *b"coyimage";

/// The header's `version`.
pub const VERSION: u32 = 1;

/// The size of the header in bytes; the rest of page 0 is zero.
pub const HEADER_SIZE: usize = size_of::<Header<LittleEndian>>();

/// How many capabilities a GPT has.
pub const GPT_SLOTS: usize = 16;

/// How many capability registers a process has.
pub const CAP_REGS: usize = 32;

/// The header's `endian` for a byte order.
pub const fn endian_word(order: ByteOrder) -> u32 {
    match order {
        ByteOrder::Little => 1234,
        ByteOrder::Big => 4321,
    }
}

/// How bit-fields lie within their words.
///
/// The original writer packs them from the least significant bit on whatever the target, and then swaps bytes. A
/// compiler for a big-endian target lays the same declarations out from the most significant bit on. Files of the
/// first kind are what exists. For a little-endian target the two are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Packing {
    /// From the least significant bit on, for every target.
    #[default]
    AsWritten,
    /// From the most significant bit on, where the target is big-endian.
    NativeBigEndian,
}

/// A packing as a type. The canonical form of a word is that of [`AsWritten`].
pub trait BitFields: Copy + 'static {
    /// From a word in this packing, whose fields have these widths, to the canonical one.
    fn unpack(word: u32, widths: &[u32]) -> u32;
    /// From the canonical word to that in this packing.
    fn pack(word: u32, widths: &[u32]) -> u32;
}

/// Bit-fields from the least significant bit on.
#[derive(Clone, Copy, Debug)]
pub struct AsWritten;

/// Bit-fields from the most significant bit on.
#[derive(Clone, Copy, Debug)]
pub struct NativeBigEndian;

impl BitFields for AsWritten {
    fn unpack(word: u32, _: &[u32]) -> u32 {
        word
    }

    fn pack(word: u32, _: &[u32]) -> u32 {
        word
    }
}

impl BitFields for NativeBigEndian {
    fn unpack(word: u32, widths: &[u32]) -> u32 {
        mirror(word, widths, false)
    }

    fn pack(word: u32, widths: &[u32]) -> u32 {
        mirror(word, widths, true)
    }
}

/// Reverses the order of the fields of a word; `widths` counts from the canonical word's least significant bit.
fn mirror(word: u32, widths: &[u32], from_canonical: bool) -> u32 {
    let place = |(low, done): (u32, u32), &width: &u32| {
        let high = u32::BITS.wrapping_sub(low).wrapping_sub(width);
        let (from, to) = if from_canonical { (low, high) } else { (high, low) };
        let mask = u32::MAX.wrapping_shr(u32::BITS.wrapping_sub(width));
        (low.wrapping_add(width), done | (word.wrapping_shr(from) & mask).wrapping_shl(to))
    };
    widths.iter().fold((0, 0), place).1
}

/// The widths of the fields in a capability's first word: type, swizzled, restr, allocCount.
const CAPABILITY_FIELDS: [u32; 4] = [6, 1, 5, 20];
/// The widths of the fields in a memory capability's second word: l2g, padding, match.
const GUARD_FIELDS: [u32; 3] = [7, 1, 24];
/// The widths of the fields in a GPT's first word: l2v, ha, bg, padding.
const GPT_FIELDS: [u32; 4] = [6, 1, 1, 24];
/// The widths of the fields in an endpoint's first word: pm, padding.
const ENDPOINT_FIELDS: [u32; 2] = [1, 31];

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
        /// [`MAGIC`].
        pub magic: [u8; 8],
        /// [`endian_word`].
        pub endian: U32<O>,
        /// [`VERSION`].
        pub version: U32<O>,
        /// [`Arch::number`](crate::Arch::number).
        pub target: U32<O>,
        /// The page size in bytes.
        pub pg_size: U32<O> = "pgSize",
        /// Records of the alloc table.
        pub n_alloc: U32<O> = "nAlloc",
        /// Records of the bank table.
        pub n_bank: U32<O> = "nBank",
        /// Records of the symbol table.
        pub n_symbol: U32<O> = "nSymbol",
        /// The size of the string table in bytes.
        pub n_string_bytes: U32<O> = "nStringBytes",
        /// Pages, the header's and the tables' included.
        pub n_page: U32<O> = "nPage",
        /// Capability pages.
        pub n_cap_page: U32<O> = "nCapPage",
        /// GPTs.
        pub n_gpt: U32<O> = "nGPT",
        /// Endpoints.
        pub n_endpoint: U32<O> = "nEndpoint",
        /// Processes.
        pub n_proc: U32<O> = "nProc",
        /// The size of the image in bytes.
        pub img_bytes: U32<O> = "imgBytes",
        /// The first page of the bank table.
        pub bank_vec_oid: U64<O> = "bankVecOID",
        /// The first page of the symbol table.
        pub sym_vec_oid: U64<O> = "symVecOID",
        /// The first page of the string table.
        pub string_table_oid: U64<O> = "stringTableOID",
        /// The first page of the alloc table.
        pub alloc_vec_oid: U64<O> = "allocVecOID",
        /// The page after the last table: the number of pages.
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
        /// [`ObjectType`](crate::ObjectType).
        pub frame_type: U32<O> = "type",
        /// Zero.
        pub reserved: U32<O>,
    }

    /// A record of the symbol table, 24 bytes. The format reserves the place; the record is this project's.
    Symbol {
        /// The address.
        pub value: U64<O>,
        /// The space that the address is in.
        pub object: U64<O>,
        /// Where the name begins in the string table.
        pub string_offset: U32<O> = "string",
        /// The kind in the lowest 8 bits, the size in bytes above.
        pub kind: U32<O>,
    }

    /// A capability, 16 bytes.
    Capability {
        /// type 6 bits, swizzled 1, restr 5, allocCount 20.
        pub word0: U32<O>,
        /// protPayload; or, of a memory capability, l2g 7 bits, padding 1, match 24.
        pub word1: U32<O>,
        /// The OID, or a window's offset.
        pub oid: U64<O>,
    }

    /// A GPT, 264 bytes.
    Gpt {
        /// l2v 6 bits, ha 1, bg 1, padding 24.
        pub word0: U32<O>,
        /// Zero.
        pub reserved: U32<O>,
        /// The slots.
        pub cap: [Capability<O>; GPT_SLOTS],
    }

    /// An endpoint, 32 bytes.
    Endpoint {
        /// pm 1 bit, padding 31.
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
        /// Why it is faulted.
        pub fault_code: U32<O> = "faultCode",
        /// Zero.
        pub reserved1: U32<O> = "reserved",
        /// What the fault is about: of a Startup fault, the PC.
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

impl<O: zerocopy::ByteOrder> Capability<O> {
    /// The capability as numbers, from the packing `K`.
    #[inline]
    pub fn unpack<K: BitFields>(&self) -> crate::Capability {
        let word0 = K::unpack(self.word0.get(), &CAPABILITY_FIELDS);
        let memory = crate::CapType::of_word(word0).is_memory();
        let word1 = self.word1.get();
        let word1 = if memory { K::unpack(word1, &GUARD_FIELDS) } else { word1 };
        crate::Capability::from_words(word0, word1, self.oid.get())
    }

    /// The record of a capability, in the packing `K`.
    #[inline]
    pub fn pack<K: BitFields>(cap: crate::Capability) -> Self {
        let (word0, word1, oid) = cap.words();
        let word1 = if cap.cap_type().is_memory() { K::pack(word1, &GUARD_FIELDS) } else { word1 };
        Self {
            word0: U32::new(K::pack(word0, &CAPABILITY_FIELDS)),
            word1: U32::new(word1),
            oid: U64::new(oid),
        }
    }
}

impl<O: zerocopy::ByteOrder> Gpt<O> {
    /// The first word, canonical: l2v 6 bits, ha 1, bg 1, padding 24.
    #[inline]
    pub fn canonical_word0<K: BitFields>(&self) -> u32 {
        K::unpack(self.word0.get(), &GPT_FIELDS)
    }

    /// A GPT's first word from the canonical one.
    pub fn pack_word0<K: BitFields>(canonical: u32) -> U32<O> {
        U32::new(K::pack(canonical, &GPT_FIELDS))
    }
}

impl<O: zerocopy::ByteOrder> Endpoint<O> {
    /// The first word, canonical: pm 1 bit, padding 31.
    #[inline]
    pub fn canonical_word0<K: BitFields>(&self) -> u32 {
        K::unpack(self.word0.get(), &ENDPOINT_FIELDS)
    }

    /// An endpoint's first word from the canonical one.
    pub fn pack_word0<K: BitFields>(canonical: u32) -> U32<O> {
        U32::new(K::pack(canonical, &ENDPOINT_FIELDS))
    }
}

/// A field that a rule is about: its name in the specification, and where it is in its record, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) name: &'static str,
    pub(crate) at: usize,
}

impl Located {
    /// A part of this field, by its own name.
    pub(crate) const fn part(self, name: &'static str) -> Self {
        Self { name, at: self.at }
    }
}

/// The field of a record that begins at an offset.
pub(crate) const fn located(mut fields: &[WireField], at: usize) -> Located {
    while let Some((field, rest)) = fields.split_first() {
        if field.offset == at {
            return Located { name: field.name, at };
        }
        fields = rest;
    }
    // Not reached: `field!` names a field that there is.
    Located { name: "", at }
}

/// A field of a wire struct as a [`Located`], found while compiling, so that the table of fields is not linked in.
macro_rules! field {
    ($record:ident.$field:ident) => {
        const {
            type Record = $crate::wire::$record<zerocopy::byteorder::LittleEndian>;
            $crate::wire::located(Record::FIELDS, core::mem::offset_of!(Record, $field))
        }
    };
}
pub(crate) use field;

/// The layout of an image. Both say version 1; the size formula tells them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// Since September 2007: what the builder writes.
    #[default]
    Current,
    /// Before: endpoints have 48 bytes, the types of capabilities to processes and of notices have other numbers, and
    /// `endVecOID` is one less than the number of pages.
    July2007,
}

/// How the words of an image are to be read: both parameters of the wire structs, at run time, and the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codec {
    pub(crate) byte_order: ByteOrder,
    pub(crate) packing: Packing,
    pub(crate) layout: Layout,
}

/// Runs an expression with the types that a [`Codec`] stands for.
macro_rules! with_codec {
    ($codec:expr, $order:ident => $body:expr) => {
        match $codec.byte_order {
            execfmt_common::ByteOrder::Little => {
                type $order = zerocopy::byteorder::LittleEndian;
                $body
            }
            execfmt_common::ByteOrder::Big => {
                type $order = zerocopy::byteorder::BigEndian;
                $body
            }
        }
    };
    ($codec:expr, $order:ident, $packing:ident => $body:expr) => {
        match ($codec.byte_order, $codec.packing) {
            (execfmt_common::ByteOrder::Little, _) => {
                type $order = zerocopy::byteorder::LittleEndian;
                type $packing = $crate::wire::AsWritten;
                $body
            }
            (execfmt_common::ByteOrder::Big, $crate::wire::Packing::AsWritten) => {
                type $order = zerocopy::byteorder::BigEndian;
                type $packing = $crate::wire::AsWritten;
                $body
            }
            (execfmt_common::ByteOrder::Big, $crate::wire::Packing::NativeBigEndian) => {
                type $order = zerocopy::byteorder::BigEndian;
                type $packing = $crate::wire::NativeBigEndian;
                $body
            }
        }
    };
}
pub(crate) use with_codec;

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the format's specification, section 1.
    #[test]
    fn packings_are_those_of_the_specification() {
        let mut page = crate::Capability::new(crate::CapType::PAGE, 13, 7);
        page.set_restr(crate::Restr::RO);
        let bytes = Capability::<BigEndian>::pack::<AsWritten>(page);
        assert_eq!(bytes.as_bytes(), [0, 0, 1, 0x21, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 7]);
        page.set_alloc_count(5);
        page.set_guard_match(0xabc);
        let native = Capability::<BigEndian>::pack::<NativeBigEndian>(page);
        let word0 = 0x21 << 26 | 2 << 20 | 5_u32;
        let word1 = 13 << 25 | 0xabc_u32;
        assert_eq!((native.word0.get(), native.word1.get()), (word0, word1));
        assert_eq!(native.unpack::<NativeBigEndian>(), page);
        assert_eq!(Gpt::<BigEndian>::pack_word0::<NativeBigEndian>(13 | 0x40).get(), 13 << 26 | 1 << 25);
        assert_eq!(Gpt::<BigEndian>::pack_word0::<NativeBigEndian>(13 | 0x80).get(), 13 << 26 | 1 << 24);
        assert_eq!(Endpoint::<BigEndian>::pack_word0::<NativeBigEndian>(1).get(), 1 << 31);
    }
}
