use alloc::string::String;
use alloc::vec::Vec;

use super::{BuildError, Builder};
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
    /// The image's symbols as they are now.
    fn symbols(&self) -> Vec<NewSymbol> {
        let name = |offset: u32| {
            let rest = usize::try_from(offset).ok().and_then(|offset| self.symbols.strings.get(offset..));
            let name = rest.unwrap_or_default().split(|&byte| byte == 0).next();
            String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
        };
        let records = self.symbols.records.iter().map(|record| {
            let [number, ..] = record.kind.to_le_bytes();
            NewSymbol {
                object: record.object,
                value: record.value,
                size: (record.kind >> 8).into(),
                kind: SymbolKind::from_number(number),
                name: name(record.string_offset),
            }
        });
        records.collect()
    }

    /// Adds to the image's symbols: see [`set_symbols`](Self::set_symbols).
    ///
    /// # Errors
    /// [`BuildError::SymbolName`].
    pub fn add_symbols(&mut self, symbols: Vec<NewSymbol>) -> Result<(), BuildError> {
        let mut all = self.symbols();
        all.extend(symbols);
        self.set_symbols(all)
    }

    /// Replaces the image's symbols. They are sorted by space and address; of several at one address, the order is by
    /// size, so that a lookup finds the largest.
    ///
    /// # Errors
    /// [`BuildError::SymbolName`].
    pub fn set_symbols(&mut self, mut symbols: Vec<NewSymbol>) -> Result<(), BuildError> {
        symbols.sort();
        let mut pages = SymbolPages::default();
        for symbol in symbols {
            if symbol.name.as_bytes().contains(&0) {
                return Err(BuildError::SymbolName);
            }
            let string_offset = u32::try_from(pages.strings.len()).map_err(|_| BuildError::SymbolName)?;
            pages.strings.extend_from_slice(symbol.name.as_bytes());
            pages.strings.push(0);
            let size = u32::try_from(symbol.size).unwrap_or(u32::MAX).min(MAX_SYMBOL_SIZE);
            let kind = u32::from(symbol.kind.number()) | size << 8;
            pages.records.push(SymbolRecord {
                value: symbol.value,
                object: symbol.object,
                string_offset,
                kind,
            });
        }
        u32::try_from(pages.strings.len()).map_err(|_| BuildError::SymbolName)?;
        u32::try_from(pages.records.len()).map_err(|_| BuildError::SymbolName)?;
        self.symbols = pages;
        Ok(())
    }
}
