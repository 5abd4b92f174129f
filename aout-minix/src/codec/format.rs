//! The bit stream's constants and its tables.

/// Bytes by which the kernel lets a section's output begin above its end: it decompresses in place, from
/// `size + IN_PLACE_MARGIN` downwards, and moves the section down by that much at the end.
pub const IN_PLACE_MARGIN: usize = 16;

/// The most bytes that a compressed section may unpack to: with [`IN_PLACE_MARGIN`] bytes above, a segment is full.
pub const MAX_SIZE: usize = 65_519;

/// The most bytes by which the kernel's write pointer may be above its read pointer: it tests the difference of two
/// 16-bit numbers for its sign.
pub const MAX_DISTANCE: usize = 32_767;

/// The bits of the tables in front of the items: 52 entries of four bits.
pub const HEADER_BITS: u32 = 208;

/// The entries of all tables.
pub(crate) const ENTRIES: usize = 52;

/// The length index that ends the stream.
pub(crate) const END_INDEX: usize = 16;

/// The length index of a run of literals: two bytes of length, high byte first, and the literals follow.
pub(crate) const RUN_INDEX: usize = 17;

/// One of the four tables: which entries it has, and how many bits choose among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) start: usize,
    pub(crate) len: usize,
    pub(crate) index_bits: u32,
}

/// Lengths; the index is written in unary.
#[cfg(feature = "compress")]
pub(crate) const LENGTHS: Table = Table { start: 0, len: 16, index_bits: 0 };
/// Offsets of matches of three bytes and more.
pub(crate) const OFFSETS_LONG: Table = Table { start: 16, len: 16, index_bits: 4 };
/// Offsets of matches of two bytes.
pub(crate) const OFFSETS_TWO: Table = Table { start: 32, len: 16, index_bits: 4 };
/// Offsets of matches of one byte.
pub(crate) const OFFSETS_ONE: Table = Table { start: 48, len: 4, index_bits: 2 };

/// The table of the offsets of matches of `length` bytes.
#[inline]
pub(crate) const fn offsets_of(length: usize) -> Table {
    match length {
        1 => OFFSETS_ONE,
        2 => OFFSETS_TWO,
        _ => OFFSETS_LONG,
    }
}

/// An interval of lengths or offsets: `base` and up, told apart by `bits` bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The first value. Wraps at 16 bits, as the kernel's does.
    pub(crate) base: u16,
    /// 0 to 15. Eight of them are written as a whole byte, after the others.
    pub(crate) bits: u8,
}

impl Entry {
    /// How many bits come from the bit buffer.
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

/// The entries of all four tables. The kernel keeps them in one array too, so that a length index of 18 to 51
/// selects the interval of an offset.
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

    /// An entry by its place in the array, 0 to 51.
    #[inline]
    pub(crate) fn entry(&self, index: usize) -> Entry {
        self.0.get(index & 63).copied().unwrap_or_default()
    }
}
