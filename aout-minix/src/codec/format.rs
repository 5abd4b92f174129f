//! The bit stream's constants and its tables.

/// Number of bytes above the section at which the kernel's output begins: it decompresses in place, from
/// `size + IN_PLACE_MARGIN` downwards, and finally moves the section down by that much.
pub const IN_PLACE_MARGIN: usize = 16;

/// Maximum number of bytes that a compressed section may expand to: with [`IN_PLACE_MARGIN`] bytes above it,
/// a segment is full.
pub const MAX_SIZE: usize = 65_519;

/// Maximum number of bytes by which the kernel's write pointer may be above its read pointer: the kernel
/// tests the sign of the difference of two 16-bit numbers.
pub const MAX_DISTANCE: usize = 32_767;

/// Number of bits of the tables that precede the items: 52 entries of four bits.
pub const HEADER_BITS: u32 = 208;

/// Number of entries of all tables.
pub(crate) const ENTRIES: usize = 52;

/// The length index that ends the stream.
pub(crate) const END_INDEX: usize = 16;

/// The length index of a run of literals: two bytes of length follow, high byte first, and then the literals.
pub(crate) const RUN_INDEX: usize = 17;

/// One of the four tables: which entries it has, and how many bits select one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) start: usize,
    pub(crate) len: usize,
    pub(crate) index_bits: u32,
}

/// Lengths; the index is written in unary.
#[cfg(feature = "compress")]
pub(crate) const LENGTHS: Table = Table { start: 0, len: 16, index_bits: 0 };
/// Offsets of matches of three or more bytes.
pub(crate) const OFFSETS_LONG: Table = Table { start: 16, len: 16, index_bits: 4 };
/// Offsets of matches of two bytes.
pub(crate) const OFFSETS_TWO: Table = Table { start: 32, len: 16, index_bits: 4 };
/// Offsets of matches of one byte.
pub(crate) const OFFSETS_ONE: Table = Table { start: 48, len: 4, index_bits: 2 };

/// The table for the offsets of matches of `length` bytes.
#[inline]
pub(crate) const fn offsets_of(length: usize) -> Table {
    match length {
        1 => OFFSETS_ONE,
        2 => OFFSETS_TWO,
        _ => OFFSETS_LONG,
    }
}

/// An interval of lengths or offsets: values from `base` on, distinguished by `bits` bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The lowest value. Wraps around at 16 bits, as in the kernel.
    pub(crate) base: u16,
    /// 0 to 15. If there are eight or more, eight of them are stored as a whole byte after the others.
    pub(crate) bits: u8,
}

impl Entry {
    /// Number of bits that come from the bit buffer.
    #[inline]
    pub(crate) const fn low_bits(self) -> u32 {
        (self.bits & 7) as u32
    }

    /// Whether a whole byte follows them.
    #[inline]
    pub(crate) const fn has_byte(self) -> bool {
        self.bits & 8 != 0
    }
}

/// The entries of all four tables. The kernel too keeps them in one array, so a length index of 18 to 51
/// selects an interval of offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tables([Entry; 64]);

impl Tables {
    /// The tables with these numbers of bits.
    pub(crate) fn new(bits: &[u8; ENTRIES]) -> Self {
        let mut entries = [Entry::default(); 64];
        let mut base = 1_u16;
        for (i, (entry, &bits)) in entries.iter_mut().zip(bits).enumerate() {
            if i & 15 == 0 {
                base = 1;
            }
            *entry = Entry { base, bits };
            base = base.wrapping_add(1_u16.wrapping_shl(bits.into()));
        }
        Self(entries)
    }

    /// An entry by its index in the array, 0 to 51.
    #[inline]
    pub(crate) fn entry(&self, index: usize) -> Entry {
        self.0.get(index & 63).copied().unwrap_or_default()
    }
}
