//! Relocations: which words of a section are to hold the address of a segment.

use core::fmt;
use core::iter::FusedIterator;

use execfmt_common::{ByteOrder, wire};
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, transmute};

use crate::table::{Records, TableError};

wire! {
    /// A relocation in the file: 8 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct Reloc<O: zerocopy::ByteOrder> {
        /// Offset of the word, in bytes from the start of the relocation's own section.
        pub vaddr: U32<O>,
        /// The segment whose paragraph is written there.
        pub symndx: U16<O>,
        /// How the word is changed; 80 is the only type of ELKS.
        pub r#type: U16<O> = "type",
    }
}

/// The size of a relocation in the file, in bytes.
pub const RELOCATION_SIZE: usize = 8;

const_assert_eq!(size_of::<Reloc<LittleEndian>>(), RELOCATION_SIZE);

/// What a relocation refers to: a segment, or the number of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SymbolIndex(pub u16);

impl SymbolIndex {
    /// No segment: an absolute value.
    pub const ABS: Self = Self(0xffff);
    /// The text.
    pub const TEXT: Self = Self(0xfffe);
    /// The data.
    pub const DATA: Self = Self(0xfffd);
    /// The bss.
    pub const BSS: Self = Self(0xfffc);
    /// The far text (ELKS).
    pub const FTEXT: Self = Self(0xfffb);

    /// The name of the segment; `None` for the number of a symbol.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::ABS => "S_ABS",
            Self::TEXT => "S_TEXT",
            Self::DATA => "S_DATA",
            Self::BSS => "S_BSS",
            Self::FTEXT => "S_FTEXT",
            _ => return None,
        })
    }
}

impl fmt::Display for SymbolIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => self.0.fmt(f),
        }
    }
}

/// How the relocated bytes are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RelocationType(pub u16);

impl RelocationType {
    /// Minix: none.
    pub const ABBS: Self = Self(0);
    /// Minix: a byte, relative to the segment.
    pub const RELLBYTE: Self = Self(2);
    /// Minix: a byte, relative to its own address.
    pub const PCRBYTE: Self = Self(3);
    /// Minix: a 16-bit word, relative to the segment.
    pub const RELWORD: Self = Self(4);
    /// Minix: a 16-bit word, relative to its own address.
    pub const PCRWORD: Self = Self(5);
    /// Minix: a 32-bit word, relative to the segment.
    pub const RELLONG: Self = Self(6);
    /// Minix: a 32-bit word, relative to its own address.
    pub const PCRLONG: Self = Self(7);
    /// Minix: three bytes, relative to the segment.
    pub const REL3BYTE: Self = Self(8);
    /// Minix: `RELBRERR`.
    pub const KBRANCHE: Self = Self(9);
    /// ELKS: the word is overwritten with the segment's paragraph. The only type that ELKS supports.
    pub const SEGWORD: Self = Self(80);

    /// The name in the systems' headers.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::ABBS => "R_ABBS",
            Self::RELLBYTE => "R_RELLBYTE",
            Self::PCRBYTE => "R_PCRBYTE",
            Self::RELWORD => "R_RELWORD",
            Self::PCRWORD => "R_PCRWORD",
            Self::RELLONG => "R_RELLONG",
            Self::PCRLONG => "R_PCRLONG",
            Self::REL3BYTE => "R_REL3BYTE",
            Self::KBRANCHE => "R_KBRANCHE",
            Self::SEGWORD => "R_SEGWORD",
            _ => return None,
        })
    }
}

impl fmt::Display for RelocationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => self.0.fmt(f),
        }
    }
}

/// A relocation as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relocation {
    /// Offset of the word, in bytes from the start of the relocation's own section.
    pub vaddr: u32,
    /// What is written there.
    pub symndx: SymbolIndex,
    /// How it is written.
    pub kind: RelocationType,
}

impl Relocation {
    /// An ELKS relocation: the word at `vaddr` gets the segment's paragraph.
    pub const fn segword(vaddr: u32, segment: SymbolIndex) -> Self {
        Self { vaddr, symndx: segment, kind: RelocationType::SEGWORD }
    }

    /// The relocation that 8 bytes hold.
    pub fn from_bytes(bytes: [u8; RELOCATION_SIZE], order: ByteOrder) -> Self {
        fn decode<O: zerocopy::ByteOrder>(wire: Reloc<O>) -> Relocation {
            Relocation {
                vaddr: wire.vaddr.get(),
                symndx: SymbolIndex(wire.symndx.get()),
                kind: RelocationType(wire.r#type.get()),
            }
        }
        match order {
            ByteOrder::Little => decode::<LittleEndian>(transmute!(bytes)),
            ByteOrder::Big => decode::<BigEndian>(transmute!(bytes)),
        }
    }

    /// Its 8 bytes.
    pub fn to_bytes(self, order: ByteOrder) -> [u8; RELOCATION_SIZE] {
        fn encode<O: zerocopy::ByteOrder>(relocation: Relocation) -> Reloc<O> {
            Reloc {
                vaddr: U32::new(relocation.vaddr),
                symndx: U16::new(relocation.symndx.0),
                r#type: U16::new(relocation.kind.0),
            }
        }
        match order {
            ByteOrder::Little => transmute!(encode::<LittleEndian>(self)),
            ByteOrder::Big => transmute!(encode::<BigEndian>(self)),
        }
    }
}

impl fmt::Display for Relocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x} {} {}", self.vaddr, self.symndx, self.kind)
    }
}

/// The relocations of a section. Ends with an error when the size of the table is not a multiple of 8.
#[derive(Clone, Debug)]
pub struct Relocations<'a> {
    records: Records<'a, RELOCATION_SIZE>,
    order: ByteOrder,
}

impl<'a> Relocations<'a> {
    /// Reads a table.
    pub const fn new(table: &'a [u8], order: ByteOrder) -> Self {
        Self { records: Records::new(table), order }
    }

    /// Number of whole relocations left.
    pub const fn count_left(&self) -> usize {
        self.records.rest().len().wrapping_div(RELOCATION_SIZE)
    }
}

impl Iterator for Relocations<'_> {
    type Item = Result<Relocation, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let order = self.order;
        self.records.next().map(|record| record.map(|&bytes| Relocation::from_bytes(bytes, order)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.records.rest().len().div_ceil(RELOCATION_SIZE);
        (count, Some(count))
    }
}

impl FusedIterator for Relocations<'_> {}
