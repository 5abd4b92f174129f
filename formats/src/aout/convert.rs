//! To ELKS a.out and back.

use aout_minix::compress::expand_file;
use aout_minix::convert::{Conversion, ConvertError, ElfOptions, Note, ToElfError};
use aout_minix::{Header, parse};
use execfmt_detect::FileKind;

use crate::advice::{self, Sentence};
use crate::conversion::{Converted, Failure};
use crate::foreign;
use crate::report::Report;

/// To an ELF file for disassemblers and debuggers; a compressed program is expanded first.
///
/// # Errors
/// Why the file cannot be converted.
pub fn to_elf(bytes: &[u8]) -> Result<Converted, Failure> {
    let refused = |error: &dyn std::fmt::Display| Failure::Refused(error.to_string());
    let parsed = |bytes| parse(bytes).map_err(Failure::from);
    let elf = match aout_minix::convert::to_elf(&parsed(bytes)?) {
        Err(ToElfError::Compressed(_)) => {
            let expanded = expand_file(&parsed(bytes)?).map_err(|error| refused(&error))?;
            aout_minix::convert::to_elf(&parsed(&expanded)?)
        }
        elf => elf,
    };
    let bytes = elf.map_err(|error| refused(&error))?;
    Ok(Converted { bytes, executable: false, notes: Vec::new() })
}

/// The equivalent of elf2elks: the program, and its symbol table if a separate file was requested.
///
/// # Errors
/// Why the file cannot be converted.
pub fn from_elf(bytes: &[u8], options: &ElfOptions) -> Result<(Converted, Option<Vec<u8>>), Failure> {
    if Header::from_bytes(bytes).is_some() {
        return Err(Failure::Refused("this is already an a.out file; chmem changes its memory".into()));
    }
    foreign::expect(bytes, "an ELF file of ia16-elf-ld", foreign::is_linked_elf).map_err(Failure::Refused)?;
    let conversion = aout_minix::convert::from_elf(bytes, options);
    let mut conversion = conversion.map_err(|error| refusal(&error))?;
    let table = conversion.symbol_table.take();
    Ok((with_notes(conversion), table))
}

/// The equivalent of os2toelks.
///
/// # Errors
/// Why the file cannot be converted.
pub fn from_ne(bytes: &[u8]) -> Result<Converted, Failure> {
    foreign::expect(bytes, "an OS/2 program", |kind| matches!(kind, FileKind::Mz | FileKind::Ne(_)))
        .map_err(Failure::Refused)?;
    let conversion = aout_minix::convert::from_ne(bytes).map_err(|error| refusal(&error))?;
    Ok(with_notes(conversion))
}

fn with_notes(conversion: Conversion) -> Converted {
    let notes = conversion.notes.iter().map(|note| (note.severity(), words(note))).collect();
    Converted { bytes: conversion.bytes, executable: true, notes }
}

/// A note, in terms of the command.
fn words(note: &Note) -> String {
    match note {
        Note::Refused(refusal) => Sentence(refusal).to_string(),
        note => note.to_string(),
    }
}

/// An error with what to do next, in terms of the command.
fn refusal(error: &ConvertError) -> Failure {
    match error {
        ConvertError::Input { section: Some(name), finding } => {
            let message = format!("section {name}: {}", Sentence(finding));
            Failure::Found(Report { message, ..Report::from(finding) })
        }
        ConvertError::Input { section: None, finding } => Failure::Found(Report::from(finding)),
        ConvertError::Option(error) => {
            Failure::Refused(format!("{error}; {}", advice::render(error.advice())))
        }
        error => Failure::Refused(error.to_string()),
    }
}
