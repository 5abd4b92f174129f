//! The symbols of Minix and of ld86: 16 bytes each, long names continued in the entries that follow.

use core::fmt;
use core::iter::FusedIterator;

use execfmt_common::{ByteOrder, wire};
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{BigEndian, LittleEndian, U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, transmute};

use crate::table::{Records, TableError};

wire! {
    /// An entry of the table in the file: 16 bytes.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct Nlist<O: zerocopy::ByteOrder> {
        /// The name, padded with zeros.
        pub name: [u8; 8],
        /// The value.
        pub value: U32<O>,
        /// The section, and the visibility of the symbol.
        pub sclass: u8,
        /// Number of auxiliary entries that follow; 0 in all known files.
        pub numaux: u8,
        /// The type in the source language; 0 in all known files.
        pub r#type: U16<O> = "type",
    }
}

/// The size of an entry in the file, in bytes.
pub const NLIST_SIZE: usize = 16;

const NAME_SIZE: usize = 8;

const_assert_eq!(size_of::<Nlist<LittleEndian>>(), NLIST_SIZE);

/// The section and the visibility of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StorageClass(pub u8);

/// The part of the program that contains a symbol: the three low bits of its storage class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolSection {
    /// Not defined.
    Undefined,
    /// An absolute number, not an address.
    Absolute,
    /// The text.
    Text,
    /// The data.
    Data,
    /// The bss.
    Bss,
    /// Common.
    Common,
    /// One of the two values that have no meaning.
    Unknown(u8),
}

impl StorageClass {
    /// The bits that hold the section.
    pub const SECTION: u8 = 0o007;
    /// External.
    pub const EXT: u8 = 0o020;
    /// Local to its file.
    pub const STAT: u8 = 0o030;

    /// The section.
    pub const fn section(self) -> SymbolSection {
        match self.0 & Self::SECTION {
            0 => SymbolSection::Undefined,
            1 => SymbolSection::Absolute,
            2 => SymbolSection::Text,
            3 => SymbolSection::Data,
            4 => SymbolSection::Bss,
            5 => SymbolSection::Common,
            other => SymbolSection::Unknown(other),
        }
    }

    /// True when other files see the symbol.
    pub const fn is_external(self) -> bool {
        self.0 & !Self::SECTION == Self::EXT
    }

    /// The letter that nm prints: upper case for external symbols.
    pub const fn letter(self) -> char {
        let letter = match self.section() {
            SymbolSection::Undefined => 'u',
            SymbolSection::Absolute => 'a',
            SymbolSection::Text => 't',
            SymbolSection::Data => 'd',
            SymbolSection::Bss => 'b',
            SymbolSection::Common => 'c',
            SymbolSection::Unknown(_) => '?',
        };
        if self.is_external() { letter.to_ascii_uppercase() } else { letter }
    }
}

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NlistSymbol<'a> {
    /// The value: for text and data an offset in its segment, in bytes.
    pub value: u32,
    /// Its section and visibility.
    pub sclass: StorageClass,
    /// Number of auxiliary entries that follow.
    pub numaux: u8,
    /// The type in the source language.
    pub kind: u16,
    /// The number of the symbol's first entry in the table, from 0.
    pub index: u32,
    entries: &'a [u8],
}

impl<'a> NlistSymbol<'a> {
    /// The bytes of the name, over all entries that hold a part of it, without the zeros that pad it.
    pub fn name(&self) -> impl Iterator<Item = u8> + Clone + use<'a> {
        let parts = self.entries.chunks(NLIST_SIZE).flat_map(|entry| entry.iter().take(NAME_SIZE));
        parts.copied().take_while(|&byte| byte != 0)
    }

    /// Number of entries that the symbol takes: 1, or more for a name longer than 8 bytes.
    pub const fn entry_count(&self) -> usize {
        self.entries.len().wrapping_div(NLIST_SIZE)
    }

    /// The symbol's entries as they are in the file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.entries
    }
}

impl fmt::Display for NlistSymbol<'_> {
    /// As nm prints it: value, letter, name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x} {} ", self.value, self.sclass.letter())?;
        self.name().try_for_each(|byte| byte.escape_ascii().fmt(f))
    }
}

/// The symbols of an nlist table. Ends with an error when the size of the table is not a multiple of 16.
#[derive(Clone, Debug)]
pub struct NlistSymbols<'a> {
    table: &'a [u8],
    records: Records<'a, NLIST_SIZE>,
    order: ByteOrder,
    index: u32,
}

impl<'a> NlistSymbols<'a> {
    /// Reads a table.
    pub const fn new(table: &'a [u8], order: ByteOrder) -> Self {
        Self { table, records: Records::new(table), order, index: 0 }
    }

    fn decode(&self, bytes: [u8; NLIST_SIZE]) -> (u32, u8, u8, u16) {
        fn fields<O: zerocopy::ByteOrder>(wire: Nlist<O>) -> (u32, u8, u8, u16) {
            (wire.value.get(), wire.sclass, wire.numaux, wire.r#type.get())
        }
        match self.order {
            ByteOrder::Little => fields::<LittleEndian>(transmute!(bytes)),
            ByteOrder::Big => fields::<BigEndian>(transmute!(bytes)),
        }
    }
}

/// True when the name fills its 8 bytes, so it may continue in the next entry.
fn is_full(entry: &[u8; NLIST_SIZE]) -> bool {
    entry.iter().take(NAME_SIZE).all(|&byte| byte != 0)
}

impl<'a> Iterator for NlistSymbols<'a> {
    type Item = Result<NlistSymbol<'a>, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (start, index) = (self.table.len().wrapping_sub(self.records.rest().len()), self.index);
        let first = match self.records.next()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        self.index = self.index.wrapping_add(1);
        let mut last = first;
        while is_full(last) {
            // An entry with only a name continues a name; a symbol has at least a storage class.
            let Some(next) = self.records.peek().filter(|next| self.decode(**next) == (0, 0, 0, 0)) else {
                break;
            };
            last = next;
            self.records.next();
            self.index = self.index.wrapping_add(1);
        }
        let end = self.table.len().wrapping_sub(self.records.rest().len());
        let (value, sclass, numaux, kind) = self.decode(*first);
        let entries = self.table.get(start..end).unwrap_or_default();
        Some(Ok(NlistSymbol { value, sclass: StorageClass(sclass), numaux, kind, index, entries }))
    }
}

impl FusedIterator for NlistSymbols<'_> {}

/// A symbol to be written: one entry, or several for a name longer than 8 bytes.
#[derive(Clone, Copy, Debug)]
pub struct NewNlistSymbol<'a> {
    /// The name, without zeros.
    pub name: &'a [u8],
    /// The value.
    pub value: u32,
    /// Its section and visibility. Not 0, which continues the name of the symbol before.
    pub sclass: StorageClass,
}

impl<'a> NewNlistSymbol<'a> {
    /// Number of entries that the symbol takes.
    pub const fn entry_count(&self) -> usize {
        let count = self.name.len().div_ceil(NAME_SIZE);
        if count == 0 { 1 } else { count }
    }

    /// The entries, in order.
    pub fn entries(self, order: ByteOrder) -> impl Iterator<Item = [u8; NLIST_SIZE]> + use<'a> {
        let mut parts = self.name.chunks(NAME_SIZE);
        (0..self.entry_count()).map(move |number| {
            let mut name = [0; NAME_SIZE];
            name.iter_mut().zip(parts.next().unwrap_or_default()).for_each(|(to, from)| *to = *from);
            let (value, sclass) = if number == 0 { (self.value, self.sclass.0) } else { (0, 0) };
            match order {
                ByteOrder::Little => transmute!(Nlist::<LittleEndian> {
                    name,
                    value: U32::new(value),
                    sclass,
                    numaux: 0,
                    r#type: U16::new(0)
                }),
                ByteOrder::Big => transmute!(Nlist::<BigEndian> {
                    name,
                    value: U32::new(value),
                    sclass,
                    numaux: 0,
                    r#type: U16::new(0)
                }),
            }
        })
    }
}
