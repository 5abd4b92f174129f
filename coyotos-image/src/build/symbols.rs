use alloc::collections::BinaryHeap;
use alloc::vec::Vec;

use super::{BuildError, Builder};
use crate::space::SpaceError;
use crate::symbols::{MAX_SYMBOL_SIZE, SymbolDef, SymbolKind, SymbolRecord};
use crate::try_vec::{append, push, room_for, text};

/// The symbol table and the string table.
#[derive(Clone, Debug, Default)]
pub(crate) struct SymbolTableBuilder {
    pub(crate) records: Vec<SymbolRecord>,
    pub(crate) strings: Vec<u8>,
}

impl Builder {
    /// A symbol that is already in the image.
    fn symbol(&self, record: &SymbolRecord) -> Result<SymbolDef, SpaceError> {
        let rest = usize::try_from(record.string_offset).ok();
        let rest = rest.and_then(|offset| self.symbols.strings.get(offset..));
        let name = rest.unwrap_or_default().split(|&byte| byte == 0).next();
        let [number, ..] = record.kind.to_le_bytes();
        Ok(SymbolDef {
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
    pub fn add_symbols(&mut self, symbols: Vec<SymbolDef>) -> Result<(), BuildError> {
        self.try_add_symbols(symbols.into_iter().map(Ok))
    }

    /// Adds symbols that are made on the fly, as by [`SymbolDef::named`]; adds none if one fails.
    ///
    /// # Errors
    /// The first error among the symbols, and those of [`add_symbols`](Self::add_symbols).
    pub fn try_add_symbols(
        &mut self,
        symbols: impl Iterator<Item = Result<SymbolDef, SpaceError>>,
    ) -> Result<(), BuildError> {
        let here = self.symbols.records.iter().map(|record| self.symbol(record));
        let mut all = room_for(here.len().saturating_add(symbols.size_hint().0))?;
        for symbol in here.chain(symbols) {
            push(&mut all, symbol?)?;
        }
        self.set_symbols(all)
    }

    /// Replaces the image's symbols. They are sorted by space and address; symbols at one address are sorted
    /// by size, so that a lookup finds the largest.
    ///
    /// # Errors
    /// [`BuildError::SymbolName`], [`SpaceError::OutOfMemory`].
    pub fn set_symbols(&mut self, symbols: Vec<SymbolDef>) -> Result<(), BuildError> {
        let length = |symbol: &SymbolDef| symbol.name.len().saturating_add(1);
        let length = symbols.iter().fold(0_usize, |sum, symbol| sum.saturating_add(length(symbol)));
        let mut pages = SymbolTableBuilder { records: room_for(symbols.len())?, strings: room_for(length)? };
        // Heap sort needs no memory; the order is total, so its instability cannot be observed.
        for symbol in BinaryHeap::from(symbols).into_sorted_vec() {
            if symbol.name.as_bytes().contains(&0) {
                return Err(BuildError::SymbolName);
            }
            let string_offset = u32::try_from(pages.strings.len()).map_err(|_| BuildError::SymbolName)?;
            append(&mut pages.strings, symbol.name.as_bytes())?;
            push(&mut pages.strings, 0)?;
            let size = u32::try_from(symbol.size).unwrap_or(u32::MAX).min(MAX_SYMBOL_SIZE);
            let kind = u32::from(symbol.kind.number()) | size << 8;
            let SymbolDef { value, object, .. } = symbol;
            push(&mut pages.records, SymbolRecord { value, object, string_offset, kind })?;
        }
        u32::try_from(pages.strings.len()).map_err(|_| BuildError::SymbolName)?;
        u32::try_from(pages.records.len()).map_err(|_| BuildError::SymbolName)?;
        self.symbols = pages;
        Ok(())
    }
}
