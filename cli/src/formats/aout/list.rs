//! The symbols and relocations of an a.out file, one per line.

use std::fmt::Display;
use std::io::{self, Write};

use aout_minix::{Image, Section, SymbolSegment, Symbols, TableError};

/// The symbols, as nm prints them. Returns what ended the list early.
pub(super) fn symbols(symbols: Symbols<'_>, out: &mut dyn Write) -> io::Result<Option<String>> {
    match symbols {
        Symbols::Unknown(table) => Ok(Some(format!(
            "the symbol table of {} bytes is neither an ELKS table nor one of nlist entries",
            table.len()
        ))),
        symbols => entries(symbols, out),
    }
}

/// The symbol at an address or the last one below it, in each segment that has one: the segment and the distance. Returns
/// why there is none.
pub(super) fn symbols_at(
    symbols: &Symbols<'_>,
    address: u32,
    out: &mut dyn Write,
) -> io::Result<Option<String>> {
    let mut found = false;
    for segment in SymbolSegment::ALL {
        let Some(symbol) = symbols.clone().at_or_below(segment, address) else { continue };
        let name = match segment {
            SymbolSegment::Text => "text",
            SymbolSegment::FarText => "far text",
            SymbolSegment::Data => "data",
        };
        writeln!(out, "{name:<8}  {symbol} + {:#x}", address - symbol.value())?;
        found = true;
    }
    Ok((!found).then(|| format!("no symbol is at {address:#x} or below it")))
}

/// The relocations: section, offset, segment and type. Returns what ended the list early.
pub(super) fn relocations(image: &Image<'_>, out: &mut dyn Write) -> io::Result<Option<String>> {
    for section in Section::LOADED {
        for relocation in image.relocations(section) {
            match relocation {
                Ok(relocation) => writeln!(out, "{:<8}  {relocation}", section.name())?,
                Err(error) => return Ok(Some(format!("relocations of the {section}: {error}"))),
            }
        }
    }
    Ok(None)
}

fn entries<T: Display>(
    entries: impl Iterator<Item = Result<T, TableError>>,
    out: &mut dyn Write,
) -> io::Result<Option<String>> {
    for entry in entries {
        match entry {
            Ok(entry) => writeln!(out, "{entry}")?,
            Err(error) => return Ok(Some(error.to_string())),
        }
    }
    Ok(None)
}
