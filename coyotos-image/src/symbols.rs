//! Symbols in the pages that the header reserves for them.
//!
//! The format has the header fields `nSymbol`, `symVecOID`, `nStringBytes` and `stringTableOID`, but no
//! original tool ever filled them; the record is defined by this project. docs/coyotos-image.md describes it.

use core::mem::size_of;

use execfmt_common::ByteOrder;
use zerocopy::FromBytes;
use zerocopy::byteorder::{BigEndian, LittleEndian};

use crate::image::Image;
use crate::object::{ObjectId, ObjectType};
use crate::wire;

/// What a symbol is: the lowest 8 bits of a record's `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymbolKind {
    /// A label, about which nothing more is known.
    Label,
    /// A function.
    Function,
    /// A variable or a table.
    Data,
    /// The build ID of the space's side file: the value is the [space](SpaceId), the name is the ID in
    /// hexadecimal, the object is [`BUILD_ID_SPACE`].
    BuildId,
    /// Another number.
    Other(u8),
}

impl SymbolKind {
    /// The number in the record.
    pub const fn number(self) -> u8 {
        match self {
            Self::Label => 0,
            Self::Function => 1,
            Self::Data => 2,
            Self::BuildId => 0x10,
            Self::Other(number) => number,
        }
    }

    /// The kind with a number.
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Label,
            1 => Self::Function,
            2 => Self::Data,
            0x10 => Self::BuildId,
            other => Self::Other(other),
        }
    }
}

/// Maximum size that a record can hold, in bytes; it also represents any larger size.
pub const MAX_SYMBOL_SIZE: u32 = 0xff_ffff;

/// The `object` of records that are about side files rather than addresses; it sorts after every space.
pub const BUILD_ID_SPACE: u64 = u64::MAX;

/// The space that contains a symbol, as its record identifies it: the OID of the space's root, with the
/// number of the root's [type](ObjectType) in the highest 8 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpaceId(u64);

impl SpaceId {
    /// The space with a root.
    pub fn of(root: ObjectId) -> Self {
        Self(root.oid | u64::from(root.object_type.number()) << 56)
    }

    /// From the word in a record.
    pub const fn from_u64(word: u64) -> Self {
        Self(word)
    }

    /// The word in a record.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The root; `None` when the word has no valid type of object.
    pub fn root(self) -> Option<ObjectId> {
        let number = u32::try_from(self.0 >> 56).ok()?;
        let object_type = ObjectType::ALL.into_iter().find(|kind| kind.number() == number)?;
        Some(ObjectId { object_type, oid: self.0 & 0x00ff_ffff_ffff_ffff })
    }
}

/// A symbol of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// The address.
    pub value: u64,
    /// The [space](SpaceId).
    pub object: u64,
    /// Offset of the name in the string table, in bytes.
    pub string_offset: u32,
    /// Its kind.
    pub kind: SymbolKind,
    /// The size in bytes, at most [`MAX_SYMBOL_SIZE`]; 0 when unknown.
    pub size: u32,
    /// The name, without its NUL; `None` when it is not within the string table, and from [`Symbols::iter`]
    /// also when symbols share names.
    pub name: Option<&'a [u8]>,
}

impl<'a> Symbol<'a> {
    fn new(record: SymbolRecord, name: Option<&'a [u8]>) -> Self {
        let SymbolRecord { value, object, string_offset, kind } = record;
        let [number, ..] = kind.to_le_bytes();
        Self { value, object, string_offset, kind: SymbolKind::from_number(number), size: kind >> 8, name }
    }

    /// Whether an address belongs to the symbol. A size of 0 extends to the next symbol, and so does the
    /// maximum size.
    pub const fn covers(&self, address: u64) -> bool {
        match address.checked_sub(self.value) {
            Some(offset) => self.size == 0 || self.size == MAX_SYMBOL_SIZE || offset < self.size as u64,
            None => false,
        }
    }
}

/// A symbol for [`Builder::set_symbols`](crate::Builder::set_symbols).
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SymbolDef {
    /// The [space](crate::SpaceId) that contains it.
    pub object: u64,
    /// The address.
    pub value: u64,
    /// The size in bytes; 0 when unknown, limited to [`MAX_SYMBOL_SIZE`].
    pub size: u64,
    /// Its kind.
    pub kind: SymbolKind,
    /// The name.
    pub name: alloc::string::String,
}

#[cfg(feature = "alloc")]
impl SymbolDef {
    /// A symbol whose name is bytes from a file; invalid UTF-8 is replaced.
    ///
    /// # Errors
    /// [`SpaceError::OutOfMemory`](crate::space::SpaceError::OutOfMemory).
    pub fn named(
        name: &[u8],
        kind: SymbolKind,
        object: u64,
        value: u64,
        size: u64,
    ) -> Result<Self, crate::space::SpaceError> {
        Ok(Self { object, value, size, kind, name: crate::try_vec::text(name)? })
    }
}

/// The symbol table and the string table of an image.
#[derive(Clone, Copy, Debug)]
pub struct Symbols<'a> {
    records: &'a [u8],
    strings: &'a [u8],
    byte_order: ByteOrder,
}

/// A record of the table as numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SymbolRecord {
    pub(crate) value: u64,
    pub(crate) object: u64,
    pub(crate) string_offset: u32,
    pub(crate) kind: u32,
}

const RECORD: usize = size_of::<wire::Symbol<LittleEndian>>();

impl<'a> Symbols<'a> {
    /// Number of symbols.
    pub const fn len(&self) -> usize {
        self.records.len() / RECORD
    }

    /// True when there are none.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The string table: names, each followed by a NUL.
    pub const fn strings(&self) -> &'a [u8] {
        self.strings
    }

    /// The symbol at an index, in table order.
    pub fn get(&self, index: usize) -> Option<Symbol<'a>> {
        Some(self.symbol(self.record(index)?))
    }

    /// All of them, in table order, in time linear in both tables: once the names add up to more than the
    /// string table, each with its NUL, symbols share names, and the rest are returned without names.
    pub fn iter(&self) -> impl Iterator<Item = Symbol<'a>> + use<'a> {
        let symbols = *self;
        let mut left = self.strings.len();
        self.records.chunks_exact(RECORD).filter_map(move |bytes| {
            let record = symbols.decode(bytes)?;
            // Skipped once nothing is left: searching for the NUL is what takes time.
            let name = if left > 0 { symbols.name(record.string_offset) } else { None };
            left = left.saturating_sub(name.map_or(0, |name| name.len().saturating_add(1)));
            Some(Symbol::new(record, name))
        })
    }

    /// The first symbol with whose name all names together, each with its NUL, exceed the string table, and
    /// their length in bytes.
    pub(crate) fn first_beyond_strings(&self) -> Option<(usize, u64)> {
        let mut total = 0_u64;
        (0..self.len()).find_map(|index| {
            let offset = usize::try_from(self.record(index)?.string_offset).unwrap_or(usize::MAX);
            let rest = self.strings.get(offset..).unwrap_or_default();
            let length =
                rest.iter().position(|&byte| byte == 0).map_or(rest.len(), |nul| nul.saturating_add(1));
            total = total.saturating_add(length as u64);
            (total > self.strings.len() as u64).then_some((index, total))
        })
    }

    pub(crate) fn record(&self, index: usize) -> Option<SymbolRecord> {
        let start = index.checked_mul(RECORD)?;
        self.decode(self.records.get(start..)?.get(..RECORD)?)
    }

    fn decode(&self, bytes: &[u8]) -> Option<SymbolRecord> {
        match self.byte_order {
            ByteOrder::Little => fields::<LittleEndian>(bytes),
            ByteOrder::Big => fields::<BigEndian>(bytes),
        }
    }

    fn symbol(&self, record: SymbolRecord) -> Symbol<'a> {
        Symbol::new(record, self.name(record.string_offset))
    }

    fn name(&self, offset: u32) -> Option<&'a [u8]> {
        let rest = self.strings.get(usize::try_from(offset).ok()?..).filter(|rest| !rest.is_empty())?;
        rest.split(|&byte| byte == 0).next()
    }

    /// Number of records before (object, value), in a sorted table.
    fn partition(&self, object: u64, value: u64, inclusive: bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let before = self.record(middle).is_some_and(|record| {
                let key = (record.object, record.value);
                key < (object, value) || (inclusive && key == (object, value))
            });
            if before {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        low
    }

    /// The symbol of a space that an address belongs to: the last one at or below it that
    /// [covers](Symbol::covers) it. Takes logarithmic time in the table's length, and allocates nothing.
    pub fn at_in(&self, root: ObjectId, address: u64) -> Option<Symbol<'a>> {
        self.at_word(SpaceId::of(root).to_u64(), address)
    }

    fn at_word(&self, object: u64, address: u64) -> Option<Symbol<'a>> {
        let last = self.partition(object, address, true).checked_sub(1)?;
        let symbol = self.get(last)?;
        (symbol.object == object && symbol.covers(address)).then_some(symbol)
    }

    /// The symbol that an address belongs to in any space, lowest space first. For images with one space.
    pub fn at(&self, address: u64) -> Option<Symbol<'a>> {
        let mut next = 0;
        // One step per space, each to a higher one: a table that is not sorted ends the search early.
        while let Some(symbol) = self.record(next).filter(|symbol| symbol.object != BUILD_ID_SPACE) {
            if let Some(found) = self.at_word(symbol.object, address) {
                return Some(found);
            }
            let after = self.partition(symbol.object, u64::MAX, true);
            next = (after > next).then_some(after)?;
        }
        None
    }

    /// The symbol with a name, by linear search.
    pub fn named(&self, name: &[u8]) -> Option<Symbol<'a>> {
        // Byte by byte: a comparison of slices would call a function that not every kernel has. No more bytes
        // than the wanted name has, however long the table's names are.
        let same = |record: &SymbolRecord| {
            let rest =
                usize::try_from(record.string_offset).ok().and_then(|offset| self.strings.get(offset..));
            let parts =
                rest.filter(|rest| !rest.is_empty()).and_then(|rest| rest.split_at_checked(name.len()));
            parts.is_some_and(|(known, rest)| {
                rest.first().is_none_or(|&byte| byte == 0) && known.iter().eq(name) && !name.contains(&0)
            })
        };
        let records = (0..self.len()).filter_map(|index| self.record(index));
        let found = records.filter(|record| record.object != BUILD_ID_SPACE).find(same);
        found.map(|record| self.symbol(record))
    }

    /// The build ID of a space's side file, in hexadecimal.
    pub fn build_id(&self, root: ObjectId) -> Option<&'a [u8]> {
        let index = self.partition(BUILD_ID_SPACE, SpaceId::of(root).to_u64(), false);
        let symbol = self.get(index).filter(|symbol| symbol.kind == SymbolKind::BuildId)?;
        if (symbol.object, symbol.value) == (BUILD_ID_SPACE, SpaceId::of(root).to_u64()) {
            symbol.name
        } else {
            None
        }
    }
}

fn fields<O: zerocopy::ByteOrder>(bytes: &[u8]) -> Option<SymbolRecord> {
    let wire = wire::Symbol::<O>::ref_from_bytes(bytes).ok()?;
    Some(SymbolRecord {
        value: wire.value.get(),
        object: wire.object.get(),
        string_offset: wire.string_offset.get(),
        kind: wire.kind.get(),
    })
}

impl<'a> Image<'a> {
    /// The symbols; none in an image of the original tools.
    pub fn symbols(&self) -> Symbols<'a> {
        let header = self.header();
        let length = u64::from(header.n_symbol).saturating_mul(RECORD as u64);
        Symbols {
            records: self.table(header.sym_vec_oid, length),
            strings: self.table(header.string_table_oid, header.n_string_bytes.into()),
            byte_order: header.byte_order,
        }
    }

    /// The symbol that an address belongs to: see [`Symbols::at`].
    pub fn symbol_at(&self, address: u64) -> Option<Symbol<'a>> {
        self.symbols().at(address)
    }
}
