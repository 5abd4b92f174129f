use core::ffi::c_char;

use ::aout_minix::{
    ElksSymbols, Header, Image, NlistSymbols, RELOCATION_SIZE, Relocation, SymbolFormat, parse, read_header,
};

use super::rules::EXECFMT_AOUT_E_TABLE;
use super::types::{
    EXECFMT_AOUT_SYMBOLS_ELKS, EXECFMT_AOUT_SYMBOLS_NLIST, execfmt_aout, execfmt_aout_cursor,
    execfmt_aout_relocation, execfmt_aout_symbol, section,
};
use crate::finding::{execfmt_finding, refused};
use crate::memory::{Caller, caller, check, fill_text, status};
use crate::status::{EXECFMT_E_ARGUMENT, EXECFMT_END, execfmt_status};

fn image<'a>(caller: Caller<'a>, file: *const u8, length: usize) -> Result<Image<'a>, execfmt_status> {
    let file = caller.values(file, length)?;
    parse(file).map_err(|refusal| refusal.rule.number())
}

/// Reads the header at the beginning of a file: `prefix` is its first EXECFMT_AOUT_MAX_HEADER_SIZE bytes, or
/// all of a shorter file. Neither the verdict of ELKS or Minix nor whether its sections are in the file is
/// checked.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_read_header(
    prefix: *const u8,
    prefix_len: usize,
    aout: *mut execfmt_aout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let prefix = caller.values(prefix, prefix_len)?;
        check(aout, 1)?;
        match read_header(prefix) {
            Ok(header) => caller.write(aout, execfmt_aout::from(&header)),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}

/// Reads a whole file of `length` bytes and locates its sections. On success `*aout` is filled in; when the
/// file cannot be split into sections, the status is the reason, and `*finding`, unless `finding` is NULL,
/// has the field, its offset, the value found and the value expected. Whether a system runs the file is
/// determined by execfmt_aout_check.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_parse(
    file: *const u8,
    length: usize,
    aout: *mut execfmt_aout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let file = caller.values(file, length)?;
        check(aout, 1)?;
        match parse(file) {
            Ok(image) => caller.write(aout, execfmt_aout::from(image.header())),
            Err(refusal) => Err(refused(caller, &refusal, finding)),
        }
    })
}

/// Stores the position of a section in a file, in bytes: `*offset` and `*size`, the stored size if it is
/// compressed.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_section(
    file: *const u8,
    length: usize,
    section: u32,
    offset: *mut usize,
    size: *mut usize,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = image(caller, file, length)?;
        let section = super::types::section(section)?;
        check(size, 1)?;
        let start = usize::try_from(image.header().offset_of(section)).map_err(|_| EXECFMT_E_ARGUMENT)?;
        caller.write(offset, start)?;
        caller.write(size, image.section(section).len())
    })
}

/// Stores the relocation with index `index`, from 0, of EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT or
/// EXECFMT_AOUT_DATA; EXECFMT_END past the last one, EXECFMT_AOUT_E_TABLE when the table ends within a
/// record.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_relocation_at(
    file: *const u8,
    length: usize,
    section: u32,
    index: u32,
    relocation: *mut execfmt_aout_relocation,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = image(caller, file, length)?;
        let table = self::section(section)?.relocations().ok_or(EXECFMT_E_ARGUMENT)?;
        let table = image.section(table);
        let start = usize::try_from(index).ok().and_then(|index| index.checked_mul(RELOCATION_SIZE));
        let rest = start.and_then(|start| table.get(start..)).filter(|rest| !rest.is_empty());
        let bytes = rest.ok_or(EXECFMT_END)?.first_chunk().ok_or(EXECFMT_AOUT_E_TABLE)?;
        let found = Relocation::from_bytes(*bytes, image.header().byte_order());
        let (symndx, relocation_type) = (found.symndx.0, found.kind.0);
        caller.write(relocation, execfmt_aout_relocation { vaddr: found.vaddr, symndx, relocation_type })
    })
}

fn named(value: u32, letter: u8, name: impl Iterator<Item = u8>) -> execfmt_aout_symbol {
    let mut symbol =
        execfmt_aout_symbol { value, letter: c_char::from_ne_bytes([letter]), ..Default::default() };
    symbol.name_length = fill_text(&mut symbol.name, name);
    symbol
}

/// The symbol at a cursor, and its size in the table in bytes.
fn symbol_at(
    header: &Header,
    table: &[u8],
    cursor: &mut execfmt_aout_cursor,
) -> Result<(execfmt_aout_symbol, usize), execfmt_status> {
    let rest = table.get(cursor.offset..).filter(|rest| !rest.is_empty()).ok_or(EXECFMT_END)?;
    if cursor.format == 0 {
        // Determined once for a whole walk, since it takes a scan of the whole table.
        cursor.format = match SymbolFormat::of(table) {
            SymbolFormat::None => return Err(EXECFMT_END),
            SymbolFormat::Elks => EXECFMT_AOUT_SYMBOLS_ELKS,
            SymbolFormat::Nlist => EXECFMT_AOUT_SYMBOLS_NLIST,
            SymbolFormat::Unknown => return Err(EXECFMT_AOUT_E_TABLE),
        };
    }
    match cursor.format {
        EXECFMT_AOUT_SYMBOLS_ELKS => match ElksSymbols::new(rest).next() {
            None => Err(EXECFMT_END),
            Some(Err(_)) => Err(EXECFMT_AOUT_E_TABLE),
            Some(Ok(symbol)) => {
                let name = symbol.name.iter().copied();
                Ok((named(symbol.addr.into(), symbol.letter, name), symbol.size()))
            }
        },
        EXECFMT_AOUT_SYMBOLS_NLIST => match NlistSymbols::new(rest, header.byte_order()).next() {
            None => Err(EXECFMT_END),
            Some(Err(_)) => Err(EXECFMT_AOUT_E_TABLE),
            Some(Ok(symbol)) => {
                let letter = u8::try_from(u32::from(symbol.sclass.letter())).unwrap_or(b'?');
                Ok((named(symbol.value, letter, symbol.name()), symbol.bytes().len()))
            }
        },
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

/// Stores the symbol at `*cursor` and advances the cursor to the next one. Begin with a cursor that is all 0;
/// EXECFMT_END past the last one, EXECFMT_AOUT_E_TABLE when the table is damaged or has no known format. Both
/// symbol formats are read.
///
/// # Safety
/// As the [crate](crate#safety) says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_next_symbol(
    file: *const u8,
    length: usize,
    cursor: *mut execfmt_aout_cursor,
    symbol: *mut execfmt_aout_symbol,
) -> execfmt_status {
    let caller = caller!();
    status(|| {
        let image = image(caller, file, length)?;
        check(symbol, 1)?;
        let mut at = caller.read(cursor)?;
        let table = image.section(::aout_minix::Section::Symbols);
        let (found, size) = symbol_at(image.header(), table, &mut at)?;
        at.offset = at.offset.saturating_add(size);
        caller.write(cursor, at)?;
        caller.write(symbol, found)
    })
}
