//! `load` for OS/2 NE: a file for each segment.

use std::io::{self, Write as _};

use execfmt_common::Severity;
use os2_ne::Options;
use os2_ne::elks::{Layout, LoadError, Memory, execve};

use super::super::aout::args::{ElksOptions, Load};
use crate::conversion::Failure;
use crate::diagnostics::{Print as _, diagnostic, print_error};
use crate::files;
use crate::outcome::Outcome;

pub(crate) fn run(bytes: &[u8], options: &Load) -> io::Result<Outcome> {
    let (layout, memories) = match load(bytes, options.options, &options.at) {
        Ok(loaded) => loaded,
        Err(Failure::Usage(complaint)) => {
            print_error(complaint)?;
            return Ok(Outcome::Failed);
        }
        Err(Failure::Refused(message)) => {
            diagnostic(&files::name(&options.file), Some(Severity::Error), &message)?;
            return Ok(Outcome::Refused);
        }
        Err(Failure::Found(report)) => {
            report.print(&files::name(&options.file))?;
            return Ok(Outcome::Refused);
        }
    };
    let names: Vec<String> = (1..=memories.len()).map(|number| format!("segment{number}.bin")).collect();
    let contents: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(memories.iter().map(Vec::as_slice)).collect();
    if let Err((path, error)) = files::write_all(&options.output, &contents) {
        print_error(format_args!("{}: {error}", path.display()))?;
        return Ok(Outcome::Failed);
    }
    let mut out = io::stdout().lock();
    for ((name, bytes), base) in contents.iter().zip(&options.at) {
        let path = options.output.join(name);
        writeln!(out, "{}: {} bytes at {base:04x}:0000", path.display(), bytes.len())?;
    }
    let (cs, ds) = (base(&options.at, layout.entry_segment), base(&options.at, layout.auto_data_segment));
    writeln!(
        out,
        "CS:IP {cs:04x}:{:04x}, DS = ES = SS = {ds:04x}, SP {:04x}, DX {:04x}",
        layout.entry, layout.begstack, layout.minstack
    )?;
    Ok(Outcome::Success)
}

/// The paragraph of a segment by its number, counted from 1.
pub(crate) fn base(at: &[u16], number: u16) -> u16 {
    at.get(usize::from(number.saturating_sub(1))).copied().unwrap_or_default()
}

/// The segments as ELKS loads them, each up to the end of the memory that the program requests for it.
pub(crate) fn load(
    bytes: &[u8],
    options: ElksOptions,
    at: &[u16],
) -> Result<(Layout, Vec<Vec<u8>>), Failure> {
    let elks = Options { argument_bytes: options.argument_bytes, ..Options::default() };
    let program = execve(bytes, elks)?;
    let layout = program.layout();
    let count = layout.segments().count();
    if at.len() != count {
        return Err(Failure::Usage(format!(
            "--at gives {} paragraphs, but the program has {count} segments",
            at.len()
        )));
    }
    let size = |bytes: u32| usize::try_from(bytes).unwrap_or_default();
    let mut memories: Vec<Vec<u8>> =
        layout.segments().map(|segment| vec![0; size(segment.bytes())]).collect();
    let mut memory: Vec<_> =
        at.iter().zip(&mut memories).map(|(&base, bytes)| Memory { base, bytes }).collect();
    program.load(&mut memory).map_err(|error| match error {
        LoadError::Fault(finding) => finding.into(),
        error => Failure::Refused(error.to_string()),
    })?;
    for (bytes, segment) in memories.iter_mut().zip(layout.segments()) {
        bytes.truncate(segment.min_alloc.into());
    }
    Ok((*layout, memories))
}
