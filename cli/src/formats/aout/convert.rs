//! To ELKS a.out.

use std::io;

use aout_minix::convert::{Conversion, ConvertError};
use aout_minix::{Header, Lookalike};

use super::args::{Elf2elks, ElksConversion, Os2toelks};
use crate::conversion::{Converted, Failure, file};
use crate::outcome::Outcome;

/// From either kind of file.
pub(crate) fn convert(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
    if Lookalike::of(bytes) == Lookalike::Mz {
        if let Some(option) = options.given() {
            return Err(Failure::Usage(format!(
                "{option} goes with an ELF file: an OS/2 file says itself what it needs; use chmem on the result"
            )));
        }
        return from_ne(bytes);
    }
    from_elf(bytes, options)
}

/// What elf2elks does.
fn from_elf(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
    let elf_options = options.for_elf().map_err(Failure::Usage)?;
    if Header::from_bytes(bytes).is_some() {
        return Err(Failure::Refused("this is an a.out file already; chmem changes its memory".into()));
    }
    converted(aout_minix::convert::from_elf(bytes, &elf_options), options)
}

/// What os2toelks does.
fn from_ne(bytes: &[u8]) -> Result<Converted, Failure> {
    let conversion =
        aout_minix::convert::from_ne(bytes).map_err(|error| Failure::Refused(error.to_string()))?;
    Ok(with_notes(conversion))
}

fn converted(
    conversion: Result<Conversion, ConvertError>,
    options: &ElksConversion,
) -> Result<Converted, Failure> {
    let mut conversion = conversion.map_err(|error| Failure::Refused(error.to_string()))?;
    let table = conversion.symbol_table.take();
    Ok(Converted { beside: options.symfile.clone().zip(table), ..with_notes(conversion) })
}

fn with_notes(conversion: Conversion) -> Converted {
    let notes = conversion.notes.iter().map(|note| (note.severity(), note.to_string())).collect();
    Converted { bytes: conversion.bytes, beside: None, notes }
}

/// The file in a line.
fn describe(bytes: &[u8]) -> String {
    Header::from_bytes(bytes).map(|header| header.to_string()).unwrap_or_default()
}

/// `elf2elks [OPTION]... FILE`: in place. The file keeps its permissions, and is not touched when it cannot be converted.
pub(crate) fn elf2elks(options: &Elf2elks) -> io::Result<Outcome> {
    file(&options.file, &options.file, false, |bytes| {
        let mut converted = from_elf(bytes, &options.options)?;
        if options.verbose {
            converted.notes.push((None, describe(&converted.bytes)));
        }
        Ok(converted)
    })
}

/// `os2toelks -f elks -o OUT IN`.
pub(crate) fn os2toelks(options: &Os2toelks) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, from_ne)
}
