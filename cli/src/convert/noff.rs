//! To NOFF and to flat files.

use execfmt_common::ByteOrder;
use noff::convert::{Executable, Note};
use noff::{Layout, Options};

use super::{Converted, Failure};

/// What to write.
#[derive(Clone, Copy)]
pub(super) enum Output {
    /// A file with a header.
    Noff(Layout, ByteOrder),
    /// The bare bytes of a program.
    Flat,
}

pub(super) fn convert(bytes: &[u8], output: Output) -> Result<Converted, Failure> {
    let say = |error: &dyn std::error::Error| Failure::Refused(error.to_string());
    let executable = if noff::byte_order(bytes).is_ok() {
        let image = noff::parse(bytes, Options::default()).map_err(|error| say(&error))?;
        Executable::from_image(&image)
    } else {
        Executable::read(bytes).map_err(|error| say(&error))?
    };
    let conversion = match output {
        Output::Noff(layout, byte_order) => executable.to_noff(layout, byte_order),
        Output::Flat => executable.to_flat(),
    }
    .map_err(|error| say(&error))?;

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
