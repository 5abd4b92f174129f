//! The ELKS symbol table of an ELF file: what `ia16-elf-nm FILE | sed -e '/&/d; /!/d' | sort` and elf2elks make of it.

use alloc::vec::Vec;

use execfmt_elf32::LE;
use object::elf;
use object::read::elf::{SectionHeader, Sym};
use object::{LittleEndian, SectionIndex};

use super::Note;
use super::parts::{Parts, Table};
use crate::elks_symbol::{ElksSymbol, MAX_ELKS_TABLE};

type Symbol = elf::Sym32<LittleEndian>;

/// The longest name that a record can hold, in bytes.
const MAX_NAME: usize = 255;

/// The segment that a symbol is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Text,
    FarText,
    Data,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry<'a> {
    address: u32,
    letter: u8,
    name: &'a [u8],
}

/// Builds the table: sorted by address, ended by a zero byte.
pub(super) fn build(
    bytes: &[u8],
    table: &Table<'_>,
    parts: &Parts<'_>,
    tiny: bool,
    notes: &mut Vec<Note>,
) -> Vec<u8> {
    let (mut entries, cut) = entries(bytes, table);
    entries.sort_unstable();
    let mut out = Vec::new();
    let mut last_was_text = false;
    for entry in entries {
        let Some((segment, base)) = place(&entry, parts, tiny) else { continue };
        if segment == Segment::Data && last_was_text {
            out.extend(ElksSymbol::DATA_MARK.record().into_iter().flatten());
        }
        last_was_text = segment != Segment::Data;
        let letter = match (segment, entry.letter) {
            (Segment::FarText, b'T' | b'W') => b'F',
            (Segment::FarText, b't') => b'f',
            (_, letter) => letter,
        };
        let [low, high, ..] = entry.address.wrapping_sub(base).to_le_bytes();
        let symbol = ElksSymbol { letter, addr: u16::from_le_bytes([low, high]), name: entry.name };
        out.extend(symbol.record().into_iter().flatten());
    }
    if out.is_empty() {
        notes.push(Note::NoSymbols);
    }
    out.push(0);
    if cut != 0 {
        notes.push(Note::NamesCut { count: cut });
    }
    if out.len() > MAX_ELKS_TABLE {
        notes.push(Note::LongSymbolTable { bytes: out.len() });
    }
    out
}

/// The segment that an address is in, and where that begins.
fn place(entry: &Entry<'_>, parts: &Parts<'_>, tiny: bool) -> Option<(Segment, u32)> {
    let address = entry.address;
    let text = parts.text.address;
    // Where a segment begins at 0, any small number could be an address in it.
    let possible = |start: u32| start != 0 || !matches!(entry.letter, b'a' | b'A');
    if parts.text.contains(address) && possible(text) {
        return Some((Segment::Text, text));
    }
    if let Some(far_text) = parts.far_text.filter(|part| part.contains(address) && possible(part.address)) {
        return Some((Segment::FarText, far_text.address));
    }
    let start = parts.data_address()?;
    let end = parts.bss.filter(|bss| bss.size != 0).or(parts.data)?.end();
    let base = if tiny { text } else { start };
    (address >= start && address < end && possible(base)).then_some((Segment::Data, base))
}

/// The symbols that nm prints with an address, and how many names were cut.
fn entries<'a>(bytes: &'a [u8], table: &Table<'a>) -> (Vec<Entry<'a>>, usize) {
    let section = table.iter().find(|section| section.sh_type(LE) == elf::SHT_SYMTAB);
    let symbols: &[Symbol] =
        section.and_then(|section| section.data_as_array(LE, bytes).ok()).unwrap_or_default();
    let link = section.map_or(0, |section| section.sh_link(LE));
    let strings = usize::try_from(link).ok().and_then(|link| table.section(SectionIndex(link)).ok());
    let strings = strings.and_then(|strings| strings.data(LE, bytes).ok()).unwrap_or_default();
    let mut cut = 0_usize;
    let entries = symbols.iter().filter_map(|symbol| {
        let letter = letter(symbol, table)?;
        let name = strings.get(usize::try_from(symbol.st_name(LE)).ok()?..)?;
        // One byte more than a record can hold, to tell whether the name was cut. Names may share their bytes, so that
        // looking for the end of each could take long.
        let most = name.get(..=MAX_NAME).unwrap_or(name);
        let end = most.iter().position(|&byte| byte == 0);
        let name = most.get(..end.unwrap_or(MAX_NAME.min(most.len())))?;
        if name.is_empty() || name.contains(&b'&') || name.contains(&b'!') {
            return None;
        }
        cut = cut.saturating_add(usize::from(end.is_none()));
        Some(Entry { address: symbol.st_value(LE), letter, name })
    });
    let entries = entries.collect();
    (entries, cut)
}

/// The letter that nm prints; `None` for what it leaves out, or prints without an address.
fn letter(symbol: &Symbol, table: &Table<'_>) -> Option<u8> {
    if matches!(symbol.st_type(), elf::STT_SECTION | elf::STT_FILE) {
        return None;
    }
    let index = symbol.st_shndx(LE);
    if matches!(index, elf::SHN_UNDEF | elf::SHN_COMMON) {
        return None;
    }
    if symbol.st_bind() == elf::STB_WEAK {
        return Some(if symbol.st_type() == elf::STT_OBJECT { b'V' } else { b'W' });
    }
    let letter = if index == elf::SHN_ABS {
        b'a'
    } else {
        let section = table.section(SectionIndex(index.into())).ok()?;
        let flags = section.sh_flags(LE);
        if flags & elf::SHF_EXECINSTR != 0 {
            b't'
        } else if section.sh_type(LE) == elf::SHT_NOBITS {
            b'b'
        } else if flags & elf::SHF_WRITE != 0 {
            b'd'
        } else {
            b'r'
        }
    };
    Some(if symbol.st_bind() == elf::STB_LOCAL { letter } else { letter.to_ascii_uppercase() })
}
