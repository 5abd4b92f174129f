//! The symbols and relocations of an a.out file, one per row.

use std::io;

use aout_minix::{Image, Section, Symbols};
use serde_json::json;

use crate::json::text;
use crate::rows::Rows;

/// The symbols, as nm prints them. Returns what ended the list early.
pub(super) fn symbols(image: &Image<'_>, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
    match image.symbols() {
        Symbols::None => {}
        Symbols::Elks(symbols) => {
            for symbol in symbols {
                let symbol = match symbol {
                    Ok(symbol) => symbol,
                    Err(error) => return Ok(Some(error.to_string())),
                };
                let letter = char::from(symbol.letter).to_string();
                rows.row(
                    symbol,
                    || json!({ "name": text(symbol.name), "value": symbol.addr, "kind": letter }),
                )?;
            }
        }
        Symbols::Nlist(symbols) => {
            for symbol in symbols {
                let symbol = match symbol {
                    Ok(symbol) => symbol,
                    Err(error) => return Ok(Some(error.to_string())),
                };
                let name: Vec<u8> = symbol.name().collect();
                rows.row(
                    &symbol,
                    || json!({ "name": text(&name), "value": symbol.value, "kind": symbol.sclass.0 }),
                )?;
            }
        }
        Symbols::Unknown(table) => {
            return Ok(Some(format!(
                "the symbol table of {} bytes is neither an ELKS table nor one of nlist entries",
                table.len()
            )));
        }
    }
    Ok(None)
}

/// The relocations: section, offset, segment and type. Returns what ended the list early.
pub(super) fn relocations(image: &Image<'_>, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
    for section in Section::LOADED {
        for relocation in image.relocations(section) {
            let relocation = match relocation {
                Ok(relocation) => relocation,
                Err(error) => return Ok(Some(format!("relocations of the {section}: {error}"))),
            };
            rows.row(format_args!("{:<8}  {relocation}", section.name()), || {
                json!({
                    "section": section.name(),
                    "offset": relocation.vaddr,
                    "target": relocation.symndx.0,
                    "type": relocation.kind.0,
                })
            })?;
        }
    }
    Ok(None)
}
