//! The symbols and relocations of an a.out file, one per line.

use std::fmt::Display;
use std::io::{self, Write};

use aout_minix::{Image, Section, Symbols, TableError};

/// The symbols, as nm prints them. Returns what ended the list early.
pub(super) fn symbols(image: &Image<'_>, out: &mut dyn Write) -> io::Result<Option<String>> {
    Ok(match image.symbols() {
        Symbols::None => None,
        Symbols::Elks(symbols) => entries(symbols, out)?,
        Symbols::Nlist(symbols) => entries(symbols, out)?,
        Symbols::Unknown(table) => Some(format!(
            "the symbol table of {} bytes is neither an ELKS table nor one of nlist entries",
            table.len()
        )),
    })
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
