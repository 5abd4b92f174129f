//! To ELKS a.out.

use aout_minix::convert::{self, Conversion, ConvertError};
use aout_minix::{Header, Lookalike};

use super::{Converted, Failure};
use crate::advice::{self, Sentence};
use crate::args::ElksConversion;

/// From either kind of file.
pub(super) fn convert(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
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
pub(super) fn from_elf(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
    let elf_options = options.for_elf().map_err(Failure::Usage)?;
    if Header::from_bytes(bytes).is_some() {
        return Err(Failure::Refused("this is an a.out file already; chmem changes its memory".into()));
    }
    converted(convert::from_elf(bytes, &elf_options), options)
}

/// What os2toelks does.
pub(super) fn from_ne(bytes: &[u8]) -> Result<Converted, Failure> {
    let conversion = convert::from_ne(bytes).map_err(|error| Failure::Refused(sentence(&error)))?;
    Ok(with_notes(conversion))
}

fn converted(
    conversion: Result<Conversion, ConvertError>,
    options: &ElksConversion,
) -> Result<Converted, Failure> {
    let mut conversion = conversion.map_err(|error| Failure::Refused(sentence(&error)))?;
    let table = conversion.symbol_table.take();
    Ok(Converted { beside: options.symfile.clone().zip(table), ..with_notes(conversion) })
}

fn with_notes(conversion: Conversion) -> Converted {
    let notes = conversion.notes.iter().map(|note| (note.severity(), note.to_string())).collect();
    Converted { bytes: conversion.bytes, beside: None, notes }
}

/// An error with what to do next in the words of this command.
fn sentence(error: &ConvertError) -> String {
    match error {
        ConvertError::Input { section: Some(name), finding } => {
            format!("section {name}: {}", Sentence(finding))
        }
        ConvertError::Input { section: None, finding } => Sentence(finding).to_string(),
        ConvertError::Option(error) => format!("{error}; {}", advice::words(error.advice())),
        error => error.to_string(),
    }
}

/// The file in a line.
pub(super) fn describe(bytes: &[u8]) -> String {
    Header::from_bytes(bytes).map(|header| header.to_string()).unwrap_or_default()
}
