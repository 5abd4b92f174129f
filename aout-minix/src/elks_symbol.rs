//! The symbol tables that ELKS programs carry for their own use: short records, terminated by a zero byte.

use core::fmt;
use core::iter::FusedIterator;
use core::mem::size_of;

use execfmt_common::wire;
use static_assertions::const_assert_eq;
use zerocopy::byteorder::{LittleEndian, U16};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::table::{TableError, TableFault};

wire! {
    /// The fixed part of a record in the file: 4 bytes. The name follows.
    #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
    #[repr(C)]
    pub struct ElksSymbolHead {
        /// The letter that nm prints; `F` and `f` for far text.
        pub r#type: u8 = "type",
        /// The offset in its segment, in bytes.
        pub addr: U16<LittleEndian>,
        /// The length of the name in bytes.
        pub len: u8,
    }
}

const HEAD_SIZE: usize = size_of::<ElksSymbolHead>();

const_assert_eq!(HEAD_SIZE, 4);

/// Maximum size of a table, in bytes, that the reader on the target accepts.
pub const MAX_ELKS_TABLE: usize = 32_767;

/// A symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElksSymbol<'a> {
    /// The letter that nm prints, as ASCII; `F` and `f` for far text.
    pub letter: u8,
    /// The offset in its segment, in bytes.
    pub addr: u16,
    /// The name; 255 bytes at most.
    pub name: &'a [u8],
}

impl<'a> ElksSymbol<'a> {
    /// The record that separates the symbols of the text from those of the data.
    pub const DATA_MARK: Self = Self { letter: b'd', addr: 0, name: b".data" };

    /// The size of its record in bytes.
    pub const fn size(&self) -> usize {
        HEAD_SIZE.saturating_add(self.name.len())
    }

    /// The bytes of its record; `None` when the name is longer than 255 bytes or the letter is 0.
    pub fn record(&self) -> Option<impl Iterator<Item = u8> + use<'a>> {
        let len = u8::try_from(self.name.len()).ok().filter(|_| self.letter != 0)?;
        let [low, high] = self.addr.to_le_bytes();
        Some([self.letter, low, high, len].into_iter().chain(self.name.iter().copied()))
    }
}

impl fmt::Display for ElksSymbol<'_> {
    /// As nm prints it: address, letter, name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x} {} {}", self.addr, self.letter.escape_ascii(), self.name.escape_ascii())
    }
}

/// The symbols of an ELKS table. Ends with an error when the table ends within a record, lacks its zero byte,
/// or continues after it.
#[derive(Clone, Debug)]
pub struct ElksSymbols<'a> {
    table: &'a [u8],
    rest: &'a [u8],
    ended: bool,
}

impl<'a> ElksSymbols<'a> {
    /// Reads a table.
    pub const fn new(table: &'a [u8]) -> Self {
        Self { table, rest: table, ended: false }
    }

    fn error(&self, fault: TableFault, needed: usize) -> TableError {
        let left = self.rest.len();
        let offset = self.table.len().saturating_sub(left) as u64;
        TableError { fault, offset, left: left as u64, needed: needed as u64 }
    }
}

impl<'a> Iterator for ElksSymbols<'a> {
    type Item = Result<ElksSymbol<'a>, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.rest.split_first() {
            None => {
                self.ended = true;
                return Some(Err(self.error(TableFault::Unterminated, 1)));
            }
            Some((0, rest)) => {
                self.ended = true;
                self.rest = rest;
                let clean = rest.is_empty();
                return (!clean).then(|| Err(self.error(TableFault::TrailingBytes, 0)));
            }
            Some(_) => {}
        }
        let record = ElksSymbolHead::ref_from_prefix(self.rest).ok().and_then(|(head, rest)| {
            let (name, rest) = rest.split_at_checked(head.len.into())?;
            Some((ElksSymbol { letter: head.r#type, addr: head.addr.get(), name }, rest))
        });
        match record {
            Some((symbol, rest)) => {
                self.rest = rest;
                Some(Ok(symbol))
            }
            None => {
                self.ended = true;
                let name = self.rest.get(3).copied().unwrap_or_default();
                let needed = HEAD_SIZE.saturating_add(name.into());
                Some(Err(self.error(TableFault::PartialRecord, needed)))
            }
        }
    }
}

impl FusedIterator for ElksSymbols<'_> {}
