//! To NOFF and to flat files.

use std::io;

use execfmt_common::ByteOrder;
use noff::convert::{Executable, Note};
use noff::{Layout, Options};

use super::args::Coff2;
use crate::conversion::{Converted, Failure, file};
use crate::outcome::Outcome;

/// What to write.
#[derive(Clone, Copy)]
pub(crate) enum Output {
    /// A file with a header.
    Noff(Layout, ByteOrder),
    /// The bare bytes of a program.
    Flat,
}

pub(crate) fn convert(bytes: &[u8], output: Output) -> Result<Converted, Failure> {
    let refused = |error: &dyn std::error::Error| Failure::Refused(error.to_string());
    let executable = if noff::byte_order(bytes).is_ok() {
        let image = noff::parse(bytes, Options::default()).map_err(|error| refused(&error))?;
        Executable::from_image(&image)
    } else {
        Executable::read(bytes).map_err(|error| refused(&error))?
    };
    let conversion = match output {
        Output::Noff(layout, byte_order) => executable.to_noff(layout, byte_order),
        Output::Flat => executable.to_flat(),
    }
    .map_err(|error| refused(&error))?;

    // The sections left out go into one line: there are many, and they are seldom news.
    let dropped = conversion.notes.iter().filter_map(|note| match note {
        Note::Dropped { name, .. } => Some(name.as_str()),
        _ => None,
    });
    let dropped = dropped.collect::<Vec<_>>().join(", ");
    let dropped =
        (!dropped.is_empty()).then(|| format!("left out, as no part of the running program: {dropped}"));
    let others = conversion.notes.iter().filter(|note| !matches!(note, Note::Dropped { .. }));
    let others = others.map(|note| (note.severity(), note.to_string()));
    let notes = dropped.map(|text| (None, text)).into_iter().chain(others).collect();
    Ok(Converted { bytes: conversion.bytes, beside: None, notes })
}

/// `coff2noff IN OUT`.
pub(crate) fn coff2noff(options: &Coff2) -> io::Result<Outcome> {
    let output = Output::Noff(options.layout, ByteOrder::Little);
    file(&options.input, &options.output, false, |bytes| convert(bytes, output))
}

/// `coff2flat IN OUT`.
pub(crate) fn coff2flat(options: &Coff2) -> io::Result<Outcome> {
    file(&options.input, &options.output, false, |bytes| convert(bytes, Output::Flat))
}
