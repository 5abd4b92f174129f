//! To ELKS a.out.

use std::io;

use aout_minix::compress::expand_file;
use aout_minix::convert::{Conversion, ConvertError, Note, ToElfError};
use aout_minix::{Header, parse};
use execfmt_detect::{FileKind, detect};

use super::args::{Elf2elks, ElksConversion, Os2toelks};
use crate::advice::{self, Sentence};
use crate::conversion::{Converted, Failure, file};
use crate::diagnostics::{Report, print_error};
use crate::foreign;
use crate::outcome::Outcome;

/// From either kind of file.
pub(crate) fn convert(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
    let kind = detect(bytes, bytes.len() as u64);
    if matches!(kind, FileKind::Mz | FileKind::Ne(_)) {
        if let Some(option) = options.given() {
            return Err(Failure::Usage(format!(
                "{option} goes with an ELF file: an OS/2 file says itself what it needs; use chmem on the result"
            )));
        }
        return from_ne(bytes);
    }
    from_elf(bytes, options)
}

/// To an ELF file for disassemblers and debuggers; a compressed program is expanded before.
pub(crate) fn to_elf(bytes: &[u8]) -> Result<Converted, Failure> {
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
    Ok(Converted { bytes, beside: None, executable: false, notes: Vec::new() })
}

/// What elf2elks does.
fn from_elf(bytes: &[u8], options: &ElksConversion) -> Result<Converted, Failure> {
    let elf_options = options.for_elf().map_err(Failure::Usage)?;
    if Header::from_bytes(bytes).is_some() {
        return Err(Failure::Refused("this is an a.out file already; chmem changes its memory".into()));
    }
    foreign::expect(bytes, "an ELF file of ia16-elf-ld", foreign::is_linked_elf).map_err(Failure::Refused)?;
    converted(aout_minix::convert::from_elf(bytes, &elf_options), options)
}

/// What os2toelks does.
fn from_ne(bytes: &[u8]) -> Result<Converted, Failure> {
    foreign::expect(bytes, "an OS/2 program", |kind| matches!(kind, FileKind::Mz | FileKind::Ne(_)))
        .map_err(Failure::Refused)?;
    let conversion = aout_minix::convert::from_ne(bytes).map_err(|error| refusal(&error))?;
    Ok(with_notes(conversion))
}

fn converted(
    conversion: Result<Conversion, ConvertError>,
    options: &ElksConversion,
) -> Result<Converted, Failure> {
    let mut conversion = conversion.map_err(|error| refusal(&error))?;
    let table = conversion.symbol_table.take();
    Ok(Converted { beside: options.symfile.clone().zip(table), ..with_notes(conversion) })
}

fn with_notes(conversion: Conversion) -> Converted {
    let notes = conversion.notes.iter().map(|note| (note.severity(), words(note))).collect();
    Converted { bytes: conversion.bytes, beside: None, executable: true, notes }
}

/// A note in the words of this command.
fn words(note: &Note) -> String {
    match note {
        Note::Refused(refusal) => Sentence(refusal).to_string(),
        note => note.to_string(),
    }
}

/// An error with what to do next in the words of this command.
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

/// The file in a line.
fn describe(bytes: &[u8]) -> String {
    Header::from_bytes(bytes).map(|header| header.to_string()).unwrap_or_default()
}

/// `elf2elks [OPTION]... FILE`: in place. The file keeps its permissions, and is not touched when it cannot be converted.
pub(crate) fn elf2elks(options: &Elf2elks) -> io::Result<Outcome> {
    if let Some(output) = &options.output {
        let (input, output) = (options.file.display(), output.display());
        print_error(format_args!(
            "elf2elks converts {input} in place and takes no second file; to keep it, \
             `execfmt convert {input} -o {output} --to elks` takes the same options"
        ))?;
        return Ok(Outcome::Failed);
    }
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
