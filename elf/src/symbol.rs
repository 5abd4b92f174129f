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

    /// All, in the order of their table, the empty first one included.
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

    /// The bytes of the names.
    pub const fn names(&self) -> &'a [u8] {
        self.names.bytes()
    }

    /// The index of the first symbol that is not local, as the table's header says.
    pub const fn first_global(&self) -> u32 {
        self.first_global
    }
}

/// A symbol, as its [numbers](SymbolNumbers).
#[derive(Clone, Copy, Debug)]
pub struct Symbol<'a> {
    /// Where its record is in the file, in bytes.
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
    /// Its type: `STT_FUNC` and so on.
    pub const fn kind(&self) -> u8 {
        self.numbers.info & 0xf
    }

    /// Its binding: `STB_GLOBAL` and so on.
    pub const fn binding(&self) -> u8 {
        self.numbers.info >> 4
    }

    /// Its name, up to `most` bytes of it; `None` where it does not begin and end within the names.
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

    /// All, in the order of the file: where each record is in the file, and its numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u64, RelocationNumbers)> + use<'a> {
        let Self { table, layout } = *self;
        (0..table.len()).map_while(move |index| {
            let (offset, record) = table.get(index)?;
            Some((offset, RelocationNumbers::read(record, layout)?))
        })
    }
}
