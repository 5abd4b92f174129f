//! How bit-fields are packed into words, and the records that have them.

use zerocopy::byteorder::{U32, U64};

use super::{Capability, Endpoint, Gpt};

/// How bit-fields are packed into words.
///
/// The original writer packs them from the least significant bit up for every target, and then swaps bytes. A
/// compiler for a big-endian target packs the same declarations from the most significant bit down. All
/// existing files are of the first kind. For a little-endian target the two are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Packing {
    /// From the least significant bit up, for every target.
    #[default]
    AsWritten,
    /// From the most significant bit down, if the target is big-endian.
    NativeBigEndian,
}

/// A packing as a type. The canonical form of a word is that of [`AsWritten`].
pub trait BitFields: Copy + 'static {
    /// From a word in this packing, whose fields have these widths, to the canonical one.
    fn unpack(word: u32, widths: &[u32]) -> u32;
    /// From the canonical word to that in this packing.
    fn pack(word: u32, widths: &[u32]) -> u32;
}

/// Bit-fields from the least significant bit up.
#[derive(Clone, Copy, Debug)]
pub struct AsWritten;

/// Bit-fields from the most significant bit down.
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

/// Reverses the order of the fields of a word; `widths` begins with the canonical word's least significant
/// field.
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

#[cfg(test)]
mod tests {
    use zerocopy::IntoBytes;
    use zerocopy::byteorder::BigEndian;

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
