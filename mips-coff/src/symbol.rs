//! The external symbols, which debuggers and disassemblers read, but no loader.
//!
//! Source: the symbolic header as binutils writes and reads it, and the `sym.h` and `symconst.h` that its fields are
//! named after.

use core::fmt;

use execfmt_common::{ByteOrder, Escaped, Expected};
use zerocopy::FromBytes;
use zerocopy::byteorder::{BigEndian, LittleEndian};

use crate::error::{CoffField, CoffFinding, CoffRule};
use crate::image::Image;
use crate::wire::{self, EXTERNAL_SYMBOL_SIZE, SYMBOLIC_HEADER_SIZE, SYMBOLIC_MAGIC};

/// Maximum length of a name in bytes; longer names are cut off there. Many symbols may share one name.
pub const MAX_NAME: usize = 255;

/// The external symbols of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Symbols<'a> {
    records: &'a [u8],
    names: &'a [u8],
    byte_order: ByteOrder,
}

/// An external symbol. Displayed as `nm` does: `0000002c T main`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// Its name, of at most [`MAX_NAME`] bytes; empty when it lies outside the string table.
    pub name: &'a [u8],
    /// Its address, or its value when it is absolute.
    pub value: u32,
    /// Its type, `st` in the file: for example 1 for a global symbol, 6 for a procedure.
    pub kind: u8,
    /// Its storage class, `sc` in the file: [`SC_TEXT`](wire::SC_TEXT) and others.
    pub class: u8,
}

impl Symbol<'_> {
    /// The letter that `nm` prints for its storage class.
    pub const fn letter(&self) -> char {
        match self.class {
            wire::SC_TEXT | wire::SC_INIT | wire::SC_FINI => 'T',
            wire::SC_DATA => 'D',
            wire::SC_BSS => 'B',
            wire::SC_RDATA => 'R',
            wire::SC_SDATA => 'G',
            wire::SC_SBSS => 'S',
            wire::SC_ABS => 'A',
            wire::SC_COMMON | wire::SC_SCOMMON => 'C',
            wire::SC_UNDEFINED | wire::SC_SUNDEFINED => 'U',
            // A compiler-generated local label.
            wire::SC_NIL => 'N',
            _ => '?',
        }
    }

    /// True when the value is an address in the program.
    pub const fn is_address(&self) -> bool {
        matches!(self.letter(), 'T' | 'D' | 'B' | 'R' | 'G' | 'S')
    }
}

impl fmt::Display for Symbol<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x} {} {}", self.value, self.letter(), Escaped::of(self.name))
    }
}

impl<'a> Image<'a> {
    /// The external symbols; none in a file without a symbolic header.
    ///
    /// # Errors
    /// [`CoffRule::SymbolTable`] when the symbolic header, the symbols or their names extend past the end of
    /// the file.
    pub fn symbols(&self) -> Result<Symbols<'a>, CoffFinding> {
        match self.header().byte_order {
            ByteOrder::Little => self.symbols_in::<LittleEndian>(),
            ByteOrder::Big => self.symbols_in::<BigEndian>(),
        }
    }

    fn symbols_in<O: zerocopy::ByteOrder>(&self) -> Result<Symbols<'a>, CoffFinding> {
        let (symptr, nsyms, byte_order) =
            (self.header().symptr, self.header().nsyms, self.header().byte_order);
        if symptr == 0 || nsyms == 0 {
            return Ok(Symbols::default());
        }
        let refused = |(field, offset): (CoffField, u64), found: u32, expected| {
            CoffRule::SymbolTable.finding(field, offset, found.into(), expected)
        };
        let last = (self.bytes().len() as u64).checked_sub(SYMBOLIC_HEADER_SIZE.into());
        let header = self.file_range(symptr, SYMBOLIC_HEADER_SIZE);
        let header = header.and_then(|bytes| wire::SymbolicHeader::<O>::ref_from_bytes(bytes).ok());
        let Some(header) = header else {
            let expected = last.map_or(Expected::Exactly(0), Expected::AtMost);
            return Err(refused(CoffField::file("f_symptr"), symptr, expected));
        };
        let at = |name| {
            let (field, within) = CoffField::symbolic(name);
            (field, within.saturating_add(symptr.into()))
        };
        let magic = header.magic.get();
        if magic != SYMBOLIC_MAGIC {
            return Err(refused(at("magic"), magic.into(), Expected::Exactly(SYMBOLIC_MAGIC.into())));
        }
        // An empty table may have any offset; for another, `size` bytes are left for its entries.
        let table = |(start_field, start): (&'static str, u32),
                     (count_field, count): (&'static str, u32),
                     size: u32| {
            if count == 0 {
                return Ok(&[][..]);
            }
            let len = self.bytes().len() as u64;
            let Some(left) = len.checked_sub(start.into()) else {
                return Err(refused(at(start_field), start, Expected::AtMost(len)));
            };
            let bytes = count.checked_mul(size).and_then(|length| self.file_range(start, length));
            let most = Expected::AtMost(left.checked_div(size.into()).unwrap_or(0));
            bytes.ok_or_else(|| refused(at(count_field), count, most))
        };
        let records = table(
            ("cbExtOffset", header.cb_ext_offset.get()),
            ("iextMax", header.iext_max.get()),
            EXTERNAL_SYMBOL_SIZE,
        )?;
        let names = table(
            ("cbSsExtOffset", header.cb_ss_ext_offset.get()),
            ("issExtMax", header.iss_ext_max.get()),
            1,
        )?;
        Ok(Symbols { records, names, byte_order })
    }
}

impl<'a> Symbols<'a> {
    /// All symbols, in file order. Takes time proportional to their number: at most [`MAX_NAME`] bytes of
    /// each name are examined.
    pub fn iter(&self) -> impl Iterator<Item = Symbol<'a>> + use<'a> {
        let Self { records, names, byte_order } = *self;
        records.chunks_exact(EXTERNAL_SYMBOL_SIZE as usize).filter_map(move |record| match byte_order {
            ByteOrder::Little => {
                let record = wire::ExternalSymbol::<LittleEndian>::ref_from_bytes(record).ok()?;
                let bits = record.type_class_index.get();
                Some(symbol(record, (bits & 0x3f, (bits >> 6) & 0x1f), names))
            }
            ByteOrder::Big => {
                let record = wire::ExternalSymbol::<BigEndian>::ref_from_bytes(record).ok()?;
                let bits = record.type_class_index.get();
                Some(symbol(record, (bits >> 26, (bits >> 21) & 0x1f), names))
            }
        })
    }
}

fn symbol<'a, O: zerocopy::ByteOrder>(
    record: &wire::ExternalSymbol<O>,
    (kind, class): (u32, u32),
    names: &'a [u8],
) -> Symbol<'a> {
    let [kind, class] = [kind, class].map(|bits| u8::try_from(bits).unwrap_or(u8::MAX));
    Symbol { name: name(names, record.iss.get()).unwrap_or_default(), value: record.value.get(), kind, class }
}

/// The name at an offset in the string table.
fn name(names: &[u8], start: u32) -> Option<&[u8]> {
    let rest = names.get(usize::try_from(start).ok()?..)?;
    let window = rest.get(..MAX_NAME).unwrap_or(rest);
    let end = window.iter().position(|&byte| byte == 0).unwrap_or(window.len());
    window.get(..end)
}
