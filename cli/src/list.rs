//! `symbols` and `relocs`: tables of an a.out file, a line an entry; the symbols of a Coyotos image.

use std::fmt::Display;
use std::io::{self, Write as _};

use aout_minix::{Image, Section, Symbols, TableError, parse};
use execfmt_common::Severity;

use crate::Outcome;
use crate::args::{List, SymbolList};
use crate::coyotos::{self, file::Stored};
use crate::files;
use crate::inspect::read;
use crate::report::tell;

/// `symbols FILE`: as nm prints them.
pub(crate) fn symbols(SymbolList { list: options, reading }: &SymbolList) -> io::Result<Outcome> {
    let Some(bytes) = read(&options.file)? else { return Ok(Outcome::Failed) };
    if let Some(stored) = Stored::recognise(&bytes, *reading) {
        return coyotos::symbols(&stored, &options.file);
    }
    list(&bytes, options, |image, out| {
        Ok(match image.symbols() {
            Symbols::None => None,
            Symbols::Elks(symbols) => entries(symbols, out)?,
            Symbols::Nlist(symbols) => entries(symbols, out)?,
            Symbols::Unknown(table) => Some(format!(
                "the symbol table of {} bytes is neither an ELKS table nor one of nlist entries",
                table.len()
            )),
        })
    })
}

/// `relocs FILE`: section, place, segment and type.
pub(crate) fn relocations(options: &List) -> io::Result<Outcome> {
    let Some(bytes) = read(&options.file)? else { return Ok(Outcome::Failed) };
    list(&bytes, options, |image, out| {
        for section in Section::LOADED {
            for relocation in image.relocations(section) {
                match relocation {
                    Ok(relocation) => writeln!(out, "{:<8}  {relocation}", section.name())?,
                    Err(error) => return Ok(Some(format!("relocations of the {section}: {error}"))),
                }
            }
        }
        Ok(None)
    })
}

/// Writes entries, and gives back what ended them early.
fn entries<T: Display>(
    entries: impl Iterator<Item = Result<T, TableError>>,
    out: &mut dyn io::Write,
) -> io::Result<Option<String>> {
    for entry in entries {
        match entry {
            Ok(entry) => writeln!(out, "{entry}")?,
            Err(error) => return Ok(Some(error.to_string())),
        }
    }
    Ok(None)
}

/// Parses a file and writes its list. An error that `write` gives back ends the list, and refuses the file.
fn list(
    bytes: &[u8],
    options: &List,
    write: impl FnOnce(&Image<'_>, &mut dyn io::Write) -> io::Result<Option<String>>,
) -> io::Result<Outcome> {
    let complaint = match parse(bytes) {
        Ok(image) => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            let complaint = write(&image, &mut out)?;
            out.flush()?;
            complaint
        }
        Err(finding) => Some(finding.to_string()),
    };
    let Some(complaint) = complaint else { return Ok(Outcome::Fine) };
    tell(&files::name(&options.file), Some(Severity::Error), &complaint)?;
    Ok(Outcome::Refused)
}
