//! The ELKS symbol table of an ELF file, as made by `ia16-elf-nm FILE | sed -e '/&/d; /!/d' | sort` and
//! elf2elks.

use alloc::vec::Vec;

use execfmt_elf::{Sections, Symbol, elf};

use super::Note;
use super::error::ConvertError;
use super::parts::{Parts, word};
use crate::elks_symbol::{ElksSymbol, MAX_ELKS_TABLE};

/// Maximum length of a name that a record can hold, in bytes.
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
    sections: &Sections<'_>,
    parts: &Parts<'_>,
    tiny: bool,
    notes: &mut Vec<Note>,
) -> Result<Vec<u8>, ConvertError> {
    let (mut entries, cut) = entries(sections)?;
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
    Ok(out)
}

/// The segment that contains an address, and where it begins.
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

/// The symbols that nm prints with an address, and the number of names that were shortened.
fn entries<'a>(sections: &Sections<'a>) -> Result<(Vec<Entry<'a>>, usize), ConvertError> {
    let mut cut = 0_usize;
    let symbols = sections.symbols()?;
    let entries = symbols.iter().filter_map(|symbol| {
        let letter = letter(&symbol, sections)?;
        // One byte more than a record can hold, to detect that the name was too long.
        let name = symbol.name(MAX_NAME.saturating_add(1))?;
        let is_cut = name.len() > MAX_NAME;
        let name = name.get(..MAX_NAME).unwrap_or(name);
        if name.is_empty() || name.contains(&b'&') || name.contains(&b'!') {
            return None;
        }
        cut = cut.saturating_add(usize::from(is_cut));
        Some(Entry { address: word(symbol.value), letter, name })
    });
    let entries = entries.collect();
    Ok((entries, cut))
}

/// The letter that nm prints; `None` for symbols that it omits, or prints without an address.
fn letter(symbol: &Symbol<'_>, sections: &Sections<'_>) -> Option<u8> {
    if matches!(symbol.kind(), elf::STT_SECTION | elf::STT_FILE) {
        return None;
    }
    let index = symbol.section;
    if matches!(index, elf::SHN_UNDEF | elf::SHN_COMMON) {
        return None;
    }
    if symbol.binding() == elf::STB_WEAK {
        return Some(if symbol.kind() == elf::STT_OBJECT { b'V' } else { b'W' });
    }
    let letter = if index == elf::SHN_ABS {
        b'a'
    } else {
        let section = sections.get(index.into())?;
        if section.has(elf::SHF_EXECINSTR) {
            b't'
        } else if section.kind == elf::SHT_NOBITS {
            b'b'
        } else if section.has(elf::SHF_WRITE) {
            b'd'
        } else {
            b'r'
        }
    };
    Some(if symbol.binding() == elf::STB_LOCAL { letter } else { letter.to_ascii_uppercase() })
}
