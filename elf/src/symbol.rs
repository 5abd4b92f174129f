use core::ops::Deref;

use crate::names::Names;
use crate::numbers::{RelocationNumbers, SymbolNumbers};
use crate::table::Table;
use crate::wire::Layout;

/// The symbols of a file.
#[derive(Clone, Copy, Debug)]
pub struct Symbols<'a> {
    table: Table<'a>,
    names: Names<'a>,
    first_global: u32,
    layout: Layout,
}

impl<'a> Symbols<'a> {
    pub(crate) const fn empty(layout: Layout) -> Self {
        Self { table: Table::EMPTY, names: Names::EMPTY, first_global: 1, layout }
    }

    pub(crate) const fn new(table: Table<'a>, names: Names<'a>, first_global: u32, layout: Layout) -> Self {
        Self { table, names, first_global, layout }
    }

    /// All symbols, in table order, including the empty first one.
    pub fn iter(&self) -> impl Iterator<Item = Symbol<'a>> + use<'a> {
        let Self { table, names, layout, .. } = *self;
        (0..table.len()).map_while(move |index| {
            let (offset, record) = table.get(index)?;
            Some(Symbol { offset, numbers: SymbolNumbers::read(record, layout)?, names })
        })
    }

    /// The bytes of the table, a whole number of symbols.
    pub const fn bytes(&self) -> &'a [u8] {
        self.table.bytes()
    }

    /// The string table with the names.
    pub const fn names(&self) -> &'a [u8] {
        self.names.bytes()
    }

    /// The index of the first symbol that is not local, from the table's header.
    pub const fn first_global(&self) -> u32 {
        self.first_global
    }
}

/// A symbol, as its [numbers](SymbolNumbers).
#[derive(Clone, Copy, Debug)]
pub struct Symbol<'a> {
    /// File offset of its record, in bytes.
    pub offset: u64,
    numbers: SymbolNumbers,
    names: Names<'a>,
}

impl Deref for Symbol<'_> {
    type Target = SymbolNumbers;

    fn deref(&self) -> &SymbolNumbers {
        &self.numbers
    }
}

impl<'a> Symbol<'a> {
    /// Its type: for example `STT_FUNC`.
    pub const fn kind(&self) -> u8 {
        self.numbers.info & 0xf
    }

    /// Its binding: for example `STB_GLOBAL`.
    pub const fn binding(&self) -> u8 {
        self.numbers.info >> 4
    }

    /// Its name, at most `most` bytes of it; `None` when it is not within the string table.
    pub fn name(&self, most: usize) -> Option<&'a [u8]> {
        self.names.get(self.numbers.name, most)
    }
}

/// Relocations without addends.
#[derive(Clone, Copy, Debug)]
pub struct Relocations<'a> {
    table: Table<'a>,
    layout: Layout,
}

impl<'a> Relocations<'a> {
    pub(crate) const fn new(table: Table<'a>, layout: Layout) -> Self {
        Self { table, layout }
    }

    /// All relocations, in file order: the file offset of each record, and its numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u64, RelocationNumbers)> + use<'a> {
        let Self { table, layout } = *self;
        (0..table.len()).map_while(move |index| {
            let (offset, record) = table.get(index)?;
            Some((offset, RelocationNumbers::read(record, layout)?))
        })
    }
}
