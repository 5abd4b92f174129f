//! To NOFF, COFF, ELF and flat files.

use execfmt_common::{ByteOrder, Severity};
use execfmt_detect::{FileKind, OwnFormat};
use noff::convert::{ConvertError, Executable, NoffOptions, Note};
use noff::{Image, Layout, NACHOS5J, Options, Profile, runs_on};

use crate::advice;
use crate::conversion::{Converted, Failure};
use crate::foreign;
use crate::report::Report;

/// What to write.
#[derive(Clone, Copy, Debug)]
pub enum Output {
    /// A file with a header.
    Noff {
        /// The kernels that will load it.
        kernel: Option<&'static Profile<'static>>,
        /// The layout, if the user chose one.
        layout: Option<Layout>,
        /// The byte order, if the user chose one.
        byte_order: Option<ByteOrder>,
    },
    /// The contents of the program's memory, without headers.
    Flat,
    /// A MIPS COFF file for Nachos 5.0j.
    Coff,
    /// An ELF file for disassemblers and debuggers.
    Elf,
}

/// The options for the library: the user's choice, else what the kernel loads, else what most kernels load.
fn wanted(
    kernel: Option<&Profile<'_>>,
    layout: Option<Layout>,
    byte_order: Option<ByteOrder>,
) -> Result<NoffOptions, Failure> {
    let usual = NoffOptions::new(Layout::Three, ByteOrder::Little);
    let of_kernel = match kernel {
        None => usual,
        Some(kernel) => NoffOptions::for_profile(kernel).ok_or_else(|| {
            Failure::Usage(format!("kernels of the family {} load MIPS COFF files, not NOFF", kernel.name))
        })?,
    };
    Ok(of_kernel.with(layout, byte_order))
}

/// Converts a MIPS ELF, MIPS COFF or NOFF file.
///
/// # Errors
/// Why the file cannot be converted, or not to this format.
pub fn convert(bytes: &[u8], output: Output) -> Result<Converted, Failure> {
    foreign::expect(bytes, "a MIPS ELF, MIPS COFF or NOFF file", |kind| {
        foreign::is_linked_elf(kind)
            || matches!(kind, FileKind::MipsCoff(_) | FileKind::Own(OwnFormat::Noff(_)))
    })
    .map_err(Failure::Refused)?;
    let executable = if noff::byte_order(bytes).is_ok() {
        Executable::from_image(&Image::parse(bytes, Options::default())?)
    } else {
        Executable::read(bytes).map_err(refusal)?
    };
    let (conversion, kernel) = match output {
        Output::Noff { kernel, layout, byte_order } => {
            (executable.to_noff(wanted(kernel, layout, byte_order)?), kernel)
        }
        Output::Flat => (executable.to_flat(), None),
        Output::Coff => (executable.to_coff(), None),
        Output::Elf => (executable.to_elf(), None),
    };
    let code = match output {
        Output::Elf => Vec::new(),
        Output::Coff => executable.code_notes(Some(&NACHOS5J)),
        Output::Flat | Output::Noff { .. } => executable.code_notes(kernel),
    };
    let conversion = conversion.map_err(refusal)?;
    let unfit = kernel.and_then(|kernel| unfit(&conversion.bytes, kernel));

    // The sections left out go into one line: there are many, and they are rarely of interest.
    let dropped = conversion.notes.iter().filter_map(|note| match note {
        Note::Dropped { name, .. } if name.is_empty() => Some("(a section without a name)"),
        Note::Dropped { name, .. } => Some(name.as_str()),
        _ => None,
    });
    let dropped = dropped.collect::<Vec<_>>().join(", ");
    let dropped = (!dropped.is_empty())
        .then(|| format!("left out, because not part of the running program: {dropped}"));
    let others = conversion.notes.iter().filter(|note| !matches!(note, Note::Dropped { .. })).chain(&code);
    let others = others.map(|note| (note.severity(), note.to_string()));
    let unfit = unfit.map(|text| (Some(Severity::Warning), text));
    let notes = dropped.map(|text| (None, text)).into_iter().chain(others).chain(unfit).collect();
    Ok(Converted { bytes: conversion.bytes, executable: false, notes })
}

/// Why a file could not be converted, with what to do next.
fn refusal(error: ConvertError) -> Failure {
    if let ConvertError::Input { finding, .. } = &error {
        return Failure::Found(Report { message: error.to_string(), ..Report::from(finding) });
    }
    let advice = error.advice().map_or(String::new(), |advice| format!("; {}", advice::render(advice)));
    Failure::Refused(format!("{error}{advice}"))
}

/// Why the target kernel does not run the file, if so.
fn unfit(bytes: &[u8], kernel: &Profile<'_>) -> Option<String> {
    let image = Image::parse(bytes, Options::default()).ok()?;
    let finding = runs_on(image.program(), kernel).err()?;
    Some(format!("kernels of the family {} do not run the file: {finding}", kernel.name))
}
