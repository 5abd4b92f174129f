//! `load` for OS/2 NE: a file for each segment.

use std::io::{self, Write as _};

use execfmt_common::Severity;
use os2_ne::Options;
use os2_ne::elks::{LoadError, Memory, execve};

use super::super::aout::args::Load;
use crate::advice::Sentence;
use crate::diagnostics::{diagnostic, print_error};
use crate::files;
use crate::outcome::Outcome;

pub(crate) fn run(bytes: &[u8], options: &Load) -> io::Result<Outcome> {
    let name = files::name(&options.file);
    let refused = |message: &str| {
        diagnostic(&name, Some(Severity::Error), message)?;
        Ok(Outcome::Refused)
    };
    let elks = Options { argument_bytes: options.options.argument_bytes, ..Options::default() };
    let program = match execve(bytes, elks) {
        Ok(program) => program,
        Err(refusal) => return refused(&Sentence(&refusal).to_string()),
    };
    let layout = program.layout();
    let count = layout.segments().count();
    if options.at.len() != count {
        print_error(format_args!(
            "--at gives {} paragraphs, and the program has {count} segments",
            options.at.len()
        ))?;
        return Ok(Outcome::Failed);
    }
    let size = |bytes: u32| usize::try_from(bytes).unwrap_or_default();
    let mut memories: Vec<Vec<u8>> =
        layout.segments().map(|segment| vec![0; size(segment.bytes())]).collect();
    let mut memory: Vec<_> =
        options.at.iter().zip(&mut memories).map(|(&base, bytes)| Memory { base, bytes }).collect();
    match program.load(&mut memory) {
        Ok(()) => {}
        Err(LoadError::Fault(finding)) => return refused(&Sentence(&finding).to_string()),
        Err(error) => return refused(&error.to_string()),
    }
    for (bytes, segment) in memories.iter_mut().zip(layout.segments()) {
        bytes.truncate(segment.min_alloc.into());
    }
    let names: Vec<String> = (1..=count).map(|number| format!("segment{number}.bin")).collect();
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
    let base =
        |number: u16| options.at.get(usize::from(number.saturating_sub(1))).copied().unwrap_or_default();
    let (cs, ds) = (base(layout.entry_segment), base(layout.auto_data_segment));
    writeln!(
        out,
        "CS:IP {cs:04x}:{:04x}, DS = ES = SS = {ds:04x}, SP {:04x}, DX {:04x}",
        layout.entry, layout.begstack, layout.minstack
    )?;
    Ok(Outcome::Success)
}
