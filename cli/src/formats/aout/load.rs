//! `load`: a program's memory, as files.

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use aout_minix::elks::{Layout, Program, Segments};
use aout_minix::{CheckOptions, Header, Loader, check_bytes};
use execfmt_common::Severity;
use execfmt_formats::chmem::is_ne;

use super::super::os2_ne;
use super::args::{ElksOptions, Load};
use super::elks::{self, Loaded};
use crate::advice::Sentence;
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::files::read_or_report;
use crate::foreign;
use crate::kernel::Kernel;
use crate::outcome::Outcome;

pub(crate) fn run(options: &Load) -> io::Result<Outcome> {
    let Some(bytes) = read_or_report(&options.file)? else { return Ok(Outcome::Failed) };
    if is_ne(&bytes) {
        return os2_ne::load::run(&bytes, options);
    }
    let (Some(text), Some(data)) = (options.cs, options.ds) else {
        print_error("--at applies only to an OS/2 NE program; an a.out file needs --cs and --ds")?;
        return Ok(Outcome::Failed);
    };
    let segments = Segments { text, data };
    let (program, loaded) = match load(&bytes, options.options, options.kernel, segments) {
        Ok(loaded) => loaded,
        Err(errors) => {
            let name = files::name(&options.file);
            errors.iter().try_for_each(|error| diagnostic(&name, Some(Severity::Error), error))?;
            return Ok(Outcome::Refused);
        }
    };
    if let Some(complaint) = overlap(program.layout(), segments) {
        print_error(complaint)?;
        return Ok(Outcome::Failed);
    }
    let contents = [("text.bin", &loaded.text), ("ftext.bin", &loaded.far_text), ("data.bin", &loaded.data)];
    if let Err((path, error)) =
        files::write_all(&options.output, &contents.map(|(name, bytes)| (name, &bytes[..])))
    {
        print_error(format_args!("{}: {error}", files::shown(&path)))?;
        return Ok(Outcome::Failed);
    }
    let layout = program.layout();
    let starts = [segments.text, segments.text.wrapping_add(layout.far_text_para), segments.data];
    let mut out = io::stdout().lock();
    for ((name, bytes), start) in contents.iter().zip(starts) {
        let path = options.output.join(name);
        writeln!(out, "{}: {} bytes at {start:04x}:0000", files::shown(&path), bytes.len())?;
    }
    let (cs, ds) = (segments.text, segments.data);
    writeln!(
        out,
        "CS:IP {cs:04x}:{:04x}, DS = ES = SS = {ds:04x}, SP {:04x}, DX {:04x}",
        layout.entry, layout.begstack, layout.minstack
    )?;
    Ok(Outcome::Success)
}

/// Reports that the segments would overlap.
pub(crate) fn overlap(layout: &Layout, segments: Segments) -> Option<String> {
    let (text, data) = (u64::from(segments.text) * 16, u64::from(segments.data) * 16);
    let (text_end, data_end) = (text + u64::from(layout.text_bytes()), data + u64::from(layout.data_len));
    (text < data_end && data < text_end).then(|| {
        format!(
            "--cs {:#x} and --ds {:#x}: the text from {text:#x} to {text_end:#x} and the data from {data:#x} to {data_end:#x} \
             overlap; choose --ds {:#x} or higher",
            segments.text,
            segments.data,
            text_end.div_ceil(16)
        )
    })
}

/// Checks the program and loads it.
///
/// # Errors
/// The errors found.
pub(crate) fn load(
    bytes: &[u8],
    options: ElksOptions,
    kernel: Option<Kernel>,
    segments: Segments,
) -> Result<(Program, Loaded), Vec<String>> {
    foreign::expect_aout(bytes).map_err(|refusal| vec![refusal])?;
    Header::parse(bytes).map_err(|finding| vec![Sentence(&finding).to_string()])?;
    let mut check = CheckOptions::from(options);
    check.loader = kernel.and_then(Kernel::aout).unwrap_or_default();
    if check.loader == Loader::Intended {
        check.loader = Loader::Elks;
    }
    let mut errors = Vec::new();
    let verdict = check_bytes(bytes, &check, &mut |finding| {
        errors.extend((finding.severity() == Severity::Error).then(|| Sentence(finding).to_string()));
        ControlFlow::Continue(())
    });
    match verdict.elks {
        Some(Ok(program)) if errors.is_empty() => {
            let loaded = elks::load(&program, bytes, segments).map_err(|error| vec![error.to_string()])?;
            Ok((program, loaded))
        }
        _ => Err(errors),
    }
}
