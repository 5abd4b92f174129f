use alloc::collections::BinaryHeap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{BuildError, Builder};
use crate::memory::{append, push, room_for, text};
use crate::space::SpaceError;
use crate::symbols::{MAX_SYMBOL_SIZE, SymbolKind};

/// A symbol for [`Builder::set_symbols`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewSymbol {
    /// The [space word](crate::space_word) of the space that it is in.
    pub object: u64,
    /// The address.
    pub value: u64,
    /// The size in bytes; 0 when unknown, cut to [`MAX_SYMBOL_SIZE`].
    pub size: u64,
    /// What it stands for.
    pub kind: SymbolKind,
    /// The name.
    pub name: String,
}

impl NewSymbol {
    /// A symbol whose name is bytes from a file; what is no UTF-8 in it is replaced.
    ///
    /// # Errors
    /// [`SpaceError::OutOfMemory`].
    pub fn named(
        name: &[u8],
        kind: SymbolKind,
        object: u64,
        value: u64,
        size: u64,
    ) -> Result<Self, SpaceError> {
        Ok(Self { object, value, size, kind, name: text(name)? })
    }
}

/// A record of the symbol table, as it will be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SymbolRecord {
    pub(crate) value: u64,
    pub(crate) object: u64,
    pub(crate) string_offset: u32,
    pub(crate) kind: u32,
}

/// The symbol table and the string table.
#[derive(Clone, Debug, Default)]
pub(crate) struct SymbolPages {
    pub(crate) records: Vec<SymbolRecord>,
    pub(crate) strings: Vec<u8>,
}

impl Builder {
    /// A symbol that the image has.
    fn symbol(&self, record: &SymbolRecord) -> Result<NewSymbol, SpaceError> {
        let rest = usize::try_from(record.string_offset).ok();
        let rest = rest.and_then(|offset| self.symbols.strings.get(offset..));
        let name = rest.unwrap_or_default().split(|&byte| byte == 0).next();
        let [number, ..] = record.kind.to_le_bytes();
        Ok(NewSymbol {
            object: record.object,
            value: record.value,
            size: (record.kind >> 8).into(),
            kind: SymbolKind::from_number(number),
            name: text(name.unwrap_or_default())?,
        })
    }

    /// Adds to the image's symbols: see [`set_symbols`](Self::set_symbols).
    ///
    /// # Errors
    /// [`BuildError::SymbolName`], [`SpaceError::OutOfMemory`].
    pub fn add_symbols(&mut self, symbols: Vec<NewSymbol>) -> Result<(), BuildError> {
        self.try_add_symbols(symbols.into_iter().map(Ok))
    }

    /// Adds symbols that are yet to be made, as by [`NewSymbol::named`], or none of them.
    ///
    /// # Errors
    /// The first that there is among the symbols, and those of [`add_symbols`](Self::add_symbols).
    pub fn try_add_symbols(
        &mut self,
        symbols: impl Iterator<Item = Result<NewSymbol, SpaceError>>,
    ) -> Result<(), BuildError> {
        let here = self.symbols.records.iter().map(|record| self.symbol(record));
        let mut all = room_for(here.len().saturating_add(symbols.size_hint().0))?;
        for symbol in here.chain(symbols) {
            push(&mut all, symbol?)?;
        }
        self.set_symbols(all)
    }

    /// Replaces the image's symbols. They are sorted by space and address; of several at one address, the order is by
    /// size, so that a lookup finds the largest.
    ///
    /// # Errors
    /// [`BuildError::SymbolName`], [`SpaceError::OutOfMemory`].
    pub fn set_symbols(&mut self, symbols: Vec<NewSymbol>) -> Result<(), BuildError> {
        let length = |symbol: &NewSymbol| symbol.name.len().saturating_add(1);
        let length = symbols.iter().fold(0_usize, |sum, symbol| sum.saturating_add(length(symbol)));
        let mut pages = SymbolPages { records: room_for(symbols.len())?, strings: room_for(length)? };
        // A heap sorts within the memory that is there; the order is total, so that none can tell.
        for symbol in BinaryHeap::from(symbols).into_sorted_vec() {
            if symbol.name.as_bytes().contains(&0) {
                return Err(BuildError::SymbolName);
            }
            let string_offset = u32::try_from(pages.strings.len()).map_err(|_| BuildError::SymbolName)?;
            append(&mut pages.strings, symbol.name.as_bytes())?;
            push(&mut pages.strings, 0)?;
            let size = u32::try_from(symbol.size).unwrap_or(u32::MAX).min(MAX_SYMBOL_SIZE);
            let kind = u32::from(symbol.kind.number()) | size << 8;
            let NewSymbol { value, object, .. } = symbol;
            push(&mut pages.records, SymbolRecord { value, object, string_offset, kind })?;
        }
        u32::try_from(pages.strings.len()).map_err(|_| BuildError::SymbolName)?;
        u32::try_from(pages.records.len()).map_err(|_| BuildError::SymbolName)?;
        self.symbols = pages;
        Ok(())
    }
}
