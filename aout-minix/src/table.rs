//! What the readers of relocations and symbols have in common: fixed records, and the error that ends a damaged table.

use core::fmt;

/// Why a table could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableFault {
    /// The table ends within a record.
    PartialRecord,
    /// An ELKS symbol table lacks the zero byte that should end it.
    Unterminated,
    /// An ELKS symbol table continues after the zero byte that should end it.
    TrailingBytes,
}

/// The error that ends a damaged table. Every record before it has been returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableError {
    /// What is wrong.
    pub fault: TableFault,
    /// Offset of the defect in the table, in bytes.
    pub offset: u64,
    /// Number of bytes left there.
    pub left: u64,
    /// Number of bytes that the record there needs.
    pub needed: u64,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, offset, left, needed } = self;
        match fault {
            TableFault::PartialRecord => {
                write!(
                    f,
                    "the table ends within the record at its byte {offset}: {left} of {needed} bytes are present"
                )
            }
            TableFault::Unterminated => {
                write!(f, "the table ends at its byte {offset} without the zero byte that should end it")
            }
            TableFault::TrailingBytes => {
                write!(f, "{left} bytes follow the zero byte that ends the table, from its byte {offset} on")
            }
        }
    }
}

impl core::error::Error for TableError {}

/// Splits a table into records of `N` bytes; a remainder is an error that ends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'a, const N: usize> {
    rest: &'a [u8],
    offset: u64,
}

impl<'a, const N: usize> Records<'a, N> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next record, without consuming it.
    pub(crate) fn peek(&self) -> Option<&'a [u8; N]> {
        self.rest.first_chunk()
    }
}

impl<'a, const N: usize> Iterator for Records<'a, N> {
    type Item = Result<&'a [u8; N], TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = self.rest.split_first_chunk().map(|(record, rest)| {
            self.rest = rest;
            record
        });
        let needed = N as u64;
        let error = TableError {
            fault: TableFault::PartialRecord,
            offset: self.offset,
            left: self.rest.len() as u64,
            needed,
        };
        self.offset = self.offset.saturating_add(needed);
        Some(record.ok_or_else(|| {
            self.rest = &[];
            error
        }))
    }
}
