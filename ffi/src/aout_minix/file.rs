use ::aout_minix::{
    AoutFinding, ElksSymbols, Header, Image, NlistSymbols, RELOCATION_SIZE, Relocation, SymbolFormat, parse,
    read_header,
};

use super::types::{
    EXECFMT_AOUT_E_TABLE, EXECFMT_AOUT_SYMBOLS_ELKS, EXECFMT_AOUT_SYMBOLS_NLIST, execfmt_aout,
    execfmt_aout_cursor, execfmt_aout_relocation, execfmt_aout_symbol, for_c, section, status_of,
};
use crate::base::{EXECFMT_E_ARGUMENT, EXECFMT_END, execfmt_finding, execfmt_status};
use crate::memory;

/// # Safety
/// `finding` must be NULL or point to its struct.
pub(super) unsafe fn refused<T>(
    outcome: Result<T, AoutFinding>,
    finding: *mut execfmt_finding,
) -> Result<T, execfmt_status> {
    outcome.or_else(|refusal| {
        if !finding.is_null() {
            // SAFETY: the caller's promise.
            unsafe { memory::write(finding, for_c(&refusal)) }?;
        }
        Err(status_of(&refusal))
    })
}

/// # Safety
/// As for [`memory::slice`].
unsafe fn image<'a>(file: *const u8, length: usize) -> Result<Image<'a>, execfmt_status> {
    // SAFETY: the caller's promise.
    let file = unsafe { memory::slice(file, length) }?;
    parse(file).map_err(|refusal| status_of(&refusal))
}

/// Reads the header at the beginning of a file: `prefix` is its first EXECFMT_AOUT_MAX_HEADER_SIZE bytes, or all of a
/// shorter file. What ELKS or Minix says of it, and whether its sections lie in the file, is not asked.
///
/// # Safety
/// `prefix` must point to `prefix_len` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_read_header(
    prefix: *const u8,
    prefix_len: usize,
    aout: *mut execfmt_aout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { memory::slice(prefix, prefix_len) }.and_then(|prefix| {
        memory::check(aout, 1)?;
        // SAFETY: the caller's promise.
        let header = unsafe { refused(read_header(prefix), finding) }?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(aout, execfmt_aout::from(&header)) }
    });
    memory::status(outcome)
}

/// Reads a whole file of `length` bytes and finds its sections. On success `*aout` is filled in; when the file cannot
/// be cut into sections, the status says why, and `*finding`, unless it is NULL, has the field, its place, the value
/// found and the one expected. Whether a system runs the file is another question: execfmt_aout_elks_exec.
///
/// # Safety
/// `file` must point to `length` readable bytes; the other pointers must be NULL or point to their structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_parse(
    file: *const u8,
    length: usize,
    aout: *mut execfmt_aout,
    finding: *mut execfmt_finding,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { memory::slice(file, length) }.and_then(|file| {
        memory::check(aout, 1)?;
        // SAFETY: the caller's promise.
        let image = unsafe { refused(parse(file), finding) }?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(aout, execfmt_aout::from(image.header())) }
    });
    memory::status(outcome)
}

/// Stores where a section lies in a file, in bytes: `*offset` and `*size`, the stored size where it is compressed.
///
/// # Safety
/// `file` must point to `length` readable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_section(
    file: *const u8,
    length: usize,
    section: u32,
    offset: *mut usize,
    size: *mut usize,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { image(file, length) }.and_then(|image| {
        let section = super::types::section(section)?;
        memory::check(size, 1)?;
        let start = usize::try_from(image.header().offset_of(section)).map_err(|_| EXECFMT_E_ARGUMENT)?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(offset, start) }?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(size, image.section(section).len()) }
    });
    memory::status(outcome)
}

/// Stores the relocation number `index` of EXECFMT_AOUT_TEXT, EXECFMT_AOUT_FAR_TEXT or EXECFMT_AOUT_DATA; EXECFMT_END
/// behind the last one, EXECFMT_AOUT_E_TABLE where the table ends within a record.
///
/// # Safety
/// `file` must point to `length` readable bytes, `relocation` be NULL or point to its struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_relocation_at(
    file: *const u8,
    length: usize,
    section: u32,
    index: u32,
    relocation: *mut execfmt_aout_relocation,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { image(file, length) }.and_then(|image| {
        let table = self::section(section)?.relocations().ok_or(EXECFMT_E_ARGUMENT)?;
        let table = image.section(table);
        let start = usize::try_from(index).ok().and_then(|index| index.checked_mul(RELOCATION_SIZE));
        let rest = start.and_then(|start| table.get(start..)).filter(|rest| !rest.is_empty());
        let bytes = rest.ok_or(EXECFMT_END)?.first_chunk().ok_or(EXECFMT_AOUT_E_TABLE)?;
        let found = Relocation::from_bytes(*bytes, image.header().byte_order());
        let (symndx, relocation_type) = (found.symndx.0, found.kind.0);
        // SAFETY: the caller's promise.
        unsafe {
            memory::write(relocation, execfmt_aout_relocation { vaddr: found.vaddr, symndx, relocation_type })
        }
    });
    memory::status(outcome)
}

fn named(value: u32, letter: u32, name: impl Iterator<Item = u8>) -> execfmt_aout_symbol {
    let mut symbol = execfmt_aout_symbol { value, letter, ..Default::default() };
    let room = symbol.name.len().saturating_sub(1);
    for byte in name {
        let place = usize::try_from(symbol.name_length).ok().filter(|&at| at < room);
        if let Some(place) = place.and_then(|at| symbol.name.get_mut(at)) {
            *place = byte;
        }
        symbol.name_length = symbol.name_length.saturating_add(1);
    }
    symbol
}

/// The symbol at a cursor, and how many bytes it takes in the table.
fn symbol_at(
    header: &Header,
    table: &[u8],
    cursor: &mut execfmt_aout_cursor,
) -> Result<(execfmt_aout_symbol, usize), execfmt_status> {
    let rest = table.get(cursor.offset..).filter(|rest| !rest.is_empty()).ok_or(EXECFMT_END)?;
    if cursor.format == 0 {
        // Looked at once for a whole walk, as it takes the whole table.
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
                Ok((named(symbol.addr.into(), symbol.letter.into(), name), symbol.size()))
            }
        },
        EXECFMT_AOUT_SYMBOLS_NLIST => match NlistSymbols::new(rest, header.byte_order()).next() {
            None => Err(EXECFMT_END),
            Some(Err(_)) => Err(EXECFMT_AOUT_E_TABLE),
            Some(Ok(symbol)) => {
                let letter = u32::from(symbol.sclass.letter());
                Ok((named(symbol.value, letter, symbol.name()), symbol.bytes().len()))
            }
        },
        _ => Err(EXECFMT_E_ARGUMENT),
    }
}

/// Stores the symbol at `*cursor` and moves the cursor to the next one. Begin with a cursor that is all 0; EXECFMT_END behind
/// the last one, EXECFMT_AOUT_E_TABLE where the table is damaged or of no known format. Both formats of symbols are
/// read.
///
/// # Safety
/// `file` must point to `length` readable bytes; the other pointers must be NULL or point to their values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn execfmt_aout_next_symbol(
    file: *const u8,
    length: usize,
    cursor: *mut execfmt_aout_cursor,
    symbol: *mut execfmt_aout_symbol,
) -> execfmt_status {
    // SAFETY: the caller's promise.
    let outcome = unsafe { image(file, length) }.and_then(|image| {
        memory::check(symbol, 1)?;
        // SAFETY: the caller's promise.
        let mut at = unsafe { memory::read(cursor) }?;
        let table = image.section(::aout_minix::Section::Symbols);
        let (found, size) = symbol_at(image.header(), table, &mut at)?;
        at.offset = at.offset.saturating_add(size);
        // SAFETY: the caller's promise.
        unsafe { memory::write(cursor, at) }?;
        // SAFETY: the caller's promise.
        unsafe { memory::write(symbol, found) }
    });
    memory::status(outcome)
}
