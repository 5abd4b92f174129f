//! A file that contains only ELKS symbols, such as `/lib/system.sym`, or the output of elf2elks --symfile.

use std::io;

use aout_minix::Symbols;
use execfmt_view::View;

use super::list;
use crate::Format;
use crate::findings::Findings;
use crate::rows::Rows;

/// The symbols of the file.
pub struct SymbolFile<'a> {
    symbols: Symbols<'a>,
    file_length: u64,
}

impl<'a> SymbolFile<'a> {
    /// `None` for a file of another kind.
    pub fn recognise(bytes: &'a [u8]) -> Option<Self> {
        let file_length = bytes.len() as u64;
        Symbols::of_symbol_file(bytes).map(|symbols| Self { symbols, file_length })
    }
}

impl Format for SymbolFile<'_> {
    fn findings(&self) -> Findings {
        Findings::default()
    }

    fn view(&self) -> View {
        View::elks_symbols(&self.symbols, self.file_length)
    }

    fn symbols(&self, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        list::symbols(self.symbols.clone(), rows)
    }

    fn symbols_at(&self, address: u32, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
        list::symbols_at(&self.symbols, address, rows)
    }
}
