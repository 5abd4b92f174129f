//! Symbols in the pages that the header reserves for them.
//!
//! The format keeps `nSymbol`, `symVecOID`, `nStringBytes` and `stringTableOID`, and nothing ever filled them; the record
//! is this project's. docs/coyotos-image.md describes it.

use core::mem::size_of;

use execfmt_common::ByteOrder;
use zerocopy::FromBytes;
use zerocopy::byteorder::{BigEndian, LittleEndian};

use crate::image::Image;
use crate::object::{ObjectId, ObjectType};
use crate::wire;

/// What a symbol stands for: the lowest 8 bits of a record's `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymbolKind {
    /// A label, of which nothing more is known.
    Label,
    /// A function.
    Function,
    /// A variable or a table.
    Data,
    /// The build id of the space's side file: the value is the [space word](space_word), the name the id in
    /// hexadecimal, the object [`BUILD_IDS`].
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

/// The largest size that a record holds, in bytes: it stands for all larger ones too.
pub const MAX_SYMBOL_SIZE: u32 = 0xff_ffff;

/// The `object` of records that are about side files and not about addresses; it sorts behind every space.
pub const BUILD_IDS: u64 = u64::MAX;

/// The number by which symbols name the space that they are in: the OID of the space's root, with the number of its
/// [type](ObjectType) in the highest 8 bits.
pub fn space_word(root: ObjectId) -> u64 {
    root.oid | u64::from(root.object_type.number()) << 56
}

/// The root that a [space word](space_word) stands for.
pub fn space_root(word: u64) -> Option<ObjectId> {
    let number = u32::try_from(word >> 56).ok()?;
    let object_type = ObjectType::ALL.into_iter().find(|kind| kind.number() == number)?;
    Some(ObjectId { object_type, oid: word & 0x00ff_ffff_ffff_ffff })
}

/// A symbol of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// The address.
    pub value: u64,
    /// The [space word](space_word).
    pub object: u64,
    /// Where the name begins in the string table, in bytes.
    pub string_offset: u32,
    /// What it stands for.
    pub kind: SymbolKind,
    /// The size in bytes, at most [`MAX_SYMBOL_SIZE`]; 0 when unknown.
    pub size: u32,
    /// The name, without its NUL; `None` when it does not lie within the string table.
    pub name: Option<&'a [u8]>,
}

impl Symbol<'_> {
    /// Whether an address belongs to the symbol. A size of 0 reaches up to the next symbol, and so does the largest.
    pub const fn covers(&self, address: u64) -> bool {
        match address.checked_sub(self.value) {
            Some(offset) => self.size == 0 || self.size == MAX_SYMBOL_SIZE || offset < self.size as u64,
            None => false,
        }
    }
}

/// The symbol table and the string table of an image.
#[derive(Clone, Copy, Debug)]
pub struct Symbols<'a> {
    records: &'a [u8],
    strings: &'a [u8],
    byte_order: ByteOrder,
}

const RECORD: usize = size_of::<wire::Symbol<LittleEndian>>();

impl<'a> Symbols<'a> {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.records.len() / RECORD
    }

    /// True when there are none.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The string table: names, each with a NUL behind it.
    pub const fn strings(&self) -> &'a [u8] {
        self.strings
    }

    /// The symbol at an index, in the order of the table.
    pub fn get(&self, index: usize) -> Option<Symbol<'a>> {
        let start = index.checked_mul(RECORD)?;
        self.decode(self.records.get(start..)?.get(..RECORD)?)
    }

    /// All of them, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = Symbol<'a>> + use<'a> {
        let symbols = *self;
        self.records.chunks_exact(RECORD).filter_map(move |bytes| symbols.decode(bytes))
    }

    fn decode(&self, bytes: &[u8]) -> Option<Symbol<'a>> {
        let (value, object, string_offset, kind) = match self.byte_order {
            ByteOrder::Little => fields::<LittleEndian>(bytes)?,
            ByteOrder::Big => fields::<BigEndian>(bytes)?,
        };
        let [number, _, _, _] = kind.to_le_bytes();
        let kind_of = SymbolKind::from_number(number);
        Some(Symbol {
            value,
            object,
            string_offset,
            kind: kind_of,
            size: kind >> 8,
            name: self.name(string_offset),
        })
    }

    fn name(&self, offset: u32) -> Option<&'a [u8]> {
        let rest = self.strings.get(usize::try_from(offset).ok()?..).filter(|rest| !rest.is_empty())?;
        rest.split(|&byte| byte == 0).next()
    }

    /// How many records stand before (object, value), in a sorted table.
    fn partition(&self, object: u64, value: u64, inclusive: bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let before = self.get(middle).is_some_and(|symbol| {
                let key = (symbol.object, symbol.value);
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

    /// The symbol of a space that an address belongs to: the last one at or below it that [covers](Symbol::covers) it.
    /// Takes a number of steps that grows with the logarithm of the table's length, and allocates nothing.
    pub fn at_in(&self, root: ObjectId, address: u64) -> Option<Symbol<'a>> {
        self.at_word(space_word(root), address)
    }

    fn at_word(&self, object: u64, address: u64) -> Option<Symbol<'a>> {
        let last = self.partition(object, address, true).checked_sub(1)?;
        let symbol = self.get(last)?;
        (symbol.object == object && symbol.covers(address)).then_some(symbol)
    }

    /// The symbol that an address belongs to in any space, the first space first. For images with one space.
    pub fn at(&self, address: u64) -> Option<Symbol<'a>> {
        let mut next = 0;
        // A step per space, each to a higher one: a table that is not sorted ends the search early.
        while let Some(symbol) = self.get(next).filter(|symbol| symbol.object != BUILD_IDS) {
            if let Some(found) = self.at_word(symbol.object, address) {
                return Some(found);
            }
            let behind = self.partition(symbol.object, u64::MAX, true);
            next = (behind > next).then_some(behind)?;
        }
        None
    }

    /// The symbol with a name; looks at every one.
    pub fn named(&self, name: &[u8]) -> Option<Symbol<'a>> {
        // Byte by byte: a comparison of slices would call a function that not every kernel has.
        let same = |symbol: &Symbol<'_>| symbol.name.is_some_and(|known| known.iter().eq(name));
        self.iter().find(|symbol| symbol.object != BUILD_IDS && same(symbol))
    }

    /// The build id of a space's side file, in hexadecimal.
    pub fn build_id(&self, root: ObjectId) -> Option<&'a [u8]> {
        let index = self.partition(BUILD_IDS, space_word(root), false);
        let symbol = self.get(index).filter(|symbol| symbol.kind == SymbolKind::BuildId)?;
        if (symbol.object, symbol.value) == (BUILD_IDS, space_word(root)) { symbol.name } else { None }
    }
}

fn fields<O: zerocopy::ByteOrder>(bytes: &[u8]) -> Option<(u64, u64, u32, u32)> {
    let wire = wire::Symbol::<O>::ref_from_bytes(bytes).ok()?;
    Some((wire.value.get(), wire.object.get(), wire.string_offset.get(), wire.kind.get()))
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
