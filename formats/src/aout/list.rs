//! The symbols and relocations of an a.out file, one per row.

use std::io;

use aout_minix::{Image, Section, SymbolSegment, Symbols};
use serde_json::json;

use crate::json::text;
use crate::rows::Rows;

/// The symbols, in the format of nm. Returns the error that ended the list early.
pub(crate) fn symbols(symbols: Symbols<'_>, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
    match symbols {
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
                    symbol,
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

/// The symbol at an address or the last one below it, in each segment that has one: the segment and the
/// distance. Returns why there is none.
pub(crate) fn symbols_at(
    symbols: &Symbols<'_>,
    address: u32,
    rows: &mut Rows<'_>,
) -> io::Result<Option<String>> {
    let mut found = false;
    for segment in SymbolSegment::ALL {
        let Some(symbol) = symbols.clone().at_or_below(segment, address) else { continue };
        let name = match segment {
            SymbolSegment::Text => "text",
            SymbolSegment::FarText => "far text",
            SymbolSegment::Data => "data",
        };
        let distance = address.saturating_sub(symbol.value());
        rows.row(
            format_args!("{name:<8}  {symbol} + {distance:#x}"),
            || json!({ "segment": name, "symbol": symbol.to_string(), "distance": distance }),
        )?;
        found = true;
    }
    Ok((!found).then(|| format!("no symbol at or below {address:#x}")))
}

/// The relocations: section, offset, segment and type. Returns the error that ended the list early.
pub(crate) fn relocations(image: &Image<'_>, rows: &mut Rows<'_>) -> io::Result<Option<String>> {
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
