//! The records as they lie in the file: one wire struct each, generic over the byte order `O` and, where a record has
//! bit-fields, over their packing `K`. The single truth for reading and building.

use core::marker::PhantomData;
use core::mem::{offset_of, size_of};

use execfmt_common::ByteOrder;
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
    ($($(#[$doc:meta])* $name:ident<$($param:ident),+> { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)+ })+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
        #[repr(C)]
        pub struct $name<$($param),+> where O: zerocopy::ByteOrder {
            $($(#[$field_doc])* pub $field: $kind,)+
        }
    )+ };
}

wire! {
    /// The header, 104 bytes at the start of page 0.
    Header<O> {
        /// [`MAGIC`].
        magic: [u8; 8],
        /// [`endian_word`].
        endian: U32<O>,
        /// [`VERSION`].
        version: U32<O>,
        /// [`Arch::number`](crate::Arch::number).
        target: U32<O>,
        /// The page size in bytes.
        pg_size: U32<O>,
        /// Records of the alloc table.
        n_alloc: U32<O>,
        /// Records of the bank table.
        n_bank: U32<O>,
        /// Records of the symbol table.
        n_symbol: U32<O>,
        /// The size of the string table in bytes.
        n_string_bytes: U32<O>,
        /// Pages, the header's and the tables' included.
        n_page: U32<O>,
        /// Capability pages.
        n_cap_page: U32<O>,
        /// GPTs.
        n_gpt: U32<O>,
        /// Endpoints.
        n_endpoint: U32<O>,
        /// Processes.
        n_proc: U32<O>,
        /// The size of the image in bytes.
        img_bytes: U32<O>,
        /// The first page of the bank table.
        bank_vec_oid: U64<O>,
        /// The first page of the symbol table.
        sym_vec_oid: U64<O>,
        /// The first page of the string table.
        string_table_oid: U64<O>,
        /// The first page of the alloc table.
        alloc_vec_oid: U64<O>,
        /// The page behind the last table: the number of pages.
        end_vec_oid: U64<O>,
    }

    /// A record of the bank table, 16 bytes.
    Bank<O> {
        /// The OID of the bank's endpoint.
        oid: U64<O>,
        /// The index of the parent bank.
        parent: U64<O>,
    }

    /// A record of the alloc table, 24 bytes.
    Alloc<O> {
        /// The object's OID.
        oid: U64<O>,
        /// The index of the bank that the object is charged to.
        bank: U64<O>,
        /// [`ObjectType`](crate::ObjectType).
        frame_type: U32<O>,
        /// Zero.
        reserved: U32<O>,
    }

    /// A record of the symbol table, 24 bytes. The format reserves the place; the record is this project's.
    Symbol<O> {
        /// The address.
        value: U64<O>,
        /// The space that the address is in.
        object: U64<O>,
        /// Where the name begins in the string table.
        string_offset: U32<O>,
        /// The kind in the lowest 8 bits, the size in bytes above.
        kind: U32<O>,
    }

    /// A capability, 16 bytes.
    Capability<O, K> {
        /// type 6 bits, swizzled 1, restr 5, allocCount 20.
        word0: U32<O>,
        /// protPayload; or, of a memory capability, l2g 7 bits, padding 1, match 24.
        word1: U32<O>,
        /// The OID, or a window's offset.
        oid: U64<O>,
        /// How the fields lie in their words.
        packing: PhantomData<K>,
    }

    /// A GPT, 264 bytes.
    Gpt<O, K> {
        /// l2v 6 bits, ha 1, bg 1, padding 24.
        word0: U32<O>,
        /// Zero.
        reserved: U32<O>,
        /// The slots.
        cap: [Capability<O, K>; GPT_SLOTS],
    }

    /// An endpoint, 32 bytes.
    Endpoint<O, K> {
        /// pm 1 bit, padding 31.
        word0: U32<O>,
        /// protPayload.
        prot_payload: U32<O>,
        /// endpointID.
        endpoint_id: U64<O>,
        /// The receiving process.
        recipient: Capability<O, K>,
    }

    /// A process, 632 bytes.
    Process<O, K> {
        /// 0 running, 1 receiving, 2 faulted.
        run_state: u8,
        /// Zero.
        reserved0: u8,
        /// XM 1, SX 2, SN 4, TC 8, TR 10, CS 20, PC 40 (hexadecimal).
        flags: U16<O>,
        /// Pending notices.
        notices: U32<O>,
        /// Why it is faulted.
        fault_code: U32<O>,
        /// Zero.
        reserved1: U32<O>,
        /// What the fault is about: of a Startup fault, the PC.
        fault_info: U64<O>,
        /// schedule, addrSpace, brand, cohort, ioSpace, handler.
        state_caps: [Capability<O, K>; 6],
        /// The capability registers.
        cap_reg: [Capability<O, K>; CAP_REGS],
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
const_assert_eq!(size_of::<Capability<Le, AsWritten>>(), 16);
const_assert_eq!(offset_of!(Capability<Le, AsWritten>, word1), 4);
const_assert_eq!(offset_of!(Capability<Le, AsWritten>, oid), 8);
const_assert_eq!(size_of::<Gpt<Le, AsWritten>>(), 264);
const_assert_eq!(offset_of!(Gpt<Le, AsWritten>, cap), 8);
const_assert_eq!(size_of::<Endpoint<Le, AsWritten>>(), 32);
const_assert_eq!(offset_of!(Endpoint<Le, AsWritten>, endpoint_id), 8);
const_assert_eq!(offset_of!(Endpoint<Le, AsWritten>, recipient), 16);
const_assert_eq!(size_of::<Process<Le, AsWritten>>(), 632);
const_assert_eq!(offset_of!(Process<Le, AsWritten>, flags), 2);
const_assert_eq!(offset_of!(Process<Le, AsWritten>, fault_code), 8);
const_assert_eq!(offset_of!(Process<Le, AsWritten>, fault_info), 16);
const_assert_eq!(offset_of!(Process<Le, AsWritten>, state_caps), 24);
const_assert_eq!(offset_of!(Process<Le, AsWritten>, cap_reg), 120);
const_assert_eq!(align_of::<Process<BigEndian, NativeBigEndian>>(), 1);
const_assert_eq!(size_of::<Process<BigEndian, NativeBigEndian>>(), 632);

impl<O: zerocopy::ByteOrder, K: BitFields> From<&Capability<O, K>> for crate::Capability {
    #[inline]
    fn from(wire: &Capability<O, K>) -> Self {
        let word0 = K::unpack(wire.word0.get(), &CAPABILITY_FIELDS);
        let memory = crate::CapType::of_word(word0).is_memory();
        let word1 = wire.word1.get();
        let word1 = if memory { K::unpack(word1, &GUARD_FIELDS) } else { word1 };
        Self::from_words(word0, word1, wire.oid.get())
    }
}

impl<O: zerocopy::ByteOrder, K: BitFields> From<crate::Capability> for Capability<O, K> {
    #[inline]
    fn from(cap: crate::Capability) -> Self {
        let (word0, word1, oid) = cap.words();
        let word1 = if cap.cap_type().is_memory() { K::pack(word1, &GUARD_FIELDS) } else { word1 };
        Self {
            word0: U32::new(K::pack(word0, &CAPABILITY_FIELDS)),
            word1: U32::new(word1),
            oid: U64::new(oid),
            packing: PhantomData,
        }
    }
}

impl<O: zerocopy::ByteOrder, K: BitFields> Gpt<O, K> {
    /// The first word, canonical: l2v 6 bits, ha 1, bg 1, padding 24.
    #[inline]
    pub fn canonical_word0(&self) -> u32 {
        K::unpack(self.word0.get(), &GPT_FIELDS)
    }

    /// A GPT's first word from the canonical one.
    pub fn pack_word0(canonical: u32) -> U32<O> {
        U32::new(K::pack(canonical, &GPT_FIELDS))
    }
}

impl<O: zerocopy::ByteOrder, K: BitFields> Endpoint<O, K> {
    /// The first word, canonical: pm 1 bit, padding 31.
    #[inline]
    pub fn canonical_word0(&self) -> u32 {
        K::unpack(self.word0.get(), &ENDPOINT_FIELDS)
    }

    /// An endpoint's first word from the canonical one.
    pub fn pack_word0(canonical: u32) -> U32<O> {
        U32::new(K::pack(canonical, &ENDPOINT_FIELDS))
    }
}

/// How the words of an image are to be read: both parameters of the wire structs, at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codec {
    pub(crate) byte_order: ByteOrder,
    pub(crate) packing: Packing,
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
        let bytes = Capability::<BigEndian, AsWritten>::from(page);
        assert_eq!(bytes.as_bytes(), [0, 0, 1, 0x21, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 7]);
        page.set_alloc_count(5);
        page.set_guard_match(0xabc);
        let native = Capability::<BigEndian, NativeBigEndian>::from(page);
        let word0 = 0x21 << 26 | 2 << 20 | 5_u32;
        let word1 = 13 << 25 | 0xabc_u32;
        assert_eq!((native.word0.get(), native.word1.get()), (word0, word1));
        assert_eq!(crate::Capability::from(&native), page);
        assert_eq!(Gpt::<BigEndian, NativeBigEndian>::pack_word0(13 | 0x40).get(), 13 << 26 | 1 << 25);
        assert_eq!(Gpt::<BigEndian, NativeBigEndian>::pack_word0(13 | 0x80).get(), 13 << 26 | 1 << 24);
        assert_eq!(Endpoint::<BigEndian, NativeBigEndian>::pack_word0(1).get(), 1 << 31);
    }
}
